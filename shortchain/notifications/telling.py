"""What happened → whom to tell. Writes notices in the transaction of the deed."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle, Product, WindowKind
from shortchain.enterprises import vat_charging, vat_schemes
from shortchain.enterprises.models import Enterprise, PickupPoint, VatScheme
from shortchain.fulfilment.models import Job
from shortchain.kernel.window import local_day
from shortchain.notifications import notices
from shortchain.notifications.models import Notice
from shortchain.ordering import discount_codes, history, orders, withdrawing
from shortchain.ordering.models import Order, OrderFee, OrderLine, OrderState
from shortchain.ordering.pricing import Fee, charged_bp, vat_lines
from shortchain.payouts.models import Reconciliation


def order_confirmed(
    session: Session, *, order: Order, token: str | None, now: datetime, is_promised: bool = False
) -> None:
    """Owe the customer the confirmation on a durable medium, with all that the law asks (WER VI.45).

    `is_promised` says that a debit is still to bring (part of) the money, so that nothing is called paid that is not.
    """
    notices.owe_customer(
        session,
        order=order,
        key=f"order-confirmed-{order.public_id}",
        template="order_confirmed",
        now=now,
        is_promised=is_promised,
        **order_facts(session, order=order),
    )


def order_cancelled(session: Session, *, order: Order, refund_cents: int, now: datetime) -> None:
    """Owe the customer word that the order is off and how much comes back."""
    notices.owe_customer(
        session,
        order=order,
        key=f"order-cancelled-{order.public_id}",
        template="order_cancelled",
        now=now,
        refund_cents=refund_cents,
    )


def order_link(session: Session, *, order: Order, now: datetime) -> None:
    """Owe the customer the link to their order, at most one in a quarter of an hour."""
    notices.owe_customer(
        session,
        order=order,
        key=f"order-link-{order.public_id}-{int(now.timestamp()) // 900}",
        template="order_link",
        now=now,
    )


def transfer_asked(session: Session, *, order: Order, cents: int, message: str, now: datetime) -> None:
    """Owe the customer the facts of the bank transfer by which they chose to pay."""
    notices.owe_customer(
        session,
        order=order,
        key=f"transfer-asked-{order.public_id}",
        template="transfer_asked",
        now=now,
        total_cents=cents,
        message=message,
        hold_until=order.hold_until.isoformat(),
    )


def order_expired(session: Session, *, order: Order, now: datetime) -> None:
    """Owe the customer word that their order fell, since it was not paid in time."""
    notices.owe_customer(
        session,
        order=order,
        key=f"order-expired-{order.public_id}",
        template="order_expired",
        now=now,
    )


def jobs_offered(session: Session, *, jobs: Sequence[Job], now: datetime) -> None:
    """Owe each provider one mail for the work that it is offered now.

    A mail about earlier offers that has not left yet takes these along: when a colleague closes, twenty orders ask the
    same packer within a second, each in a transaction of its own, and nobody wants twenty mails of it.
    """
    by_enterprise: dict[int, list[Job]] = {}
    for job in jobs:
        by_enterprise.setdefault(job.enterprise_id, []).append(job)
    query = select(Enterprise).where(Enterprise.id.in_(by_enterprise), Enterprise.email != "").order_by(Enterprise.id)
    for enterprise in session.scalars(query).all():
        own = by_enterprise[enterprise.id]
        told = [_offer(job) for job in own]
        earlier = _offers_that_wait(session, enterprise)
        if earlier is not None:
            earlier.context = {**earlier.context, "jobs": [*earlier.context["jobs"], *told]}
            session.flush()
            continue
        notices.owe(
            session,
            key=f"jobs-offered-{min(job.public_id for job in own)}",
            template="jobs_offered",
            to_email=enterprise.email,
            language=enterprise.language,
            order_id=own[0].order_id,
            now=now,
            context={"enterprise": enterprise.name, "jobs": told},
        )


def _offer(job: Job) -> dict[str, Any]:
    return {
        "stage": job.stage.value,
        "service": job.service,
        "day": job.day.isoformat(),
        "cost_cents": job.cost_cents,
        "answer_by": job.answer_by.isoformat() if job.answer_by else None,
    }


def _offers_that_wait(session: Session, enterprise: Enterprise) -> Notice | None:
    """Find the mail that can take more offers along; two enterprises may share an address, but not a mail."""
    found = notices.waiting(session, template="jobs_offered", to_email=enterprise.email, language=enterprise.language)
    return next((one for one in found if one.context["enterprise"] == enterprise.name), None)


def harvest_asked(session: Session, *, cycle: OrderCycle, now: datetime) -> None:
    """Owe each farm with orders in a cycle one mail with what to harvest, when the cycle closes."""
    rows = session.execute(
        select(OrderLine.farm_id, OrderLine.product_id, OrderLine.sell_unit, func.sum(OrderLine.supplied))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle.id, Order.state == OrderState.CONFIRMED, OrderLine.supplied > 0)
        .group_by(OrderLine.farm_id, OrderLine.product_id, OrderLine.sell_unit)
        .order_by(OrderLine.farm_id, OrderLine.product_id)
    ).all()
    wanted = {row.product_id for row in rows}
    names = {product.id: product.name for product in session.scalars(select(Product).where(Product.id.in_(wanted)))}
    for farm in session.scalars(select(Enterprise).where(Enterprise.id.in_({row.farm_id for row in rows}))):
        if farm.email:
            notices.owe(
                session,
                key=f"harvest-{cycle.public_id}-{farm.public_id}",
                template="harvest_asked",
                to_email=farm.email,
                language=farm.language,
                now=now,
                context={
                    "enterprise": farm.name,
                    "cycle": cycle.name,
                    "lines": [
                        {"name": names[product], "amount": int(amount), "sell_unit": unit.value}
                        for owner, product, unit, amount in rows
                        if owner == farm.id
                    ],
                },
            )


def books_differ(session: Session, *, kept: Reconciliation, now: datetime) -> None:
    """Owe the hubs an alarm: our books and the payment provider's do not agree.

    A hub reads of its own orders only; what belongs to no order concerns them all.
    """
    hubs = session.scalars(select(Enterprise).where(Enterprise.is_hub, Enterprise.is_active)).all()
    for hub in hubs:
        own = [one for one in kept.differences if one["hub_id"] in (hub.id, None)]
        if own and hub.email:
            notices.owe(
                session,
                key=f"books-{kept.public_id}-{hub.public_id}",
                template="books_differ",
                to_email=hub.email,
                language=hub.language,
                now=now,
                context={
                    "name": hub.name,
                    "count": len(own),
                    "orders": [one["number"] for one in own if one["number"]],
                },
            )


def order_facts(session: Session, *, order: Order) -> dict[str, Any]:
    """Gather what a confirmation says: lines, sellers with their numbers, services, VAT, place and time."""
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)).all()
    fees = session.scalars(select(OrderFee).where(OrderFee.order_id == order.id).order_by(OrderFee.id)).all()
    parties = {line.farm_id for line in lines} | {fee.enterprise_id for fee in fees}
    enterprises = {row.id: row for row in session.scalars(select(Enterprise).where(Enterprise.id.in_(parties)))}
    schemes = vat_schemes.of_all(session, list(enterprises.values()), day=local_day(order.starts_at))
    exempt = {row.id for row in enterprises.values() if not vat_charging.is_charged(schemes[row.id], kbo=row.kbo)}
    hub = session.get_one(Enterprise, order.hub_id)
    closes_at = session.execute(select(OrderCycle.closes_at).where(OrderCycle.id == order.cycle_id)).scalar_one()
    code = discount_codes.of_order(session, order=order)
    keeps = [line for line in lines if withdrawing.has_right(line.withdrawal)]
    return {
        "kind": order.kind.value,
        "address": _place(session, order),
        "floor": order.floor,
        "has_lift": order.has_lift,
        "closes_at": closes_at.isoformat(),
        "goods_cents": order.goods_cents,
        "hub": {"name": hub.name, "email": hub.email, "phone": hub.phone},
        "withdrawable": [line.name for line in keeps],
        "is_all_fresh": not keeps,
        "starts_at": order.starts_at.isoformat(),
        "ends_at": order.ends_at.isoformat(),
        "total_cents": order.total_cents,
        "remark": order.remark,
        "lines": [
            {
                "name": line.name,
                "farm": enterprises[line.farm_id].name,
                "amount": line.amount,
                "sell_unit": line.sell_unit.value,
                "price_cents": line.price_cents,
                "total_cents": line.total_cents,
                "discount_cents": line.discount_cents,
                "weight_g": line.weight_g,
                "max_weight_g": line.max_weight_g,
                "vat_rate_bp": charged_bp(line.farm_id, line.vat_rate_bp, exempt),
            }
            for line in lines
        ],
        "fees": [
            {"kind": fee.kind, "enterprise": enterprises[fee.enterprise_id].name, "amount_cents": fee.amount_cents}
            for fee in fees
        ],
        "deposits": [
            {"kind": one.kind, "name": one.name, "owner": one.owner, "count": one.count, "cents": one.cents}
            for one in history.deposits_of(session, order=order)
        ],
        "code": {"code": code.code, "owner": code.owner, "by_hub": code.by_hub, "cents": code.cents} if code else {},
        "sellers": [_seller(row, schemes[row.id]) for row in sorted(enterprises.values(), key=lambda e: e.name)],
        "vat": _vat(lines, fees, enterprises, exempt),
    }


def _seller(row: Enterprise, scheme: VatScheme) -> dict[str, Any]:
    """Say who sells, with everything that the law wants known of a trader."""
    return {
        "name": row.name,
        "kbo": row.kbo,
        "address": row.address,
        "email": row.email,
        "phone": row.phone,
        "vat_scheme": scheme.value,
    }


def _vat(
    lines: Sequence[OrderLine],
    fees: Sequence[OrderFee],
    enterprises: Mapping[int, Enterprise],
    exempt: Container[int],
) -> list[dict[str, Any]]:
    """List the VAT per seller and rate; the rate of who charges none is 0."""
    paid = [Fee(fee.kind, fee.enterprise_id, fee.amount_cents, fee.vat_rate_bp) for fee in fees]
    return [
        {
            "seller": enterprises[row.seller_id].name,
            "rate_bp": row.rate_bp,
            "gross_cents": row.gross_cents,
            "vat_cents": row.vat_cents,
        }
        for row in vat_lines(orders.goods_lines(lines), paid, exempt=exempt)
    ]


def _place(session: Session, order: Order) -> str:
    if order.kind is WindowKind.PICKUP and order.pickup_point_id:
        point = session.get_one(PickupPoint, order.pickup_point_id)
        return f"{point.name}, {point.address}"
    return f"{order.street}, {order.postcode} {order.municipality}"
