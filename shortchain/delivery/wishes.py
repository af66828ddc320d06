"""What a person wants of one stage of a chain, and which days and half days suit the rest of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.routing.columns import Columns
from shortchain.routing.plans import PACK, PROCESS, Candidate, Policy


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for one stage: this capability, and perhaps this day and half of it.

    `key` names the stage as the planner does: `pack`, `deliver` or `process:<service>`. `half` is '' for either half.
    `moves` says that the doer asks for another time, so that the job is laid anew also on the same day.
    """

    key: str
    capability_id: int
    day: date | None = None
    half: str = ""
    moves: bool = False

    @property
    def stage(self) -> str:
        return self.key.partition(":")[0]

    @property
    def service(self) -> str:
        """The service of a process stage; empty for the others."""
        return self.key.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a stage is done; `half` is '' when either half of the day will do."""

    stage: str
    day: date
    half: str


def as_wished(candidates: Sequence[Candidate], wish: Wish) -> list[Candidate]:
    """Keep of the stage of a wish only whom it names, on the day that it names; other stages stay whole.

    Of a half day counts what is left of that half.
    """
    kept = []
    for candidate in candidates:
        if not is_of(candidate, wish.key):
            kept.append(candidate)
        elif candidate.capability_id == wish.capability_id:
            free = {day: candidate.room(day, wish.half) for day in candidate.free if wish.day in (None, day)}
            kept.append(candidate.with_free(free))
    return kept


def pool_of(columns: Columns, keys: Collection[str], wishes: Sequence[Wish]) -> list[Candidate]:
    """List whom the stages of `keys` may go to: whom the wishes name, and everybody of a stage for which none does.

    Nobody else can be chosen, and among ten thousand it costs more to look at all of them than to plan with a few.
    """
    found: list[Candidate] = []
    for stage, rows in columns.stages.items():
        open_keys = {key for key in keys if key.partition(":")[0] == stage}
        named = [wish for wish in wishes if wish.key in open_keys]
        if open_keys > {wish.key for wish in named}:
            found += [columns[place] for place in rows.place.tolist()]
            continue
        known = [(wish, columns.where.get(wish.capability_id)) for wish in named]
        found += [columns[place] for wish, place in known if place is not None and is_of(columns[place], wish.key)]
    return found


def is_of(candidate: Candidate, key: str) -> bool:
    """Say whether a candidate does the stage that a key names."""
    stage, _colon, service = key.partition(":")
    return candidate.stage == stage and service in ("", candidate.service)


def suits(moment: Moment, others: Collection[Moment], *, delivery_day: date) -> bool:
    """Say whether a stage goes together with the halves of the day in which the others are done.

    What is done on the day of the delivery is done in its morning. What is packed and processed on one day is not
    packed in an earlier half: one that is tied to no half may come in either, unless neither is tied.
    """
    if moment.day == delivery_day and moment.half == AFTERNOON:
        return False
    if moment.stage == PROCESS:
        after = [one.half for one in others if one.stage == PACK and one.day == moment.day]
        return all(_in_turn(moment.half, half) for half in after)
    if moment.stage == PACK:
        before = [one.half for one in others if one.stage == PROCESS and one.day == moment.day]
        return all(_in_turn(half, moment.half) for half in before)
    return True


def _in_turn(processed: str, packed: str) -> bool:
    return processed in (packed, MORNING) or packed == AFTERNOON


def half_beside(stage: str, day: date, others: Collection[Moment], *, delivery_day: date) -> str | None:
    """Say to which half of a day a stage must keep beside the stages that stay; '' for either, None when neither will do.

    Beside washing in the afternoon only the afternoon is left to pack, and beside packing in the morning only the
    morning to wash. Work of the day of the delivery is of its morning already, and so tied to nothing more.
    """
    if day == delivery_day:
        fits = suits(Moment(stage, day, MORNING), others, delivery_day=delivery_day)
        return "" if fits else None
    halves = ("", AFTERNOON if stage == PACK else MORNING)
    return next((half for half in halves if suits(Moment(stage, day, half), others, delivery_day=delivery_day)), None)


def in_turn(candidates: Sequence[Candidate], others: Collection[Moment], *, delivery_day: date) -> list[Candidate]:
    """Leave of each day what a stage may use of it beside the half days of stages that stay: all, one half, or nothing."""
    days = {other.day for other in others}
    kept = []
    for one in candidates:
        halves = {day: half_beside(one.stage, day, others, delivery_day=delivery_day) for day in days & set(one.free)}
        if any(half != "" for half in halves.values()):
            rooms = [(day, halves.get(day, ""), room) for day, room in one.free.items()]
            one = one.with_free(
                {day: one.room(day, half) if half else room for day, half, room in rooms if half is not None}
            )
        kept.append(one)
    return kept


def are_free(others: Collection[Moment], *, delivery_day: date) -> bool:
    """Say whether the stages that stay keep no half day from another: none is tied to one but by the day of delivery."""
    return all(
        one.half == (MORNING if one.day == delivery_day else "") for one in others if one.stage in (PROCESS, PACK)
    )


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
