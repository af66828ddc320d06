"""Money on our bank account that goes back to who sent it: a task with all that a bank file needs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import iban as iban_numbers

from shortchain.fulfilment import asks
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.ordering.models import Order
from shortchain.payments import operations as payments
from shortchain.payments import transfer_parts
from shortchain.payments.models import TRANSFER, PaymentState
from shortchain.payouts import pain

BACK = "transfer_back"
"""The kind of task; it never came into our books, so nothing is booked: it comes and goes on the bank account alone."""


def ask(
    session: Session,
    *,
    hub_id: int,
    about: str,
    cents: int,
    payer: str,
    iban: str,
    text: str,
    day: date,
    order_id: int | None,
    now: datetime,
) -> bool:
    """Ask a hub's coordinator to transfer money back, once about a thing; False when that was asked already.

    `text` is what the payer wrote or the number of the order, by which they know it again.
    """
    told = " · ".join(part for part in (payer, iban, text, f"{day:%d/%m/%Y}") if part)[:300]
    task = asks.ask_once(
        session,
        hub_id=hub_id,
        kind=BACK,
        about=about[:120],
        order_id=order_id,
        cents=cents,
        name=told,
        payer=payer,
        iban=iban,
        text=text[:140],
        now=now,
    )
    return task is not None


def was_asked(session: Session, *, hub_id: int, about: str) -> bool:
    """Say whether somebody asked to send this back, also when it was sent meanwhile."""
    asked = select(CoordinatorTask).where(CoordinatorTask.hub_id == hub_id, CoordinatorTask.kind == BACK)
    return any(task.data.get("about") == about[:120] for task in session.scalars(asked))


def parts_of(session: Session, *, order: Order, now: datetime) -> int:
    """Ask to send back what came in parts for an order that fell or is paid otherwise; returns the cents.

    What came for a transfer that was booked stays. The caller holds the lock of the order.
    """
    off = [
        one.id
        for one in payments.payments_of(session, order_id=order.id)
        if one.method == TRANSFER and one.state is not PaymentState.CAPTURED
    ]
    back = 0
    for part in transfer_parts.to_send_back(session, payment_ids=off):
        part.sent_back_at = now
        back += part.cents
        ask(
            session,
            hub_id=order.hub_id,
            about=part.public_id,
            cents=part.cents,
            payer=part.name,
            iban=part.iban,
            text=order.number,
            day=part.day,
            order_id=order.id,
            now=now,
        )
    session.flush()
    return back


def transfers_back(session: Session, *, hub_id: int) -> list[pain.Transfer]:
    """List what a hub's coordinators are to send back, as far as the account of the payer is known; changes nothing."""
    tasks = session.scalars(
        select(CoordinatorTask)
        .where(CoordinatorTask.hub_id == hub_id, CoordinatorTask.kind == BACK, CoordinatorTask.done_at.is_(None))
        .order_by(CoordinatorTask.id)
    )
    return [
        pain.Transfer(
            task.data.get("payer") or "-",
            task.data["iban"],
            int(task.data["cents"]),
            f"TERUG-{task.public_id}",
            f"Terug: {task.data.get('text', '')}",
        )
        for task in tasks
        if iban_numbers.is_valid(task.data.get("iban", ""), check_country=False)
    ]
