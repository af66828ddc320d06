"""Candidates as numpy columns, and the hard rules asked of all of them at once.

The same rules in the same order as `rules.judge`, with the same codes; the same metres as
`kernel.geo.distance_m`. Tests compare both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import overload

import numpy as np
import numpy.typing as npt

from shortchain.enterprises.fetch_tariffs import Fetch
from shortchain.enterprises.zones import Zones, reference
from shortchain.kernel.geo import Point
from shortchain.kernel.halves import HALVES
from shortchain.routing.entering import entry_of, may_enter
from shortchain.routing.half_days import halves_of, pairs_of
from shortchain.routing.places import Ints, Places, metres, places_of
from shortchain.routing.plans import STAGES, Candidate
from shortchain.routing.reaching import EVERYWHERE_M, Reach, reach_of
from shortchain.routing.rules import PRICED_BY_ORDER, Work

Bools = npt.NDArray[np.bool_]
CLOSED = -1
"""Free capacity of a day without work."""
FORMS = ("kg", "piece", "box", "order", "stop", "km")
NO_FORM = len(FORMS)
KEPT_BUCKETS = 400
"""Kinds of work that some columns remember: services × temperatures × organic, per set of days."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The candidates of one stage, in the order of their enterprises' and their own ids."""

    who: tuple[Candidate, ...]
    place: Ints  # in the whole list of candidates
    enterprise: Ints
    capability: Ints
    service: Ints
    classes: Ints
    form: Ints
    price: Ints
    minimum: Ints
    pickup: Ints
    lead: Ints
    refuses: tuple[frozenset[str], ...] | None  # None: nobody refuses an allergen
    apart: Bools  # keeps what is sold as free from an allergen apart
    radius: Ints  # of who chose an area one that holds everything
    reach: Reach | None
    at: Places
    organic: Bools  # per day of the columns
    bid: Ints  # millicents per unit, per day of the columns
    half_bid: Ints | None  # more in mornings and in afternoons (the first axis); None: nobody asks that
    share: Ints  # per cent of a trip of its own that a stop in a tour costs
    is_any_by_km: bool
    entry: Ints | None  # per day of the columns and vehicle: the zones that it may enter; None: all may everywhere

    def bids(self, rows: Ints, days: Ints, tied: tuple[int | None, str]) -> Ints:
        """Give what a unit costs more on days of rows; `tied` is the day (its column) of which one half only will do."""
        found = self.bid[rows, days]
        if self.half_bid is not None and tied[0] is not None:
            found = found + np.where(days == tied[0], self.half_bid[HALVES.index(tied[1]), rows, days], 0)
        return found


_KIND = attrgetter(
    *(field.name for field in fields(Work) if field.name not in {"places", "use", "allergens", "half_on"})
)
"""What tells one kind of work from another, places and amounts aside; of allergens only those that somebody refuses."""


class Columns(Sequence[Candidate]):
    """Candidates on some days. Also a sequence of plain candidates, for who wants to look at one.

    `version` names where they come from; with the free capacity it stands for all of them in the
    fingerprint of a question. `bids_from` names the batch run whose bid prices steer.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        days: Sequence[date],
        *,
        version: str = "",
        bids_from: str = "",
        zones: Zones | None = None,
        fetches: Mapping[int, Fetch] | None = None,
    ) -> None:
        self.days = tuple(sorted(days))
        self.version, self.bids_from, self.fetches = version, bids_from, fetches or {}
        self.zones = reference() if zones is None else zones
        self.day_at = {day: column for column, day in enumerate(self.days)}
        self._who = tuple(candidates)
        self.free = np.array(
            [[one.free.get(day, CLOSED) for day in self.days] for one in self._who], dtype=np.int64
        ).reshape(len(self._who), len(self.days))
        self._unbooked = self.free
        self.halves = self._unbooked_halves = halves_of(self._who, self.days)
        self.service_code = {name: code for code, name in enumerate(sorted({one.service for one in self._who}))}
        kinds = sorted({kind for one in self._who for kind in one.storage_classes})
        self.class_bit = {kind: 1 << bit for bit, kind in enumerate(kinds)}
        self.stages = {stage: self._stage(stage) for stage in STAGES}
        self.refused = {name: frozenset().union(*(stage.refuses or ())) for name, stage in self.stages.items()}
        self.ordinals = np.array([day.toordinal() for day in self.days], dtype=np.int64)
        self._changed: dict[int, dict[date, int]] = {}
        self._changed_halves: dict[int, dict[date, tuple[int, int]]] = {}
        self._buckets: dict[tuple[str, object, frozenset[str] | None], Bucket] = {}

    @cached_property
    def where(self) -> dict[int, int]:
        """Say at which place each capability stands."""
        return {one.capability_id: place for place, one in enumerate(self._who)}

    def with_promised(
        self,
        promised: Mapping[tuple[int, date], tuple[int, int]],
        halves: Mapping[tuple[int, date], tuple[int, int]] | None = None,
    ) -> Columns:
        """Give the same columns with free capacity after promises: (cap, promised) per capability and day.

        `halves` is what is left of mornings and afternoons, where a day is planned by half days.
        """
        made = object.__new__(Columns)
        made.__dict__.update({**self.__dict__, "where": self.where, "_unbooked_mark": self._unbooked_mark})
        made.free = self.free.copy()
        made._changed = {place: dict(free) for place, free in self._changed.items()}
        for (capability_id, day), (cap, used) in promised.items():
            place, column = self.where.get(capability_id), self.day_at.get(day)
            if place is None or column is None or made.free[place, column] == CLOSED:
                continue
            made.free[place, column] = left = max(0, cap - used)
            made._changed.setdefault(place, dict(self._who[place].free))[day] = left
        if self.halves is not None and halves:
            made.halves = self.halves.copy()
            made._changed_halves = {place: dict(pairs) for place, pairs in self._changed_halves.items()}
            for (capability_id, day), pair in halves.items():
                place, column = self.where.get(capability_id), self.day_at.get(day)
                if place is None or column is None or made.free[place, column] == CLOSED:
                    continue
                made.halves[:, place, column] = pair
                made._changed.setdefault(place, dict(self._who[place].free))
                made._changed_halves.setdefault(place, dict(self._who[place].halves))[day] = pair
        return made

    def half_room(self, work: Work) -> tuple[int, Ints] | None:
        """Give what is left of the half day that work is tied to, with the column of its day; None without such a limit."""
        if self.halves is None or work.half_on is None or work.half_on[0] not in self.day_at:
            return None
        column = self.day_at[work.half_on[0]]
        return column, self.halves[HALVES.index(work.half_on[1]), :, column]

    @property
    def mark(self) -> str:
        """Name these candidates with their free capacity in a few letters."""
        changed = np.flatnonzero(self.free != self._unbooked)
        told = self._unbooked_mark.encode() + changed.tobytes() + self.free.ravel()[changed].tobytes()
        if self.halves is not None and self._unbooked_halves is not None:
            changed = np.flatnonzero(self.halves != self._unbooked_halves)
            told += changed.tobytes() + self.halves.ravel()[changed].tobytes()
        return hashlib.sha256(told).hexdigest()[:16]

    @cached_property
    def _unbooked_mark(self) -> str:
        """Name the candidates as they were given; with ten thousand of them this is worth remembering."""
        days = ",".join(day.isoformat() for day in self.days)
        return hashlib.sha256(f"{self.version}|{days}|".encode() + self._unbooked.tobytes()).hexdigest()

    def __len__(self) -> int:
        return len(self._who)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...
    @overload
    def __getitem__(self, place: slice) -> list[Candidate]: ...
    def __getitem__(self, place: int | slice) -> Candidate | list[Candidate]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        changed = self._changed.get(at)
        return self._who[at] if changed is None else self._who[at].with_free(changed, self._changed_halves.get(at))

    def __iter__(self) -> Iterator[Candidate]:
        return (self[place] for place in range(len(self)))

    def _stage(self, stage: str) -> Stage:
        found = [(one, place) for place, one in enumerate(self._who) if one.stage == stage]
        found.sort(key=lambda pair: (pair[0].enterprise_id, pair[0].capability_id))
        who = tuple(one for one, _place in found)

        def column(values: Sequence[int]) -> Ints:
            return np.array(values, dtype=np.int64)

        def per_day(values: list[list[int]]) -> Ints:
            return np.array(values, dtype=np.int64).reshape(len(who), len(self.days))

        return Stage(
            who=who,
            place=column([place for _one, place in found]),
            enterprise=column([one.enterprise_id for one in who]),
            capability=column([one.capability_id for one in who]),
            service=column([self.service_code[one.service] for one in who]),
            classes=column([sum(self.class_bit[kind] for kind in one.storage_classes) for one in who]),
            form=column([FORMS.index(one.price_form) if one.price_form in PRICED_BY_ORDER else NO_FORM for one in who]),
            price=column([one.price_cents for one in who]),
            minimum=column([one.minimum_cents for one in who]),
            pickup=column([one.pickup_price_cents for one in who]),
            lead=column([one.lead_days for one in who]),
            refuses=tuple(one.refuses for one in who) if any(one.refuses for one in who) else None,
            apart=np.array([one.handles_apart for one in who], dtype=np.bool_),
            radius=column([one.radius_m if one.area is None else EVERYWHERE_M for one in who]),
            reach=reach_of(who),
            at=Places.of([one.point for one in who]),
            organic=per_day(
                [[any(first <= day <= last for first, last in one.organic) for day in self.days] for one in who]
            ).astype(np.bool_),
            bid=per_day([[one.bids.get(day, 0) for day in self.days] for one in who]),
            half_bid=pairs_of([one.half_bids for one in who], self.days, missing=0),
            share=np.array([one.trip_share_pct for one in who], dtype=np.int64),
            is_any_by_km=any(one.price_form == "km" for one in who),
            entry=entry_of(who, self.days) if any(one.entry for one in who) else None,
        )

    def sift(self, stage: str, work: Work, *, without: frozenset[int]) -> tuple[Able, dict[str, int]]:
        """Ask the hard rules of a stage: who can, on which days, and counts of why the others can not."""
        refused = self.refused[stage]
        key = (stage, _KIND(work), work.allergens & refused if refused else None)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= KEPT_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[key] = _Sorting(self, self.stages[stage], work).sort()
        if without:
            bucket = self._without(bucket, work, without)
        return bucket.sift(self.free, work, self.half_room(work))

    def _without(self, bucket: Bucket, work: Work, without: frozenset[int]) -> Bucket:
        """Leave enterprises out of a bucket that is kept: they are few, so only they are asked the rules again, to
        count their no under `excluded` and no longer where they were counted."""
        stage = bucket.stage
        barred = np.isin(stage.enterprise, list(without)).nonzero()[0]
        if not len(barred):
            return bucket
        had = _Sorting(self, stage, work, barred).sort().left_out
        rest = {code: left for code, count in bucket.left_out.items() if (left := count - had.get(code, 0))}
        return bucket.keep(~np.isin(bucket.rows, barred), {"excluded": len(barred), **rest})


@dataclass(frozen=True, slots=True)
class Able:
    """Rows of a stage that passed the rules, and per row and day of the columns whether it can then.

    `away` are the metres to each of `places`, which the rule of the radius measured; `near` marks the rows of
    the bucket that they came from that passed it.
    """

    stage: Stage
    rows: Ints
    days: Bools
    places: tuple[Point, ...]
    away: Ints
    near: Bools
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
        for code, says_no in bucket.later:
            found[code] = enterprises[bucket.rows[self.near & says_no]].tolist()
        passed = bucket.rows[self.near & bucket.passes]
        found["capacity"] = enterprises[np.setdiff1d(passed, self.rows, assume_unique=True)].tolist()
        return {code: ids for code, ids in found.items() if ids}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Who passes every rule that asks nothing of place and room: the same for thousands of orders.

    `left_out` counts who failed a rule before that of the radius; `later` marks, per code, who will fail a
    rule after it, so that each no is still counted under the first rule that says it.
    """

    stage: Stage
    rows: Ints
    place: Ints
    at: Places
    radius: Ints
    days: Bools
    left_out: Mapping[str, int]
    later: tuple[tuple[str, Bools], ...]
    passes: Bools

    def keep(self, good: Bools, left_out: Mapping[str, int]) -> Bucket:
        """Give the bucket with some of its rows only."""
        at = good.nonzero()[0]
        rows, place, radius = self.rows[at], self.place[at], self.radius[at]
        later = tuple((code, says_no[at]) for code, says_no in self.later)
        return Bucket(self.stage, rows, place, self.at[at], radius, self.days[at], left_out, later, self.passes[at])

    def sift(self, free: Ints, work: Work, half: tuple[int, Ints] | None) -> tuple[Able, dict[str, int]]:
        """Ask the rules of place and room, of what is `free` now; `half` limits the work of one day."""
        left_out = dict(self.left_out)
        away = metres(self.at, places_of(work.places))
        near: Bools = np.all(away <= self.radius, axis=1)
        if self.stage.reach is not None:
            near &= self.stage.reach.at(work.places)[self.rows]
        if too_far := len(near) - int(np.count_nonzero(near)):
            left_out["radius"] = too_far
        for code, says_no in self.later:
            if count := int(np.count_nonzero(near & says_no)):
                left_out[code] = count
        found = (near & self.passes).nonzero()[0]
        can = self.days.take(found, axis=0)
        can &= free.take(self.place.take(found), axis=0) >= work.use
        if half is not None:
            can[:, half[0]] &= half[1].take(self.place.take(found)) >= work.use
        has_room = can.any(axis=1)
        if full := len(found) - int(np.count_nonzero(has_room)):
            left_out["capacity"] = full
            found, can = found[has_room], can[has_room]
        able = Able(self.stage, self.rows.take(found), can, work.places, away.take(found, axis=0), near, self)
        return able, left_out


class _Sorting:
    """One pass over a stage, or some rows of it, for one kind of work; each rule takes away rows under its code."""

    def __init__(self, columns: Columns, stage: Stage, work: Work, rows: Ints | None = None) -> None:
        self.columns, self.stage, self.work = columns, stage, work
        self.rows = np.arange(len(stage.who), dtype=np.int64) if rows is None else rows
        self.left_out: dict[str, int] = {}

    def sort(self) -> Bucket:
        stage, work = self.stage, self.work
        codes = [code for name, code in self.columns.service_code.items() if name in work.services]
        self._keep("service", np.isin(stage.service[self.rows], codes))
        wanted = sum(self.columns.class_bit.get(kind, 1 << 62) for kind in work.classes)
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
        days, later = self._days()
        rows = self.rows
        radius = stage.radius[rows][:, None]
        passes: Bools = np.any(days, axis=1)
        return Bucket(stage, rows, stage.place[rows], stage.at[rows], radius, days, self.left_out, later, passes)

    def _keep(self, code: str, good: Bools) -> None:
        if count := int(len(good) - np.count_nonzero(good)):
            self.left_out[code] = count
        self.rows = self.rows[good]

    def _days(self) -> tuple[Bools, tuple[tuple[str, Bools], ...]]:
        """Keep the days that remain after each rule; a rule that empties the days of a row is its reason.

        A day without work stays one whatever is promised, so this holds for any free capacity.
        """
        stage, work, columns = self.stage, self.work, self.columns
        asked = np.array([day in work.days for day in columns.days], dtype=np.bool_)
        left = np.array([(work.ready_on - day).days for day in columns.days], dtype=np.int64)
        rules = [("closed", columns.free[stage.place[self.rows]] != CLOSED)]
        if work.zones and stage.entry is not None:
            rules.append(("zone", may_enter(stage.entry[self.rows], work.zones)))
        if work.is_organic:
            rules.append(("organic", stage.organic[self.rows]))
        rules.append(("lead", stage.lead[self.rows, None] <= left[None, :]))
        can = np.repeat(asked[None, :], len(self.rows), axis=0)
        some, later = np.ones(len(self.rows), dtype=np.bool_), []
        for code, good in rules:
            can = can & good
            still = can.any(axis=1)
            later.append((code, some & ~still))
            some = still
        return can, tuple((code, says_no) for code, says_no in later if says_no.any())
