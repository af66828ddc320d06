"""Checks of `flask check --all` on the ledger: it adds up, and holds what came in, what went out and what is owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import Payment, PaymentState, Refund, RefundState
from shortchain.payouts.models import OF_MONEY, Account, LedgerEntry, Payout, PayoutState

Check = Callable[[Session, datetime], list[str]]


def ledger_adds_up(session: Session, now: datetime) -> list[str]:
    """The entries of each transaction add up to zero."""
    rows = session.execute(
        select(LedgerEntry.transaction, func.sum(LedgerEntry.amount_cents))
        .group_by(LedgerEntry.transaction)
        .having(func.sum(LedgerEntry.amount_cents) != 0)
    )
    return [f"transaction {name} adds up to {cents} cents" for name, cents in rows]


def money_in_is_booked(session: Session, now: datetime) -> list[str]:
    """Every captured payment is booked once with its amount, and nothing else is."""
    booked = dict(
        session.execute(
            select(LedgerEntry.transaction, LedgerEntry.amount_cents).where(
                or_(
                    and_(LedgerEntry.kind == "capture", LedgerEntry.account.in_(OF_MONEY)),
                    # a debit that never came, borne by the platform
                    and_(LedgerEntry.kind == "bad_debt", LedgerEntry.account == Account.PLATFORM),
                )
            )
        ).all()
    )
    paid = session.execute(
        select(Payment.public_id, Payment.amount_cents).where(
            Payment.state.in_([PaymentState.CAPTURED, PaymentState.RETURNED])
        )
    ).all()
    wrong = [
        f"payment {number} of {cents} cents is booked as {booked.get(f'capture:{number}', 0)}"
        for number, cents in paid
        if booked.get(f"capture:{number}") != cents
    ]
    if len(booked) > len(paid):
        wrong.append("the ledger knows money that no payment brought")
    return wrong


def money_out_is_booked(session: Session, now: datetime) -> list[str]:
    """Every refund and payout that was sent is booked with its amount, and nothing else is."""
    wrong = []
    for kind, rows in (
        ("refund", select(Refund.public_id, Refund.amount_cents).where(Refund.state == RefundState.DONE)),
        (
            "payout",
            select(Payout.public_id, Payout.sent_cents).where(
                Payout.state == PayoutState.PAID,
                Payout.sent_cents > 0,  # all of it may have been netted
            ),
        ),
    ):
        done = {f"{kind}:{number}": cents for number, cents in session.execute(rows)}
        booked = {
            name: -cents
            for name, cents in session.execute(
                select(LedgerEntry.transaction, LedgerEntry.amount_cents).where(
                    LedgerEntry.kind == kind, LedgerEntry.account.in_(OF_MONEY)
                )
            )
        }
        wrong += [
            f"{name}: sent {done.get(name)}, booked {booked.get(name)}"
            for name in sorted(done.keys() | booked.keys())
            if done.get(name) != booked.get(name)
        ]
    return wrong


def settled_orders_hold_nothing(session: Session, now: datetime) -> list[str]:
    """A settled order holds no money of the customer; one that stands holds no more than its total."""
    held = func.coalesce(
        func.sum(case((LedgerEntry.account == Account.CUSTOMER, LedgerEntry.amount_cents), else_=0)), 0
    )
    # Money that nobody owed (twice paid, wrong amount) lies here until its refund has left, and a refund
    # that the bank gave back until somebody has paid it by hand. Of a debit that is on its way nothing lies here yet.
    going_back = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.order_id == Order.id,
            or_(
                and_(
                    Refund.state != RefundState.DONE,
                    Refund.after_settling.is_(False),
                    Refund.voided_at.is_(None),
                    Payment.captured_at.is_not(None),
                ),
                and_(Refund.returned_at.is_not(None), Refund.repaid_at.is_(None)),
            ),
        )
        .correlate(Order)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Order.number, Order.state, held, Order.total_cents, going_back)
        .outerjoin(LedgerEntry, LedgerEntry.order_id == Order.id)
        .group_by(Order.id)
    )
    wrong = []
    for number, state, with_foreign, total, foreign in rows:
        cents = with_foreign + foreign
        if state is OrderState.SETTLED and cents:
            wrong.append(f"order {number} is settled and still holds {-cents} cents")
        if state is OrderState.AWAITING_PAYMENT and not 0 <= -cents < total:
            wrong.append(f"order {number} waits for a payment and holds {-cents} of {total} cents")
        if state in (OrderState.CONFIRMED, OrderState.DELIVERED) and not 0 <= -cents <= total:
            wrong.append(f"order {number} of {total} cents holds {-cents} cents")
    return wrong


def shares_are_paid_or_due(session: Session, now: datetime) -> list[str]:
    """What an enterprise is owed for an order equals what its payout still has to send."""
    owed: dict[tuple[int | None, int | None], int] = {
        (order, party): -cents
        for order, party, cents in session.execute(
            select(LedgerEntry.order_id, LedgerEntry.enterprise_id, func.sum(LedgerEntry.amount_cents))
            .where(LedgerEntry.account == Account.ENTERPRISE)
            .group_by(LedgerEntry.order_id, LedgerEntry.enterprise_id)
        )
    }
    unsent: dict[tuple[int | None, int | None], int] = {
        (order, party): cents
        for order, party, cents in session.execute(
            select(Payout.order_id, Payout.enterprise_id, func.sum(Payout.amount_cents - Payout.reversed_cents))
            .where(Payout.state != PayoutState.PAID)
            .group_by(Payout.order_id, Payout.enterprise_id)
        )
    }
    wrong = []
    for key in sorted(owed.keys() | unsent.keys(), key=str):
        left, due = owed.get(key, 0), unsent.get(key, 0)
        if left != due and left > 0:
            wrong.append(f"order {key[0]}: enterprise {key[1]} is owed {left} cents, {due} are to be sent")
    return wrong


CHECKS: tuple[tuple[str, Check], ...] = (
    ("P1 the ledger adds up", ledger_adds_up),
    ("P1 money in is booked", money_in_is_booked),
    ("P1 money out is booked", money_out_is_booked),
    ("P1 settled orders hold nothing", settled_orders_hold_nothing),
    ("P1 shares are paid or due", shares_are_paid_or_due),
)
