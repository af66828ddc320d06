"""Why this chain: a document of plain values that is stored with the decision (`routing.md` 2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from shortchain.enterprises.fetch_tariffs import Fetch
from shortchain.routing.column_search import ColumnSearch
from shortchain.routing.columns import Columns
from shortchain.routing.plans import (
    DELIVER,
    ENGINE,
    Candidate,
    Fixed,
    PlannedJob,
    PlannedLeg,
    Policy,
    RouteRequest,
)
from shortchain.routing.search import Chain, Pick, Search


def runner_ups(chain: Chain, search: Search | ColumnSearch) -> dict[int, Chain | None]:
    """Find, for each chosen enterprise, the best chain without it; None when there is none."""
    chosen = {
        pick.who.enterprise_id
        for pick in (*chain.process, chain.pack, chain.deliver)
        if not isinstance(pick.who, Fixed)
    }
    return {enterprise_id: search.best(without=frozenset({enterprise_id})) for enterprise_id in sorted(chosen)}


def document(
    request: RouteRequest,
    chain: Chain,
    jobs: Sequence[PlannedJob],
    legs: Sequence[PlannedLeg],
    *,
    report: Mapping[str, Mapping[str, int]],
    sizes: Mapping[str, int],
    who: Mapping[str, Mapping[str, Sequence[int]]],
    asks: Mapping[str, Mapping[str, Any]],
    runners: Mapping[int, Chain | None],
    policy: Policy,
    inputs: Sequence[Candidate],
) -> dict[str, Any]:
    """Write the explanation: terms in cents and millicents, candidates and reasons, runner-ups."""
    picks = (*chain.process, chain.pack, chain.deliver)
    return {
        "engine": ENGINE,
        "settings": dict(_settings(policy)),
        "input": fingerprint(request, inputs) if policy.runner_ups else "",
        "billed_cents": sum(pick.billed_cents for pick in picks),
        "steering_millicents": sum(pick.steering for pick in picks),
        "metres": chain.rank[1],
        "jobs": [_job(job) for job in jobs],
        "legs": [leg_facts(leg) for leg in legs],
        "steering": [_steering(pick, job, request) for pick, job in zip(picks, jobs, strict=True)],
        "bids_from": inputs.bids_from if isinstance(inputs, Columns) else "",
        "stages": {
            key: {
                "candidates": sizes[key],
                "able": sizes[key] - sum(reasons.values()),
                "left_out": dict(reasons),
                **({"asks": asks[key]} if key in asks else {}),
                "who": {code: sorted(set(ids)) for code, ids in who.get(key, {}).items()},
            }
            for key, reasons in report.items()
        },
        "without": [_runner_up(enterprise_id, other, chain) for enterprise_id, other in runners.items()],
        "excluded": sorted(request.without),
    }


WHOLE_TRIP = 100
"""Per cent of a trip of its own that a stop costs where nothing else was learnt (`stop_costs`)."""


@lru_cache(maxsize=16)
def _settings(policy: Policy) -> dict[str, Any]:
    """List the rates; they are the same for order after order."""
    return asdict(policy)


def _steering(pick: Pick, job: PlannedJob, request: RouteRequest) -> dict[str, Any]:
    """Tell what steered; `bid_millicents` is the part of it that the last batch run asks for the day and its half."""
    half = request.half_of(pick.day, delivers=job.stage == DELIVER)
    bid = 0 if isinstance(pick.who, Fixed) else pick.who.bid(pick.day, half) * job.use
    told = {"enterprise": pick.who.enterprise_id, "millicents": pick.steering, "bid_millicents": bid}
    if isinstance(pick.who, Candidate) and pick.who.trip_share_pct != WHOLE_TRIP:
        told["trip_share_pct"] = pick.who.trip_share_pct
    return told


def _job(job: PlannedJob) -> dict[str, Any]:
    return {
        "stage": job.stage,
        "service": job.service,
        "enterprise": job.enterprise_id,
        "name": job.name,
        "day": job.day.isoformat(),
        "cents": job.cost_cents,
        "metres": job.metres,
        "use": job.use,
        "fixed": job.is_fixed,
    }


def leg_facts(leg: PlannedLeg) -> dict[str, Any]:
    """Write one movement as it is stored: who brings what from where to where, in cents, metres and grams.

    `tariff` is there where somebody fetches for one: in cents for the stop, a kilometre and a kilogram, and the least.
    """
    told: dict[str, Any] = {
        "carrier": leg.carrier_id,
        "from": leg.from_enterprise_id,
        "to": leg.to_enterprise_id,
        "cents": leg.cost_cents,
        "metres": leg.metres,
        "grams": leg.weight_g,
        "day": leg.day.isoformat(),
        "fixed": leg.is_fixed,
    }
    if leg.fetch is not None:
        told["tariff"] = {"enterprise": leg.fetch.collector_id, "name": leg.fetch.name, **asdict(leg.fetch.tariff)}
    return told


def _runner_up(enterprise_id: int, other: Chain | None, chain: Chain) -> dict[str, Any]:
    """Say what the chain would cost without one of its enterprises, and who would come instead."""
    if other is None:
        return {
            "enterprise": enterprise_id,
            "extra_cents": None,
            "instead": None,
            "instead_enterprise": None,
            "extra_metres": None,
        }
    pairs = zip(
        (*chain.process, chain.pack, chain.deliver),
        (*other.process, other.pack, other.deliver),
        strict=True,
    )
    instead: Pick | None = next(
        (new for old, new in pairs if old.who.enterprise_id == enterprise_id and new.who != old.who),
        None,
    )
    return {
        "enterprise": enterprise_id,
        "extra_cents": _billed(other) - _billed(chain),
        "extra_millicents": other.rank[0] - chain.rank[0],
        "extra_metres": other.rank[1] - chain.rank[1],
        "instead": instead.who.name if instead else None,
        "instead_enterprise": instead.who.enterprise_id if instead else None,
    }


def _billed(chain: Chain) -> int:
    return sum(pick.billed_cents for pick in (*chain.process, chain.pack, chain.deliver))


def recompute(explanation: Mapping[str, Any]) -> tuple[int, int]:
    """Add the stored terms up again: (billed cents, steering millicents)."""
    billed = sum(job["cents"] for job in explanation["jobs"]) + sum(leg["cents"] for leg in explanation["legs"])
    return billed, sum(term["millicents"] for term in explanation["steering"])


def fingerprint(request: RouteRequest, candidates: Sequence[Candidate]) -> str:
    """Hash everything that the plan depends on, whatever order it came in."""
    facts = {
        "lines": sorted(repr(line) for line in request.lines),
        "to": [request.destination.lat, request.destination.lon, request.is_pickup],
        "days": [request.delivery_day.isoformat(), request.first_day.isoformat()],
        "same_day": request.packs_same_day,
        "without": sorted(request.without),
        "fixed": sorted((key, repr(value)) for key, value in request.fixed.items()),
        **(
            {"fetches": sorted((giver, _asks(one)) for giver, one in request.fetches.items())}
            if request.fetches
            else {}
        ),
        "candidates": candidates.mark
        if isinstance(candidates, Columns)
        else sorted(
            repr((c.capability_id, c.price_cents, c.minimum_cents, sorted(c.free.items()))) for c in candidates
        ),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _asks(fetch: Fetch) -> str:
    """Write who fetches, for what and which goods, the same in every process."""
    return repr((fetch.collector_id, fetch.tariff, sorted(fetch.classes), sorted(fetch.refuses)))
