"""Orders of guests, claimed by the person whose confirmed address they carry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.accounts.models import User
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Refused
from shortchain.ordering.models import Order


class NotConfirmed(Refused):
    """The address of the person is not confirmed, so it proves nothing."""

    message = N_("Bevestig eerst je e-mailadres. Daarna kun je je bestellingen toevoegen.")


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
        update(Order)
        .where(_unclaimed(user.email))
        .values(user_id=user.id, version=Order.version + 1)
        .execution_options(synchronize_session=False)
    )
    count = int(done.rowcount)  # type: ignore[attr-defined]
    if count:
        journal.record(session, "account.orders_claimed", by=by, now=now, user_id=user.id, count=count)
    return count
