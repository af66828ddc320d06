"""A tour in the order that a person wants: timed by the planner's clock, refused where that clock refuses. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shortchain.delivery.tour_clock import Clock, Route, visits_of
from shortchain.delivery.tour_plans import DROPOFF, Load, Lock, PlannedTour, TourPolicy, Vehicle
from shortchain.kernel.ports import Distance, Ways

Stops = Sequence[tuple[str, tuple[int, ...]]]
"""Kind and legs of each stop, in order."""


def moved(stops: Stops, number: int, *, up: bool) -> list[int] | None:
    """Give the order with stop `number` changed with its neighbour, or None where it can not go.

    Goods are loaded before they are dropped, so those two stops stay in their order.
    """
    other = number - 1 if up else number + 1
    order = list(range(len(stops)))
    if not 0 <= other < len(stops):
        return None
    first, second = sorted((number, other))
    if not set(stops[first][1]).isdisjoint(stops[second][1]):
        return None
    order[number], order[other] = order[other], order[number]
    return order


def to_front(stops: Stops, number: int) -> list[int]:
    """Give the order with stop `number` before all others of its kind, and what it drops loaded before it."""
    kind, legs = stops[number]
    order = [at for at in range(len(stops)) if at != number]
    first = next((at for at, one in enumerate(order) if stops[one][0] == kind), len(order))
    if kind == DROPOFF:
        loaded = [
            at for at, one in enumerate(order) if stops[one][0] != kind and not set(legs).isdisjoint(stops[one][1])
        ]
        first = max(first, *(at + 1 for at in loaded)) if loaded else first
    return [*order[:first], number, *order[first:]]


def timed(
    stops: Stops,
    loads: Mapping[int, Load],
    vehicle: Vehicle,
    *,
    distance: Distance,
    roads: Mapping[str, Ways] | None = None,
    policy: TourPolicy | None = None,
    locks: Sequence[Lock] = (),
) -> PlannedTour | str:
    """Time stops (kind and legs) in the given order, breaks included; or give the planner's reason why not."""
    clock = Clock(loads.values(), distance, policy or TourPolicy(), roads, locks)
    visits = [visits_of(loads[legs[0]])[kind == DROPOFF]._replace(leg_ids=legs) for kind, legs in stops]
    route = Route(vehicle, tuple(visits))
    never = [why for load in loads.values() if (why := clock.why_never(vehicle, load))]
    cost = never[0] if never else clock.cost(route)
    return cost if isinstance(cost, str) else clock.timed(route)
