"""A person's own orders, also those of before they had an account, once they claim them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.accounts.models import User
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, NotFound, Refused
from shortchain.ordering.models import Order


class NotConfirmed(Refused):
    """The address of the person is not confirmed, so it proves nothing."""

    message = N_("Bevestig eerst je e-mailadres. Daarna kun je je bestellingen toevoegen.")


def orders_of(session: Session, *, user_id: int, limit: int = 100) -> Sequence[Order]:
    """List the orders under a person's account, newest first; the lines are not loaded."""
    return session.scalars(
        select(Order).where(Order.user_id == user_id).order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(limit)
    ).all()


def own_order(session: Session, *, user_id: int, public_id: str) -> Order:
    """Give one order of a person with its lines and fees.

    :raises NotFound: when it is not under their account
    """
    order = session.scalar(
        select(Order).where(Order.user_id == user_id, Order.public_id == public_id)
        .options(selectinload(Order.lines), selectinload(Order.fees))
    )
    if order is None:
        raise NotFound
    return order


def _unclaimed(email: str) -> ColumnElement[bool]:
    return (Order.user_id.is_(None)) & (Order.email == email)


def count_unclaimed(session: Session, *, email: str, is_confirmed: bool) -> int:
    """Count the guest orders that a person can claim; none while their address is not confirmed."""
    if not is_confirmed:
        return 0
    found = session.scalar(select(func.count()).select_from(Order).where(_unclaimed(email)))
    return int(found or 0)


def claim(session: Session, *, user: User, now: datetime, by: Actor) -> int:
    """Put the guest orders of a person's confirmed address under their account; returns how many.

    :raises NotConfirmed: while the address is not confirmed
    """
    if not user.is_confirmed:
        raise NotConfirmed
    done = session.execute(
        update(Order).where(_unclaimed(user.email))
        .values(user_id=user.id, version=Order.version + 1)
        .execution_options(synchronize_session=False)
    )
    count = int(done.rowcount)  # type: ignore[attr-defined]
    if count:
        journal.record(session, "account.orders_claimed", by=by, now=now, user_id=user.id, count=count)
    return count
