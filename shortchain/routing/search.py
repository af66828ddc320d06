"""The exact search over the layers farm → processor → packer → deliverer → destination.

Given packer and pack day, the best processor of each group of lines and the best deliverer do not
depend on one another, so the cheapest chain is the minimum over packers of a sum of minima: exact
without looking at every combination. Packers are looked at in the order of a lower bound and the
search stops as soon as no bound can win (`routing.md` 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from shortchain.enterprises.fetch_tariffs import Fetch, fetch_of
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance
from shortchain.routing import costs
from shortchain.routing.plans import Candidate, Fixed, Line, Policy, RouteRequest

Able = list[tuple[Candidate, tuple[date, ...]]]
MILLI = 1000
Rank = tuple[int, int, tuple[int, ...]]
"""Order of preference: millicents, metres, ids. Integers only, so that ties always fall the same way."""


class Pick(NamedTuple):
    """One stage of a chain, chosen: who, when, and what it adds. `rank` orders picks of one stage."""

    rank: Rank
    who: Candidate | Fixed
    day: date
    own_cents: int
    inbound_cents: tuple[int, ...]  # per farm that brings here, in the order of `farms`
    onward_cents: int  # for the way to the packer (process only)
    steering: int  # millicents
    metres: int  # of the inbound ways, and the onward one

    @property
    def is_fixed(self) -> bool:
        return isinstance(self.who, Fixed)

    @property
    def billed_cents(self) -> int:
        return self.own_cents + sum(self.inbound_cents) + self.onward_cents


def pick(
    who: Candidate | Fixed,
    day: date,
    *,
    own_cents: int = 0,
    inbound_cents: tuple[int, ...] = (),
    onward_cents: int = 0,
    steering: int = 0,
    metres: int = 0,
) -> Pick:
    """Make a pick with its rank, worked out once: the search compares ranks thousands of times."""
    cost = (own_cents + sum(inbound_cents) + onward_cents) * MILLI + steering
    rank = (cost, metres, (who.enterprise_id, who.capability_id, day.toordinal()))
    return Pick(rank, who, day, own_cents, inbound_cents, onward_cents, steering, metres)


class Chain(NamedTuple):
    """A whole chain: the groups' processors in the order of the groups, the packer, the deliverer."""

    rank: Rank
    process: tuple[Pick, ...]
    pack: Pick
    deliver: Pick


def chain_of(process: tuple[Pick, ...], pack: Pick, deliver: Pick) -> Chain:
    """Join picks to a chain with its rank."""
    parts = (*process, pack, deliver)
    ids = tuple(number for part in parts for number in part.rank[2])
    rank = (sum(part.rank[0] for part in parts), sum(part.metres for part in parts), ids)
    return Chain(rank, process, pack, deliver)


class Reach(NamedTuple):
    """A deliverer before the packer is known.

    `floor` is a cost in millicents that no packer can undercut; `home_m` the way from the destination
    back home; `own_milli` its price when that does not depend on the way.
    """

    floor: int
    who: Candidate
    day: date
    home_m: int
    own_milli: int | None


@dataclass(frozen=True, slots=True)
class Farm:
    """What one farm brings to one place, or (`fetch`) who fetches it there for a tariff of its own."""

    enterprise_id: int
    point: Point
    weight_g: int
    refs: tuple[int, ...]
    fetch: Fetch | None = None

    def fetch_to(self, enterprise_id: int) -> Fetch | None:
        """Give who fetches for an enterprise; at itself nobody does."""
        return None if enterprise_id == self.enterprise_id else self.fetch


def farms_of(lines: Sequence[Line], fetches: Mapping[int, Fetch] | None = None) -> tuple[Farm, ...]:
    """Add up lines per farm, in the order of the farms' ids, with who fetches them (`RouteRequest.fetches`)."""
    by_farm: dict[int, list[Line]] = {}
    for line in lines:
        by_farm.setdefault(line.farm_id, []).append(line)
    return tuple(
        Farm(
            farm_id,
            own[0].farm_point,
            sum(line.weight_g for line in own),
            tuple(sorted(line.ref for line in own)),
            fetch_of(fetches or {}, giver_id=farm_id, goods=own),
        )
        for farm_id, own in sorted(by_farm.items())
    )


class Search:
    """One question, with the candidates that passed the rules; asks for the best chain, also without some."""

    def __init__(
        self,
        request: RouteRequest,
        *,
        groups: Sequence[tuple[str, tuple[Line, ...]]],
        processors: Sequence[Able | Fixed],
        packers: Able | Fixed,
        deliverers: Able | Fixed,
        distance: Distance,
        policy: Policy,
    ) -> None:
        self.request = request
        self.policy = policy
        self.distance = distance
        self.zones = request.zones_at_door()
        self.boxes = costs.boxes_for(request.weight_g, policy)
        self.direct = farms_of([line for line in request.lines if line.process_service is None], request.fetches)
        self.group_lines = [lines for _service, lines in groups]
        self.group_farms = [farms_of(lines, request.fetches) for lines in self.group_lines]
        self.processors = [
            [pick(pool, pool.day)] if isinstance(pool, Fixed) else self._process_picks(number, pool)
            for number, pool in enumerate(processors)
        ]
        self.packers = [pick(packers, packers.day)] if isinstance(packers, Fixed) else self._pack_picks(packers)
        self.fixed_deliver = pick(deliverers, deliverers.day) if isinstance(deliverers, Fixed) else None
        self.reaches = [] if isinstance(deliverers, Fixed) else self._reaches(deliverers)
        self.last_ways = self._last_ways()

    def best(self, *, without: frozenset[int] = frozenset()) -> Chain | None:
        """Find the cheapest chain that uses none of the enterprises `without`."""
        process = [[p for p in picks if p.who.enterprise_id not in without] for picks in self.processors]
        reaches = [reach for reach in self.reaches if reach.who.enterprise_id not in without]
        if not all(process) or not (reaches or self._may_deliver(without)):
            return None
        floor = sum(picks[0].rank[0] for picks in process)
        brought: dict[int, Pick | None] = {}
        best: Chain | None = None
        for bound, pack in self._bounded(reaches, floor, without):
            if best is not None and bound > best.rank[0]:
                break
            chosen = self._processed(pack, process)
            if chosen is None:
                continue
            number = pack.who.capability_id
            if number not in brought:
                brought[number] = self.fixed_deliver or self._best_deliver(pack, reaches)
            brings = brought[number]
            if brings is None:
                continue
            chain = chain_of(chosen, pack, brings)
            if best is None or chain.rank < best.rank:
                best = chain
        return best

    def _may_deliver(self, without: frozenset[int]) -> bool:
        return self.fixed_deliver is not None and self.fixed_deliver.who.enterprise_id not in without

    def _bounded(self, reaches: Sequence[Reach], floor: int, without: frozenset[int]) -> list[tuple[int, Pick]]:
        """Give each packer and day a cost that no chain through it can undercut, lowest first.

        The deliverer's trip is at least twice the way from the packer to the destination, and at least
        what the nearest deliverer makes of it.
        """
        cheapest = min((reach.own_milli or 0 for reach in reaches), default=0)
        nearest = reaches[0].floor if reaches else 0
        share = min((reach.who.trip_share_pct for reach in reaches), default=0)
        bounds = [
            (
                pack.rank[0]
                + floor
                + max(nearest, costs.trip_millicents(2 * way - 2, share, self.policy) + cheapest if reaches else 0),
                pack,
            )
            for pack, way in zip(self.packers, self.last_ways, strict=True)
            if pack.who.enterprise_id not in without
        ]
        bounds.sort(key=lambda entry: (entry[0], entry[1].rank))
        return bounds

    def _last_ways(self) -> list[int]:
        """Measure packer → destination once per packer, for each of its days."""
        ways: dict[int, int] = {}
        for pack in self.packers:
            number = pack.who.capability_id
            if number not in ways:
                ways[number] = self.distance(pack.who.point, self.request.destination)
        return [ways[pack.who.capability_id] for pack in self.packers]

    def _processed(self, pack: Pick, process: Sequence[Sequence[Pick]]) -> tuple[Pick, ...] | None:
        """Give a packer its best processors; None when no days fit."""
        chosen = []
        for number, picks in enumerate(process):
            found = self._best_process(number, picks, pack)
            if found is None:
                return None
            chosen.append(found)
        return tuple(chosen)

    def _inbound(self, farms: Sequence[Farm], to: Candidate) -> tuple[tuple[int, ...], int]:
        """Price and measure bringing each farm's goods to somebody."""
        metres = [self.distance(farm.point, to.point) for farm in farms]
        cents = tuple(
            costs.bringing_cents(farm.weight_g, way, self.policy, farm.fetch_to(to.enterprise_id))
            for farm, way in zip(farms, metres, strict=True)
        )
        return cents, sum(metres)

    def _process_picks(self, number: int, pool: Able) -> list[Pick]:
        """Price every processor of a group up to its own door, cheapest first."""
        lines = self.group_lines[number]
        return self._priced(
            pool,
            self.group_farms[number],
            weight=sum(line.weight_g for line in lines),
            pieces=len(lines),
            use=sum(line.weight_g for line in lines),
        )

    def _pack_picks(self, pool: Able) -> list[Pick]:
        """Price every packer and day, with the farms that bring straight to it, cheapest first."""
        weight, pieces = self.request.weight_g, len(self.request.lines)
        return self._priced(pool, self.direct, weight=weight, pieces=pieces, use=self.boxes)

    def _priced(self, pool: Able, farms: Sequence[Farm], *, weight: int, pieces: int, use: int) -> list[Pick]:
        boxes = costs.boxes_for(weight, self.policy)
        waits: dict[date, int] = {}
        picks = []
        for candidate, days in pool:
            inbound, metres = self._inbound(farms, candidate)
            own = costs.service_cents(candidate, weight_g=weight, boxes=boxes, pieces=pieces, metres=metres)
            for day in days:
                if day not in waits:
                    waits[day] = costs.waiting_millicents(weight, day, self.request.delivery_day, self.policy)
                picks.append(
                    pick(
                        candidate,
                        day,
                        own_cents=own,
                        inbound_cents=inbound,
                        steering=waits[day] + candidate.bid(day, self.request.half_of(day, delivers=False)) * use,
                        metres=metres,
                    )
                )
        picks.sort(key=lambda p: p.rank)
        return picks

    def _best_process(self, number: int, picks: Sequence[Pick], pack: Pick) -> Pick | None:
        weight = sum(line.weight_g for line in self.group_lines[number])
        best: Pick | None = None
        for found in picks:
            if best is not None and found.rank[0] > best.rank[0]:
                break  # the way to the packer can only add
            lead = 0 if isinstance(found.who, Fixed) else found.who.lead_days
            if found.day + timedelta(days=lead) > pack.day:
                continue
            stays = found.is_fixed and pack.is_fixed
            way = 0 if stays else self.distance(found.who.point, pack.who.point)
            fetch = self.request.fetch(found.who.enterprise_id, pack.who.enterprise_id, self.group_lines[number])
            onward = 0 if stays else costs.bringing_cents(weight, way, self.policy, fetch)
            if best is not None and found.rank[0] + onward * MILLI > best.rank[0]:
                continue
            whole = pick(
                found.who,
                found.day,
                own_cents=found.own_cents,
                inbound_cents=found.inbound_cents,
                onward_cents=onward,
                steering=found.steering,
                metres=found.metres + way,
            )
            if best is None or whole.rank < best.rank:
                best = whole
        return best

    def _reaches(self, pool: Able) -> list[Reach]:
        """Give each deliverer a cost that no packer can undercut, lowest first.

        Home → packer → destination → home is at least twice the way to the destination (triangle
        inequality; two metres are for the rounding of the three ways), whatever the packer.
        """
        reaches = []
        for candidate, days in pool:
            home_m = self.distance(self.request.destination, candidate.point)
            own = None if self._by_the_way(candidate) else self._own(candidate, 0) * MILLI
            floor = self._cost(candidate, own, 2 * home_m - 2)
            reaches.append(Reach(floor, candidate, days[0], home_m, own))
        reaches.sort(key=lambda reach: (reach.floor, reach.who.enterprise_id, reach.who.capability_id))
        return reaches

    def _by_the_way(self, candidate: Candidate) -> bool:
        return candidate.price_form == "km" and not self.request.is_pickup

    def _own(self, candidate: Candidate, trip: int) -> int:
        return costs.delivery_cents(candidate, self.request, round_trip_m=trip, boxes=self.boxes)

    def _cost(self, candidate: Candidate, own_milli: int | None, trip: int) -> int:
        """Add up what a trip of so many metres costs, in millicents."""
        trip = max(0, trip)
        own = self._own(candidate, trip) * MILLI if own_milli is None else own_milli
        return own + self._steering(candidate, trip)

    def _steering(self, candidate: Candidate, trip: int) -> int:
        day = self.request.delivery_day
        bid = candidate.bid(day, self.request.half_of(day, delivers=True))
        return costs.trip_millicents(trip, candidate.trip_share_pct, self.policy) + bid

    def _best_deliver(self, pack: Pick, reaches: Sequence[Reach]) -> Pick | None:
        """Find the deliverer who is cheapest from this packer; None when none may come to both places.

        The trip is at least twice the longer one of packer → destination and destination → home, which
        spares most deliverers the measuring of their way to the packer.
        """
        last_way = self.distance(pack.who.point, self.request.destination)
        zones = self.request.zones.at(pack.who.point) | self.zones
        best: Rank | None = None
        chosen: tuple[Reach, int] | None = None
        for reach in reaches:
            floor, who, day, home_m, own_milli = reach
            if not who.may_enter(zones, day):
                continue
            if best is not None:
                if floor > best[0]:
                    break
                if home_m < last_way and self._cost(who, own_milli, 2 * last_way - 2) > best[0]:
                    continue
            trip = self.distance(who.point, pack.who.point) + last_way + home_m
            cost = self._cost(who, own_milli, trip)
            if best is None or cost <= best[0]:
                rank = (cost, trip, (who.enterprise_id, who.capability_id, day.toordinal()))
                if best is None or rank < best:
                    best, chosen = rank, (reach, trip)
        if chosen is None:
            return None
        reach, trip = chosen
        return pick(
            reach.who,
            reach.day,
            own_cents=self._own(reach.who, trip),
            steering=self._steering(reach.who, trip),
            metres=trip,
        )
