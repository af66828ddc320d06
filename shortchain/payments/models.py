"""Payments, refunds and the inbox of webhooks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.states import StateTable


class PaymentState(StrEnum):
    CREATED = "created"
    CAPTURED = "captured"
    FAILED = "failed"
    ABANDONED = "abandoned"
    RETURNED = "returned"  # came in where nothing was owed any more, and goes back whole


PAYMENT = StateTable(
    {
        (PaymentState.CREATED, "capture"): PaymentState.CAPTURED,
        (PaymentState.CREATED, "fail"): PaymentState.FAILED,
        (PaymentState.CREATED, "abandon"): PaymentState.ABANDONED,
        (PaymentState.FAILED, "capture"): PaymentState.CAPTURED,
        (PaymentState.ABANDONED, "capture"): PaymentState.CAPTURED,
        (PaymentState.CREATED, "return"): PaymentState.RETURNED,
        (PaymentState.FAILED, "return"): PaymentState.RETURNED,
        (PaymentState.ABANDONED, "return"): PaymentState.RETURNED,
    }
)


class Payment(Model):
    """One attempt to pay an order. `key` is the idempotency key, stored before the call."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("refunded_cents >= 0 AND refunded_cents <= amount_cents", name="refunded"),
        Index(
            "uq_payment_one_captured",
            "order_id",
            unique=True,
            sqlite_where=text("state = 'captured'"),
            postgresql_where=text("state = 'captured'"),
        ),
        Index("ix_payment_state_created_at", "state", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    attempt: Mapped[int] = mapped_column(default=1)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    method: Mapped[str] = mapped_column(String(16))  # bancontact, card, transfer
    amount_cents: Mapped[int]
    refunded_cents: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    state: Mapped[PaymentState] = mapped_column(enum_column(PaymentState))
    reference: Mapped[str | None] = mapped_column(String(120), unique=True)
    url: Mapped[str | None] = mapped_column(String(500))
    intent: Mapped[str | None] = mapped_column(String(120), index=True)
    charge: Mapped[str | None] = mapped_column(String(120), index=True)
    structured_message: Mapped[str | None] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    captured_at: Mapped[datetime | None]

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = PAYMENT.after(self.state, action)


class RefundState(StrEnum):
    REQUESTED = "requested"
    SUBMITTED = "submitted"
    DONE = "done"
    FAILED = "failed"


REFUND = StateTable(
    {
        (RefundState.REQUESTED, "submit"): RefundState.SUBMITTED,
        (RefundState.SUBMITTED, "finish"): RefundState.DONE,
        (RefundState.SUBMITTED, "fail"): RefundState.FAILED,
        (RefundState.FAILED, "submit"): RefundState.SUBMITTED,
    }
)


class Refund(Model):
    """Money to send back. Its public id is the idempotency key."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_refund_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    amount_cents: Mapped[int]
    reason: Mapped[str] = mapped_column(String(32))
    state: Mapped[RefundState] = mapped_column(enum_column(RefundState))
    reference: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = REFUND.after(self.state, action)


class WebhookReceipt(Model):
    """The inbox: one row per event of the payment provider, however often it is sent."""

    __tablename__ = "webhook_receipt"
    __table_args__ = (Index("ix_webhook_receipt_processed_at_due_at", "processed_at", "due_at"),)

    event_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    type: Mapped[str] = mapped_column(String(80))
    reference: Mapped[str] = mapped_column(String(120), default="")  # the object it is about
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(200), default="")
