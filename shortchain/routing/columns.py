"""Candidates as numpy columns, with the capacity that is left: what a question is put to.

The stages are laid out in `column_stages`, the hard rules asked in `column_rules`, ways measured in `places`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import overload

import numpy as np

from shortchain.enterprises.fetch_tariffs import Fetch
from shortchain.enterprises.zones import Zones, reference
from shortchain.kernel.halves import HALVES
from shortchain.routing.column_rules import Able, Bucket, Sorting
from shortchain.routing.column_stages import CLOSED, Codes, stage_of
from shortchain.routing.half_days import halves_of
from shortchain.routing.places import Ints
from shortchain.routing.plans import STAGES, Candidate
from shortchain.routing.rules import Work

KEPT_BUCKETS = 400
"""Kinds of work that some columns remember: services × temperatures × organic, per set of days."""
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
        self.codes = Codes.of(self._who, self.days)
        self.stages = {name: stage_of(name, self._who, self.codes) for name in STAGES}
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

    def sift(self, stage: str, work: Work, *, without: frozenset[int]) -> tuple[Able, dict[str, int]]:
        """Ask the hard rules of a stage: who can, on which days, and counts of why the others can not."""
        refused = self.refused[stage]
        key = (stage, _KIND(work), work.allergens & refused if refused else None)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= KEPT_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[key] = Sorting(self.stages[stage], work, self.free, self.codes).sort()
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
        had = Sorting(stage, work, self.free, self.codes, barred).sort().left_out
        rest = {code: left for code, count in bucket.left_out.items() if (left := count - had.get(code, 0))}
        return bucket.keep(~np.isin(bucket.rows, barred), {"excluded": len(barred), **rest})
