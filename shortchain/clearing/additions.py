"""Goods that are added to a paid order: held until they are paid, then part of it and of its chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.capacity import ledger as capacity
from shortchain.capacity import merging
from shortchain.capacity.ledger import Want
from shortchain.clearing import transfer_returns
from shortchain.clearing.extending import Extension, MoreWay
from shortchain.clearing.models import AdditionState, OrderAddition
from shortchain.database import add_rows
from shortchain.delivery import chain
from shortchain.delivery import legs as ways
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment import jobs as work
from shortchain.fulfilment.models import Job, JobLine
from shortchain.journal import Actor
from shortchain.kernel.quantity import SellUnit
from shortchain.kernel.window import local_day
from shortchain.notifications import changes
from shortchain.ordering.models import IfMissing, Order, OrderDeposit, OrderFee, OrderLine, OrderState
from shortchain.payments import giving_back
from shortchain.payments import operations as payments
from shortchain.payments.models import ADDED, Payment, PaymentState
from shortchain.stock import allocations
from shortchain.stock.allocations import Wanted


def write(
    session: Session, *, order: Order, key: str, extension: Extension, until: datetime, by: Actor, now: datetime
) -> OrderAddition:
    """Write down what is to join an order; nothing is held yet."""
    sheet = extension.sheet
    addition = OrderAddition(
        order_id=order.id,
        key=key,
        state=AdditionState.WAITING,
        goods_cents=sheet.goods_cents,
        services_cents=sheet.services_cents,
        deposit_cents=sheet.deposit_cents,
        total_cents=sheet.total_cents,
        content=_content(extension),
        hold_until=until,
        created_at=now,
    )
    session.add(addition)
    session.flush()
    journal.record(
        session, "order.addition_asked", by=by, now=now, order_id=order.id, amount_cents=addition.total_cents
    )
    return addition


def hold(session: Session, *, order: Order, addition: OrderAddition, extension: Extension, now: datetime) -> None:
    """Hold the stock and the extra capacity of what is to join an order until it is paid.

    What others want too is taken last, after the money of gift cards, as when an order is placed.

    :raises SoldOut: with every line that is short
    :raises CapacityGone: when somebody took the capacity meanwhile
    """
    on_day = local_day(order.starts_at)
    wanted = [Wanted(line.claim, line.product_id, line.amount, on_day) for line in extension.lines]
    allocations.hold(session, wanted=wanted, until=addition.hold_until, now=now)
    jobs = {job.id: job for job in work.live_jobs(session, order_id=order.id)}
    asked = {
        _hold_key(addition, more.job_id): [_want(order, jobs[more.job_id], more.use)]
        for more in extension.work
        if more.use
    }
    if asked:
        capacity.hold_each(session, claim=order.claim, wanted=asked, until=addition.hold_until, now=now)


def _want(order: Order, job: Job, use: int) -> Want:
    return Want(job.capability_id, job.day, use, chain.half_of_job(job, order))


def _hold_key(addition: OrderAddition, job_id: int) -> str:
    return f"{ADDED}{addition.public_id}-{job_id}"


def _content(extension: Extension) -> dict[str, Any]:
    left_out = {"id", "order_id"}
    names = [column.key for column in OrderLine.__table__.columns if column.key not in left_out]
    return {
        "lines": [
            {name: _plain(value) for name in names if (value := getattr(line, name)) is not None}
            for line in extension.lines
        ],
        "fees": [[fee.kind, fee.enterprise_id, fee.amount_cents, fee.vat_rate_bp] for fee in extension.sheet.fees],
        "deposits": [
            [-(one.ref or 0) - 1, one.container.id, one.container.owner_id, one.count, one.container.each_cents]
            for one in extension.deposits
        ],
        "work": [[more.job_id, more.use, more.cents] for more in extension.work],
        "ways": [_way(more) for more in extension.ways],
    }


def _plain(value: Any) -> Any:
    return value.value if hasattr(value, "value") else value


def _way(more: MoreWay) -> dict[str, Any]:
    leg = more.planned
    return {
        "leg": more.leg_id,
        "grams": more.grams,
        "cents": more.cents,
        "carrier": leg.carrier_id,
        "from": leg.from_enterprise_id,
        "to": leg.to_enterprise_id,
        "points": [leg.from_point.lat, leg.from_point.lon, leg.to_point.lat, leg.to_point.lon],
        "day": leg.day.isoformat(),
        "metres": leg.metres,
        "vat": leg.vat_rate_bp,
    }


def waiting_of(session: Session, *, order_id: int) -> OrderAddition | None:
    """Find what waits to join an order; there is at most one at a time."""
    return session.scalar(
        select(OrderAddition)
        .where(OrderAddition.order_id == order_id, OrderAddition.state == AdditionState.WAITING)
        .order_by(OrderAddition.id)
        .execution_options(populate_existing=True)
    )


def find_by_key(session: Session, *, key: str) -> OrderAddition | None:
    """Find what a form asked to add, if it did."""
    return session.scalar(select(OrderAddition).where(OrderAddition.key == key))


def payments_for(session: Session, *, addition: OrderAddition) -> list[Payment]:
    """List the payments for what is to join an order, oldest first: what cards pay of it, and each try for the rest."""
    return [
        one
        for one in payments.payments_of(session, order_id=addition.order_id)
        if one.slot == addition.slot or one.slot.startswith(f"{addition.slot}-")
    ]


def asked_last(session: Session, *, addition: OrderAddition) -> Payment:
    """Give the newest payment for what cards do not pay of an addition, or the newest of all when they pay it whole."""
    found = payments_for(session, addition=addition)
    return ([one for one in found if one.slot == addition.slot] or found)[-1]


def due(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """List the orders to which something was to be added that nobody paid in time."""
    return session.scalars(
        select(OrderAddition.order_id)
        .where(OrderAddition.state == AdditionState.WAITING, OrderAddition.hold_until <= now)
        .order_by(OrderAddition.id)
        .limit(limit)
    ).all()


def fall(session: Session, *, addition: OrderAddition, by: Actor, now: datetime) -> None:
    """Let go of what was to be added: nobody paid, or the customer thought better of it. Cards get theirs back."""
    addition.move("fall")
    for payment in payments_for(session, addition=addition):
        if payment.state is PaymentState.CREATED:
            giving_back.free(session, payment=payment, now=now)
            payment.move("abandon")
    transfer_returns.parts_of(session, order=session.get_one(Order, addition.order_id), now=now)
    allocations.release(session, claims=[line["claim"] for line in addition.content["lines"]], now=now)
    for job_id, use, _cents in addition.content["work"]:
        if use:
            capacity.release(session, key=_hold_key(addition, job_id), now=now)
    journal.record(session, "order.addition_fell", by=by, now=now, order_id=addition.order_id)
    session.flush()


def can_join(session: Session, *, order: Order, slot: str, now: datetime) -> OrderAddition | None:
    """Find what a payment in a slot adds, when it can still join: held, and in the hands in which it was priced."""
    number = int(slot.removeprefix(ADDED).split("-")[0])
    addition = session.get(OrderAddition, number, with_for_update=True)
    if addition is None or addition.state is not AdditionState.WAITING or addition.hold_until <= now:
        return None
    live = {job.id for job in work.live_jobs(session, order_id=order.id)}
    open_legs = {leg.id for leg in ways.open_of_order(session, order_id=order.id)}
    same_hands = {row[0] for row in addition.content["work"]} <= live
    same_ways = {way["leg"] for way in addition.content["ways"] if way["leg"] is not None} <= open_legs
    is_early = order.state is OrderState.CONFIRMED and not chain.has_started(session, order_id=order.id)
    return addition if is_early and same_hands and same_ways else None


def join(session: Session, *, order: Order, addition: OrderAddition, by: Actor, now: datetime) -> None:
    """Make what was added part of the order and of its chain. The caller books its payment and holds the lock."""
    addition.move("join")
    content = addition.content
    lines = [_line(order, values) for values in content["lines"]]
    session.add_all(lines)
    session.flush()
    order.goods_cents += addition.goods_cents
    order.services_cents += addition.services_cents
    order.deposit_cents += addition.deposit_cents
    order.total_cents += addition.total_cents
    _write_prices(session, order, lines, content)
    allocations.commit(session, claims=[line.claim for line in lines], now=now)
    capacity.confirm(session, claim=order.claim, now=now)
    for job_id, use, cents in content["work"]:
        job = session.get_one(Job, job_id, with_for_update=True)
        if use:
            merging.merge(session, key=_hold_key(addition, job_id), into=job.reservation_key)
        job.use += use
        job.cost_cents += cents
        handled = [line for line in lines if job.stage.value != "process" or line.process_service == job.service]
        add_rows(session, JobLine, [{"job_id": job.id, "order_line_id": line.id} for line in handled])
    more: dict[int, int] = {}
    for job_id, _use, cents in content["work"]:
        party = session.get_one(Job, job_id).enterprise_id
        more[party] = more.get(party, 0) + cents  # also nothing: there is more to pack in the same box
    for way in content["ways"]:
        _lengthen(session, order, way)
        more[way["carrier"]] = more.get(way["carrier"], 0) + way["cents"]
    session.flush()
    journal.record(session, "order.added_to", by=by, now=now, order_id=order.id, amount_cents=addition.total_cents)
    changes.order_grew(session, order=order, addition=addition.public_id, lines=lines, more_cents=more, now=now)
    changes.order_added(
        session, order=order, addition=addition.public_id, lines=lines, cents=addition.total_cents, now=now
    )


def _line(order: Order, values: Mapping[str, Any]) -> OrderLine:
    wanted = dict(values)
    wanted["if_missing"] = IfMissing(wanted["if_missing"])
    wanted["sell_unit"] = SellUnit(wanted["sell_unit"])
    return OrderLine(order_id=order.id, **wanted)


def _write_prices(session: Session, order: Order, lines: Sequence[OrderLine], content: Mapping[str, Any]) -> None:
    add_rows(
        session,
        OrderFee,
        [
            {"order_id": order.id, "kind": kind, "enterprise_id": party, "amount_cents": cents, "vat_rate_bp": rate}
            for kind, party, cents, rate in content["fees"]
        ],
    )
    add_rows(
        session,
        OrderDeposit,
        [
            {
                "order_id": order.id,
                "order_line_id": lines[place].id,
                "container_id": container,
                "owner_id": owner,
                "count": count,
                "each_cents": each,
                "cut": 0,
                "returned": 0,
            }
            for place, container, owner, count, each in content["deposits"]
        ],
    )


def _lengthen(session: Session, order: Order, way: Mapping[str, Any]) -> None:
    """Let a leg carry more, or write the leg of a farm that was not in the order down."""
    if way["leg"] is not None:
        leg = session.get_one(Leg, way["leg"], with_for_update=True)
        leg.weight_g += way["grams"]
        leg.cost_cents += way["cents"]
        return
    others = ways.open_of_order(session, order_id=order.id)
    first = min(others, key=lambda leg: (leg.position, leg.id))
    lat, lon, to_lat, to_lon = way["points"]
    session.add(
        Leg(
            order_id=order.id,
            job_id=None,
            carrier_id=way["carrier"],
            position=first.position,
            from_enterprise_id=way["from"],
            to_enterprise_id=way["to"],
            pickup_point_id=None,
            to_label=session.get_one(Enterprise, way["to"]).name,
            from_lat=lat,
            from_lon=lon,
            to_lat=to_lat,
            to_lon=to_lon,
            day=date.fromisoformat(way["day"]),
            metres=way["metres"],
            weight_g=way["grams"],
            cost_cents=way["cents"],
            vat_rate_bp=way["vat"],
            state=LegState.PLANNED,
            decision_version=first.decision_version,
        )
    )
