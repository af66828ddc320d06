"""From a chosen chain to jobs and legs."""

from __future__ import annotations

from collections.abc import Sequence

from shortchain.enterprises.social_rate import service_rate
from shortchain.kernel.geo import Point
from shortchain.routing.column_search import ColumnSearch
from shortchain.routing.plans import (
    DELIVER,
    PACK,
    PACK_SERVICE,
    PROCESS,
    Fixed,
    Line,
    PlannedJob,
    PlannedLeg,
)
from shortchain.routing.search import Chain, Farm, Pick, Search


def assemble(
    chain: Chain, search: Search | ColumnSearch, groups: Sequence[tuple[str, tuple[Line, ...]]]
) -> tuple[tuple[PlannedJob, ...], tuple[PlannedLeg, ...]]:
    """List the jobs in the order of the chain, and the legs that join them.

    Who hands over brings: a farm brings to the first place, a processor to the packer, the deliverer
    fetches at the packer and brings to the destination.
    """
    jobs: list[PlannedJob] = []
    legs: list[PlannedLeg] = []
    for number, (service, lines) in enumerate(groups):
        _add_process(
            jobs,
            legs,
            service,
            lines,
            search.group_farms[number],
            chain.process[number],
            chain.pack,
            search,
        )
    pack_at = len(jobs)
    all_refs = tuple(sorted(line.ref for line in search.request.lines))
    pack = chain.pack
    jobs.append(_job(PACK, PACK_SERVICE, pack, search, use=search.boxes, metres=pack.metres, refs=all_refs))
    _add_farm_legs(legs, search.direct, pack, search)
    deliver = chain.deliver
    service = deliver.who.service if not isinstance(deliver.who, Fixed) else ""
    way = search.distance(pack.who.point, search.request.destination)
    jobs.append(_job(DELIVER, service, deliver, search, use=1, metres=way, refs=all_refs))
    legs.append(
        PlannedLeg(
            carrier_id=deliver.who.enterprise_id,
            job=pack_at + 1,
            from_enterprise_id=pack.who.enterprise_id,
            from_point=pack.who.point,
            to_enterprise_id=None,
            to_point=search.request.destination,
            day=search.request.delivery_day,
            metres=way,
            weight_g=search.request.weight_g,
            cost_cents=0,
            vat_rate_bp=_vat(deliver, search),
            is_fixed=pack.is_fixed and deliver.is_fixed,
        )
    )
    return tuple(jobs), tuple(legs)


def _add_process(
    jobs: list[PlannedJob],
    legs: list[PlannedLeg],
    service: str,
    lines: tuple[Line, ...],
    farms: tuple[Farm, ...],
    pick: Pick,
    pack: Pick,
    search: Search | ColumnSearch,
) -> None:
    weight = sum(line.weight_g for line in lines)
    way = search.distance(pick.who.point, pack.who.point)
    inbound = 0 if pick.is_fixed else pick.metres - (0 if pack.is_fixed and pick.is_fixed else way)
    jobs.append(
        _job(
            PROCESS,
            service,
            pick,
            search,
            use=weight,
            metres=inbound,
            refs=tuple(line.ref for line in lines),
        )
    )
    _add_farm_legs(legs, farms, pick, search)
    legs.append(
        PlannedLeg(
            carrier_id=pick.who.enterprise_id,
            job=len(jobs) - 1,
            from_enterprise_id=pick.who.enterprise_id,
            from_point=pick.who.point,
            to_enterprise_id=pack.who.enterprise_id,
            to_point=pack.who.point,
            day=pack.day,
            metres=way,
            weight_g=weight,
            cost_cents=pick.onward_cents,
            vat_rate_bp=_vat(pick, search),
            is_fixed=pick.is_fixed and pack.is_fixed,
            fetch=None
            if pick.is_fixed and pack.is_fixed
            else search.request.fetch(pick.who.enterprise_id, pack.who.enterprise_id, lines),
        )
    )


def _add_farm_legs(legs: list[PlannedLeg], farms: Sequence[Farm], pick: Pick, search: Search | ColumnSearch) -> None:
    """Let each farm bring its goods; nothing changes where the place is fixed."""
    cents = pick.inbound_cents or (0,) * len(farms)
    for farm, cost in zip(farms, cents, strict=True):
        legs.append(
            PlannedLeg(
                carrier_id=farm.enterprise_id,
                job=None,
                from_enterprise_id=farm.enterprise_id,
                from_point=farm.point,
                to_enterprise_id=pick.who.enterprise_id,
                to_point=_point(pick),
                day=pick.day,
                metres=search.distance(farm.point, pick.who.point),
                weight_g=farm.weight_g,
                cost_cents=cost,
                vat_rate_bp=search.policy.farm_transport_vat_bp,
                is_fixed=pick.is_fixed,
                fetch=None if pick.is_fixed else farm.fetch_to(pick.who.enterprise_id),
            )
        )


def _job(
    stage: str,
    service: str,
    pick: Pick,
    search: Search | ColumnSearch,
    *,
    use: int,
    metres: int,
    refs: tuple[int, ...],
) -> PlannedJob:
    return PlannedJob(
        stage=stage,
        service=service,
        capability_id=pick.who.capability_id,
        enterprise_id=pick.who.enterprise_id,
        name=pick.who.name,
        day=pick.day,
        use=use,
        metres=metres,
        cost_cents=pick.own_cents,
        vat_rate_bp=_vat(pick, search),
        lines=refs,
        is_fixed=pick.is_fixed,
    )


def _point(pick: Pick) -> Point:
    return pick.who.point


def _vat(pick: Pick, search: Search | ColumnSearch) -> int:
    """Give the VAT rate of the provider's work: that of the day of supply, which is the day of delivery."""
    if isinstance(pick.who, Fixed):
        return pick.who.vat_rate_bp
    return service_rate(pick.who.service, pick.who.recognised, day=search.request.delivery_day)
