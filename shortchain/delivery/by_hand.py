"""A tour in the order that a person wants: timed by the planner's clock, refused where that clock refuses. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shortchain.delivery.tour_planner import (
    DROPOFF,
    PICKUP,
    Load,
    PlannedTour,
    Route,
    TourPolicy,
    Vehicle,
    Visit,
    _Planner,
)
from shortchain.kernel.ports import Distance, Ways


def moved(kinds: Sequence[str], number: int, *, up: bool) -> list[int] | None:
    """Give the order with stop `number` changed with its neighbour, or None where it can not go.

    Everything is loaded before anything is dropped, so only stops of one kind change places.
    """
    other = number - 1 if up else number + 1
    if not (0 <= other < len(kinds)) or kinds[other] != kinds[number]:
        return None
    order = list(range(len(kinds)))
    order[number], order[other] = order[other], order[number]
    return order


def timed(
    stops: Sequence[tuple[str, tuple[int, ...]]],
    loads: Mapping[int, Load],
    vehicle: Vehicle,
    *,
    distance: Distance,
    roads: Mapping[str, Ways] | None = None,
    policy: TourPolicy | None = None,
) -> PlannedTour | str:
    """Time stops (kind and legs) in the given order, breaks included; or give the planner's reason why not."""
    planner = _Planner(distance, policy or TourPolicy(), roads)
    pickups, drops = [], []
    for kind, legs in stops:
        load = loads[legs[0]]
        if kind == PICKUP:
            pickups.append(Visit(PICKUP, load.origin, None, None, legs))
        else:
            drops.append(Visit(DROPOFF, load.destination, load.starts_at, load.ends_at, legs))
    inside = [loads[leg] for visit in drops for leg in visit.leg_ids]
    bounded = [] if vehicle.is_cooled else [load for load in inside if load.max_ride_s is not None]
    rides = tuple((load.leg_id, load.max_ride_s or 0) for load in bounded)
    route = Route(vehicle, tuple(pickups), tuple(drops), sum(load.weight_g for load in inside), rides)
    if route.weight_g > vehicle.payload_g:
        return "payload"
    cost = planner.cost(route)
    return cost if isinstance(cost, str) else planner.timed(route)
