"""Lays the chain of an order anew when somebody falls out, or when another is chosen for a stage.

Whatever has started stays, who was not affected stays, and what the customer pays never changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import CapacityGone
from shortchain.delivery import legs as ways
from shortchain.delivery.chain import MAY_MOVE, half_of_job, hold, key_of, keys_of, moments_of
from shortchain.delivery.models import LegState
from shortchain.delivery.wishes import Moment, Wish, are_free, as_wished, half_beside, in_turn, pool_of, suits
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment import jobs as work
from shortchain.fulfilment.models import Job, Stage
from shortchain.journal import Actor
from shortchain.kernel.geo import Point
from shortchain.kernel.halves import MORNING
from shortchain.kernel.ports import Distance
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.routing import candidates, failures, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER, Candidate, Fixed, PlannedJob, Policy, RoutePlan, Unroutable

TRIES = 5
TOGETHER = "together"
"""The mode of a decision that was taken for several orders at once."""
LATER = {Stage.PROCESS: {"pack", "deliver"}, Stage.PACK: {"deliver"}, Stage.DELIVER: set()}


def lay_anew(
    session: Session,
    *,
    order: Order,
    failed: Job,
    distance: Distance,
    policy: Policy,
    by: Actor,
    now: datetime,
    chosen: Sequence[Wish] = (),
) -> list[Job]:
    """Find somebody else for the stage of a job that was declined or met with silence.

    First those are asked that were `chosen` for it together with other orders (`together.choose`). Without them, or
    where they have no room any more, only that stage is asked anew (with the later ones when goods go another way),
    then all later stages that have not started. Returns the newly opened jobs, offered already; an empty list
    means that nobody is left and the coordinator has a task.
    """
    ledger.release(session, key=failed.reservation_key, now=now)
    key = key_of(failed)
    first = {key} | (LATER[failed.stage] if failed.stage is Stage.PACK else set())
    wished = tuple(wish for wish in chosen if wish.key in first)
    tries = [(frozenset(first), wished), (frozenset(first), ()), (frozenset({key} | LATER[failed.stage]), ())]
    refusal: Unroutable | None = None
    for free, wishes in dict.fromkeys(tries):
        mode = TOGETHER if wishes else "reroute"
        try:
            return replan(
                session,
                order=order,
                free=free,
                distance=distance,
                policy=policy,
                by=by,
                now=now,
                wishes=wishes,
                mode=mode,
            )
        except Unroutable as error:
            refusal = refusal or (None if wishes else error)
    assert refusal is not None, "each turn of the loop returns or is refused"
    missed = failures.misses(refusal, postcode=order.postcode, day=local_day(order.starts_at))
    failures.count(session, hub_id=order.hub_id, missed=missed, orders=1, now=now)
    work.ask_coordinator(
        session, order=order, kind="unrouted", refusal=refusal, now=now, stage=failed.stage.value, key=key
    )
    return []


def fill_gaps(
    session: Session,
    *,
    order: Order,
    distance: Distance,
    policy: Policy,
    ask_all: bool,
    by: Actor,
    now: datetime,
) -> list[Job]:
    """Look again for the stages of a standing order that have nobody; an empty list when there is nobody.

    `ask_all` also asks those who said no to this order before.
    """
    if order.state is not OrderState.CONFIRMED:
        return []
    try:
        return replan(
            session,
            order=order,
            free=frozenset(),
            distance=distance,
            policy=policy,
            by=by,
            now=now,
            ask_all=ask_all,
        )
    except Unroutable:
        return []


def replan(
    session: Session,
    *,
    order: Order,
    free: frozenset[str],
    distance: Distance,
    policy: Policy,
    by: Actor,
    now: datetime,
    ask_all: bool = False,
    wishes: Sequence[Wish] = (),
    mode: str = "reroute",
    note: str = "",
) -> list[Job]:
    """Plan with everything fixed but `free`, and write the difference down.

    Where `wishes` say who does it, that is only checked and priced: of who else could, nothing is known or told.

    :raises Unroutable: when nobody can
    """
    live = {key_of(job): job for job in work.live_jobs(session, order_id=order.id)}
    movable = {key: job for key, job in live.items() if key in free and job.state in MAY_MOVE}
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)).all()
    fixed = fixed_of(session, {key: job for key, job in live.items() if key not in movable})
    request = requests.for_order(
        session,
        order=order,
        lines=lines,
        now=now,
        fixed=fixed,
        without=frozenset() if ask_all else work.declined_by(session, order_id=order.id),
    )
    moments = moments_of(order, [job for key, job in live.items() if key not in movable])
    for wish in wishes:
        _must_suit(wish, moments, request.delivery_day)
    days = candidates.work_days(request.delivery_day, request.first_day)
    asked = set(keys_of(lines)).difference(fixed)
    policy = replace(policy, runner_ups=policy.runner_ups and not wishes)
    for _ in range(TRIES):
        able = _able(session, days, asked, movable.values(), order, moments, wishes, request.delivery_day)
        plan = plan_route(request, able, distance=distance, policy=policy)
        try:
            with session.begin_nested():
                return _write(
                    session,
                    order=order,
                    plan=plan,
                    live=live,
                    movable=movable,
                    lines=lines,
                    wishes=wishes,
                    moments=moments,
                    mode=mode,
                    note=note,
                    by=by,
                    now=now,
                )
        except CapacityGone:
            continue  # somebody took it between our look and our hold; look again
    raise Unroutable({"pack": {"capacity": 1}})


def _able(
    session: Session,
    days: Sequence[date],
    asked: Collection[str],
    movable: Collection[Job],
    order: Order,
    moments: Sequence[Moment],
    wishes: Sequence[Wish],
    delivery_day: date,
) -> Sequence[Candidate]:
    """Say who could do the stages that are `asked` for and when; what the order itself holds of them counts as free.

    Mostly nobody asks for a half day or for somebody by name: then the planner gets the columns as they are, which it
    searches all at once. Else the candidates are looked at one by one.
    """
    if not wishes and are_free(moments, delivery_day=delivery_day):
        freed: dict[tuple[int, date, str], int] = defaultdict(int)
        for job in movable:
            freed[job.capability_id, job.day, half_of_job(job, order)] += job.use
        return candidates.read_candidates(session, days=days, freed=freed)
    pool = pool_of(candidates.read_candidates(session, days=days), asked, wishes)
    able = [with_own(one, movable, order) for one in pool]
    if not any(wish.half for wish in wishes):
        able = in_turn(able, moments, delivery_day=delivery_day)
    for wish in wishes:
        able = as_wished(able, wish)
    return able


def _must_suit(wish: Wish, others: Sequence[Moment], delivery_day: date) -> None:
    """Refuse a wish for a half day that does not go together with the stages that stay.

    :raises Unroutable: with the reason `together`
    """
    if wish.day is None or wish.stage == Stage.DELIVER.value:
        return
    moment = Moment(wish.stage, wish.day, wish.half or (MORNING if wish.day == delivery_day else ""))
    if wish.half or wish.moves:
        fits = suits(moment, others, delivery_day=delivery_day)
    else:
        fits = half_beside(wish.stage, wish.day, others, delivery_day=delivery_day) is not None
    if not fits:
        raise Unroutable({wish.key: {"together": 1}})


def with_own(candidate: Candidate, movable: Iterable[Job], order: Order) -> Candidate:
    """Count what this order itself holds with a candidate as free, of the day and of the half: it may simply stay."""
    for job in movable:
        if job.capability_id == candidate.capability_id and job.day in candidate.free:
            free, halves = dict(candidate.free), dict(candidate.halves)
            free[job.day] += job.use
            half = half_of_job(job, order)
            if half and job.day in halves:
                morning, afternoon = halves[job.day]
                halves[job.day] = (morning + job.use, afternoon) if half == MORNING else (morning, afternoon + job.use)
            candidate = candidate.with_free(free, halves)
    return candidate


def fixed_of(session: Session, kept: dict[str, Job]) -> dict[str, Fixed]:
    """Say of the jobs that stay who does them, where and when, by the key of their stage."""
    if not kept:
        return {}
    rows = {
        row.id: row
        for row in session.execute(
            select(Enterprise.id, Enterprise.name, Enterprise.lat, Enterprise.lon).where(
                Enterprise.id.in_({job.enterprise_id for job in kept.values()})
            )
        )
    }
    return {
        key: fixed_as(
            job,
            rows[job.enterprise_id].name,
            Point(rows[job.enterprise_id].lat, rows[job.enterprise_id].lon),
        )
        for key, job in kept.items()
    }


def fixed_as(job: Job, name: str, point: Point) -> Fixed:
    """Write a job that stays as the planner wants it; `name` and `point` are of whoever does it."""
    return Fixed(job.capability_id, job.enterprise_id, name, point, job.day, job.vat_rate_bp)


def _write(
    session: Session,
    *,
    order: Order,
    plan: RoutePlan,
    live: dict[str, Job],
    movable: dict[str, Job],
    lines: Sequence[OrderLine],
    wishes: Sequence[Wish],
    moments: Sequence[Moment],
    mode: str,
    note: str,
    by: Actor,
    now: datetime,
) -> list[Job]:
    """Keep jobs that the new plan gives to the same hands, replace the others, lay new legs."""
    if note:
        plan = replace(plan, explanation={**plan.explanation, "note": note})
    decision = work.decide(session, order=order, plan=plan, mode=mode, by=by, now=now)
    halves = [_half(one, live.get(_key(one)), order, wishes, moments) for one in plan.jobs]
    planned = [
        replace(one, is_fixed=True) if one.is_fixed or _stays(one, live.get(_key(one)), half) else one
        for one, half in zip(plan.jobs, halves, strict=True)
    ]
    for job, wanted in ((movable.get(_key(p)), p) for p in planned):
        if job is not None and not wanted.is_fixed:
            work.withdraw(session, jobs=[job], by=by, now=now)
            ledger.release(session, key=job.reservation_key, now=now)
    opened = work.open_jobs(
        session,
        order=order,
        plan=replace(plan, jobs=tuple(planned)),
        lines=lines,
        decision_version=decision.version,
        now=now,
    )
    for job, half in zip(opened, halves, strict=True):
        if job is not None:
            job.half = half
    new = [job for job in opened if job is not None]
    hold(session, order=order, jobs=new, until=now + timedelta(minutes=30), now=now)
    in_place = [job or live[_key(p)] for job, p in zip(opened, planned, strict=True)]
    _relay_legs(session, order=order, plan=plan, jobs=in_place, decision_version=decision.version, now=now)
    if order.state is OrderState.CONFIRMED:
        ledger.confirm(session, claim=order.claim, now=now)
        work.offer(session, jobs=new, now=now)
    return new


def _key(planned: PlannedJob) -> str:
    return f"process:{planned.service}" if planned.stage == "process" else planned.stage


def _half(planned: PlannedJob, job: Job | None, order: Order, wishes: Sequence[Wish], others: Sequence[Moment]) -> str:
    """Say to which half of its day a planned stage is tied: as its doer asks, as it was, or as the stages that stay allow."""
    wish = next((one for one in wishes if one.key == _key(planned) and (one.half or one.moves)), None)
    if wish is not None:
        return wish.half
    delivery_day = local_day(order.starts_at)
    if job is not None and (job.capability_id, job.day) == (planned.capability_id, planned.day):
        had = Moment(planned.stage, job.day, half_of_job(job, order))
        if planned.stage == DELIVER or suits(had, others, delivery_day=delivery_day):
            return job.half
    return half_beside(planned.stage, planned.day, others, delivery_day=delivery_day) or ""


def _stays(planned: PlannedJob, job: Job | None, half: str) -> bool:
    place = (planned.capability_id, planned.day, half)
    return job is not None and (job.capability_id, job.day, job.half) == place


def _relay_legs(
    session: Session,
    *,
    order: Order,
    plan: RoutePlan,
    jobs: Sequence[Job],
    decision_version: int,
    now: datetime,
) -> None:
    """Replace the legs that the new plan changes; goods that are elsewhere already need a person."""
    fixed = {(leg.from_enterprise_id, leg.to_enterprise_id) for leg in plan.legs if leg.is_fixed}
    changed = [
        leg
        for leg in ways.open_of_order(session, order_id=order.id)
        if (leg.from_enterprise_id, leg.to_enterprise_id) not in fixed
    ]
    moved = [leg for leg in changed if leg.state in (LegState.COLLECTED, LegState.DELIVERED)]
    ways.withdraw(session, legs=changed)
    ways.open_legs(session, order=order, plan=plan, jobs=list(jobs), decision_version=decision_version)
    if moved:
        work.ask_coordinator(
            session,
            order=order,
            kind="goods_elsewhere",
            now=now,
            places=[leg.to_label for leg in moved],
        )
