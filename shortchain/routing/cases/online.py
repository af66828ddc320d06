"""Answers an `online` case: for each order on its own, the cheapest chain process → pack → deliver.

Given a packer and its day, the best processor and the best deliverer do not depend on one another, so
the cheapest chain is a minimum over packers of two minima. Packers are taken in the order of a lower
bound, some at a time, until no bound can win: exact without measuring every pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shortchain.kernel.geo import EARTH_RADIUS_M
from shortchain.routing.plans import DELIVER, PACK, PROCESS, STAGES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.float64]
"""Unit vectors, one row a place: the great circle follows from the chord between two of them."""

EARTH_KM = EARTH_RADIUS_M / 1000
CHUNK = 48
SLACK = 1e-7
"""Euro by which a bound may be off through rounding."""


class _Pool(NamedTuple):
    """The providers of one stage, service and temperature as columns, in the order of their ids."""

    ids: Ints
    at: Places
    radius: Floats
    per_kg: Floats
    per_order: Floats
    lead: Ints
    free: Floats  # kg per provider and day of the case; below zero: does not work

    def only(self, keep: npt.NDArray[np.bool_]) -> _Pool:
        return _Pool(
            self.ids[keep],
            self.at[keep],
            self.radius[keep],
            self.per_kg[keep],
            self.per_order[keep],
            self.lead[keep],
            self.free[keep],
        )

    def price(self, kg: float) -> Floats:
        return self.per_kg * kg + self.per_order


def solve_online_case(case: Mapping[str, Any]) -> list[list[int] | None]:
    """Give for each order of the case its cheapest chain as three pairs of provider and day, or None.

    :raises KeyError, TypeError, ValueError: when the case is not of this format
    """
    network = _Network(case)
    return [network.cheapest(order) for order in case["orders"]]


class _Network:
    """The providers of a case, ready to be asked for one order after the other."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        rates = case["cost"]
        self.upstream = float(rates["eur_per_kg_km_upstream"])
        self.last_mile = float(rates["eur_per_km_last_mile"])
        self.waiting = float(rates["eur_per_kg_day_waiting"])
        if min(self.upstream, self.last_mile, self.waiting) < 0:
            raise ValueError("a rate is negative")
        self.providers = sorted(case["providers"], key=lambda one: int(one["id"]))
        days = {int(day) for one in self.providers for day in one["days"]}
        self.days = sorted(days | {int(day) for order in case["orders"] for day in order["deliver_days"]})
        self._pools: dict[tuple[str, str, str], _Pool] = {}

    def pool(self, stage: str, service: str, temperature: str) -> _Pool:
        """Give the columns of who does a service at a temperature; built once."""
        key = (stage, service, temperature)
        if key not in self._pools:
            self._pools[key] = self._columns(
                [
                    one
                    for one in self.providers
                    if one["stage"] == stage and service in one["services"] and temperature in one["temps"]
                ]
            )
        return self._pools[key]

    def _columns(self, found: Sequence[Mapping[str, Any]]) -> _Pool:
        free = np.full((len(found), len(self.days)), -1.0)
        for row, one in enumerate(found):
            working = {int(day) for day in one["days"]}
            for column, day in enumerate(self.days):
                if day in working:
                    free[row, column] = float(one["free_kg"].get(str(day), 0))
        return _Pool(
            np.array([one["id"] for one in found], dtype=np.int64),
            places([(one["lat"], one["lon"]) for one in found]),
            np.array([one["radius_km"] for one in found], dtype=np.float64),
            np.array([one["eur_per_kg"] for one in found], dtype=np.float64),
            np.array([one["eur_per_order"] for one in found], dtype=np.float64),
            np.array([one["lead_days"] for one in found], dtype=np.int64),
            free,
        )

    def cheapest(self, order: Mapping[str, Any]) -> list[int] | None:
        """Find the cheapest chain of one order; None when there is none that costs less than no chain."""
        kg = float(order["kg"])
        home = places([(order["lat"], order["lon"])])
        farms = places([(farm["lat"], farm["lon"]) for farm in order["farms"]])
        loads = np.array([farm["kg"] for farm in order["farms"]], dtype=np.float64)
        pools = {stage: self.pool(stage, order["need"][stage], order["temp"]) for stage in STAGES}
        inbound = kilometres(pools[PROCESS].at, farms)
        near = np.all(inbound <= pools[PROCESS].radius[:, None], axis=1)
        process, inbound = pools[PROCESS].only(near), inbound[near]
        pack, pack_home = _within(pools[PACK], home)
        deliver, deliver_home = _within(pools[DELIVER], home)
        if not (len(process.ids) and len(pack.ids) and len(deliver.ids)):
            return None
        begin = process.price(kg) + inbound @ loads * self.upstream
        before = self._begins(process, begin, kg)
        after = self._ends(deliver, deliver.price(kg) + deliver_home * self.last_mile, kg, order["deliver_days"])
        question = _Question(self, kg, process, pack, pack_home, deliver, before, after)
        return question.answer(float(order["eur_if_unserved"]))

    def _begins(self, process: _Pool, begin: Floats, kg: float) -> tuple[Floats, Ints]:
        """Per processor and day of packing: cost up to its own door, and the day it works.

        The latest day that still fits waits least. Waiting counts from the first day of the case; the
        deliverers' side subtracts the same.
        """
        cost = np.full((len(process.ids), len(self.days)), np.inf)
        works = np.full(cost.shape, -1, dtype=np.int64)
        for column, day in enumerate(self.days):
            for earlier in range(column + 1):  # later days overwrite earlier ones
                fits = (process.free[:, earlier] >= kg) & (self.days[earlier] + process.lead <= day)
                works[fits, column] = earlier
                cost[fits, column] = begin[fits] - kg * self.waiting * (self.days[earlier] - self.days[0])
        return cost, works

    def _ends(self, deliver: _Pool, end: Floats, kg: float, wanted: Sequence[int]) -> Floats:
        """Per deliverer and day of delivery: cost of the stage without the way by the packer."""
        asked = {int(day) for day in wanted}
        cost = np.full((len(deliver.ids), len(self.days)), np.inf)
        for column, day in enumerate(self.days):
            if day in asked:
                fits = deliver.free[:, column] >= kg
                cost[fits, column] = end[fits] + kg * self.waiting * (day - self.days[0])
        return cost


class _Question(NamedTuple):
    """One order with the providers that can serve it."""

    network: _Network
    kg: float
    process: _Pool
    pack: _Pool
    pack_home: Floats
    deliver: _Pool
    before: tuple[Floats, Ints]
    after: Floats

    def answer(self, unserved: float) -> list[int] | None:
        """Try packers in the order of their bound. Ties go to the lowest ids and the earliest days."""
        upstream, last_mile = self.network.upstream * self.kg, self.network.last_mile
        own = self.pack.price(self.kg) + self.pack_home * last_mile
        bound = own + self.before[0].min() + self.after.min()
        best = (unserved, [0] * 6)
        found = False
        order = np.argsort(bound, kind="stable")
        for start in range(0, len(order), CHUNK):
            rows = order[start : start + CHUNK]
            if not np.isfinite(bound[rows[0]]) or bound[rows[0]] > best[0] + SLACK:
                break
            inward = kilometres(self.process.at, self.pack.at[rows]) * upstream
            outward = kilometres(self.deliver.at, self.pack.at[rows]) * last_mile
            for cost, chain in self._chains(rows, inward, outward, own):
                if cost < best[0] - SLACK or (found and cost <= best[0] + SLACK and chain < best[1]):
                    best, found = (cost, chain), True
        return best[1] if found else None

    def _chains(self, rows: Ints, inward: Floats, outward: Floats, own: Floats) -> list[tuple[float, list[int]]]:
        """List for some packers their best chain per pair of days."""
        days, width = self.network.days, len(self.network.days)
        firsts = [self.before[0][:, day][:, None] + inward for day in range(width)]
        lasts = [self.after[:, day][:, None] + outward for day in range(width)]
        who_first = [costs.argmin(axis=0) for costs in firsts]
        who_last = [costs.argmin(axis=0) for costs in lasts]
        found = []
        for column, row in enumerate(rows):
            for packs in range(width):
                first = who_first[packs][column]
                begin = firsts[packs][first, column]
                if self.pack.free[row, packs] < self.kg or not np.isfinite(begin):
                    continue
                for brings in range(packs, width):
                    last = who_last[brings][column]
                    end = lasts[brings][last, column]
                    if np.isfinite(end) and days[packs] + self.pack.lead[row] <= days[brings]:
                        works = self.before[1][first, packs]
                        ids = (self.process.ids[first], self.pack.ids[row], self.deliver.ids[last])
                        chain = [int(ids[0]), days[works], int(ids[1]), days[packs], int(ids[2]), days[brings]]
                        found.append((float(begin + own[row] + end), chain))
        return found


def _within(pool: _Pool, home: Places) -> tuple[_Pool, Floats]:
    """Keep who reaches the home, with the way there in km."""
    away = kilometres(pool.at, home)[:, 0]
    near = away <= pool.radius
    return pool.only(near), away[near]


def places(points: Sequence[tuple[float, float]]) -> Places:
    """Turn latitudes and longitudes in degrees into unit vectors, one row each."""
    degrees = np.radians(np.array(points, dtype=np.float64).reshape(-1, 2))
    lat, lon = degrees[:, 0], degrees[:, 1]
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def kilometres(these: Places, those: Places) -> Floats:
    """Measure every pair along the great circle, in km: rows are `these`, columns `those`."""
    squared = sum((these[:, axis][:, None] - those[:, axis][None, :]) ** 2 for axis in range(3))
    chord = np.sqrt(np.asarray(squared, dtype=np.float64))
    return np.asarray(2 * EARTH_KM * np.arcsin(np.minimum(chord / 2, 1.0)), dtype=np.float64)
