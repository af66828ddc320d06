"""The hard rules: may this candidate do this work on this day? Each no has exactly one code.

The rules are asked in a fixed order and the first that fails is the reason, so that the counts of an
explanation add up to the number of candidates (`routing.md` 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance
from shortchain.routing.plans import Candidate

REASONS = (
    "excluded",
    "service",
    "temperature",
    "allergen",
    "apart",
    "price",
    "radius",
    "closed",
    "zone",
    "organic",
    "lead",
    "capacity",
)
PRICED_BY_ORDER = frozenset({"kg", "piece", "box", "order", "stop", "km"})


@dataclass(frozen=True, slots=True)
class Work:
    """What one stage asks of whoever does it.

    `services`: any of these will do. `places` must all lie in the candidate's own radius or area. `days` are
    tried in their order; the work must be done `lead_days` before `ready_on`. `zones` are those in which a
    vehicle must come, one bit each; `allergens` are or may be in the goods; of those in `free_from` some goods are
    sold as free from them. `half_on` names a day of which only one half will do.
    """

    services: frozenset[str]
    classes: frozenset[str]
    is_organic: bool
    places: tuple[Point, ...]
    days: tuple[date, ...]
    ready_on: date
    use: int
    to_pickup: bool = False
    zones: int = 0
    allergens: frozenset[str] = frozenset()
    free_from: frozenset[str] = frozenset()
    half_on: tuple[date, str] | None = None

    def half_of(self, day: date) -> str:
        """Give the half of a day in which the work must be done; '' when either will do."""
        return self.half_on[1] if self.half_on is not None and self.half_on[0] == day else ""


def judge(
    candidate: Candidate, work: Work, *, without: frozenset[int], distance: Distance
) -> tuple[tuple[date, ...], str | None]:
    """Say on which days the candidate can do the work, or the code of the first rule that says no."""
    reason = _whoever(candidate, work, without)
    if reason is None and not all(candidate.reaches(place, distance(candidate.point, place)) for place in work.places):
        reason = "radius"
    if reason is not None:
        return (), reason
    return _days(candidate, work)


def _whoever(candidate: Candidate, work: Work, without: frozenset[int]) -> str | None:
    """Ask what does not depend on place and day."""
    if candidate.enterprise_id in without:
        return "excluded"
    if candidate.service not in work.services:
        return "service"
    if not work.classes <= candidate.storage_classes:
        return "temperature"
    if candidate.refuses & work.allergens:
        return "allergen"
    if not candidate.keeps_apart(work.free_from):
        return "apart"
    if candidate.price_form not in PRICED_BY_ORDER or (work.to_pickup and not candidate.pickup_price_cents):
        return "price"
    return None


def _days(candidate: Candidate, work: Work) -> tuple[tuple[date, ...], str | None]:
    """Keep the days that remain after each rule; the rule that empties the list is the reason."""
    days = [day for day in work.days if day in candidate.free]
    if not days:
        return (), "closed"
    if work.zones:
        days = [day for day in days if candidate.may_enter(work.zones, day)]
        if not days:
            return (), "zone"
    if work.is_organic:
        days = [day for day in days if any(first <= day <= last for first, last in candidate.organic)]
        if not days:
            return (), "organic"
    days = [day for day in days if day + timedelta(days=candidate.lead_days) <= work.ready_on]
    if not days:
        return (), "lead"
    days = [day for day in days if candidate.room(day, work.half_of(day)) >= work.use]
    if not days:
        return (), "capacity"
    return tuple(days), None


def sift(
    candidates: Sequence[Candidate],
    work: Work,
    *,
    without: frozenset[int],
    distance: Distance,
    who: dict[str, list[int]] | None = None,
) -> tuple[list[tuple[Candidate, tuple[date, ...]]], dict[str, int]]:
    """Split candidates into those that can, with their days, and counts of why the others can not.

    `who` is filled with the enterprises behind each count ('able' for those that can), when it is given.
    """
    able: list[tuple[Candidate, tuple[date, ...]]] = []
    left_out = dict.fromkeys(REASONS, 0)
    for candidate in candidates:
        days, reason = judge(candidate, work, without=without, distance=distance)
        if reason is None:
            able.append((candidate, days))
        else:
            left_out[reason] += 1
        if who is not None:
            who.setdefault(reason or "able", []).append(candidate.enterprise_id)
    return able, {code: count for code, count in left_out.items() if count}
