"""What a person wants of one stage of a chain, and which days suit the rest of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shortchain.routing.plans import PACK, PROCESS, Candidate, Policy


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for one stage: this capability, and perhaps this day.

    `key` names the stage as the planner does: `pack`, `deliver` or `process:<service>`.
    """

    key: str
    capability_id: int
    day: date | None = None

    @property
    def stage(self) -> str:
        return self.key.partition(":")[0]

    @property
    def service(self) -> str:
        """The service of a process stage; empty for the others."""
        return self.key.partition(":")[2]


def as_wished(candidates: Sequence[Candidate], wish: Wish) -> list[Candidate]:
    """Keep of the stage of a wish only whom it names, on the day that it names; other stages stay whole."""
    kept = []
    for candidate in candidates:
        if not is_of(candidate, wish.key):
            kept.append(candidate)
        elif candidate.capability_id == wish.capability_id:
            free = {day: room for day, room in candidate.free.items() if wish.day in (None, day)}
            kept.append(candidate.with_free(free))
    return kept


def is_of(candidate: Candidate, key: str) -> bool:
    """Say whether a candidate does the stage that a key names."""
    stage, _colon, service = key.partition(":")
    return candidate.stage == stage and service in ("", candidate.service)


def days_that_suit(
    stage: str,
    *,
    first_day: date,
    delivery_day: date,
    packs_same_day: bool,
    packed_on: date | None,
    processed_on: date | None,
    policy: Policy,
) -> tuple[date, ...]:
    """List the days on which a stage can be done without moving another stage or the customer's window.

    `packed_on` and `processed_on` are the days of the other stages, the latest where there are several.
    Delivering has no other day: it is the customer's.
    """
    if stage == PROCESS:
        before, last = policy.process_days_before, packed_on or delivery_day
    elif stage == PACK:
        before = policy.pack_days_before
        last = delivery_day if packs_same_day else delivery_day - timedelta(days=1)
    else:
        return (delivery_day,)
    first = max(first_day, delivery_day - timedelta(days=before))
    if stage == PACK and processed_on is not None:
        first = max(first, processed_on)
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
