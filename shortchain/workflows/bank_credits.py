"""Money on our own bank account: what pays an order, and what must go back to who sent it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.clearing import arrivals
from shortchain.fulfilment import asks
from shortchain.journal import Actor
from shortchain.kernel.errors import Refused
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import PaymentStatus
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.payments import operations as payments
from shortchain.payments.bank_statements import Credit
from shortchain.payments.models import TRANSFER, PaymentState
from shortchain.transaction import transaction

BACK = "transfer_back"


def mark_transfer_received(
    session: Session, gateways: Gateways, *, order_id: int, hub_id: int, by: Actor, now: datetime, credit: str = ""
) -> None:
    """Note that the bank transfer of an order came in; a coordinator of its hub says so. Repeats do nothing.

    `credit` is what the bank calls it, when it was read from a statement.

    :raises Refused: for an order of another hub, or one that is not paid by transfer
    """
    with transaction(session):
        order = session.get(Order, order_id)
        found = [p for p in payments.payments_of(session, order_id=order_id) if p.method == TRANSFER]
        if order is None or order.hub_id != hub_id or not found:
            raise Refused()
        payment = payments.lock(session, payment_id=found[-1].id)
        if payment.state in (PaymentState.CAPTURED, PaymentState.RETURNED):
            return
        status = PaymentStatus(
            reference=payment.key,
            state="captured",
            amount=Money(payment.amount_cents, payment.currency),
            bank_reference=credit[:80],
        )
        arrivals.came_in(session, gateways.distance, payment=payment, status=status, by=by, now=now)
        crash.point("payment.before_commit")
    crash.point("payment.committed")


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
