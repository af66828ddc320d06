"""Gives a stage to whom a person chooses, and says beforehand what each choice would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery import chain, rerouting
from shortchain.delivery.wishes import Wish, as_wished, days_that_suit, in_turn, is_of
from shortchain.fulfilment import jobs as work
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.kernel.ports import Distance
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.routing import candidates, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER_SERVICES, PACK_SERVICE, Candidate, Policy, RoutePlan, Unroutable


class Begun(Conflict):
    """A stage that has started never moves."""

    message = N_("Dit werk is al begonnen. Het verhuist niet meer.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who could do a stage, or the rule that says no.

    `cost_cents` is what the stage's work costs; `extra_cents` what the whole chain costs more than with
    who does it now (None when nobody does). `reason` is the code of the rule, empty for who is able.
    """

    capability_id: int
    name: str
    day: date | None
    cost_cents: int
    extra_cents: int | None
    metres: int
    reason: str
    is_now: bool
    said_no: bool


def follow_wish(
    session: Session,
    *,
    order: Order,
    wish: Wish,
    mode: str,
    note: str = "",
    ask_all: bool = False,
    distance: Distance,
    policy: Policy,
    by: Actor,
    now: datetime,
) -> list[Job]:
    """Give one stage to whom a person chose, or move it to the day that its doer proposed.

    Everything else stays. When that does not fit, later stages that have not started are asked anew too;
    not for another day, which must suit the others. `mode` and `note` are stored with the decision.
    Returns the newly opened jobs.

    :raises NotFound: when the order has no such stage
    :raises Begun: when the stage has started
    :raises Unroutable: when the wish cannot be followed, with the rule that says no
    """
    live = {chain.key_of(job): job for job in work.live_jobs(session, order_id=order.id)}
    if wish.key in live and live[wish.key].state not in chain.MAY_MOVE:
        raise Begun()
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    if wish.key not in chain.keys_of(lines):
        raise NotFound()
    later = rerouting.LATER[Stage(wish.stage)]
    tries = [frozenset({wish.key})]
    if wish.day is None and later:
        tries.append(frozenset({wish.key} | later))
    refusal = Unroutable({})
    for free in tries:
        try:
            return rerouting.replan(
                session,
                order=order,
                free=free,
                distance=distance,
                policy=policy,
                by=by,
                now=now,
                ask_all=ask_all,
                wishes=[wish],
                mode=mode,
                note=note,
            )
        except Unroutable as error:
            refusal = refusal if refusal.stages else error
    raise refusal


def for_stage(
    session: Session, *, order: Order, key: str, distance: Distance, policy: Policy, now: datetime
) -> list[Choice]:
    """Rank everybody who offers the service of a stage: who is able by price, then who is not, by name.

    Reads only. The prices come from the planner itself, asked once for each with the other stages as
    they are.

    :raises NotFound: when the order has no such stage
    :raises Begun: when the stage has started
    """
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)).all()
    if key not in chain.keys_of(lines):
        raise NotFound()
    live = {chain.key_of(job): job for job in work.live_jobs(session, order_id=order.id, lock=False)}
    mine = live.get(key)
    if mine is not None and mine.state not in chain.MAY_MOVE:
        raise Begun()
    others = {other: job for other, job in live.items() if other != key}
    request = requests.for_order(session, order=order, lines=lines, now=now, fixed=rerouting.fixed_of(session, others))
    days = candidates.work_days(request.delivery_day, request.first_day)
    pool = [
        rerouting.with_own(one, [mine] if mine else [], order) for one in candidates.read_candidates(session, days=days)
    ]
    pool = in_turn(pool, chain.moments_of(order, others.values()), delivery_day=request.delivery_day)
    said_no = work.declined_by(session, order_id=order.id)
    light = replace(policy, runner_ups=False)
    asked: list[tuple[Candidate, RoutePlan | Unroutable]] = []
    for one in pool:
        if is_of(one, key) and (one.service in DELIVER_SERVICES or one.service == PACK_SERVICE or ":" in key):
            try:
                wish = Wish(key, one.capability_id)
                asked.append((one, plan_route(request, as_wished(pool, wish), distance=distance, policy=light)))
            except Unroutable as no:
                asked.append((one, no))
    now_costs = next(
        (
            plan.billed_cents
            for one, plan in asked
            if mine and one.capability_id == mine.capability_id and isinstance(plan, RoutePlan)
        ),
        None,
    )
    return _ranked(asked, key=key, mine=mine, said_no=said_no, now_costs=now_costs)


def _ranked(
    asked: Sequence[tuple[Candidate, RoutePlan | Unroutable]],
    *,
    key: str,
    mine: Job | None,
    said_no: frozenset[int],
    now_costs: int | None,
) -> list[Choice]:
    found: list[tuple[tuple[int, int, str, int], Choice]] = []
    for one, plan in asked:
        is_now = mine is not None and mine.capability_id == one.capability_id
        refused = one.enterprise_id in said_no
        if isinstance(plan, Unroutable):
            reason = next(iter(plan.stages.get(key, {})), "together")
            choice = Choice(one.capability_id, one.name, None, 0, None, 0, reason, is_now, refused)
            found.append(((1, 0, one.name, one.capability_id), choice))
            continue
        job = next(job for job in plan.jobs if job.capability_id == one.capability_id and not job.is_fixed)
        extra = None if now_costs is None else plan.billed_cents - now_costs
        choice = Choice(one.capability_id, one.name, job.day, job.cost_cents, extra, plan.metres, "", is_now, refused)
        cost = plan.billed_cents * 1000 + plan.steering_millicents
        found.append(((0, cost, one.name, one.capability_id), choice))
    return [choice for _rank, choice in sorted(found, key=lambda pair: pair[0])]


def days_to_propose(
    session: Session, *, job_public_id: str, enterprise_id: int, now: datetime
) -> list[tuple[date, bool]]:
    """List the days that an enterprise may propose for its job, and whether each suits without asking.

    Those that suit come first, then the planned day itself, for another half of it; two days before and after that one are
    listed too, for a word with the coordinator. Empty when the job cannot move.

    :raises NotFound: when there is no such job, or it is another's
    """
    job = session.scalar(select(Job).where(Job.public_id == job_public_id, Job.enterprise_id == enterprise_id))
    if job is None:
        raise NotFound()
    if job.state not in (JobState.OFFERED, JobState.ACCEPTED):
        return []
    suiting = other_days(session, job=job, now=now)
    near = {job.day + timedelta(days=number) for number in range(-2, 3)}
    coming = sorted(near | set(suiting), key=lambda day: (day not in suiting, day != job.day, day))
    delivery_day = local_day(session.get_one(Order, job.order_id).starts_at)
    moves = job.stage is not Stage.DELIVER and job.day != delivery_day  # that day has one half, the customer's
    return [(day, day in suiting or (moves and day == job.day)) for day in coming if day >= local_day(now)]


def stage_of_order(
    session: Session, *, order_public_id: str, hub_id: int, key: str, distance: Distance, now: datetime
) -> tuple[str, list[Choice]]:
    """Give the number of a hub's order with the choices for one of its stages.

    :raises NotFound: for an order of another hub, one that does not stand, or a stage that it does not have
    :raises Begun: when the stage has started
    """
    order = session.scalar(select(Order).where(Order.public_id == order_public_id, Order.hub_id == hub_id))
    if order is None or order.state is not OrderState.CONFIRMED:
        raise NotFound()
    return order.number, for_stage(session, order=order, key=key, distance=distance, policy=Policy(), now=now)


def other_days(session: Session, *, job: Job, now: datetime) -> tuple[date, ...]:
    """List the other days on which a job suits the rest of its chain and the customer's window."""
    order = session.get_one(Order, job.order_id)
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)).all()
    live = work.live_jobs(session, order_id=order.id, lock=False)
    request = requests.for_order(session, order=order, lines=lines, now=now)
    suiting = days_that_suit(
        job.stage.value,
        first_day=request.first_day,
        delivery_day=request.delivery_day,
        packs_same_day=request.packs_same_day,
        packed_on=max((one.day for one in live if one.stage is Stage.PACK), default=None),
        processed_on=max((one.day for one in live if one.stage is Stage.PROCESS), default=None),
        policy=Policy(),
    )
    return tuple(day for day in suiting if day != job.day)
