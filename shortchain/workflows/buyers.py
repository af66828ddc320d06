"""A customer asks for the prices of a kind of customers; the hub or the farm says yes or no."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.enterprises import buying
from shortchain.enterprises.buying import Company
from shortchain.enterprises.price_lists import PriceList
from shortchain.journal import Actor
from shortchain.notifications import buyers as mails
from shortchain.transaction import transaction


def ask(
    session: Session,
    *,
    user_id: int,
    of: str,
    price_list: PriceList,
    company: Company,
    note: str,
    by: Actor,
    now: datetime,
) -> None:
    """Ask a hub or farm (by public id) for the prices of a list; it gets a mail.

    :raises NotFound, BadRequest, BadKbo, AlreadyAsked: nothing was changed
    """
    with transaction(session):
        row = buying.ask(
            session, user_id=user_id, of=of, price_list=price_list, company=company, note=note, by=by, now=now
        )
        mails.buyer_asked(session, buyer=row, now=now)


def take_back(session: Session, *, user_id: int, public_id: str, by: Actor, now: datetime) -> None:
    """Take one's own question back, or give the prices up.

    :raises NotFound: when it is somebody else's
    """
    with transaction(session):
        buying.take_back(session, user_id=user_id, public_id=public_id, by=by, now=now)


def decide(
    session: Session, *, enterprise_id: int, public_id: str, action: str, answer: str, by: Actor, now: datetime
) -> None:
    """Approve, refuse or end; the customer gets a mail. `action` is approve, refuse or end.

    :raises NotFound, AlreadyDecided, BadRequest: nothing was changed
    """
    with transaction(session):
        row = buying.decide(
            session, enterprise_id=enterprise_id, public_id=public_id, action=action, answer=answer, by=by, now=now
        )
        mails.buyer_decided(session, buyer=row, now=now)
