"""A farm has less than it sold: whose order goes short, what comes instead, and what goes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data, journal
from shortchain.catalogue import list_pricing
from shortchain.catalogue.models import Offer, Product
from shortchain.delivery import pick_lists
from shortchain.enterprises import buying
from shortchain.enterprises.price_lists import lists_for
from shortchain.fulfilment import jobs
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound
from shortchain.kernel.money import Money
from shortchain.kernel.quantity import base_per_unit, line_total
from shortchain.kernel.window import local_day
from shortchain.notifications import changes
from shortchain.ordering import orders, shortages
from shortchain.ordering.models import IfMissing, Order, OrderLine
from shortchain.ordering.shortages import Sold
from shortchain.payments import deposit_refunds, giving_back, line_refunds
from shortchain.payments.models import Refund
from shortchain.stock import allocations, lots
from shortchain.stock.allocations import SoldOut, Wanted
from shortchain.stock.models import Lot
from shortchain.transaction import transaction

MOMENT = timedelta(minutes=5)
NOTHING_LEFT = "nothing_left"
"""The kind of a task for an order of which nothing comes: a person decides about what it still costs."""


class HowMuch(Invalid):
    """Nothing is missing, or more than is to be brought."""

    message = N_("Vul in hoeveel je tekort komt: meer dan niets, en hoogstens wat er nog te brengen is.")


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a shortage: how many orders go short, how many of these get something else, cents back."""

    orders: int
    replaced: int
    back_cents: int


def report(
    session: Session,
    *,
    farm_id: int,
    product: str,
    day: date,
    missing: int,
    instead: str,
    by: Actor,
    now: datetime,
) -> Told:
    """Say that `missing` base units of a product are not there for a day.

    The last orders go short first. Each gets what its customer chose: the farm's product `instead` (a public id,
    empty for none) when it may replace the other, else the money back. What was still for sale of the product is
    taken out of the shop: whoever has too little has none left over.

    :raises NotFound: for a product of another farm, or one with nothing to bring that day
    :raises HowMuch: for an amount that can not be; nothing changed
    :raises AlreadyPacked: when goods were packed meanwhile; nothing changed
    """
    with transaction(session):
        short = _own(session, product, farm_id)
        other = _own(session, instead, farm_id) if instead else None
        locked = _lock(session, farm_id, day, short.id)
        lots.lock(session, product_ids=[one.id for one in (short, other) if one is not None])
        # Only now is it sure what waits: another report, a change by the customer or a delivery may have been first.
        waiting = pick_lists.waiting_lines(session, farm_id=farm_id, day=day, product_id=short.id)
        lines = [line for line in waiting if line.order_id in locked]
        if not lines:
            raise NotFound()
        try:
            parts = shortages.share([Sold(line.id, line.supplied) for line in lines], missing)
        except ValueError:
            raise HowMuch(fields=("missing",)) from None
        _close_shop(session, short, by, now)
        told = [
            _fall_short(session, locked[line.order_id], line, parts[line.id], other, by, now)
            for line in lines
            if line.id in parts
        ]
        _ask_about_empty(session, {line.order_id: locked[line.order_id] for line in lines if line.id in parts}, now)
        journal.record(
            session, "harvest.short", by=by, now=now, enterprise_id=farm_id, product=short.id, amount=missing
        )
        return Told(len(told), sum(one[0] for one in told), sum(one[1] for one in told))


def _lock(session: Session, farm_id: int, day: date, product_id: int) -> dict[int, Order]:
    """Lock the orders that wait for a product, by their ids; what was read of them before is read again."""
    lines = pick_lists.waiting_lines(session, farm_id=farm_id, day=day, product_id=product_id)
    locked = {number: orders.lock(session, order_id=number) for number in sorted({one.order_id for one in lines})}
    session.expire_all()
    return locked


def _own(session: Session, public_id: str, farm_id: int) -> Product:
    found = session.scalar(select(Product).where(Product.public_id == public_id, Product.farm_id == farm_id))
    if found is None:
        raise NotFound()
    return found


def _close_shop(session: Session, product: Product, by: Actor, now: datetime) -> None:
    """Take out of the shop what is harvested and unsold: who is short of sold goods has none left over."""
    open_lots = (
        select(Lot)
        .where(Lot.product_id == product.id, Lot.quantity > Lot.allocated, Lot.harvested_on <= local_day(now))
        .order_by(Lot.id)
    )
    for lot in session.scalars(open_lots.with_for_update().execution_options(populate_existing=True)).all():
        lots.correct(session, lot=lot, quantity=lot.allocated, kind="missing", by=by, now=now)


def _fall_short(
    session: Session, order: Order, line: OrderLine, part: int, other: Product | None, by: Actor, now: datetime
) -> tuple[bool, int]:
    """Take a part of a line away; returns whether something else comes, and the cents that go back."""
    allocations.give_up(session, claim=line.claim, amount=part, by=by, now=now)
    worth = _replace(session, order, line, part, other, now) if other is not None else None
    cents = shortages.back_cents(
        line.cost, missing=line.missing, dropped=line.dropped, less=part, replaced_cents=worth or 0
    )
    line.missing += part
    cents = min(
        cents, line_refunds.most(session, order=order, unweighed=True)[line.id]
    )  # a complaint may have given some already
    asked: list[Refund] = []
    if cents:
        why = line_refunds.SHORT
        asked = line_refunds.give_back(session, order=order, line=line, amount_cents=cents, reason=why, now=now)
    held = deposit_refunds.cut(session, order=order, reason=line_refunds.SHORT, now=now)
    back = giving_back.whereto(session, asked + held)
    journal.record(session, "order.short", by=by, now=now, order_id=order.id, product=line.product_id, amount=part)
    changes.goods_short(
        session,
        order=order,
        line=line,
        missing=part,
        is_replaced=worth is not None,
        back=back,
        deposit_cents=sum(one.amount_cents for one in held),
        is_empty=not _still_comes(session, [order.id])[order.id],
        now=now,
    )
    session.flush()
    return worth is not None, back.cents


def _replace(session: Session, order: Order, line: OrderLine, part: int, other: Product, now: datetime) -> int | None:
    """Put another product of the farm in the place of a part; returns its worth in cents, or None where it can not."""
    on_day = local_day(order.starts_at)
    price = _price_for(session, order, other, part)
    if price is None or not _may_replace(line, other, on_day):
        return None
    before = {code for code, _amount in allocations.lots_of_claims(session, claims=[line.claim]).get(line.claim, [])}
    try:
        wanted = Wanted(line.claim, other.id, part, on_day)
        allocations.hold(session, wanted=[wanted], until=now + MOMENT, now=now)
    except SoldOut:
        return None
    allocations.commit(session, claims=[line.claim], now=now)
    served = allocations.lots_of_claims(session, claims=[line.claim])[line.claim]
    line.replacement = {
        "product_id": other.id,
        "name": dict(other.name),
        "amount": part,
        "weight_g": part if base_per_unit(other.sell_unit) > 1 else part * other.weight_g,
        "container_id": other.container_id,
        "lots": [code for code, _amount in served if code not in before],
    }
    return line_total(Money(price), sell_unit=other.sell_unit, amount=part).minor


def _price_for(session: Session, order: Order, other: Product, part: int) -> int | None:
    """Give what the customer of an order pays for so much of another product now, in cents per sell unit."""
    row = session.execute(
        select(Offer.price_cents, Offer.prices, Offer.farm_id).where(
            Offer.product_id == other.id, Offer.cycle_id == order.cycle_id, Offer.is_active.is_(True)
        )
    ).one_or_none()
    if row is None:
        return None
    grants = buying.grants_of(session, user_id=order.user_id)
    lists = lists_for(grants, farm_id=row.farm_id, hub_id=order.hub_id)
    return list_pricing.step_at(list_pricing.ladder(row.price_cents, row.prices or {}, lists), part).cents


def _may_replace(line: OrderLine, other: Product, on_day: date) -> bool:
    """Say whether a product may come instead: the customer wants it, and it is as safe, as cold and taxed the same."""
    return (
        line.if_missing is IfMissing.REPLACE
        and not line.replacement
        and line.max_weight_g is None
        and other.id != line.product_id
        and other.is_active
        and not other.is_weighed
        and other.sell_unit is line.sell_unit
        and other.storage_class == line.storage_class
        and other.process_service == line.process_service
        and (other.is_organic or not line.is_organic)
        and data.vat_rate(other.category, on_day) == line.vat_rate_bp
        and not shortages.is_wider(other.allergens, line.allergens)
    )


def _still_comes(session: Session, order_ids: Iterable[int]) -> dict[int, int]:
    """Add up what comes of orders, by their ids, whatever its unit: nothing is what counts."""
    session.flush()
    left: dict[int, int] = defaultdict(int)
    for line in session.scalars(select(OrderLine).where(OrderLine.order_id.in_(order_ids))):
        left[line.order_id] += line.supplied + int(line.replacement.get("amount", 0))
    return left


def _ask_about_empty(session: Session, touched: dict[int, Order], now: datetime) -> None:
    """Ask the coordinator about orders of which nothing is left: they still pay for packing and the way."""
    left = _still_comes(session, touched)
    for number, order in sorted(touched.items()):
        if not left[number]:
            jobs.ask_coordinator(session, order=order, kind=NOTHING_LEFT, now=now)
