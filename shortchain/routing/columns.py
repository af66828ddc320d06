"""Candidates as numpy columns, and the hard rules asked of all of them at once.

The same rules in the same order as `rules.judge`, with the same codes; the same metres as
`kernel.geo.distance_m`. Tests compare both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from shortchain.kernel.geo import EARTH_RADIUS_M, Point, distance_m
from shortchain.routing.entering import entry_of, may_enter
from shortchain.routing.plans import STAGES, Candidate
from shortchain.routing.rules import PRICED_BY_ORDER, REASONS, Work

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
CLOSED = -1
"""Free capacity of a day without work."""
FORMS = ("kg", "piece", "box", "order", "stop", "km")
NO_FORM = len(FORMS)


@dataclass(frozen=True, slots=True)
class Places:
    """Points as columns: latitude in radians and its cosine, longitude in degrees."""

    lat: Floats
    lon: Floats
    cos: Floats

    @classmethod
    def of(cls, points: Sequence[Point]) -> Places:
        """Turn points into columns."""
        lat = np.radians(np.array([point.lat for point in points], dtype=np.float64))
        return cls(lat, np.array([point.lon for point in points], dtype=np.float64), np.cos(lat))

    def __getitem__(self, rows: Ints) -> Places:
        return Places(self.lat[rows], self.lon[rows], self.cos[rows])


def metres(these: Places, those: Places) -> Ints:
    """Measure every pair in whole metres: rows are `these`, columns `those`; agrees with `distance_m`.

    The two may differ in the last bit before rounding. Where that could change the metre, the scalar
    formula decides.
    """
    half_lat = np.sin((those.lat[None, :] - these.lat[:, None]) / 2) ** 2
    half_lon = np.sin(np.radians(those.lon[None, :] - these.lon[:, None]) / 2) ** 2
    root = np.sqrt(half_lat + these.cos[:, None] * those.cos[None, :] * half_lon)
    exact = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(root, 1.0))
    whole = np.rint(exact)
    for row, column in np.argwhere(np.abs(np.abs(exact - whole) - 0.5) < 1e-6):
        whole[row, column] = distance_m(_point(these, row), _point(those, column))
    return np.asarray(whole, dtype=np.int64)


def _point(places: Places, row: int) -> Point:
    return Point(float(np.degrees(places.lat[row])), float(places.lon[row]))


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
    radius: Ints
    at: Places
    entry: Ints  # per day of the columns and vehicle: the zones that it may enter
    organic: Bools  # per day of the columns
    bid: Ints  # millicents per unit, per day of the columns


class Columns(Sequence[Candidate]):
    """Candidates on some days. Also a sequence of plain candidates, for who wants to look at one.

    `version` names where they come from; with the free capacity it stands for all of them in the
    fingerprint of a question. `bids_from` names the batch run whose bid prices steer.
    """

    def __init__(
        self, candidates: Sequence[Candidate], days: Sequence[date], *, version: str = "", bids_from: str = ""
    ) -> None:
        self.days = tuple(sorted(days))
        self.version, self.bids_from = version, bids_from
        self.day_at = {day: column for column, day in enumerate(self.days)}
        self._who = tuple(candidates)
        self.free = np.array(
            [[one.free.get(day, CLOSED) for day in self.days] for one in self._who], dtype=np.int64
        ).reshape(len(self._who), len(self.days))
        self.service_code = {name: code for code, name in enumerate(sorted({one.service for one in self._who}))}
        kinds = sorted({kind for one in self._who for kind in one.storage_classes})
        self.class_bit = {kind: 1 << bit for bit, kind in enumerate(kinds)}
        self.stages = {stage: self._stage(stage) for stage in STAGES}
        self._changed: dict[int, dict[date, int]] = {}

    @cached_property
    def where(self) -> dict[int, int]:
        """Say at which place each capability stands."""
        return {one.capability_id: place for place, one in enumerate(self._who)}

    def with_promised(self, promised: Mapping[tuple[int, date], tuple[int, int]]) -> Columns:
        """Give the same columns with free capacity after promises: (cap, promised) per capability and day."""
        made = object.__new__(Columns)
        made.__dict__.update(self.__dict__)
        made.__dict__["where"] = self.where
        made.free = self.free.copy()
        made._changed = {}
        for (capability_id, day), (cap, used) in promised.items():
            place, column = self.where.get(capability_id), self.day_at.get(day)
            if place is None or column is None or made.free[place, column] == CLOSED:
                continue
            left = max(0, cap - used)
            made.free[place, column] = left
            made._changed.setdefault(place, dict(self._who[place].free))[day] = left
        return made

    @property
    def mark(self) -> str:
        """Name these candidates with their free capacity in a few letters."""
        days = ",".join(day.isoformat() for day in self.days)
        return hashlib.sha256(f"{self.version}|{days}|".encode() + self.free.tobytes()).hexdigest()[:16]

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
        return self._who[at] if changed is None else self._who[at].with_free(changed)

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
            radius=column([one.radius_m for one in who]),
            at=Places.of([one.point for one in who]),
            entry=entry_of(who, self.days),
            organic=per_day(
                [[any(first <= day <= last for first, last in one.organic) for day in self.days] for one in who]
            ).astype(np.bool_),
            bid=per_day([[one.bids.get(day, 0) for day in self.days] for one in who]),
        )

    def sift(self, stage: str, work: Work, *, without: frozenset[int]) -> tuple[Able, dict[str, int]]:
        """Ask the hard rules of a stage: who can, on which days, and counts of why the others can not."""
        return _Sifting(self, self.stages[stage], work).sift(without)


@dataclass(frozen=True, slots=True)
class Able:
    """Rows of a stage that passed the rules, and per row and day of the columns whether it can then."""

    stage: Stage
    rows: Ints
    days: Bools

    def __len__(self) -> int:
        return len(self.rows)


class _Sifting:
    """One pass over a stage; each rule takes away rows and counts them under its code."""

    def __init__(self, columns: Columns, stage: Stage, work: Work) -> None:
        self.columns, self.stage, self.work = columns, stage, work
        self.rows = np.arange(len(stage.who), dtype=np.int64)
        self.left_out = dict.fromkeys(REASONS, 0)

    def sift(self, without: frozenset[int]) -> tuple[Able, dict[str, int]]:
        stage, work = self.stage, self.work
        if without:
            self._keep("excluded", ~np.isin(stage.enterprise[self.rows], list(without)))
        codes = [code for name, code in self.columns.service_code.items() if name in work.services]
        self._keep("service", np.isin(stage.service[self.rows], codes))
        wanted = sum(self.columns.class_bit.get(kind, 1 << 62) for kind in work.classes)
        self._keep("temperature", (stage.classes[self.rows] & wanted) == wanted)
        priced = stage.form[self.rows] != NO_FORM
        self._keep("price", priced & (stage.pickup[self.rows] > 0) if work.to_pickup else priced)
        away = metres(stage.at[self.rows], Places.of(work.places))
        self._keep("radius", np.all(away <= stage.radius[self.rows, None], axis=1))
        return self._sift_days()

    def _keep(self, code: str, good: Bools) -> None:
        self.left_out[code] += int(len(good) - np.count_nonzero(good))
        self.rows = self.rows[good]

    def _sift_days(self) -> tuple[Able, dict[str, int]]:
        stage, work = self.stage, self.work
        asked = np.array([day in work.days for day in self.columns.days], dtype=np.bool_)
        free = self.columns.free[stage.place[self.rows]]
        can = asked[None, :] & (free != CLOSED)
        can = self._keep_days("closed", can)
        if work.zones:
            can = self._keep_days("zone", can & may_enter(stage.entry[self.rows], work.zones))
        if work.is_organic:
            can = self._keep_days("organic", can & stage.organic[self.rows])
        left = np.array([(work.ready_on - day).days for day in self.columns.days], dtype=np.int64)
        can = self._keep_days("lead", can & (stage.lead[self.rows, None] <= left[None, :]))
        can = self._keep_days("capacity", can & (self.columns.free[stage.place[self.rows]] >= work.use))
        return Able(stage, self.rows, can), {code: count for code, count in self.left_out.items() if count}

    def _keep_days(self, code: str, can: Bools) -> Bools:
        good = np.any(can, axis=1)
        self._keep(code, good)
        return np.asarray(can[good], dtype=np.bool_)
