"""Puts products on offer in an order cycle, at a price; every change of price is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median_low

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue import list_prices, reductions, shop_items
from shortchain.catalogue.models import CycleState, Offer, OrderCycle, PriceChange, Product
from shortchain.catalogue.reductions import Price, Reference
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.window import local_day

MOST_CENTS = 1_000_000


class NoCycle(Conflict):
    """There is no order cycle to offer in, and none is being prepared."""

    message = N_("Er is nu geen bestelronde. Vraag je coördinator wanneer de volgende begint.")


class BadPrice(Invalid):
    """A price is more than nothing and less than € 10.000."""

    message = N_("Geef een prijs tussen € 0,01 en € 10.000,00.")


class NotAReduction(Invalid):
    """The new price is not below what a reduction is compared with (Code of Economic Law, art. VI.18)."""

    message = N_("Dit is geen korting: het kostte kort voordien evenveel of minder.")


def cycles_to_offer_in(session: Session, *, farm_id: int, now: datetime) -> Sequence[OrderCycle]:
    """List the cycles in which a farm offers now: the open one of its hub, and the one that comes.

    The hub is the one of the farm's last offer, else the nearest that has a cycle.

    :raises NoCycle: when there is neither
    """
    found = session.execute(
        select(OrderCycle, Enterprise.lat, Enterprise.lon)
        .join(Enterprise, Enterprise.id == OrderCycle.hub_id)
        .where(OrderCycle.state.in_((CycleState.OPEN, CycleState.DRAFT)), OrderCycle.closes_at > now)
        .order_by(OrderCycle.closes_at, OrderCycle.id)
    ).all()
    if not found:
        raise NoCycle()
    hubs = {cycle.hub_id: Point(lat, lon) for cycle, lat, lon in found}
    hub_id = _last_hub(session, farm_id)
    if hub_id not in hubs:
        farm = session.get_one(Enterprise, farm_id)
        hub_id = min(hubs, key=lambda number: (distance_m(farm.point, hubs[number]), number))
    return [cycle for cycle, _lat, _lon in found if cycle.hub_id == hub_id][:2]


def _last_hub(session: Session, farm_id: int) -> int | None:
    return session.scalar(
        select(OrderCycle.hub_id)
        .join(Offer, Offer.cycle_id == OrderCycle.id)
        .where(Offer.farm_id == farm_id)
        .order_by(Offer.id.desc())
        .limit(1)
    )


def put_on_offer(
    session: Session,
    *,
    product: Product,
    cycle_id: int,
    price_cents: int,
    by: Actor,
    now: datetime,
    compared_with: Reference | None = None,
) -> Offer:
    """Offer a product in a cycle, or change what it costs there. Refreshes the shop.

    `price_cents` is per sell unit, VAT included. The same price again changes nothing; a new one is a
    reduction only when it says what it is `compared_with`, see `compare`.

    :raises BadPrice: for no price, or an absurd one
    """
    if not 0 < price_cents <= MOST_CENTS:
        raise BadPrice(fields=("price",))
    prices = list_prices.resolved(session, product_id=product.id, price_cents=price_cents)
    last = _note_price(session, product=product, price_cents=price_cents, by=by, now=now, compared_with=compared_with)
    offer = session.scalar(select(Offer).where(Offer.product_id == product.id, Offer.cycle_id == cycle_id))
    if offer is None:
        offer = Offer(product_id=product.id, farm_id=product.farm_id, cycle_id=cycle_id, created_at=now)
        session.add(offer)
    # The price and what it is compared with change in one statement: the database refuses a reduction that is none.
    offer.price_cents, offer.prices, offer.is_active = price_cents, prices, True
    offer.was_cents, offer.was_kind = last.was_cents, last.was_kind
    offer.was_until = reductions.last_day(local_day(last.since)) if last.was_cents else None
    session.flush()
    shop_items.refresh_offers(session, offer_ids=[offer.id])
    return offer


def _note_price(
    session: Session, *, product: Product, price_cents: int, by: Actor, now: datetime, compared_with: Reference | None
) -> PriceChange:
    """Keep a new price in the history; the same price again is the change that is there."""
    last = _last_change(session, product.id)
    if last is not None and last.price_cents == price_cents:
        return last
    made = PriceChange(product_id=product.id, price_cents=price_cents, since=now)
    if compared_with is not None:
        made.was_cents, made.was_kind = compared_with.cents, compared_with.kind
    session.add(made)
    journal.record(
        session,
        "offer.priced",
        by=by,
        now=now,
        enterprise_id=product.farm_id,
        product=product.id,
        cents=price_cents,
        was_cents=made.was_cents,
    )
    session.flush()
    return made


def _last_change(session: Session, product_id: int) -> PriceChange | None:
    return session.scalar(
        select(PriceChange)
        .where(PriceChange.product_id == product_id)
        .order_by(PriceChange.since.desc(), PriceChange.id.desc())
        .limit(1)
    )


def reference_of(session: Session, *, product_id: int, withdrawal: str, now: datetime) -> Reference | None:
    """Give what a reduction of a product is compared with now; None when it never had a price."""
    begin = now - reductions.COUNTED
    first = (
        select(func.max(PriceChange.since))
        .where(PriceChange.product_id == product_id, PriceChange.since <= begin)
        .scalar_subquery()
    )
    rows = session.execute(
        select(PriceChange.price_cents, PriceChange.since)
        .where(
            PriceChange.product_id == product_id,
            PriceChange.since >= func.coalesce(first, begin),
            PriceChange.since <= now,
        )
        .order_by(PriceChange.since, PriceChange.id)
    )
    prices = [Price(cents, since) for cents, since in rows]
    return reductions.reference(prices, perishable=reductions.is_perishable(withdrawal), now=now)


def compare(session: Session, *, product: Product, price_cents: int, now: datetime) -> Reference:
    """Say with what a price is compared when it is announced as a reduction.

    :raises NotAReduction: when it is not lower than that, or the product never had a price
    """
    found = reference_of(session, product_id=product.id, withdrawal=product.withdrawal, now=now)
    if found is None or price_cents >= found.cents:
        raise NotAReduction(fields=("price",))
    return found


@dataclass(frozen=True, slots=True)
class PastPrice:
    """A price as the farm sees it: from when on, in cents, and with what a reduction was compared."""

    since: datetime
    cents: int
    was_cents: int | None
    is_last: bool


def price_history(session: Session, *, product_id: int, most: int = 20) -> list[PastPrice]:
    """List the prices of a product, the newest first."""
    rows = session.scalars(
        select(PriceChange)
        .where(PriceChange.product_id == product_id)
        .order_by(PriceChange.since.desc(), PriceChange.id.desc())
        .limit(most)
    )
    return [
        PastPrice(row.since, row.price_cents, row.was_cents, row.was_kind is reductions.ReferenceKind.LAST)
        for row in rows
    ]


def price_everywhere(session: Session, *, product: Product, price_cents: int, by: Actor, now: datetime) -> None:
    """Change the price in every cycle where the product is offered and one can still order.

    :raises BadPrice: for no price, or an absurd one
    """
    cycles = session.scalars(
        select(Offer.cycle_id)
        .join(OrderCycle, OrderCycle.id == Offer.cycle_id)
        .where(Offer.product_id == product.id, Offer.is_active, OrderCycle.closes_at > now)
        .order_by(Offer.cycle_id)
    ).all()
    for cycle_id in cycles:
        put_on_offer(session, product=product, cycle_id=cycle_id, price_cents=price_cents, by=by, now=now)


def take_off_offer(session: Session, *, product: Product, since: datetime, by: Actor, now: datetime) -> None:
    """End the offers of a product that were made at `since` or later."""
    offers = session.scalars(
        select(Offer).where(Offer.product_id == product.id, Offer.created_at >= since, Offer.is_active)
    ).all()
    for offer in offers:
        offer.is_active = False
    session.flush()
    shop_items.refresh_offers(session, offer_ids=[offer.id for offer in offers])
    journal.record(
        session,
        "offer.withdrawn",
        by=by,
        now=now,
        enterprise_id=product.farm_id,
        product=product.id,
    )


def last_price(session: Session, *, product_id: int, before: datetime | None = None) -> int | None:
    """Give what a product last cost (before an instant), in cents per sell unit."""
    query = select(PriceChange.price_cents).where(PriceChange.product_id == product_id)
    if before is not None:
        query = query.where(PriceChange.since < before)
    return session.scalar(query.order_by(PriceChange.since.desc(), PriceChange.id.desc()).limit(1))


def prices_of(session: Session, *, product_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Give (last price, median of all its prices) of each product that ever had one, in cents."""
    prices: dict[int, list[int]] = {}
    for number, cents in session.execute(
        select(PriceChange.product_id, PriceChange.price_cents)
        .where(PriceChange.product_id.in_(product_ids))
        .order_by(PriceChange.since, PriceChange.id)
    ):
        prices.setdefault(number, []).append(cents)
    return {number: (found[-1], median_low(found)) for number, found in prices.items()}


def pause(session: Session, *, product: Product, by: Actor, now: datetime) -> None:
    """Take a product out of the shop until further notice; its stock stays."""
    _activate(session, product, False, by, now)


def resume(session: Session, *, product: Product, by: Actor, now: datetime) -> None:
    """Put a paused product back in the shop."""
    _activate(session, product, True, by, now)


def _activate(session: Session, product: Product, active: bool, by: Actor, now: datetime) -> None:
    if product.is_active == active:
        return
    product.is_active = active
    session.flush()
    shop_items.refresh_product(session, product_id=product.id)
    journal.record(
        session,
        "product.resumed" if active else "product.paused",
        by=by,
        now=now,
        enterprise_id=product.farm_id,
        product=product.id,
    )


def count_offers(session: Session, *, farm_id: int, cycle_id: int) -> int:
    """Count what a farm offers in a cycle."""
    found = session.scalar(
        select(func.count(Offer.id))
        .join(Product, Product.id == Offer.product_id)
        .where(Offer.farm_id == farm_id, Offer.cycle_id == cycle_id, Offer.is_active, Product.is_active)
    )
    return int(found or 0)
