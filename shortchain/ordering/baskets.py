"""Baskets: what somebody collects before it is a deal. Holds no stock, keeps the price it showed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from shortchain.catalogue import list_pricing
from shortchain.catalogue.models import Offer, OrderCycle, Product
from shortchain.containers.models import ContainerType
from shortchain.enterprises import buying
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.price_lists import Grants, lists_for
from shortchain.kernel.errors import N_, Invalid, NotFound
from shortchain.kernel.quantity import SellUnit, base_per_unit
from shortchain.ordering.basket_rows import IN_CONTAINER, OFFER_FACTS, row_of
from shortchain.ordering.basket_rows import BasketRow as BasketRow
from shortchain.ordering.basket_rows import BasketView as BasketView
from shortchain.ordering.models import Basket, BasketLine

KEEP = timedelta(days=30)
MOST_LINES = 120


class WrongAmount(Invalid):
    """The amount is not one that the farm sells."""

    message = N_("Kies minstens %(least)s, in stappen van %(step)s.")


class TooMuch(Invalid):
    """More than the farm sells to one person."""

    message = N_("Je kunt hier hoogstens %(most)s van bestellen.")


class BasketFull(Invalid):
    """More lines than one order can hold."""

    message = N_("Je mandje is vol. Bestel eerst wat erin zit.")


def start(session: Session, *, user_id: int | None, postcode: str, now: datetime) -> Basket:
    """Start an empty basket with an unguessable name (144 bits)."""
    basket = Basket(
        public_id=secrets.token_urlsafe(18),
        user_id=user_id,
        postcode=postcode[:4],
        created_at=now,
        touched_at=now,
        lines=[],
    )
    session.add(basket)
    session.flush()
    return basket


def find(session: Session, *, public_id: str) -> Basket | None:
    """Find a basket with its lines, for changing it: two quick taps come one after the other."""
    return session.scalar(
        select(Basket).where(Basket.public_id == public_id).options(selectinload(Basket.lines)).with_for_update()
    )


class Taken(NamedTuple):
    """A basket that nobody else can empty until the transaction ends."""

    id: int
    public_id: str
    postcode: str
    user_id: int | None


_TAKE = (
    update(Basket)
    .where(Basket.public_id == bindparam("name"))
    .values(touched_at=bindparam("now"))
    .returning(Basket.id, Basket.public_id, Basket.postcode, Basket.user_id)
    .execution_options(synchronize_session=False)
)


def take(session: Session, *, public_id: str, now: datetime) -> Taken | None:
    """Take hold of a basket for emptying it; whoever comes with the same one waits.

    Touching it is the lock: one statement less than looking first.
    """
    row = session.execute(_TAKE, {"name": public_id, "now": now}).one_or_none()
    return Taken(*row) if row else None


def check_amount(product: Product, amount: int) -> None:
    """Refuse an amount that the farm does not sell.

    :raises WrongAmount: below the least, or between two steps
    :raises TooMuch: above the most
    """
    if amount < product.least or (amount - product.least) % product.step:
        raise WrongAmount(
            fields=("amount",), least=_in_units(product, product.least), step=_in_units(product, product.step)
        )
    if product.most is not None and amount > product.most:
        raise TooMuch(fields=("amount",), most=_in_units(product, product.most))


def _in_units(product: Product, amount: int) -> str:
    """Write an amount in the words of the ticket: 500 of a kilo product is `500 g`."""
    per = base_per_unit(product.sell_unit)
    if per == 1:
        return str(amount)
    sign = "ml" if product.sell_unit is SellUnit.LITRE else "g"
    return f"{amount} {sign}"


def set_amount(
    session: Session, *, basket: Basket, offer_public_id: str, amount: int, now: datetime, add: bool = False
) -> BasketLine | None:
    """Put an amount of an offer in the basket, in base units; zero takes it out, `add` adds to it.

    The line keeps the price that is asked now. Returns the line, or None when it is out.

    :raises NotFound: when there is no such offer, or it is not for sale
    :raises WrongAmount: and `TooMuch`, by the rules of the product
    :raises BasketFull: at more than 120 lines
    """
    offer = session.scalar(
        select(Offer)
        .join(Enterprise, Enterprise.id == Offer.farm_id)
        .where(Offer.public_id == offer_public_id, Enterprise.is_active, Enterprise.verified_at.is_not(None))
        .options(selectinload(Offer.product), joinedload(Offer.cycle))
    )
    if offer is None or not (offer.is_active and offer.product.is_active):
        raise NotFound(N_("Dit product is niet meer te koop."))
    line = next((row for row in basket.lines if row.offer_id == offer.id), None)
    basket.touched_at = now
    if add and line is not None:
        amount += line.amount
    if amount <= 0:
        if line is not None:
            basket.lines.remove(line)
        session.flush()
        return None
    check_amount(offer.product, amount)
    if line is None:
        if len(basket.lines) >= MOST_LINES:
            raise BasketFull()
        line = BasketLine(offer_id=offer.id, amount=amount, shown_price_cents=offer.price_cents)
        basket.lines.append(line)
    line.amount = amount
    line.shown_price_cents = _price(offer, amount, buying.grants_of(session, user_id=basket.user_id))
    session.flush()
    return line


def _price(offer: Offer, amount: int, grants: Grants) -> int:
    """Say what a sell unit costs this buyer when they take so much."""
    lists = lists_for(grants, farm_id=offer.farm_id, hub_id=offer.cycle.hub_id)
    return list_pricing.step_at(list_pricing.ladder(offer.price_cents, offer.prices or {}, lists), amount).cents


def accept_changes(session: Session, *, basket: Basket, now: datetime) -> None:
    """Take over the prices of now, and take out or shorten what is not there any more."""
    rows = {row.offer_id: row for row in view_of(session, basket=basket, now=now).rows}
    for line in list(basket.lines):
        row = rows.get(line.offer_id)
        if row is None or not row.is_open or row.left < row.least:
            basket.lines.remove(line)
            continue
        if row.is_short:
            line.amount = row.least + (row.left - row.least) // row.step * row.step
        line.shown_price_cents = list_pricing.step_at(row.steps, line.amount).cents
    basket.touched_at = now
    session.flush()


_HEAD = select(Basket.id, Basket.public_id, Basket.postcode, Basket.user_id).where(
    Basket.public_id == bindparam("name")
)


def view(session: Session, *, public_id: str, now: datetime) -> BasketView | None:
    """Show a basket with what each line costs now and what is left."""
    basket = session.execute(_HEAD, {"name": public_id}).one_or_none()
    if basket is None:
        return None
    return view_of(session, basket=Taken(*basket), now=now)


def view_of(session: Session, *, basket: Basket | Taken, now: datetime) -> BasketView:
    """Show a loaded basket, at the prices of whose it is."""
    grants = buying.grants_of(session, user_id=basket.user_id)
    return BasketView(basket.public_id, basket.postcode, tuple(_rows(session, basket.id, now, grants)))


_ROWS = (
    select(BasketLine.amount, BasketLine.shown_price_cents, BasketLine.if_missing, *OFFER_FACTS)
    .select_from(BasketLine)
    .join(Offer, Offer.id == BasketLine.offer_id)
    .join(Product, Product.id == Offer.product_id)
    .join(Enterprise, Enterprise.id == Product.farm_id)
    .join(OrderCycle, OrderCycle.id == Offer.cycle_id)
    .outerjoin(ContainerType, IN_CONTAINER)
    .where(BasketLine.basket_id == bindparam("basket"))
    .order_by(Enterprise.name, BasketLine.id)
)
"""Built once: this is asked at every look at a basket, and building it costs as much as asking it."""


def _rows(session: Session, basket_id: int, now: datetime, grants: Grants) -> Sequence[BasketRow]:
    return [
        row_of(
            row,
            amount=row.amount,
            shown_price_cents=row.shown_price_cents,
            if_missing=row.if_missing,
            now=now,
            grants=grants,
        )
        for row in session.execute(_ROWS, {"basket": basket_id, "today": now.date()})
    ]


def count(session: Session, *, public_id: str) -> int:
    """Count the lines of a basket."""
    return (
        session.scalar(
            select(func.count(BasketLine.id))
            .join(Basket, Basket.id == BasketLine.basket_id)
            .where(Basket.public_id == public_id)
        )
        or 0
    )


def amounts(session: Session, *, public_id: str) -> list[tuple[int, int, SellUnit]]:
    """List what lies in a basket, for the tickets of the shop: offer id, amount, sell unit."""
    rows = session.execute(
        select(BasketLine.offer_id, BasketLine.amount, Product.sell_unit)
        .join(Basket, Basket.id == BasketLine.basket_id)
        .join(Offer, Offer.id == BasketLine.offer_id)
        .join(Product, Product.id == Offer.product_id)
        .where(Basket.public_id == public_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def is_of(session: Session, *, public_id: str, user_id: int) -> bool:
    """Say whether a basket is this person's own."""
    found = session.scalar(select(Basket.id).where(Basket.public_id == public_id, Basket.user_id == user_id))
    return found is not None


def may_see(session: Session, *, public_id: str, user_id: int | None) -> bool:
    """Say whether somebody may look in a basket: it is nobody's, or their own."""
    owner = session.execute(select(Basket.user_id).where(Basket.public_id == public_id)).first()
    return owner is not None and owner[0] in (None, user_id)


_EMPTY = (
    delete(BasketLine).where(BasketLine.basket_id == bindparam("basket")).execution_options(synchronize_session=False)
)


def empty(session: Session, *, basket: Taken) -> None:
    """Take everything out of a basket that is held."""
    session.execute(_EMPTY, {"basket": basket.id})


def merge(session: Session, *, into: Basket, other: Basket, now: datetime) -> None:
    """Bring the lines of another basket over at sign-in; what is in both keeps the larger amount."""
    for line in list(other.lines):
        own = next((row for row in into.lines if row.offer_id == line.offer_id), None)
        if own is None:
            into.lines.append(
                BasketLine(offer_id=line.offer_id, amount=line.amount, shown_price_cents=line.shown_price_cents)
            )
        else:
            own.amount = max(own.amount, line.amount)
    session.delete(other)
    into.touched_at = now
    session.flush()
    show_lower_prices(session, basket=into, now=now)


def show_lower_prices(session: Session, *, basket: Basket, now: datetime) -> None:
    """Take over prices that are lower now that we know whose basket it is; a higher one still asks for a yes."""
    rows = {row.offer_id: row for row in view_of(session, basket=basket, now=now).rows}
    for line in basket.lines:
        row = rows.get(line.offer_id)
        if row is not None and row.price_cents < line.shown_price_cents:
            line.shown_price_cents = row.price_cents
    session.flush()


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete baskets that nobody touched for thirty days; returns how many."""
    old = session.scalars(select(Basket.id).where(Basket.touched_at < now - KEEP).limit(500)).all()
    if old:
        session.execute(delete(BasketLine).where(BasketLine.basket_id.in_(old)))
        session.execute(delete(Basket).where(Basket.id.in_(old)))
    return len(old)
