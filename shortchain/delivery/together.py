"""Finds others for several lost jobs at once: what one order gets must not be what another needs more.

Reading and choosing only; each order is written by `rerouting.lay_anew` in a transaction of its own, which goes its
own way where the choice fits no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle
from shortchain.delivery import chain, rerouting
from shortchain.delivery.order_facts import farms_of, jobs_of, lines_of, points_of, said_no
from shortchain.delivery.wishes import Wish
from shortchain.fulfilment.models import Job, Stage
from shortchain.ordering.models import Order
from shortchain.routing import candidates, requests
from shortchain.routing.batch.again import plan_again
from shortchain.routing.batch.asking import Standing, ask_together
from shortchain.routing.columns import Columns
from shortchain.routing.plans import Policy

MOST = 150
"""So many jobs are chosen for together; up to there the batch proves the best plan in seconds."""
AT_ONCE = 20
"""How many jobs a press itself finds others for; the worker does the rest within seconds."""
AHEAD = 2
"""The choice looks at so many times the jobs that are written, so that the first ones leave room for the next."""


def looks_at(limit: int) -> int:
    """Say for how many jobs to choose when so many are to be written."""
    return min(MOST, AHEAD * limit)


@dataclass(frozen=True, slots=True)
class Hit:
    """The orders that lost somebody, as they stand without them, and who could do what on their days."""

    orders: tuple[Standing, ...]
    columns: Columns | None
    lost: Mapping[int, Mapping[str, int]]
    """Of each order the jobs that it loses, by the keys of their stages."""


def read_hit(session: Session, *, which: ColumnElement[bool], is_refusal: bool, now: datetime) -> Hit:
    """Read the orders of jobs that are about to be lost; `which` says those among all jobs. Nobody else moves, but who brings what is packed elsewhere.

    With `is_refusal` who does a job now is not asked again for its order.
    """
    lost: dict[int, dict[str, Job]] = defaultdict(dict)
    for job in session.scalars(select(Job).where(which, Job.state.in_(chain.MAY_MOVE))):
        lost[job.order_id][chain.key_of(job)] = job
    numbers = sorted(lost)
    lines, live, refused = lines_of(session, numbers), jobs_of(session, numbers), said_no(session, numbers)
    farms = farms_of(session, {line.farm_id for own in lines.values() for line in own})
    points = points_of(session, {job.enterprise_id for own in live.values() for job in own.values()})
    of_cycle = session.execute(select(Order.id, OrderCycle.closes_at).join(OrderCycle).where(Order.id.in_(numbers)))
    closing = {row[0]: row[1] for row in of_cycle}
    standing: list[Standing] = []
    freed: dict[tuple[int, date, str], int] = defaultdict(int)
    for order in session.scalars(select(Order).where(Order.id.in_(numbers)).order_by(Order.id)):
        gone = lost[order.id]
        moving = {key: job for key, job in live[order.id].items() if key not in gone and _follows(job, gone)}
        request = requests.for_order(
            session,
            order=order,
            lines=lines[order.id],
            now=now,
            without=refused[order.id] | ({job.enterprise_id for job in gone.values()} if is_refusal else set()),
            fixed={
                key: rerouting.fixed_as(job, *points[job.enterprise_id])
                for key, job in live[order.id].items()
                if key not in gone and key not in moving
            },
            closes_at=closing[order.id],
            farms=farms,
        )
        standing.append(Standing(order.id, request, {key: (job.capability_id, job.day) for key, job in moving.items()}))
        for job in [*moving.values(), *gone.values()]:
            freed[job.capability_id, job.day, chain.half_of_job(job, order)] += job.use
    days = {day for one in standing for day in candidates.work_days(one.request.delivery_day, one.request.first_day)}
    columns = candidates.read_candidates(session, days=sorted(days), freed=freed) if days else None
    names = {number: {key: job.id for key, job in gone.items()} for number, gone in lost.items()}
    return Hit(tuple(standing), columns, names)


def choose(hit: Hit, *, policy: Policy) -> dict[int, tuple[Wish, ...]]:
    """Choose who takes over, for all orders together; by lost job, whom its stage goes to, and who brings then.

    What an order loses besides has its own place in the answer: each is lost in its own turn. A job that is not in the
    answer has nobody in the best plan of all, or can not be planned so.
    """
    if hit.columns is None:
        return {}
    question = ask_together(hit.orders, hit.columns, policy=policy)
    stands = {one.order_id: one.places for one in hit.orders}
    found: dict[int, tuple[Wish, ...]] = {}
    for order_id, moves in question.moves(plan_again(question.problem)).items():
        gone, places = hit.lost[order_id], {**stands[order_id], **moves}  # who brings may stay, and others count on it
        for key, job_id in gone.items():
            own = {one: to for one, to in places.items() if one == key or one not in gone}
            found[job_id] = tuple(Wish(one, capability, day) for one, (capability, day) in sorted(own.items()))
    return found


def _follows(job: Job, gone: Mapping[str, Job]) -> bool:
    """Say whether a job may change with those that are lost: who brings, when the goods leave from another place."""
    return job.stage is Stage.DELIVER and "pack" in gone and job.state in chain.MAY_MOVE
