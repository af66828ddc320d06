"""What the parts of a chain cost. Billed terms are whole cents; steering terms are millicents.

Everything is an integer, so that a chain recomputed from its explanation costs the same to the cent.
"""

from __future__ import annotations

from datetime import date

from shortchain.enterprises.fetch_tariffs import Fetch
from shortchain.kernel.geo import Point
from shortchain.kernel.money import divide_rounded
from shortchain.kernel.ports import Distance
from shortchain.routing.plans import Candidate, Policy, RouteRequest


def upstream_cents(weight_g: int, metres: int, policy: Policy) -> int:
    """Price bringing goods one step on: grams × metres × rate per kg and km, rounded to the cent."""
    return divide_rounded(weight_g * metres * policy.upstream_millicents, 1000 * 1000 * 1000)


def bringing_cents(weight_g: int, metres: int, policy: Policy, fetch: Fetch | None) -> int:
    """Price goods that are brought one step on: by the tariff of who fetches them, else by the rate of the policy."""
    if fetch is None:
        return upstream_cents(weight_g, metres, policy)
    return fetch.tariff.cents(weight_g=weight_g, metres=metres)


def service_cents(candidate: Candidate, *, weight_g: int, boxes: int, pieces: int, metres: int = 0) -> int:
    """Price a service by its price form, not below the minimum.

    `metres` is the way that a price per km is for. A price per hour can not be known beforehand and
    is refused by the rules before it comes here.
    """
    times = {
        "kg": (weight_g, 1000),
        "piece": (pieces, 1),
        "box": (boxes, 1),
        "order": (1, 1),
        "stop": (1, 1),
        "km": (metres, 1000),
    }[candidate.price_form]
    return max(divide_rounded(candidate.price_cents * times[0], times[1]), candidate.minimum_cents)


def boxes_for(weight_g: int, policy: Policy) -> int:
    """Say how many boxes an order fills; at least one."""
    return max(1, -(-weight_g // policy.box_g))


def delivery_cents(candidate: Candidate, request: RouteRequest, *, round_trip_m: int, boxes: int) -> int:
    """Price the last leg: the candidate's price for a pick-up point, or its price form for a home."""
    if request.is_pickup:
        return candidate.pickup_price_cents
    return service_cents(
        candidate,
        weight_g=request.weight_g,
        boxes=boxes,
        pieces=len(request.lines),
        metres=round_trip_m,
    )


def round_trip_m(candidate: Candidate, packer_at: Point, request: RouteRequest, distance: Distance) -> int:
    """Measure deliverer → packer → destination → deliverer."""
    return (
        distance(candidate.point, packer_at)
        + distance(packer_at, request.destination)
        + distance(request.destination, candidate.point)
    )


def trip_millicents(trip_m: int, share_pct: int, policy: Policy) -> int:
    """Weigh a last mile of so many metres there and back, of which a stop in a tour costs only a share."""
    return max(0, trip_m) * (policy.steer_last_mile_millicents_km * share_pct // 100) // 1000


def waiting_millicents(weight_g: int, since: date, until: date, policy: Policy) -> int:
    """Weigh the days that goods wait; fresh is better."""
    return divide_rounded(weight_g * (until - since).days * policy.steer_waiting_millicents_kg_day, 1000)
