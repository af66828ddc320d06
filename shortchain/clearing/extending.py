"""What it costs to add goods to an order whose chain stands: the same hands, the same day, only what is more of it.

The order is planned twice among those who have its work already, once as it is and once with what is added; the
difference is what is charged. So a box that has room costs nothing more, and every hard rule holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.delivery import chain
from shortchain.delivery import legs as ways
from shortchain.enterprises import vat_charging
from shortchain.fulfilment import jobs as work
from shortchain.fulfilment.models import Job
from shortchain.kernel.errors import N_, Conflict
from shortchain.kernel.ports import Distance
from shortchain.kernel.window import local_day
from shortchain.ordering import orders
from shortchain.ordering.basket_rows import suits_gate
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.deposits import Deposit
from shortchain.ordering.levies import Levy
from shortchain.ordering.models import Order, OrderLine
from shortchain.ordering.pricing import Fee, PriceSheet, price_sheet
from shortchain.routing import candidates, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Candidate, PlannedLeg, Policy, RoutePlan, Unroutable
from shortchain.routing.quotes import fees_of


class CanNotJoin(Conflict):
    """Whoever packs or brings the order can not take these goods with it."""

    message = N_(
        "Dit kan niet meer bij deze bestelling: wie inpakt of brengt heeft er geen plaats voor. Bestel het apart."
    )


class NotAtGate(CanNotJoin):
    """The order is collected at the farm that grew all of it, and these goods are another's or worked on first."""

    message = N_(
        "Je haalt deze bestelling op bij de boer: alleen wat daar groeit en zo meegaat, kan erbij. Bestel de rest apart."
    )


@dataclass(frozen=True, slots=True)
class MoreWork:
    """What a job of the chain gets more: capacity, and cents."""

    job_id: int
    capability_id: int
    use: int
    cents: int


@dataclass(frozen=True, slots=True)
class MoreWay:
    """What a leg gets more, or a new leg of a farm that was not in the order; `leg_id` is None then."""

    leg_id: int | None
    planned: PlannedLeg
    grams: int
    cents: int


@dataclass(frozen=True, slots=True)
class Extension:
    """Goods that are added, priced: lines that are not written yet, and what the chain gets more."""

    lines: tuple[OrderLine, ...]
    work: tuple[MoreWork, ...]
    ways: tuple[MoreWay, ...]
    deposits: tuple[Deposit, ...]
    sheet: PriceSheet


def work_out(
    session: Session, *, order: Order, view: BasketView, levies: Sequence[Levy], distance: Distance, now: datetime
) -> Extension:
    """Work out what a basket costs when it joins an order. Writes nothing.

    At the gate of a farm nobody works and nobody brings: only goods of that farm can join, and they cost themselves.

    :raises CanNotJoin: when the chain of the order can not take it
    :raises NotAtGate: when the order is collected at a farm that did not grow these goods as they are
    """
    old = list(orders.lines_of(session, order_id=order.id))
    new = [orders.line_of(order, row, local_day(order.starts_at)) for row in view.rows]
    for number, line in enumerate(new, start=1):
        line.id = -number  # a name for the planner; the row gets its own when it is written
    live = {chain.key_of(job): job for job in work.live_jobs(session, order_id=order.id)}
    if order.at_gate and not suits_gate(view.rows, farm_id=old[0].farm_id):
        raise NotAtGate()
    if not order.at_gate and not live:
        raise CanNotJoin()
    before, after = _plans(session, order, old, new, list(live.values()), distance, now)
    more = tuple(_more_work(before, after, live))
    ways_more = tuple(_more_ways(session, order, before, after))
    fees = _difference(fees_of(before), fees_of(after))
    fees += _difference(orders.levied(order, old, levies), orders.levied(order, [*old, *new], levies))
    deposits = tuple(orders.deposits_of(new, view.rows, None))
    sellers = {line.farm_id for line in new} | {fee.enterprise_id for fee in fees}
    sheet = price_sheet(
        orders.goods_lines(new),
        fees,
        deposit_cents=sum(one.cents for one in deposits),
        exempt=vat_charging.exempt(session, enterprise_ids=sellers, day=local_day(order.starts_at)),
    )
    return Extension(tuple(new), more, ways_more, deposits, sheet)


def _plans(
    session: Session,
    order: Order,
    old: Sequence[OrderLine],
    new: Sequence[OrderLine],
    live: Sequence[Job],
    distance: Distance,
    now: datetime,
) -> tuple[RoutePlan, RoutePlan]:
    """Plan the order as it is and with what is added, among those who work on it, on their days."""
    asked = requests.for_order(session, order=order, lines=[*old, *new], now=now)
    days = candidates.work_days(asked.delivery_day, asked.first_day)
    own = {job.capability_id: job for job in live}
    able = [
        _as_held(one, own[one.capability_id])
        for one in (() if order.at_gate else candidates.read_candidates(session, days=days))
        if one.capability_id in own
    ]
    policy = Policy(runner_ups=False)
    names = {line.id for line in old}
    as_it_is = replace(asked, lines=tuple(line for line in asked.lines if line.ref in names))
    try:
        return (
            plan_route(as_it_is, able, distance=distance, policy=policy),
            plan_route(asked, able, distance=distance, policy=policy),
        )
    except Unroutable as refusal:
        raise CanNotJoin() from refusal


def _as_held(candidate: Candidate, job: Job) -> Candidate:
    """Let a provider be asked for the day of its job alone; what this order holds there counts as free.

    Half days are looked at when the extra capacity is held.
    """
    free = candidate.free.get(job.day)
    return candidate.with_free({} if free is None else {job.day: free + job.use}, {})


def _more_work(before: RoutePlan, after: RoutePlan, live: Mapping[str, Job]) -> list[MoreWork]:
    costs = {(job.stage, job.service): job for job in before.jobs}
    found = []
    for planned in after.jobs:
        was = costs.get((planned.stage, planned.service))
        job = live.get(f"process:{planned.service}" if planned.stage == "process" else planned.stage)
        if job is None or was is None:
            raise CanNotJoin()
        found.append(
            MoreWork(
                job.id,
                job.capability_id,
                max(0, planned.use - job.use),
                max(0, planned.cost_cents - was.cost_cents),
            )
        )
    return found


def _more_ways(session: Session, order: Order, before: RoutePlan, after: RoutePlan) -> list[MoreWay]:
    costs = {_way(leg): leg for leg in before.legs}
    open_legs = {
        (leg.job_id is None, leg.from_enterprise_id, leg.to_enterprise_id): leg.id
        for leg in ways.open_of_order(session, order_id=order.id)
    }
    found = []
    for planned in after.legs:
        was = costs.get(_way(planned))
        grams = planned.weight_g - (was.weight_g if was else 0)
        cents = max(0, planned.cost_cents - (was.cost_cents if was else 0))
        if was is not None and _way(planned) not in open_legs:
            raise CanNotJoin()
        if grams or cents:
            found.append(MoreWay(open_legs.get(_way(planned)), planned, grams, cents))
    return found


def _way(leg: PlannedLeg) -> tuple[bool, int, int | None]:
    """Name a way without who drives it: a carrier may have taken it over since."""
    return leg.job is None, leg.from_enterprise_id, leg.to_enterprise_id


def _difference(before: Sequence[Fee], after: Sequence[Fee]) -> list[Fee]:
    """Give what fees are more, by kind, enterprise and rate; what would be less stays as it was agreed."""
    sums: dict[tuple[str, int, int], int] = {}
    for sign, fees in ((-1, before), (1, after)):
        for fee in fees:
            key = (fee.kind, fee.enterprise_id, fee.vat_rate_bp)
            sums[key] = sums.get(key, 0) + sign * fee.amount_cents
    return [Fee(kind, party, cents, rate) for (kind, party, rate), cents in sums.items() if cents > 0]
