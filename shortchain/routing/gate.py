"""The chain of an order that is collected at the farm that grew it: no stage, and nobody brings anything. Pure."""

from __future__ import annotations

from dataclasses import asdict

from shortchain.routing import explain
from shortchain.routing.plans import ENGINE, PlannedLeg, Policy, RoutePlan, RouteRequest


def plan_at_gate(request: RouteRequest, *, policy: Policy) -> RoutePlan:
    """Give the chain without stages: one leg on which the farm hands over at its own gate, which costs nothing.

    :raises ValueError: when the goods are of several farms, or need processing; nobody may ask that
    """
    farms = {line.farm_id for line in request.lines}
    if len(farms) != 1 or any(line.process_service for line in request.lines):
        raise ValueError("at a gate one collects what one farm grew, as it is")
    farm = request.lines[0]
    leg = PlannedLeg(
        carrier_id=farm.farm_id,
        job=None,
        from_enterprise_id=farm.farm_id,
        from_point=farm.farm_point,
        to_enterprise_id=None,
        to_point=request.destination,
        day=request.delivery_day,
        metres=0,
        weight_g=request.weight_g,
        cost_cents=0,
        vat_rate_bp=policy.farm_transport_vat_bp,
    )
    explanation = {
        "engine": ENGINE,
        "settings": asdict(policy),
        "input": explain.fingerprint(request, ()) if policy.runner_ups else "",
        "billed_cents": 0,
        "steering_millicents": 0,
        "metres": 0,
        "jobs": [],
        "legs": [explain.leg_facts(leg)],
        "steering": [],
        "bids_from": "",
        "stages": {},
        "without": [],
        "excluded": [],
        "at_gate": farm.farm_name,
    }
    return RoutePlan(jobs=(), legs=(leg,), billed_cents=0, steering_millicents=0, metres=0, explanation=explanation)
