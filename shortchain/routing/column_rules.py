"""The hard rules asked of all rows of a stage at once.

The same rules in the same order as `rules.judge`, with the same codes; tests compare both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shortchain.kernel.geo import Point
from shortchain.routing.column_stages import CLOSED, NO_FORM, Bools, Codes, Stage
from shortchain.routing.entering import may_enter
from shortchain.routing.places import Ints, Places, metres, places_of
from shortchain.routing.rules import Work


@dataclass(frozen=True, slots=True)
class Able:
    """Rows of a stage that passed the rules, and per row and day of the columns whether it can then.

    `away` are the metres to each of `places`, which the rule of the radius measured; `near` are the rows of
    the bucket that passed it.
    """

    stage: Stage
    rows: Ints
    days: Bools
    places: tuple[Point, ...]
    away: Ints
    near: Ints
    bucket: Bucket

    def __len__(self) -> int:
        return len(self.rows)

    def metres_to(self, points: Sequence[Point]) -> Ints:
        """Measure from each row to points; what the rules measured is not measured again."""
        if tuple(points) == self.places:
            return self.away
        if all(point in self.places for point in points):
            return self.away[:, [self.places.index(point) for point in points]]
        return metres(self.stage.at[self.rows], places_of(tuple(points)))

    def names(self) -> dict[str, list[int]]:
        """List the enterprises near enough, by the rule that said no to them: not asked for in a quote, so never in a hurry."""
        enterprises, bucket = self.stage.enterprise, self.bucket
        found = {"able": enterprises[self.rows].tolist()}
        why = bucket.later[self.near]
        for number, code in enumerate(bucket.codes, 1):
            found[code] = enterprises[bucket.rows[self.near[why == number]]].tolist()
        passed = bucket.rows[self.near[why == 0]]
        found["capacity"] = enterprises[np.setdiff1d(passed, self.rows, assume_unique=True)].tolist()
        return {code: ids for code, ids in found.items() if ids}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Who passes every rule that asks nothing of place and room: the same for thousands of orders.

    `left_out` counts who failed a rule before that of the radius; `later` says of each row which of the `codes` will
    say no after it (from 1 on; 0: none), so that each no is still counted under the first rule that says it.
    """

    stage: Stage
    rows: Ints
    place: Ints
    at: Places
    radius: Ints
    days: Bools
    left_out: Mapping[str, int]
    codes: tuple[str, ...]
    later: Ints

    def keep(self, good: Bools, left_out: Mapping[str, int]) -> Bucket:
        """Give the bucket with some of its rows only."""
        at = good.nonzero()[0]
        rows, place, radius = self.rows[at], self.place[at], self.radius[at]
        later = self.later[at]
        return Bucket(self.stage, rows, place, self.at[at], radius, self.days[at], left_out, self.codes, later)

    def sift(self, free: Ints, work: Work, half: tuple[int, Ints] | None) -> tuple[Able, dict[str, int]]:
        """Ask the rules of place and room, of what is `free` now; `half` limits the work of one day."""
        left_out = dict(self.left_out)
        away = metres(self.at, places_of(work.places))
        inside: Bools = away <= self.radius
        is_near: Bools = inside[:, 0] if len(work.places) == 1 else np.logical_and.reduce(inside, axis=1)
        if self.stage.reach is not None:
            is_near &= self.stage.reach.at(work.places)[self.rows]
        near = is_near.nonzero()[0]
        if too_far := len(is_near) - len(near):
            left_out["radius"] = too_far
        found = near
        if self.codes:
            why = self.later.take(near)
            counts = np.bincount(why, minlength=len(self.codes) + 1).tolist()
            left_out.update((code, count) for code, count in zip(self.codes, counts[1:], strict=True) if count)
            found = near[why == 0]
        place = self.place.take(found)
        can = self.days.take(found, axis=0)
        can &= free.take(place, axis=0) >= work.use
        if half is not None:
            can[:, half[0]] &= half[1].take(place) >= work.use
        has_room = can.any(axis=1)
        if full := len(found) - int(np.count_nonzero(has_room)):
            left_out["capacity"] = full
            found, can = found[has_room], can[has_room]
        able = Able(self.stage, self.rows.take(found), can, work.places, away.take(found, axis=0), near, self)
        return able, left_out


class Sorting:
    """One pass over a stage, or some rows of it, for one kind of work; each rule takes away rows under its code.

    Of the `free` capacity it asks only which days are `CLOSED`: such a day stays one whatever is promised, so what it
    finds holds for any free capacity.
    """

    def __init__(self, stage: Stage, work: Work, free: Ints, codes: Codes, rows: Ints | None = None) -> None:
        self.stage, self.work, self.free, self.codes = stage, work, free, codes
        self.rows = np.arange(len(stage.who), dtype=np.int64) if rows is None else rows
        self.left_out: dict[str, int] = {}

    def sort(self) -> Bucket:
        """Keep those who pass the rules before that of the radius, with their days after the rules behind it."""
        stage, work = self.stage, self.work
        services = [code for name, code in self.codes.service.items() if name in work.services]
        self._keep("service", np.isin(stage.service[self.rows], services))
        wanted = sum(self.codes.bit.get(kind, 1 << 62) for kind in work.classes)
        self._keep("temperature", (stage.classes[self.rows] & wanted) == wanted)
        if work.allergens and stage.refuses is not None:
            fine = [not stage.refuses[row] & work.allergens for row in self.rows.tolist()]
            self._keep("allergen", np.array(fine, dtype=np.bool_))
        if work.free_from:
            refuses = stage.refuses
            none = [refuses is not None and work.free_from <= refuses[row] for row in self.rows.tolist()]
            self._keep("apart", stage.apart[self.rows] | np.array(none, dtype=np.bool_))
        priced = stage.form[self.rows] != NO_FORM
        self._keep("price", priced & (stage.pickup[self.rows] > 0) if work.to_pickup else priced)
        days, codes, later = self._days()
        rows = self.rows
        radius = stage.radius[rows][:, None]
        return Bucket(stage, rows, stage.place[rows], stage.at[rows], radius, days, self.left_out, codes, later)

    def _keep(self, code: str, good: Bools) -> None:
        if count := int(len(good) - np.count_nonzero(good)):
            self.left_out[code] = count
        self.rows = self.rows[good]

    def _days(self) -> tuple[Bools, tuple[str, ...], Ints]:
        """Keep the days that remain after each rule; a rule that empties the days of a row is its reason."""
        stage, work, days = self.stage, self.work, self.codes.days
        asked = np.array([day in work.days for day in days], dtype=np.bool_)
        left = np.array([(work.ready_on - day).days for day in days], dtype=np.int64)
        rules = [("closed", self.free[stage.place[self.rows]] != CLOSED)]
        if work.zones and stage.entry is not None:
            rules.append(("zone", may_enter(stage.entry[self.rows], work.zones)))
        if work.is_organic:
            rules.append(("organic", stage.organic[self.rows]))
        rules.append(("lead", stage.lead[self.rows, None] <= left[None, :]))
        can = np.repeat(asked[None, :], len(self.rows), axis=0)
        some, codes, later = (
            np.ones(len(self.rows), dtype=np.bool_),
            list[str](),
            np.zeros(len(self.rows), dtype=np.int64),
        )
        for code, good in rules:
            can = can & good
            still = can.any(axis=1)
            if (some & ~still).any():
                codes.append(code)
                later[some & ~still] = len(codes)
            some = still
        return can, tuple(codes), later
