"""The exact search of `search.Search`, on columns: all prices at once, packers some at a time.

Everything is a whole number: cost in millicents, ways in metres. A preference is one integer, cost
first and metres in the lower bits; rows stand in the order of ids, so that the first of equals wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from shortchain.enterprises.fetch_tariffs import fetch_of
from shortchain.kernel.geo import distance_m
from shortchain.routing import costs
from shortchain.routing.column_rows import Carriers, Pricing, Rows, fetched
from shortchain.routing.column_rules import Able
from shortchain.routing.columns import Columns
from shortchain.routing.entering import Shut, shut
from shortchain.routing.places import Floats, Ints, metres, places_of
from shortchain.routing.plans import Candidate, Fixed, Line, Policy, RouteRequest
from shortchain.routing.search import MILLI, Chain, Pick, chain_of, farms_of, pick

BITS = 27
"""Room for the metres of a chain: 134,000 km. Cost then has 34 bits: up to 170,000 euro."""
NEVER = 1 << 34
WORST = NEVER << BITS
"""The preference of what cannot be. Sums are cut off here: two of them added must not run over 63 bits."""
CHUNK = 24
"""Packers that are looked at together. Where they are no more, and deliverers no more than `FIRST_LOOK`, all are looked at:
that takes less time than their bounds would."""
FIRST_LOOK = 48
"""Deliverers that are measured first; more are, four times as many each time, while one of them may win."""
NOBODY: Ints = np.zeros(0, dtype=np.int64)


class _Keys:
    """Preferences of rows (first axis) for some packers, and per packer the row that is preferred."""

    __slots__ = ("_columns", "keys", "least", "who")

    def __init__(self, keys: Ints) -> None:
        self.keys = keys
        self._columns = np.arange(keys.shape[1])
        self.who = keys.argmin(axis=0)
        self.least = keys[self.who, self._columns]

    def without(self, barred: Ints) -> tuple[Ints, Ints]:
        """Give the preferred rows and their preferences when some rows are left out."""
        if not len(barred):
            return self.who, self.least
        keys = self.keys.copy()
        keys[barred] = WORST
        who = keys.argmin(axis=0)
        return who, keys[who, self._columns]


class _Block:
    """Some packers with what the other stages cost from them: worked out once, asked for every runner-up."""

    __slots__ = ("carried", "measured", "packers", "processed")

    def __init__(self, packers: Ints, processed: Sequence[_Keys]) -> None:
        self.packers, self.processed = packers, processed
        self.carried: _Keys | None = None
        self.measured = NOBODY


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
        self.request, self.policy = request, policy
        self.distance = distance_m
        self.boxes = costs.boxes_for(request.weight_g, policy)
        self.direct = farms_of([line for line in request.lines if line.process_service is None], request.fetches)
        self.group_lines = [lines for _service, lines in groups]
        self.group_farms = [farms_of(lines, request.fetches) for lines in self.group_lines]
        self.weights = [sum(line.weight_g for line in lines) for lines in self.group_lines]
        pricing = Pricing(request, columns, policy)
        self.processors = [
            pricing.rows(pool, self.group_farms[number], self.group_lines[number], self.weights[number])
            for number, pool in enumerate(processors)
        ]
        self.packers = pricing.rows(packers, self.direct, request.lines, self.boxes)
        if isinstance(packers, Fixed):
            self.last_way = metres(self.packers.at, places_of((request.destination,)))[:, 0]
        else:
            self.last_way = packers.metres_to([request.destination])[self.packers.pool, 0]
        self.fixed_deliver = pick(deliverers, deliverers.day) if isinstance(deliverers, Fixed) else None
        self.carriers = None if isinstance(deliverers, Fixed) else pricing.carriers(deliverers)
        self._shut = self._find_shut()
        packers_count, carriers_count = (
            len(self.packers.index),
            0 if self.carriers is None else len(self.carriers.index),
        )
        self._looks_at_all = packers_count <= CHUNK and carriers_count <= FIRST_LOOK
        if self._looks_at_all:
            self._order, self._bound = np.arange(packers_count), np.zeros(packers_count, dtype=np.int64)
        else:
            self._bound_everything()
        self._blocks: dict[int, _Block] = {}

    def _find_shut(self) -> Shut | None:
        """Find which deliverers may not come to which packers on the day of the delivery."""
        if self.carriers is None or self.carriers.entry is None:
            return None
        packers = [self.packers.who[at].point for at in self.packers.index.tolist()]
        return shut(self.carriers.entry, packers, self.request.zones, self.request.zones_at_door())

    def _bound_everything(self) -> None:
        """Give each deliverer and each packer a cost that no chain through it can undercut, lowest first.

        From a packer a trip is at least twice the last way (triangle inequality, and rounding as in `Carriers.floors`).
        """
        if self.carriers is not None:
            rate = self.policy.steer_last_mile_millicents_km
            self._floors, self._basics = self.carriers.floors(rate)
            least = rate * int(self.carriers.share.min(initial=100)) // 100
            self._steered = np.maximum(2 * self.last_way - 2, 0) * least // 1000
            self._nearest_first = self._floors.argsort(kind="stable")
        bound = self._bounds([NOBODY for _ in self.processors], NOBODY)
        self._order = bound.argsort(kind="stable")
        self._bound = bound[self._order]

    def _bounds(self, processors: Sequence[Ints], carriers: Ints) -> Ints:
        """Bound the cost of chains through each packer, when some rows of the other stages are left out."""
        floor = sum(_least(rows.cost, barred) for rows, barred in zip(self.processors, processors, strict=True))
        bound = self.packers.cost + floor
        if self.carriers is not None:
            nearest, cheapest = _least(self._floors, carriers), _least(self._basics, carriers)
            bound = bound + np.maximum(nearest, self._steered + cheapest)
        return np.asarray(bound, dtype=np.int64)

    def best(self, *, without: frozenset[int] = frozenset()) -> Chain | None:
        """Find the cheapest chain that uses none of the enterprises `without`."""
        if self.fixed_deliver is not None and self.fixed_deliver.who.enterprise_id in without:
            return None
        processors, packers, carriers = [NOBODY for _ in self.processors], NOBODY, NOBODY
        bounds: Ints | None = None
        if without:
            processors, packers = [rows.of(without) for rows in self.processors], self.packers.of(without)
            carriers = NOBODY if self.carriers is None else self.carriers.of(without)
            bounds = None if self._looks_at_all else self._bounds(processors, carriers)
        best: Chain | None = None
        for number, start in enumerate(range(0, len(self._order), CHUNK)):
            most = NEVER - 1 if best is None else best.rank[0]
            if self._bound[start] > most:
                break
            if bounds is not None and bounds[self._order[start : start + CHUNK]].min() > most:
                continue
            found = self._of_block(self._block(number), processors, packers, carriers)
            if found is not None and (best is None or found.rank < best.rank):
                best = found
        return best

    def _block(self, number: int) -> _Block:
        if number not in self._blocks:
            chunk = self._order[number * CHUNK : (number + 1) * CHUNK]
            processed = [_Keys(self._onward(at, rows, rows.cost, chunk)) for at, rows in enumerate(self.processors)]
            self._blocks[number] = _Block(chunk, processed)
        return self._blocks[number]

    def _of_block(self, block: _Block, processors: Sequence[Ints], packers: Ints, carriers: Ints) -> Chain | None:
        """Find the best chain through some packers."""
        before = (self.packers.cost[block.packers] << BITS) + self.packers.metres[block.packers]
        if len(packers):
            before[(block.packers[:, None] == packers).any(axis=1)] = WORST
        chosen = []
        for keys, barred in zip(block.processed, processors, strict=True):
            who, least = keys.without(barred)
            before = np.minimum(before + least, WORST)
            chosen.append(who)
        total, brings = before, None
        if self.carriers is not None:
            total, brings = self._brought(block, self.carriers, before, carriers)
        lowest = int(total.min())
        if lowest >= WORST:
            return None
        best: Chain | None = None
        for column in (total == lowest).nonzero()[0].tolist():
            bringer = 0 if brings is None else int(brings[column])
            chain = self._chain(int(block.packers[column]), [int(who[column]) for who in chosen], bringer)
            if best is None or chain.rank < best.rank:
                best = chain
        return best

    def _brought(self, block: _Block, carriers: Carriers, before: Ints, barred: Ints) -> tuple[Ints, Ints]:
        """Add the preferred deliverer per packer. Only as many are measured as can still win, by their floors."""
        if block.carried is None:
            self._measure(block, carriers, FIRST_LOOK)
        while True:
            assert block.carried is not None, "measured above"
            lacks = np.flatnonzero(np.isin(block.measured, barred)) if len(barred) else NOBODY
            who, least = block.carried.without(lacks)
            total = np.minimum(before + least, WORST)
            count = len(block.measured)
            if count == len(carriers.index):
                break
            floor = min(int(self._floors[self._nearest_first[count]]), NEVER) << BITS
            if not (before + floor <= total.min()).any():
                break
            self._measure(block, carriers, 4 * count)
        return total, block.measured[who]

    def _measure(self, block: _Block, carriers: Carriers, count: int) -> None:
        rows = np.arange(len(carriers.index))
        if count < len(rows):
            rows = np.sort(self._nearest_first[:count])
        block.measured = rows
        packers = self.packers.places[self.packers.index[block.packers]]
        trip = metres(carriers.places[carriers.index[rows]], packers)
        trip += self.last_way[block.packers]
        trip += carriers.home[rows][:, None]
        cost = carriers.carried(rows, trip, self.policy.steer_last_mile_millicents_km)
        if self._shut is not None:
            cost[self._shut.of(rows, block.packers)] = NEVER
        block.carried = _Keys((np.minimum(cost, NEVER) << BITS) + trip)

    def between(self) -> tuple[tuple[Floats, ...], Floats]:
        """Price all ways between stages in cents, infinite where days do not fit.

        The first are processors × packers, one for each group (one row of nothing without a group), the second is
        packers × deliverers: what depends on both, beside `Rows.cost` of either.
        """
        every = np.arange(len(self.packers.index), dtype=np.int64)
        first = []
        for number, rows in enumerate(self.processors):
            keys = self._onward(number, rows, np.zeros(len(rows.index), dtype=np.int64), every)
            first.append(np.where(keys >= WORST, np.inf, (keys >> BITS) / MILLI))
        return tuple(first) or (np.zeros((1, len(every))),), self._carried(every)

    def _carried(self, every: Ints) -> Floats:
        """Price the way of each deliverer from each packer, in cents; infinite where it may not come."""
        carriers = self.carriers
        if carriers is None:
            return np.zeros((len(every), 1))
        trip = metres(carriers.at, self.packers.at) + self.last_way[None, :] + carriers.home[:, None]
        whole = carriers.carried(slice(None), trip, self.policy.steer_last_mile_millicents_km)
        ways = np.asarray((whole - carriers.bid[:, None]).T / MILLI, dtype=np.float64)
        if self._shut is not None:
            ways[self._shut.of(np.arange(len(carriers.index)), every).T] = np.inf
        return ways

    def _onward(self, number: int, rows: Rows, cost: Ints, chunk: Ints) -> Ints:
        """Prefer processors per packer: up to the packer's door, on days that fit."""
        if rows.is_fixed and self.packers.is_fixed:
            way = np.zeros((len(rows.index), len(chunk)), dtype=np.int64)
        else:
            way = metres(rows.at, self.packers.places[self.packers.index[chunk]])
        load = self.weights[number] * self.policy.upstream_millicents
        cents = (way * load + 500_000_000) // 10**9
        if self.request.fetches and not (rows.is_fixed and self.packers.is_fixed):
            self._fetch_onward(cents, way, number, rows, chunk)
        whole = np.minimum(cost[:, None] + cents * MILLI, NEVER)
        whole[(rows.day + rows.lead)[:, None] > self.packers.day[chunk]] = NEVER
        return np.asarray((whole << BITS) + (rows.metres[:, None] + way), dtype=np.int64)

    def _fetch_onward(self, cents: Ints, way: Ints, number: int, rows: Rows, chunk: Ints) -> None:
        """Put the tariff of who fetches at a processor in the place of what bringing costs."""
        packers = self.packers.enterprises[self.packers.index[chunk]]
        makers = rows.enterprises[rows.index]
        for maker in np.intersect1d(makers, list(self.request.fetches)).tolist():
            fetch = fetch_of(self.request.fetches, giver_id=maker, goods=self.group_lines[number])
            if fetch is not None:
                at = np.flatnonzero(makers == maker)
                asked = fetched(way[at], self.weights[number], fetch)
                cents[at] = np.where(packers == maker, cents[at], asked)

    def _chain(self, packs: int, processes: Sequence[int], brings: int) -> Chain:
        """Make the picks of one chain; only for what may be the best."""
        pack = self._pick(self.packers, packs)
        process = []
        for number, row in enumerate(processes):
            rows = self.processors[number]
            stays = rows.is_fixed and pack.is_fixed
            way = 0 if stays else distance_m(rows.who[int(rows.index[row])].point, pack.who.point)
            picked = rows.who[int(rows.index[row])]
            fetch = self.request.fetch(picked.enterprise_id, pack.who.enterprise_id, self.group_lines[number])
            onward = 0 if stays else costs.bringing_cents(self.weights[number], way, self.policy, fetch)
            process.append(self._pick(rows, row, onward=onward, way=way))
        return chain_of(tuple(process), pack, self.fixed_deliver or self._bringer(brings, packs))

    def _bringer(self, brings: int, packs: int) -> Pick:
        assert self.carriers is not None
        carriers = self.carriers
        who = carriers.who[int(carriers.index[brings])]
        assert isinstance(who, Candidate)
        at = self.packers.who[int(self.packers.index[packs])].point
        trip = distance_m(who.point, at) + int(self.last_way[packs]) + int(carriers.home[brings])
        own = costs.delivery_cents(who, self.request, round_trip_m=trip, boxes=self.boxes)
        steering = costs.trip_millicents(trip, who.trip_share_pct, self.policy) + int(carriers.bid[brings])
        return pick(who, self.request.delivery_day, own_cents=own, steering=steering, metres=trip)

    def _pick(self, rows: Rows, row: int, *, onward: int = 0, way: int = 0) -> Pick:
        return pick(
            rows.who[int(rows.index[row])],
            date.fromordinal(int(rows.day[row])),
            own_cents=int(rows.own[rows.pool[row]]),
            inbound_cents=() if rows.is_fixed else tuple(rows.inbound[rows.pool[row]].tolist()),
            onward_cents=onward,
            steering=int(rows.steering[row]),
            metres=int(rows.metres[row]) + way,
        )


def _least(costs: Ints, barred: Ints) -> int:
    """Give the least cost when some rows are left out."""
    if len(barred):
        costs = costs.copy()
        costs[barred] = NEVER
    return min(int(costs.min(initial=NEVER)), NEVER)
