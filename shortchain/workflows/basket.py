"""Filling a basket. Nothing is held for it; a basket that is not there yet is started."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shortchain.accounts import attempts
from shortchain.catalogue.models import Offer
from shortchain.kernel.errors import NotFound
from shortchain.ordering import amounts, baskets, orders
from shortchain.ordering.baskets import BasketFull, TooMuch, WrongAmount
from shortchain.ordering.models import Basket, IfMissing
from shortchain.transaction import transaction

__all__ = [
    "BasketFull",
    "Put",
    "TooMuch",
    "WrongAmount",
    "accept_changes",
    "adopt",
    "choose_if_missing",
    "fill",
    "put",
    "refill",
    "remember_postcode",
    "remove",
    "set_amounts",
    "step",
]


@dataclass(frozen=True, slots=True)
class Put:
    """What came of it: the basket's public id, and how much of the offer lies in it (base units)."""

    basket: str
    amount: int
    before: int = 0


def put(
    session: Session,
    *,
    basket: str | None,
    offer: str,
    amount: int,
    user_id: int | None,
    postcode: str = "",
    address: str = "",
    add: bool = False,
    now: datetime,
) -> Put:
    """Put an amount of an offer (by public id) in a basket, in base units; `add` adds to what is there.

    `address` is the network address that asks; only so many new baskets are started for one.

    :raises TooManyTries: when this address started too many baskets in this hour
    :raises NotFound: when the offer is not for sale
    :raises WrongAmount, TooMuch, BasketFull: nothing was changed
    """
    with transaction(session):
        held = _load(session, basket, user_id=user_id, postcode=postcode, address=address, now=now)
        line = baskets.set_amount(session, basket=held, offer_public_id=offer, amount=amount, now=now, add=add)
        return Put(held.public_id, line.amount if line else 0)


def drop(session: Session, *, basket: str) -> None:
    """Delete a basket that a program filled for one order, whatever became of it: nobody goes on with it."""
    session.rollback()
    with transaction(session):
        held = baskets.find(session, public_id=basket)
        if held is not None:
            session.delete(held)


def fill(
    session: Session,
    *,
    lines: Sequence[tuple[str, int]],
    postcode: str,
    now: datetime,
    user_id: int | None = None,
) -> str:
    """Start a basket of somebody (or nobody) with these lines (offer public id, base units), all or none; gives its public id.

    :raises NotFound: when an offer is not for sale
    :raises WrongAmount, TooMuch, BasketFull: nothing was made
    """
    with transaction(session):
        held = baskets.start(session, user_id=user_id, postcode=postcode, now=now)
        for offer, amount in lines:
            baskets.set_amount(session, basket=held, offer_public_id=offer, amount=amount, now=now)
        return held.public_id


def step(
    session: Session,
    *,
    basket: str | None,
    offer: str,
    up: bool,
    user_id: int | None,
    postcode: str = "",
    address: str = "",
    now: datetime,
) -> Put:
    """Put one step more or less in a basket; the first + gives the least that is sold.

    :raises NotFound: when the offer is not for sale
    :raises TooMuch, BasketFull: nothing was changed
    """
    with transaction(session):
        held = _load(session, basket, user_id=user_id, postcode=postcode, address=address, now=now)
        before = {line.offer_id: line.amount for line in held.lines}
        amount = amounts.stepped(session, basket=held, offer_public_id=offer, up=up)
        line = baskets.set_amount(session, basket=held, offer_public_id=offer, amount=amount, now=now)
        known = line.offer_id if line else _offer_id(session, offer)
        return Put(held.public_id, line.amount if line else 0, before.get(known or 0, 0))


def set_amounts(session: Session, *, basket: str | None, wanted: dict[str, int], now: datetime) -> None:
    """Set several amounts at once (offer public id → base units); all of them or none.

    :raises NotFound: without a basket
    :raises WrongAmount, TooMuch: nothing was changed
    """
    with transaction(session):
        held = _existing(session, basket)
        for offer, amount in wanted.items():
            baskets.set_amount(session, basket=held, offer_public_id=offer, amount=amount, now=now)


def remove(session: Session, *, basket: str | None, offer: str, now: datetime) -> Put:
    """Take an offer out of a basket; returns how much lay there, so that it can be put back.

    :raises NotFound: without a basket
    """
    with transaction(session):
        held = _existing(session, basket)
        line = next((row for row in held.lines if row.offer_id == _offer_id(session, offer)), None)
        before = line.amount if line else 0
        if line is not None:
            held.lines.remove(line)
        held.touched_at = now
        return Put(held.public_id, 0, before)


def accept_changes(session: Session, *, basket: str | None, now: datetime) -> None:
    """Take over the new prices, and leave out what is not there any more.

    :raises NotFound: without a basket
    """
    with transaction(session):
        baskets.accept_changes(session, basket=_existing(session, basket), now=now)


def remember_postcode(
    session: Session, *, basket: str | None, postcode: str, user_id: int | None, now: datetime
) -> str:
    """Note where the person lives; returns the basket's public id."""
    with transaction(session):
        held = _load(session, basket, user_id=user_id, postcode=postcode, now=now)
        held.postcode = postcode[:4]
        return held.public_id


def choose_if_missing(session: Session, *, basket: str | None, replace: Collection[str], now: datetime) -> None:
    """Note for which lines, by the public ids of their offers, something alike may come when the farm has none.

    For the others the money comes back.

    :raises NotFound: without a basket
    """
    with transaction(session):
        held = _existing(session, basket)
        wished = set(session.scalars(select(Offer.id).where(Offer.public_id.in_(replace)))) if replace else set()
        for line in held.lines:
            line.if_missing = IfMissing.REPLACE if line.offer_id in wished else IfMissing.REFUND
        held.touched_at = now


def adopt(session: Session, *, basket: str | None, user_id: int, now: datetime) -> str | None:
    """Make the basket of this browser the person's own, with what they left in it elsewhere.

    Returns the public id of the basket to go on with; None when there is none.
    """
    with transaction(session):
        own = session.scalars(
            select(Basket)
            .where(Basket.user_id == user_id)
            .options(selectinload(Basket.lines))
            .order_by(Basket.touched_at.desc(), Basket.id)
            .limit(1)
        ).first()
        guest = baskets.find(session, public_id=basket) if basket else None
        if guest is None or guest.user_id == user_id:
            return guest.public_id if guest else own.public_id if own else None
        if guest.user_id is not None:  # somebody else's, on a shared computer
            return own.public_id if own else None
        guest.user_id = user_id
        if own is not None:
            baskets.merge(session, into=guest, other=own, now=now)
        else:
            baskets.show_lower_prices(session, basket=guest, now=now)
        return guest.public_id


def refill(session: Session, *, basket: str | None, token: str, user_id: int | None, now: datetime) -> tuple[str, int]:
    """Put the goods of an order (by its tracking token) back in a basket, as far as they are for sale.

    Returns the basket's public id and how many lines could not be put back.

    :raises NotFound: for an unknown token
    """
    with transaction(session):
        order = orders.find_by_token(session, token=token)
        held = _load(session, basket, user_id=user_id, postcode=order.postcode, now=now)
        missed = 0
        for line in orders.lines_of(session, order_id=order.id):
            offer = session.scalar(select(Offer.public_id).where(Offer.id == line.offer_id))
            try:
                with session.begin_nested():
                    baskets.set_amount(session, basket=held, offer_public_id=offer or "", amount=line.amount, now=now)
            except (NotFound, WrongAmount, TooMuch, BasketFull):
                missed += 1
        return held.public_id, missed


def _load(
    session: Session, public_id: str | None, *, user_id: int | None, postcode: str, address: str = "", now: datetime
) -> Basket:
    held = baskets.find(session, public_id=public_id) if public_id else None
    if held is not None and held.user_id is not None and held.user_id != user_id:
        held = None  # a signed-in person's basket is for that person alone
    if held is not None:
        return held
    if address:
        attempts.count(session, attempts.BASKET_ADDRESS, of=address, now=now)
    return baskets.start(session, user_id=user_id, postcode=postcode, now=now)


def _existing(session: Session, public_id: str | None) -> Basket:
    held = baskets.find(session, public_id=public_id) if public_id else None
    if held is None:
        raise NotFound
    return held


def _offer_id(session: Session, public_id: str) -> int | None:
    return session.scalar(select(Offer.id).where(Offer.public_id == public_id))
