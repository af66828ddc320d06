"""The exact search of `search.Search`, on columns: all prices at once, packers some at a time.

Everything is a whole number: cost in millicents, ways in metres. A preference is one integer, cost
first and metres in the lower bits; rows stand in the order of ids, so that the first of equals wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from shortchain.kernel.geo import distance_m
from shortchain.routing import costs
from shortchain.routing.columns import FORMS, Able, Bools, Columns, Floats, Ints, Places, metres
from shortchain.routing.entering import Shut, shut
from shortchain.routing.plans import DELIVER, Candidate, Fixed, Line, Policy, RouteRequest
from shortchain.routing.search import MILLI, Chain, Farm, Pick, chain_of, farms_of, pick

BITS = 27
"""Room for the metres of a chain: 134,000 km. Cost then has 34 bits: up to 170,000 euro."""
NEVER = 1 << 34
WORST = NEVER << BITS
"""The preference of what cannot be. Sums are cut off here: two of them added must not run over 63 bits."""
CHUNK = 16
FIRST_LOOK = 48
"""Deliverers that are measured first; their best tells which others are worth measuring."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One stage's possibilities, a row for each candidate and day, in the order of ids and days."""

    who: Sequence[Candidate | Fixed]
    index: Ints
    enterprise: Ints
    day: Ints
    lead: Ints
    at: Places
    own: Ints  # cents
    inbound: Ints  # cents per farm
    steering: Ints  # millicents, bid prices included
    bid: Ints  # millicents of those that are bid prices
    metres: Ints
    is_fixed: bool = False

    @property
    def cost(self) -> Ints:
        """Add up own price, inbound transport and steering, in millicents."""
        return np.asarray((self.own + self.inbound.sum(axis=1)) * MILLI + self.steering, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Carriers:
    """Deliverers before the packer is known; `home` is their way from the destination, `form` how they ask."""

    rows: Rows
    home: Ints
    by_the_way: Bools
    price: Ints
    minimum: Ints


class ColumnSearch:
    """One question, with the rows that passed the rules; asks for the best chain, also without some."""

    def __init__(
        self,
        request: RouteRequest,
        *,
        columns: Columns,
        groups: Sequence[tuple[str, tuple[Line, ...]]],
        processors: Sequence[Able | Fixed],
        packers: Able | Fixed,
        deliverers: Able | Fixed,
        policy: Policy,
    ) -> None:
        self.request, self.policy, self.columns = request, policy, columns
        self.distance = distance_m
        self.boxes = costs.boxes_for(request.weight_g, policy)
        self.direct = farms_of([line for line in request.lines if line.process_service is None])
        self.group_lines = [lines for _service, lines in groups]
        self.group_farms = [farms_of(lines) for lines in self.group_lines]
        self.weights = [sum(line.weight_g for line in lines) for lines in self.group_lines]
        self.destination = Places.of([request.destination])
        self.processors = [
            self._work_rows(pool, self.group_farms[number], self.group_lines[number], self.weights[number])
            for number, pool in enumerate(processors)
        ]
        self.packers = self._work_rows(packers, self.direct, request.lines, self.boxes)
        self.last_way = metres(self.packers.at, self.destination)[:, 0]
        self.fixed_deliver = pick(deliverers, deliverers.day) if isinstance(deliverers, Fixed) else None
        self.carriers = None if isinstance(deliverers, Fixed) else self._carriers(deliverers)
        self.shut = self._shut()

    def best(self, *, without: frozenset[int] = frozenset()) -> Chain | None:
        """Find the cheapest chain that uses none of the enterprises `without`."""
        before = [_costs(rows, without) for rows in self.processors]
        own = _costs(self.packers, without)
        if self.fixed_deliver is not None and self.fixed_deliver.who.enterprise_id in without:
            return None
        floors, bound = self._bounds(before, own, without)
        order = np.argsort(bound, kind="stable")
        best: Chain | None = None
        for start in range(0, len(order), CHUNK):
            chunk = order[start : start + CHUNK]
            chunk = chunk[bound[chunk] < NEVER]
            if best is not None:
                chunk = chunk[bound[chunk] <= best.rank[0]]
            if not len(chunk):
                break
            found = self._of_chunk(chunk, before, own, floors)
            if found is not None and (best is None or found.rank < best.rank):
                best = found
        return best

    def _bounds(self, before: Sequence[Ints], own: Ints, without: frozenset[int]) -> tuple[Ints | None, Ints]:
        """Give each deliverer and each packer a cost that no chain through it can undercut.

        A deliverer's trip is at least twice the way from the destination home; from a packer, at least
        twice the last way (triangle inequality; two metres are for the rounding of three ways).
        """
        floor = sum(int(costs_of.min(initial=NEVER)) for costs_of in before)
        if self.carriers is None:
            return None, own + floor
        carriers = self.carriers
        blocked = _costs(carriers.rows, without) >= NEVER
        trip = 2 * carriers.home - 2
        floors = np.where(blocked, NEVER, self._carried(carriers, np.arange(len(blocked)), trip))
        basic = np.where(blocked, NEVER, self._carried(carriers, np.arange(len(blocked)), np.zeros_like(trip)))
        nearest, cheapest = int(floors.min(initial=NEVER)), int(basic.min(initial=NEVER))
        way = self._steer(2 * self.last_way - 2) + cheapest
        return floors, own + floor + np.maximum(nearest, way)

    def _of_chunk(self, chunk: Ints, before: Sequence[Ints], own: Ints, floors: Ints | None) -> Chain | None:
        """Find the best chain through some packers."""
        total = (own[chunk] << BITS) + self.packers.metres[chunk]
        chosen = []
        for number, rows in enumerate(self.processors):
            keys = self._onward(number, rows, before[number], chunk)
            who = keys.argmin(axis=0)
            total = np.minimum(total + keys[who, np.arange(len(chunk))], WORST)
            chosen.append(who)
        brings = np.zeros(len(chunk), dtype=np.int64)
        if self.carriers is not None and floors is not None:
            brings, keys = self._brought(self.carriers, chunk, floors)
            total = np.minimum(total + keys, WORST)
        best: Chain | None = None
        lowest = int(total.min())
        if lowest >= WORST:
            return None
        for column in np.flatnonzero(total == lowest):
            chain = self._chain(int(chunk[column]), [int(who[column]) for who in chosen], int(brings[column]))
            if best is None or chain.rank < best.rank:
                best = chain
        return best

    def between(self) -> tuple[Floats, Floats]:
        """Price all ways between stages in cents, infinite where days do not fit.

        The first is processors × packers of the only group (one row of nothing without a group), the second
        packers × deliverers: what depends on both, beside `Rows.cost` of either.
        """
        every = np.arange(len(self.packers.index), dtype=np.int64)
        first = np.zeros((1, len(every)))
        if self.processors:
            rows = self.processors[0]
            keys = self._onward(0, rows, np.zeros(len(rows.index), dtype=np.int64), every)
            first = np.where(keys >= WORST, np.inf, (keys >> BITS) / MILLI)
        if self.carriers is None:
            return first, np.zeros((len(every), 1))
        rows = self.carriers.rows
        trip = metres(rows.at, self.packers.at) + self.last_way[None, :] + self.carriers.home[:, None]
        some = np.arange(len(rows.index), dtype=np.int64)
        ways = (self._carried(self.carriers, some, trip) - rows.bid[:, None]) / MILLI
        if self.shut is not None:
            ways = np.where(self.shut.of(some, every), np.inf, ways)
        return first, np.asarray(ways.T, dtype=np.float64)

    def fixed_ways(self) -> Floats:
        """Price bringing the goods of all groups from where they are to each packer, in cents; infinite when late.

        For groups whose processors are all fixed.
        """
        every = np.arange(len(self.packers.index), dtype=np.int64)
        total = np.zeros(len(every))
        for number, rows in enumerate(self.processors):
            keys = self._onward(number, rows, np.zeros(1, dtype=np.int64), every)[0]
            total = total + np.where(keys >= WORST, np.inf, (keys >> BITS) / MILLI)
        return total

    def _onward(self, number: int, rows: Rows, cost: Ints, chunk: Ints) -> Ints:
        """Prefer processors per packer: up to the packer's door, on days that fit."""
        if rows.is_fixed and self.packers.is_fixed:
            way = np.zeros((len(rows.index), len(chunk)), dtype=np.int64)
        else:
            way = metres(rows.at, self.packers.at[chunk])
        whole = cost[:, None] + self._upstream(self.weights[number], way) * MILLI
        late = (rows.day + rows.lead)[:, None] > self.packers.day[chunk][None, :]
        whole = np.where(late, NEVER, np.minimum(whole, NEVER))
        return np.asarray((whole << BITS) + rows.metres[:, None] + way, dtype=np.int64)

    def _brought(self, carriers: Carriers, chunk: Ints, floors: Ints) -> tuple[Ints, Ints]:
        """Prefer deliverers per packer. Only those are measured whose floor is not above the best of a few."""
        some = np.argsort(floors, kind="stable")[:FIRST_LOOK]
        keys = self._trips(carriers, np.sort(some), chunk, floors)
        worth = np.flatnonzero(floors <= int(keys.min(axis=0).max()) >> BITS)
        keys = self._trips(carriers, worth, chunk, floors)
        who = keys.argmin(axis=0)
        return worth[who], keys[who, np.arange(len(chunk))]

    def _trips(self, carriers: Carriers, rows: Ints, chunk: Ints, floors: Ints) -> Ints:
        trip = metres(carriers.rows.at[rows], self.packers.at[chunk])
        trip = trip + self.last_way[chunk][None, :] + carriers.home[rows][:, None]
        cost = np.where(floors[rows][:, None] >= NEVER, NEVER, self._carried(carriers, rows, trip))
        if self.shut is not None:
            cost = np.where(self.shut.of(rows, chunk), NEVER, cost)
        return np.asarray((cost << BITS) + trip, dtype=np.int64)

    def _carried(self, carriers: Carriers, rows: Ints, trip: Ints) -> Ints:
        """Cost of trips in millicents: price, steering and bid."""
        trip = np.maximum(trip, 0)
        shape = (-1,) + (1,) * (trip.ndim - 1)

        def column(values: Ints) -> Ints:
            return values[rows].reshape(shape)

        by_km = np.maximum((column(carriers.price) * trip + 500) // 1000, column(carriers.minimum))
        own = np.where(carriers.by_the_way[rows].reshape(shape), by_km, column(carriers.rows.own))
        return np.asarray(own * MILLI + self._steer(trip) + column(carriers.rows.bid), dtype=np.int64)

    def _shut(self) -> Shut | None:
        """Find which deliverers may not come to which packers on the day of the delivery."""
        if self.carriers is None:
            return None
        rows, day = self.carriers.rows, self.columns.day_at[self.request.delivery_day]
        entry = self.columns.stages[DELIVER].entry[rows.index, day]
        return shut(entry, [self.packers.who[at].point for at in self.packers.index.tolist()], self.request.destination)

    def _steer(self, trip: Ints) -> Ints:
        return np.asarray(np.maximum(trip, 0) * self.policy.steer_last_mile_millicents_km // 1000, dtype=np.int64)

    def _upstream(self, weight_g: int, way: Ints) -> Ints:
        return np.asarray((way * (weight_g * self.policy.upstream_millicents) + 500_000_000) // 10**9, dtype=np.int64)

    def _chain(self, packs: int, processes: Sequence[int], brings: int) -> Chain:
        """Make the picks of one chain; only for what may be the best."""
        pack = self._pick(self.packers, packs)
        process = []
        for number, row in enumerate(processes):
            rows = self.processors[number]
            stays = rows.is_fixed and pack.is_fixed
            way = 0 if stays else distance_m(rows.who[int(rows.index[row])].point, pack.who.point)
            onward = 0 if stays else costs.upstream_cents(self.weights[number], way, self.policy)
            process.append(self._pick(rows, row, onward=onward, way=way))
        return chain_of(tuple(process), pack, self.fixed_deliver or self._bringer(brings, packs))

    def _bringer(self, brings: int, packs: int) -> Pick:
        assert self.carriers is not None
        rows = self.carriers.rows
        who = rows.who[int(rows.index[brings])]
        assert isinstance(who, Candidate)
        at = self.packers.who[int(self.packers.index[packs])].point
        trip = distance_m(who.point, at) + int(self.last_way[packs]) + int(self.carriers.home[brings])
        own = costs.delivery_cents(who, self.request, round_trip_m=trip, boxes=self.boxes)
        steering = trip * self.policy.steer_last_mile_millicents_km // 1000 + int(rows.bid[brings])
        return pick(who, self.request.delivery_day, own_cents=own, steering=steering, metres=trip)

    def _pick(self, rows: Rows, row: int, *, onward: int = 0, way: int = 0) -> Pick:
        return pick(
            rows.who[int(rows.index[row])],
            date.fromordinal(int(rows.day[row])),
            own_cents=int(rows.own[row]),
            inbound_cents=() if rows.is_fixed else tuple(int(cents) for cents in rows.inbound[row]),
            onward_cents=onward,
            steering=int(rows.steering[row]),
            metres=int(rows.metres[row]) + way,
        )

    def _work_rows(self, pool: Able | Fixed, farms: Sequence[Farm], lines: Sequence[Line], use: int) -> Rows:
        """Price everybody of a stage up to its own door, per day it can."""
        if isinstance(pool, Fixed):
            return _fixed_rows(pool)
        stage, rows = pool.stage, pool.rows
        weight = sum(line.weight_g for line in lines)
        way = metres(stage.at[rows], Places.of([farm.point for farm in farms]))
        loads = np.array([farm.weight_g for farm in farms], dtype=np.int64)
        inbound = (way * loads[None, :] * self.policy.upstream_millicents + 500_000_000) // 10**9
        length = way.sum(axis=1)
        own = self._own(pool, weight, costs.boxes_for(weight, self.policy), len(lines), length)
        index, days = np.nonzero(pool.days)
        waits = [
            costs.waiting_millicents(weight, day, self.request.delivery_day, self.policy) for day in self.columns.days
        ]
        bid = stage.bid[rows[index], days] * use
        return Rows(
            who=stage.who,
            index=rows[index],
            enterprise=stage.enterprise[rows[index]],
            day=np.array([day.toordinal() for day in self.columns.days], dtype=np.int64)[days],
            lead=stage.lead[rows[index]],
            at=stage.at[rows[index]],
            own=own[index],
            inbound=inbound[index],
            steering=np.array(waits, dtype=np.int64)[days] + bid,
            bid=bid,
            metres=length[index],
        )

    def _own(self, pool: Able, weight: int, boxes: int, pieces: int, way: Ints) -> Ints:
        """Price services by their price forms, not below the minimum, in cents."""
        times: Mapping[str, int] = {"kg": weight, "piece": pieces * 1000, "box": boxes * 1000, "km": 0}
        thousandths = np.array([times.get(form, 1000) for form in FORMS], dtype=np.int64)[pool.stage.form[pool.rows]]
        thousandths = np.where(pool.stage.form[pool.rows] == FORMS.index("km"), way, thousandths)
        cents = (pool.stage.price[pool.rows] * thousandths + 500) // 1000
        return np.asarray(np.maximum(cents, pool.stage.minimum[pool.rows]), dtype=np.int64)

    def _carriers(self, pool: Able) -> Carriers:
        stage, rows = pool.stage, pool.rows
        base = self._work_rows(pool, (), self.request.lines, 1)
        is_pickup = self.request.is_pickup
        own = stage.pickup[rows] if is_pickup else base.own
        return Carriers(
            rows=replace(base, own=own, steering=base.bid),
            home=metres(stage.at[rows], self.destination)[:, 0],
            by_the_way=(stage.form[rows] == FORMS.index("km")) & (not is_pickup),
            price=stage.price[rows],
            minimum=stage.minimum[rows],
        )


def _fixed_rows(kept: Fixed) -> Rows:
    """Make the one row of a stage that stays: it costs nothing more."""
    nothing = np.zeros(1, dtype=np.int64)
    return Rows(
        who=(kept,),
        index=nothing,
        enterprise=np.array([kept.enterprise_id], dtype=np.int64),
        day=np.array([kept.day.toordinal()], dtype=np.int64),
        lead=nothing,
        at=Places.of([kept.point]),
        own=nothing,
        inbound=np.zeros((1, 0), dtype=np.int64),
        steering=nothing,
        bid=nothing,
        metres=nothing,
        is_fixed=True,
    )


def _costs(rows: Rows, without: frozenset[int]) -> Ints:
    """Give each row its cost, and those of enterprises `without` one that never wins."""
    if not without:
        return rows.cost
    return np.where(np.isin(rows.enterprise, list(without)), NEVER, rows.cost)
