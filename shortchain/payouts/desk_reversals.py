"""Reversals that somebody made on the payment provider's own pages: they settle a debt, or are owed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import SYSTEM
from shortchain.payouts import settling
from shortchain.payouts.models import Payout, PayoutReversal, PayoutState

HOLD_REASON = "reversed_at_provider"
"""Kept with the payout; the page has words for it in the reader's language."""


def payout_of(session: Session, *, transfer: str) -> Payout | None:
    """Find the payout that a transfer at the provider is."""
    return session.scalar(select(Payout).where(Payout.transfer == transfer))


def is_known(session: Session, *, reference: str, key: str) -> bool:
    """Say whether a reversal is one of ours: by its name there, or by the key that we gave with it."""
    mine = PayoutReversal.reference == reference
    if key:
        mine = or_(mine, PayoutReversal.public_id == key[:16])
    return session.scalar(select(PayoutReversal.id).where(mine).limit(1)) is not None


def take_over(session: Session, *, payout: Payout, reference: str, cents: int, now: datetime) -> int:
    """Book money that was taken back of a payout at the provider; returns the cents that nobody owed.

    What the enterprise had to give back of this payout is settled first. The rest it is owed again: as one more payout
    of the same order, which waits until a person lets it go. The caller holds the lock of the payout.
    """
    left = cents
    for debt in _debts(session, payout):
        if not left:
            break
        part = debt if debt.left_cents <= left else _cut(session, debt, left)
        part.asked_cents = part.left_cents
        left -= part.left_cents
        settling.book_reversal(session, reversal=part, reference=reference, now=now)
    if left:
        _owe_again(session, payout, reference, left, now)
    journal.record(
        session,
        "payout.reversed_at_provider",
        by=SYSTEM,
        now=now,
        order_id=payout.order_id,
        enterprise_id=payout.enterprise_id,
        amount_cents=cents,
        reference=reference,
    )
    return left


def _debts(session: Session, payout: Payout) -> Sequence[PayoutReversal]:
    """List what is to be taken back of a payout and not being asked for right now."""
    return session.scalars(
        select(PayoutReversal)
        .where(
            PayoutReversal.payout_id == payout.id,
            PayoutReversal.done_at.is_(None),
            PayoutReversal.asked_cents.is_(None),
            PayoutReversal.amount_cents > PayoutReversal.netted_cents,
        )
        .order_by(PayoutReversal.id)
        .with_for_update()
    ).all()


def _cut(session: Session, whole: PayoutReversal, cents: int) -> PayoutReversal:
    whole.amount_cents -= cents
    return _add(session, whole.payout_id, cents, whole.due_at)


def _add(session: Session, payout_id: int, cents: int, due_at: datetime) -> PayoutReversal:
    part = PayoutReversal(payout_id=payout_id, refund_id=None, amount_cents=cents, due_at=due_at)
    session.add(part)
    session.flush()
    return part


def _owe_again(session: Session, payout: Payout, reference: str, cents: int, now: datetime) -> None:
    taken = _add(session, payout.id, cents, now)
    taken.asked_cents = cents
    payout.reversed_cents += cents
    settling.book_reversal(session, reversal=taken, reference=reference, now=now)
    newest = session.scalar(
        select(func.max(Payout.part)).where(
            Payout.order_id == payout.order_id, Payout.enterprise_id == payout.enterprise_id
        )
    )
    again = Payout(
        order_id=payout.order_id,
        enterprise_id=payout.enterprise_id,
        part=(newest or 1) + 1,
        amount_cents=cents,
        state=PayoutState.DUE,
        held_at=now,
        hold_reason=HOLD_REASON,
        due_at=now,
        created_at=now,
    )
    session.add(again)
    session.flush()
