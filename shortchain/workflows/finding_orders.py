"""Somebody without an account lost the link to their order: it is mailed once more, to the address that ordered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.accounts import attempts
from shortchain.accounts.attempts import TooManyTries
from shortchain.accounts.operations import normal_email
from shortchain.notifications import telling
from shortchain.ordering import orders
from shortchain.transaction import transaction


def mail_link(session: Session, *, number: str, email: str, address: str, now: datetime) -> None:
    """Mail the link of an order to who ordered it; the caller sees no difference when there is no such order.

    The number and the address together are no key: both may be known to others. The mailbox is.

    :raises BadEmail, TooManyTries: nothing was mailed
    """
    email = normal_email(email)
    refusal: TooManyTries | None = None
    with transaction(session):
        try:
            attempts.count(session, attempts.MAIL_ADDRESS, of=address, now=now)
            attempts.count(session, attempts.MAIL_ACCOUNT, of=email, now=now)
        except TooManyTries as error:
            refusal = error  # raised when what was counted is kept
        else:
            order = orders.find_by_number(session, number=number, email=email)
            if order is not None:
                telling.order_link(session, order=order, now=now)
    if refusal is not None:
        raise refusal
