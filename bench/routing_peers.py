"""Peers of the routing: what a plain programmer would write, measured beside ours on the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from shortchain.kernel.ports import Distance
from shortchain.routing import costs
from shortchain.routing.batch.packing import Packing, by_regret, fill
from shortchain.routing.batch.problem import EPSILON, NONE, Floats, Problem
from shortchain.routing.cases.batch import Network, kilometres
from shortchain.routing.planner import groups_of, works_of
from shortchain.routing.plans import DELIVER, PACK, PROCESS, Candidate, Line, Policy, RouteRequest
from shortchain.routing.rules import judge
from shortchain.routing.search import MILLI, farms_of

Able = list[tuple[Candidate, date]]


def cheapest_by_loops(
    request: RouteRequest, candidates: Sequence[Candidate], *, distance: Distance, policy: Policy
) -> int | None:
    """Find the least cost in millicents by trying every processor and deliverer for every packer: no pruning.

    It knows one group of lines and no bid prices; None when there is no chain.
    """
    groups = groups_of(request)
    able: dict[str, Able] = {}
    for key, stage, work in works_of(request, groups, policy):
        own = [one for one in candidates if one.stage == stage]
        able[key] = [
            (one, day) for one in own for day in judge(one, work, without=request.without, distance=distance)[0]
        ]
    best: int | None = None
    for packer, day in able[PACK]:
        parts = [_packed(packer, day, request, distance, policy)]
        parts += [
            _processed(able[f"{PROCESS}:{service}"], lines, packer, day, request, distance, policy)
            for service, lines in groups
        ]
        parts.append(_brought(able[DELIVER], packer, request, distance, policy))
        found = [part for part in parts if part is not None]
        if len(found) == len(parts) and (best is None or sum(found) < best):
            best = sum(found)
    return best


def _packed(packer: Candidate, day: date, request: RouteRequest, distance: Distance, policy: Policy) -> int:
    direct = farms_of([line for line in request.lines if line.process_service is None])
    ways = [distance(farm.point, packer.point) for farm in direct]
    cents = sum(
        costs.upstream_cents(farm.weight_g, way, policy) for farm, way in zip(direct, ways, strict=True)
    ) + costs.service_cents(
        packer,
        weight_g=request.weight_g,
        boxes=costs.boxes_for(request.weight_g, policy),
        pieces=len(request.lines),
        metres=sum(ways),
    )
    return cents * MILLI + costs.waiting_millicents(request.weight_g, day, request.delivery_day, policy)


def _processed(
    able: Able,
    lines: Sequence[Line],
    packer: Candidate,
    packs_on: date,
    request: RouteRequest,
    distance: Distance,
    policy: Policy,
) -> int | None:
    weight, found = sum(line.weight_g for line in lines), []
    for one, day in able:
        if day + timedelta(days=one.lead_days) > packs_on:
            continue
        ways = [(farm.weight_g, distance(farm.point, one.point)) for farm in farms_of(lines)]
        cents = sum(costs.upstream_cents(grams, way, policy) for grams, way in ways)
        cents += costs.upstream_cents(weight, distance(one.point, packer.point), policy)
        boxes, metres = costs.boxes_for(weight, policy), sum(way for _grams, way in ways)
        cents += costs.service_cents(one, weight_g=weight, boxes=boxes, pieces=len(lines), metres=metres)
        found.append(cents * MILLI + costs.waiting_millicents(weight, day, request.delivery_day, policy))
    return min(found, default=None)


def _brought(able: Able, packer: Candidate, request: RouteRequest, distance: Distance, policy: Policy) -> int | None:
    boxes, found = costs.boxes_for(request.weight_g, policy), []
    for one, _day in able:
        trip = costs.round_trip_m(one, packer.point, request, distance)
        cents = costs.delivery_cents(one, request, round_trip_m=trip, boxes=boxes)
        found.append(cents * MILLI + trip * policy.steer_last_mile_millicents_km // 1000)
    return min(found, default=None)


def in_order(problem: Problem, prices: Floats | None = None) -> Packing:
    """Serve orders as they come, each by its cheapest chain while there is room."""
    packing = Packing(problem)
    fill(packing, range(len(problem.orders)), prices)
    return packing


def by_regret_alone(problem: Problem) -> Packing:
    """Serve first who would lose most, without prices for what is scarce."""
    packing = Packing(problem)
    fill(packing, by_regret(problem, np.zeros(len(problem.capacity))))
    return packing


def nearest_in_order(network: Network) -> Packing:
    """Serve orders as they come: the processor nearest to the farms, the packer nearest to it, the deliverer to the home."""
    packing = Packing(network.problem)
    at = np.array([(one["lat"], one["lon"]) for one in network.providers])
    for number, order in enumerate(network.orders):
        asked = network.problem.orders[number]
        if not all(len(stage.own) for stage in asked.stages):
            continue
        who = [stage.node // 1000 for stage in asked.stages]
        farms = np.array([(farm["lat"], farm["lon"]) for farm in order["farms"]])
        has_room = [
            ((stage.resource == NONE) | (stage.amount <= packing.left[stage.resource] + EPSILON)).all(axis=1)
            for stage in asked.stages
        ]
        first = np.where(has_room[0], kilometres(at[who[0]], farms).sum(axis=1), np.inf)
        a = int(first.argmin())
        near = np.where(has_room[1] & np.isfinite(asked.first[0][a]), network.between[who[0][a], who[1]], np.inf)
        b = int(near.argmin())
        last = np.where(has_room[2] & np.isfinite(asked.second[b]), network.home[who[2], number], np.inf)
        c = int(last.argmin())
        if np.isfinite([first[a], near[b], last[c]]).all():
            packing.put(number, (a, b, c))
    return packing
