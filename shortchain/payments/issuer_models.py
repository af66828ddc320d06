"""What issuers of vouchers pay us for what they took: the tables, apart since `models` is full."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, new_public_id


class IssuerPayment(Model):
    """One payment that an issuer announces: what it is for, less its fee. `reference` stands in the bank's text.

    `received_at` says when the money lay on our bank account; only then it is booked. Less than nothing is a bill of the
    issuer, for more went back onto vouchers than was taken; then it says when we paid it.
    """

    __tablename__ = "issuer_payment"
    __table_args__ = (
        CheckConstraint(
            "fee_cents >= 0 AND (gross_cents > fee_cents OR (gross_cents < 0 AND fee_cents = 0))", name="amounts"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    method: Mapped[str] = mapped_column(String(16))  # meal_voucher, eco_voucher
    day: Mapped[date]
    gross_cents: Mapped[int]
    fee_cents: Mapped[int]
    told_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    bank_reference: Mapped[str] = mapped_column(String(80), default="")

    @property
    def net_cents(self) -> int:
        """What comes in on the bank account; less than nothing leaves it."""
        return self.gross_cents - self.fee_cents


class IssuerItem(Model):
    """What an issuer counts for one payment with vouchers, or (a minus) for one refund of it, by its own name for that.

    The same name may come again in a later payment, with the difference: so an issuer puts its mistakes right.
    """

    __tablename__ = "issuer_item"
    __table_args__ = (
        UniqueConstraint("issuer_payment_id", "reference"),
        CheckConstraint("cents <> 0", name="cents"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer_payment_id: Mapped[int] = mapped_column(ForeignKey("issuer_payment.id"))
    reference: Mapped[str] = mapped_column(String(120), index=True)
    cents: Mapped[int]


class IssuerWriteOff(Model):
    """What an issuer did not bring and never put right, of one payment or refund by its name there; less than nothing is
    what it brought too much. The platform bears it: the contract with the issuer is the platform's.
    """

    __tablename__ = "issuer_write_off"
    __table_args__ = (CheckConstraint("cents <> 0", name="cents"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    reference: Mapped[str] = mapped_column(String(120), index=True)
    cents: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
