"""The exact search over the layers farm → processor → packer → deliverer → destination.

Given packer and pack day, the best processor of each group of lines and the best deliverer do not
depend on one another, so the cheapest chain is the minimum over packers of a sum of minima: exact
without looking at every combination. Packers are looked at in the order of a lower bound and the
search stops as soon as no bound can win (`routing.md` 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

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
    who: Candidate | Fixed, day: date, *, own_cents: int = 0, inbound_cents: tuple[int, ...] = (),
    onward_cents: int = 0, steering: int = 0, metres: int = 0,
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


@dataclass(frozen=True, slots=True)
class Farm:
    """What one farm brings to one place."""

    enterprise_id: int
    point: Point
    weight_g: int
    refs: tuple[int, ...]


def farms_of(lines: Sequence[Line]) -> tuple[Farm, ...]:
    """Add up lines per farm, in the order of the farms' ids."""
    by_farm: dict[int, list[Line]] = {}
    for line in lines:
        by_farm.setdefault(line.farm_id, []).append(line)
    return tuple(
        Farm(farm_id, own[0].farm_point, sum(line.weight_g for line in own),
             tuple(sorted(line.ref for line in own)))
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
        self.boxes = costs.boxes_for(request.weight_g, policy)
        self.direct = farms_of([line for line in request.lines if line.process_service is None])
        self.group_lines = [lines for _service, lines in groups]
        self.group_farms = [farms_of(lines) for lines in self.group_lines]
        self.processors = [
            [pick(pool, pool.day)] if isinstance(pool, Fixed) else self._process_picks(number, pool)
            for number, pool in enumerate(processors)
        ]
        self.packers = (
            [pick(packers, packers.day)] if isinstance(packers, Fixed) else self._pack_picks(packers)
        )
        self.deliverers = (
            [(0, pick(deliverers, deliverers.day))]
            if isinstance(deliverers, Fixed)
            else self._deliver_floors(deliverers)
        )

    def best(self, *, without: frozenset[int] = frozenset()) -> Chain | None:
        """Find the cheapest chain that uses none of the enterprises `without`."""
        process = [[p for p in picks if p.who.enterprise_id not in without] for picks in self.processors]
        deliver = [entry for entry in self.deliverers if entry[1].who.enterprise_id not in without]
        if not deliver or not all(process):
            return None
        floor = deliver[0][0] + sum(picks[0].rank[0] for picks in process)
        best: Chain | None = None
        for pack in self.packers:
            if pack.who.enterprise_id in without:
                continue
            if best is not None and pack.rank[0] + floor > best.rank[0]:
                break
            chain = self._complete(pack, process, deliver)
            if chain is not None and (best is None or chain.rank < best.rank):
                best = chain
        return best

    def _complete(
        self, pack: Pick, process: Sequence[Sequence[Pick]], deliver: Sequence[tuple[int, Pick]]
    ) -> Chain | None:
        """Give a packer its best processors and deliverer."""
        chosen = []
        for number, picks in enumerate(process):
            found = self._best_process(number, picks, pack)
            if found is None:
                return None
            chosen.append(found)
        return chain_of(tuple(chosen), pack, self._best_deliver(pack, deliver))

    def _inbound(self, farms: Sequence[Farm], place: Point) -> tuple[tuple[int, ...], int]:
        """Price and measure bringing each farm's goods to a place."""
        metres = [self.distance(farm.point, place) for farm in farms]
        cents = tuple(
            costs.upstream_cents(farm.weight_g, way, self.policy)
            for farm, way in zip(farms, metres, strict=True)
        )
        return cents, sum(metres)

    def _process_picks(self, number: int, pool: Able) -> list[Pick]:
        """Price every processor of a group up to its own door, cheapest first."""
        lines = self.group_lines[number]
        return self._priced(
            pool, self.group_farms[number], weight=sum(line.weight_g for line in lines), pieces=len(lines)
        )

    def _pack_picks(self, pool: Able) -> list[Pick]:
        """Price every packer and day, with the farms that bring straight to it, cheapest first."""
        return self._priced(
            pool, self.direct, weight=self.request.weight_g, pieces=len(self.request.lines)
        )

    def _priced(self, pool: Able, farms: Sequence[Farm], *, weight: int, pieces: int) -> list[Pick]:
        boxes = costs.boxes_for(weight, self.policy)
        waits: dict[date, int] = {}
        picks = []
        for candidate, days in pool:
            inbound, metres = self._inbound(farms, candidate.point)
            own = costs.service_cents(candidate, weight_g=weight, boxes=boxes, pieces=pieces, metres=metres)
            for day in days:
                if day not in waits:
                    waits[day] = costs.waiting_millicents(weight, day, self.request.delivery_day, self.policy)
                picks.append(pick(candidate, day, own_cents=own, inbound_cents=inbound,
                                  steering=waits[day], metres=metres))
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
            whole = pick(
                found.who, found.day, own_cents=found.own_cents, inbound_cents=found.inbound_cents,
                onward_cents=0 if stays else costs.upstream_cents(weight, way, self.policy),
                steering=found.steering, metres=found.metres + way,
            )
            if best is None or whole.rank < best.rank:
                best = whole
        return best

    def _deliver_floors(self, pool: Able) -> list[tuple[int, Pick]]:
        """Give each deliverer a cost that no packer can undercut, lowest first.

        Home → packer → destination → home is at least twice the way to the destination (triangle
        inequality), whatever the packer.
        """
        floors = []
        for candidate, days in pool:
            trip = 2 * self.distance(candidate.point, self.request.destination) - 2  # rounding of three ways
            floors.append(self._trip(candidate, days[0], max(0, trip)))
        floors.sort(key=lambda p: p.rank)
        return [(floor.rank[0], floor) for floor in floors]

    def _trip(self, candidate: Candidate, day: date, trip: int) -> Pick:
        own = costs.delivery_cents(candidate, self.request, round_trip_m=trip, boxes=self.boxes)
        steer = trip * self.policy.steer_last_mile_millicents_km // 1000
        return pick(candidate, day, own_cents=own, steering=steer, metres=trip)

    def _best_deliver(self, pack: Pick, deliver: Sequence[tuple[int, Pick]]) -> Pick:
        best: Pick | None = None
        for floor, found in deliver:
            if best is not None and floor > best.rank[0]:
                break
            if isinstance(found.who, Fixed):
                return found
            trip = costs.round_trip_m(found.who, pack.who.point, self.request, self.distance)
            whole = self._trip(found.who, found.day, trip)
            if best is None or whole.rank < best.rank:
                best = whole
        assert best is not None, "the caller gives at least one deliverer"
        return best
