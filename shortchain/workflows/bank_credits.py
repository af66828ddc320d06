"""Money on our account that must go back to who sent it: a task for the coordinator, so that nobody forgets it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.fulfilment import asks
from shortchain.payments.bank_statements import Credit
from shortchain.transaction import transaction

BACK = "transfer_back"


def write_back(
    session: Session, *, hub_id: int, credit: Credit, cents: int, order_id: int | None, now: datetime
) -> bool:
    """Ask a hub's coordinator to transfer (a part of) a credit back; False when that was asked already.

    The money never came into our books, so nothing is booked: it comes and goes on the bank account alone.
    """
    about = f"{credit.day.isoformat()} {credit.reference} {credit.cents}"[:120]
    told = " · ".join(part for part in (credit.name, credit.text, f"{credit.day:%d/%m/%Y}") if part)[:300]
    with transaction(session):
        task = asks.ask_once(
            session, hub_id=hub_id, kind=BACK, about=about, order_id=order_id, cents=cents, name=told, now=now
        )
        return task is not None
