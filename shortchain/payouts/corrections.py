"""Books what happens to money after it was booked: refunds that come back, disputes, debts that are netted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.payment_port import DisputeStatus
from shortchain.payments import disputes
from shortchain.payments.models import Dispute, Refund
from shortchain.payouts import code_debts, ledger
from shortchain.payouts.ledger import Entry
from shortchain.payouts.models import Account, LedgerEntry, Netting, Payout, PayoutReversal, PayoutState

BY_BANK = "refund-bank:"
"""Begins the name of the booking that a lost dispute paid a refund."""

BY_BANK_KIND = "dispute_refund"


def book_refund_back(session: Session, *, refund: Refund, now: datetime) -> bool:
    """Book that a refund came back: the money lies with us again, and it is the customer's credit.

    What enterprises gave up for the refund stays given up. False when it was booked before.
    """
    if refund.returned_at is not None:
        return False
    refund.returned_at = now
    _book_credit(session, refund, "refund-back", "refund_back", refund.amount_cents, now)
    return True


def book_refund_by_hand(session: Session, *, refund: Refund, by: Actor, now: datetime) -> None:
    """Book that a person paid the customer by bank transfer what had come back."""
    refund.repaid_at = now
    _book_credit(session, refund, "refund-hand", "refund_hand", -refund.amount_cents, now)
    journal.record(
        session, "refund.paid_by_hand", by=by, now=now, order_id=refund.order_id, amount_cents=refund.amount_cents
    )


def _book_credit(session: Session, refund: Refund, name: str, kind: str, cents: int, now: datetime) -> None:
    ledger.post(
        session,
        transaction=f"{name}:{refund.public_id}",
        order_id=refund.order_id,
        entries=[Entry(Account.BANK, kind, cents), Entry(Account.CUSTOMER, kind, -cents)],
        now=now,
    )


def book_dispute(session: Session, *, dispute: Dispute, status: DisputeStatus, now: datetime) -> None:
    """Book what the bank took, or gave back, since the last time; the platform carries it, and the fee.

    It is the difference with what is booked, so events in any order and number end in the same sum.
    """
    taken = status.taken_cents - dispute.taken_cents
    fee = status.fee_cents - dispute.fee_cents
    if not taken and not fee:
        return
    times = session.scalar(
        select(func.count(LedgerEntry.transaction.distinct())).where(
            LedgerEntry.transaction.startswith(f"dispute:{dispute.public_id}:", autoescape=True)
        )
    )
    entries = [
        Entry(Account.BANK, "dispute", -taken),
        Entry(Account.PLATFORM, "dispute", taken),
        Entry(Account.BANK, "dispute_fee", -fee),
        Entry(Account.PLATFORM, "dispute_fee", fee),
    ]
    ledger.post(
        session,
        transaction=f"dispute:{dispute.public_id}:{(times or 0) + 1}",
        order_id=dispute.order_id,
        entries=entries,
        now=now,
    )
    dispute.taken_cents, dispute.fee_cents = status.taken_cents, status.fee_cents
    session.flush()


def bank_gave_back(session: Session, *, refund: Refund) -> bool:
    """Whether the customer has this money already: a lost dispute took it, and no other refund was booked out of that."""
    lost = disputes.lost_cents(session, payment_id=refund.payment_id)
    if not lost:
        return False
    counted = session.scalar(
        select(func.sum(Refund.amount_cents))
        .join(LedgerEntry, LedgerEntry.transaction == literal(BY_BANK) + Refund.public_id)
        .where(Refund.payment_id == refund.payment_id, LedgerEntry.account == Account.PLATFORM)
    )
    return int(counted or 0) + refund.amount_cents <= lost


def book_refund_by_bank(session: Session, *, refund: Refund, now: datetime) -> None:
    """Book that a lost dispute already paid a refund: nothing is sent, and the platform carries that much less of the dispute."""
    entries = [
        Entry(Account.BANK, BY_BANK_KIND, refund.amount_cents),
        Entry(Account.PLATFORM, BY_BANK_KIND, -refund.amount_cents),
    ]
    ledger.post(session, transaction=f"{BY_BANK}{refund.public_id}", order_id=refund.order_id, entries=entries, now=now)
    journal.record(
        session, "refund.paid_by_bank", by=SYSTEM, now=now, order_id=refund.order_id, amount_cents=refund.amount_cents
    )


def debts(session: Session, *, enterprise_id: int) -> list[PayoutReversal]:
    """List what an enterprise could not give back: the provider refused it, and it still stands, oldest first.

    One that is being asked for right now has no answer yet and is left alone, so nothing is taken twice.
    """
    rows = session.scalars(
        select(PayoutReversal)
        .join(Payout, Payout.id == PayoutReversal.payout_id)
        .where(
            Payout.enterprise_id == enterprise_id,
            Payout.state == PayoutState.PAID,
            PayoutReversal.done_at.is_(None),
            PayoutReversal.refusals > 0,
            PayoutReversal.asked_cents.is_(None),
        )
        .order_by(PayoutReversal.id)
        .with_for_update(of=PayoutReversal)
    )
    return [row for row in rows if row.left_cents > 0]


def net_debts(session: Session, *, payout: Payout, now: datetime) -> int:
    """Keep what the enterprise owes us back from a payout that is about to leave; returns the cents kept."""
    for old in session.scalars(select(Netting).where(Netting.payout_id == payout.id, Netting.booked_at.is_(None))):
        debt = session.get_one(PayoutReversal, old.reversal_id, with_for_update=True)
        if debt.asked_cents is not None:
            continue  # the rest of this debt is being asked for now; what was kept for it stays kept
        debt.netted_cents -= old.amount_cents
        payout.netted_cents -= old.amount_cents
        session.delete(old)
    session.flush()
    for debt in debts(session, enterprise_id=payout.enterprise_id):
        cents = min(debt.left_cents, payout.left_cents)
        if cents <= 0:
            break
        debt.netted_cents += cents
        payout.netted_cents += cents
        session.add(Netting(payout_id=payout.id, reversal_id=debt.id, amount_cents=cents, created_at=now))
    code_debts.keep(session, payout=payout, now=now)
    session.flush()
    return payout.netted_cents


def book_netting(session: Session, *, payout: Payout, now: datetime) -> None:
    """Book the debts that were kept from a payout that has left: it counts as sent, and as given back.

    The money itself stays where it is: one order's bank side gives it to the other's.
    """
    for row in session.scalars(
        select(Netting).where(Netting.payout_id == payout.id, Netting.booked_at.is_(None)).order_by(Netting.id)
    ).all():
        debt = session.get_one(PayoutReversal, row.reversal_id)
        origin = session.get_one(Payout, debt.payout_id)
        for name, order_id, cents in (
            ("net", payout.order_id, row.amount_cents),
            ("debt", origin.order_id, -row.amount_cents),
        ):
            ledger.post(
                session,
                transaction=f"{name}:{row.public_id}",
                order_id=order_id,
                entries=[
                    Entry(Account.ENTERPRISE, "netting", cents, enterprise_id=payout.enterprise_id),
                    Entry(Account.BANK, "netting", -cents),
                ],
                now=now,
            )
        row.booked_at = now
        if debt.left_cents == 0:
            debt.done_at, debt.last_error = now, ""
    code_debts.book(session, payout=payout, now=now)
    session.flush()
