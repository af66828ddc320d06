"""Money on our own bank account: what pays an order, and what must go back to who sent it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import crash, journal
from shortchain.clearing import arrivals, transfer_returns
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Refused
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import PaymentStatus
from shortchain.kernel.ports import Gateways
from shortchain.notifications import transfer_news
from shortchain.ordering.models import Order
from shortchain.payments import matching, transfer_parts
from shortchain.payments import operations as payments
from shortchain.payments.bank_statements import Credit
from shortchain.payments.models import TRANSFER, Payment, PaymentState
from shortchain.transaction import transaction

BACK = transfer_returns.BACK


class NotShort(Conflict):
    """The order does not wait for a part, or what came is enough."""

    message = N_("Deze bestelling wacht niet op een deel. Lees het afschrift opnieuw.")


class NotMore(Conflict):
    """The order does not wait any more, or what came is not more than it costs."""

    message = N_("Voor deze bestelling kwam niet te veel binnen. Lees het afschrift opnieuw.")


class GoesBack(Conflict):
    """Somebody asked to send this very credit back, so it can not pay an order too."""

    message = N_("Deze overschrijving staat of stond bij je taken om terug te schrijven. Ze telt niet meer mee.")


class CountsAlready(Conflict):
    """The credit was kept as a part of what an order costs; it goes back by itself when the order falls."""

    message = N_("Deze overschrijving telt al mee voor een bestelling. Gaat die niet door, dan komt ze bij je taken.")


def mark_transfer_received(
    session: Session, gateways: Gateways, *, order_id: int, hub_id: int, by: Actor, now: datetime, credit: str = ""
) -> None:
    """Note that the bank transfer of an order came in; a coordinator of its hub says so. Repeats do nothing.

    `credit` is what the bank calls it, when it was read from a statement.

    :raises Refused: for an order of another hub, or one that is not paid by transfer
    """
    with transaction(session):
        _order, payment = _waiting(session, order_id, hub_id)
        if payment.state in (PaymentState.CAPTURED, PaymentState.RETURNED):
            return
        _book(session, gateways, payment, credit, by, now)
        crash.point("payment.before_commit")
    crash.point("payment.committed")


def _waiting(session: Session, order_id: int, hub_id: int) -> tuple[Order, Payment]:
    """Load an order of a hub with the newest transfer by which it is to be paid, locked."""
    order = session.get(Order, order_id)
    found = [p for p in payments.payments_of(session, order_id=order_id) if p.method == TRANSFER]
    if order is None or order.hub_id != hub_id or not found:
        raise Refused()
    return order, payments.lock(session, payment_id=found[-1].id)


def _book(session: Session, gateways: Gateways, payment: Payment, credit: str, by: Actor, now: datetime) -> None:
    status = PaymentStatus(
        reference=payment.key,
        state="captured",
        amount=Money(payment.amount_cents, payment.currency),
        bank_reference=credit[:80],
    )
    arrivals.came_in(session, gateways.distance, payment=payment, status=status, by=by, now=now)


def note_short(session: Session, *, order_id: int, hub_id: int, credit: Credit, by: Actor, now: datetime) -> int:
    """Keep a credit that is short of what an order costs, and mail its customer what is missing; returns the missing cents.

    Nothing is booked yet: the order stands with the last part, and what came goes back when it falls. The same credit
    again changes nothing.

    :raises Refused: for an order of another hub, or one that is not paid by transfer
    :raises NotShort: when the order does not wait any more, or the credit is enough
    :raises GoesBack: when the credit is to be sent back
    """
    with transaction(session):
        order, payment = _waiting(session, order_id, hub_id)
        _refuse_what_goes_back(session, hub_id, credit)
        owed = _owed(session, payment)
        if payment.state is not PaymentState.CREATED or not matching.is_awaited(payment, order):
            raise NotShort()
        if not transfer_parts.keep(session, payment_id=payment.id, credit=credit, now=now):
            return owed
        if credit.cents >= owed:
            raise NotShort()
        missing = owed - credit.cents
        transfer_news.short(
            session, order=order, payment=payment, got_cents=credit.cents, missing_cents=missing, now=now
        )
        journal.record(
            session, "transfer.short", by=by, now=now, order_id=order_id, amount_cents=credit.cents, missing=missing
        )
        return missing


def book_surplus(
    session: Session, gateways: Gateways, *, order_id: int, hub_id: int, credit: Credit, by: Actor, now: datetime
) -> int:
    """Book an order of which more came than it costs, have the rest sent back, and tell the customer; returns those cents.

    The rest is a task for the hub with all that a bank file needs. The same credit again changes nothing.

    :raises Refused: for an order of another hub, or one that is not paid by transfer
    :raises NotMore: when the order does not wait any more, or the credit is not more than it costs
    :raises GoesBack: when all of the credit is to be sent back
    """
    with transaction(session):
        order, payment = _waiting(session, order_id, hub_id)
        surplus = credit.cents - _owed(session, payment)
        is_open = payment.state is PaymentState.CREATED and matching.is_awaited(payment, order)
        if surplus <= 0 or not is_open:
            raise NotMore()
        _refuse_what_goes_back(session, hub_id, credit)
        _book(session, gateways, payment, credit.reference, by, now)
        _send_back(session, hub_id, credit, surplus, order, now)
        transfer_news.surplus(session, order=order, payment=payment, cents=surplus, now=now)
        crash.point("payment.before_commit")
        return surplus


def _owed(session: Session, payment: Payment) -> int:
    return payment.amount_cents - transfer_parts.received(session, payment_ids=[payment.id]).get(payment.id, 0)


def write_back(
    session: Session, *, hub_id: int, credit: Credit, cents: int, order_id: int | None, now: datetime
) -> bool:
    """Ask a hub's coordinator to transfer (a part of) a credit back; False when that was asked already.

    The money never came into our books, so nothing is booked: it comes and goes on the bank account alone.

    :raises CountsAlready: when the credit was kept as a part of what an order costs
    """
    order = session.get(Order, order_id) if order_id is not None else None
    with transaction(session):
        if matching.is_kept(session, hub_id=hub_id, credit=credit):
            raise CountsAlready()
        return _send_back(session, hub_id, credit, cents, order, now)


def _send_back(session: Session, hub_id: int, credit: Credit, cents: int, order: Order | None, now: datetime) -> bool:
    return transfer_returns.ask(
        session,
        hub_id=hub_id,
        about=_name_of(credit),
        cents=cents,
        payer=credit.name,
        iban=credit.iban,
        text=credit.text or (order.number if order else ""),
        day=credit.day,
        order_id=order.id if order else None,
        now=now,
    )


def _name_of(credit: Credit) -> str:
    """Name a credit among the tasks."""
    return f"{credit.day.isoformat()} {credit.reference} {credit.cents}"


def _refuse_what_goes_back(session: Session, hub_id: int, credit: Credit) -> None:
    if transfer_returns.was_asked(session, hub_id=hub_id, about=_name_of(credit)):
        raise GoesBack()
