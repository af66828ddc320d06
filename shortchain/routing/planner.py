"""Plans the chain of an order: sift, search, assemble, explain. Pure: same question, same plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from shortchain.kernel.geo import distance_m
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.kernel.ports import Distance
from shortchain.routing import costs, explain
from shortchain.routing.assemble import assemble
from shortchain.routing.column_search import ColumnSearch
from shortchain.routing.columns import Columns
from shortchain.routing.gate import plan_at_gate
from shortchain.routing.plans import (
    DELIVER,
    DELIVER_SERVICES,
    PACK,
    PACK_SERVICE,
    PROCESS,
    Candidate,
    Fixed,
    Line,
    Policy,
    RoutePlan,
    RouteRequest,
    Unroutable,
)
from shortchain.routing.rules import Work, sift
from shortchain.routing.search import Search

Group = tuple[str, tuple[Line, ...]]
COLUMNS_FROM = 100
"""From so many candidates on columns are faster; below, setting them up costs more than looking one by one."""


def plan_route(
    request: RouteRequest,
    candidates: Sequence[Candidate],
    *,
    distance: Distance,
    policy: Policy,
    columns_from: int = COLUMNS_FROM,
) -> RoutePlan:
    """Find the cheapest chain that can really do the work.

    The cost is what the customer is billed plus the steering terms of `policy`; ties fall by metres
    and then by ids, so neither the order of `candidates` nor of the lines matters.

    :raises Unroutable: with the reasons per stage when some stage has nobody
    """
    if request.at_gate:
        return plan_at_gate(request, policy=policy)
    many = len(candidates) >= columns_from and distance is distance_m
    columns = candidates if many and isinstance(candidates, Columns) else None
    ordered = candidates if columns is not None else sorted(candidates, key=_by_id)
    groups = groups_of(request)
    who: dict[str, dict[str, list[int]]] = {}
    pools, report, sizes = _sift_stages(
        request, groups, ordered if columns is None else columns, distance=distance, policy=policy, who=who
    )
    _refuse_empty(request, pools, report)
    search = _search(request, groups, pools, columns=columns, distance=distance, policy=policy)
    chain = search.best()
    if chain is None:  # each stage has somebody, but no days fit together
        raise Unroutable(
            {key: {**reasons, "together": 1} for key, reasons in report.items()}, _classes_of(request, report)
        )
    jobs, legs = assemble(chain, search, groups)
    runners = explain.runner_ups(chain, search) if policy.runner_ups else {}
    return RoutePlan(
        jobs=jobs,
        legs=legs,
        billed_cents=sum(part.billed_cents for part in (*chain.process, chain.pack, chain.deliver)),
        steering_millicents=sum(part.steering for part in (*chain.process, chain.pack, chain.deliver)),
        metres=chain.rank[1],
        explanation=explain.document(
            request,
            chain,
            jobs,
            legs,
            report=report,
            sizes=sizes,
            who=who,
            asks=_asks(request, groups, policy) if policy.runner_ups else {},
            runners=runners,
            policy=policy,
            inputs=ordered,
        ),
    )


def search_columns(request: RouteRequest, columns: Columns, *, policy: Policy) -> ColumnSearch:
    """Set up the search of one question, for who wants to look at all its possibilities and not at the best alone.

    :raises Unroutable: with the reasons per stage when some stage has nobody
    """
    groups = groups_of(request)
    pools, report, _sizes = _sift_stages(request, groups, columns, distance=distance_m, policy=policy)
    _refuse_empty(request, pools, report)
    found = _search(request, groups, pools, columns=columns, distance=distance_m, policy=policy)
    assert isinstance(found, ColumnSearch), "columns are searched on columns"
    return found


def _sift_stages(
    request: RouteRequest,
    groups: Sequence[Group],
    candidates: Sequence[Candidate],
    *,
    distance: Distance,
    policy: Policy,
    who: dict[str, dict[str, list[int]]] | None = None,
) -> tuple[dict[str, Any], dict[str, dict[str, int]], dict[str, int]]:
    """Ask the hard rules of every stage that is not fixed: who can, why others can not, how many there are.

    `who` is filled with the enterprises behind the counts, when somebody will read why not; on columns with those
    alone that lie near enough and can do the work at all.
    """
    pools: dict[str, Any] = {}
    report: dict[str, dict[str, int]] = {}
    sizes: dict[str, int] = {}
    for key, stage, work in works_of(request, groups, policy):
        fixed = request.fixed.get(key)
        if fixed is not None:
            pools[key] = fixed
        elif isinstance(candidates, Columns):
            pools[key], report[key] = candidates.sift(stage, work, without=request.without)
            sizes[key] = len(candidates.stages[stage].who)
            if who is not None and policy.runner_ups:
                who[key] = pools[key].names()
        else:
            pool = [candidate for candidate in candidates if candidate.stage == stage]
            named = who.setdefault(key, {}) if who is not None and policy.runner_ups else None
            pools[key], report[key] = sift(pool, work, without=request.without, distance=distance, who=named)
            sizes[key] = len(pool)
    return pools, report, sizes


def _by_id(candidate: Candidate) -> tuple[int, int]:
    return candidate.enterprise_id, candidate.capability_id


def _search(
    request: RouteRequest,
    groups: Sequence[Group],
    pools: Mapping[str, Any],
    *,
    columns: Columns | None,
    distance: Distance,
    policy: Policy,
) -> Search | ColumnSearch:
    """Choose how to search: on columns, or one by one for another way of measuring. Both are exact."""
    processors = [pools[f"{PROCESS}:{service}"] for service, _lines in groups]
    if columns is not None:
        return ColumnSearch(
            request,
            columns=columns,
            groups=groups,
            processors=processors,
            packers=pools[PACK],
            deliverers=pools[DELIVER],
            policy=policy,
        )
    return Search(
        request,
        groups=groups,
        processors=processors,
        packers=pools[PACK],
        deliverers=pools[DELIVER],
        distance=distance,
        policy=policy,
    )


def groups_of(request: RouteRequest) -> list[Group]:
    """Group the lines that need a process step, by service."""
    services = sorted({line.process_service for line in request.lines if line.process_service})
    return [
        (
            service,
            tuple(
                sorted(
                    (line for line in request.lines if line.process_service == service),
                    key=lambda line: line.ref,
                )
            ),
        )
        for service in services
    ]


def works_of(request: RouteRequest, groups: Sequence[Group], policy: Policy) -> list[tuple[str, str, Work]]:
    """Say what each stage asks: a key, the stage, and the work."""
    process = [
        (f"{PROCESS}:{service}", PROCESS, _process_work(request, service, lines, policy)) for service, lines in groups
    ]
    classes = frozenset(line.storage_class for line in request.lines)
    return [
        *process,
        (PACK, PACK, _pack_work(request, classes, policy)),
        (DELIVER, DELIVER, _deliver_work(request, classes)),
    ]


def _asks(request: RouteRequest, groups: Sequence[Group], policy: Policy) -> dict[str, dict[str, Any]]:
    """Say what each stage asked that depends on no place and day, for who lay too far to be named."""
    return {
        key: {
            "services": sorted(work.services),
            "classes": sorted(work.classes),
            "allergens": sorted(work.allergens),
            "free_from": sorted(work.free_from),
            "to_pickup": work.to_pickup,
        }
        for key, _stage, work in works_of(request, groups, policy)
    }


def _process_work(request: RouteRequest, service: str, lines: Sequence[Line], policy: Policy) -> Work:
    return Work(
        services=frozenset({service}),
        classes=frozenset(line.storage_class for line in lines),
        is_organic=any(line.is_organic for line in lines),
        places=tuple(dict.fromkeys(line.farm_point for line in lines)),
        days=_days_before(request.delivery_day, policy.process_days_before, request.first_day),
        ready_on=request.delivery_day,
        use=sum(line.weight_g for line in lines),
        allergens=_allergens(lines),
        free_from=_free_from(lines),
        half_on=(request.delivery_day, MORNING),
    )


def _pack_work(request: RouteRequest, classes: frozenset[str], policy: Policy) -> Work:
    days = _days_before(request.delivery_day, policy.pack_days_before, request.first_day)
    if not request.packs_same_day:
        days = tuple(day for day in days if day < request.delivery_day)
    return Work(
        services=frozenset({PACK_SERVICE}),
        classes=classes,
        is_organic=any(line.is_organic for line in request.lines),
        places=(request.destination,),
        days=days,
        ready_on=request.delivery_day,
        use=costs.boxes_for(request.weight_g, policy),
        allergens=_allergens(request.lines),
        free_from=_free_from(request.lines),
        half_on=(request.delivery_day, MORNING),
    )


def _deliver_work(request: RouteRequest, classes: frozenset[str]) -> Work:
    """Say what delivering asks.

    Carrying is no preparing: it needs no organic certificate (`domain.md` 3.8), and closed boxes keep what is sold
    as free from an allergen apart by themselves. Its lead time is notice: the days between the first day of work and the delivery must be as many.
    """
    return Work(
        services=DELIVER_SERVICES,
        classes=classes,
        is_organic=False,
        places=(request.destination,),
        days=(request.delivery_day,),
        ready_on=request.delivery_day + (request.delivery_day - request.first_day),
        use=1,
        to_pickup=request.is_pickup,
        zones=request.zones_at_door(),
        allergens=_allergens(request.lines),
        half_on=(request.delivery_day, AFTERNOON if request.packs_same_day else MORNING),
    )


def _allergens(lines: Sequence[Line]) -> frozenset[str]:
    return frozenset(code for line in lines for code in line.allergens)


def _free_from(lines: Sequence[Line]) -> frozenset[str]:
    return frozenset(code for line in lines for code in line.free_from)


def _days_before(last: date, count: int, first: date) -> tuple[date, ...]:
    """List the day itself and up to `count` days before it, latest first, none before `first`."""
    days = (last - timedelta(days=back) for back in range(count + 1))
    return tuple(day for day in days if day >= first)


def _refuse_empty(request: RouteRequest, pools: Mapping[str, Any], report: dict[str, dict[str, int]]) -> None:
    empty = {key: report[key] for key, pool in pools.items() if not isinstance(pool, Fixed) and not len(pool)}
    if empty:
        raise Unroutable(empty, _classes_of(request, empty))


def _classes_of(request: RouteRequest, keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """Give the temperature classes of the goods that go through each of these stages."""
    return {
        key: frozenset(
            line.storage_class
            for line in request.lines
            if not key.startswith(f"{PROCESS}:") or line.process_service == key.partition(":")[2]
        )
        for key in keys
    }
