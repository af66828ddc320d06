"""Bank transfers that were short of what an order costs: kept until the rest comes, or until they are sent back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shortchain.database import Model, new_public_id
from shortchain.payments.bank_statements import Credit


class TransferPart(Model):
    """A credit on our bank account that pays a part of an order. It is booked with the last part, as one payment.

    `sent_back_at` says when a person was asked to send it back, since the order fell or was paid otherwise.
    """

    __tablename__ = "transfer_part"
    __table_args__ = (
        UniqueConstraint("payment_id", "bank_reference", "day", "cents"),
        CheckConstraint("cents > 0", name="cents"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    cents: Mapped[int]
    bank_reference: Mapped[str] = mapped_column(String(120))
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(120))
    iban: Mapped[str] = mapped_column(String(34))
    at: Mapped[datetime]
    sent_back_at: Mapped[datetime | None]


def received(session: Session, *, payment_ids: Sequence[int]) -> dict[int, int]:
    """Add up the parts of payments that came and were not sent back, in cents; payments without any are left out."""
    rows = session.execute(
        select(TransferPart.payment_id, func.sum(TransferPart.cents))
        .where(TransferPart.payment_id.in_(payment_ids), TransferPart.sent_back_at.is_(None))
        .group_by(TransferPart.payment_id)
    )
    return {payment_id: int(cents) for payment_id, cents in rows}


def known(session: Session, *, payment_ids: Sequence[int]) -> set[tuple[int, str]]:
    """List the payments with the bank's names of the credits that are parts of them."""
    rows = session.execute(
        select(TransferPart.payment_id, TransferPart.bank_reference).where(
            TransferPart.payment_id.in_(payment_ids), TransferPart.bank_reference != ""
        )
    )
    return {(payment_id, reference) for payment_id, reference in rows}


def keep(session: Session, *, payment_id: int, credit: Credit, now: datetime) -> bool:
    """Keep a credit as a part of a payment; False when it is kept already. The caller holds the payment's lock."""
    same = select(TransferPart.id).where(
        TransferPart.payment_id == payment_id,
        TransferPart.bank_reference == credit.reference,
        TransferPart.day == credit.day,
        TransferPart.cents == credit.cents,
    )
    if session.scalar(same) is not None:
        return False
    session.add(
        TransferPart(
            payment_id=payment_id,
            cents=credit.cents,
            bank_reference=credit.reference[:120],
            day=credit.day,
            name=credit.name[:120],
            iban=credit.iban[:34],
            at=now,
        )
    )
    session.flush()
    return True


def to_send_back(session: Session, *, payment_ids: Sequence[int]) -> Sequence[TransferPart]:
    """List the parts of payments that lie with us, the oldest first, for sending them back."""
    return session.scalars(
        select(TransferPart)
        .where(TransferPart.payment_id.in_(payment_ids), TransferPart.sent_back_at.is_(None))
        .order_by(TransferPart.id)
        .with_for_update()
    ).all()
