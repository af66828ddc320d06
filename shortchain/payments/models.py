"""Payments, refunds and the inbox of webhooks."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.states import StateTable
from shortchain.payments.issuer_models import IssuerPayment as IssuerPayment
from shortchain.payments.transfer_parts import TransferPart as TransferPart


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
        (PaymentState.FAILED, "promise"): PaymentState.CREATED,
        (PaymentState.ABANDONED, "promise"): PaymentState.CREATED,
        (PaymentState.FAILED, "capture"): PaymentState.CAPTURED,
        (PaymentState.ABANDONED, "capture"): PaymentState.CAPTURED,
        (PaymentState.CREATED, "return"): PaymentState.RETURNED,
        (PaymentState.FAILED, "return"): PaymentState.RETURNED,
        (PaymentState.ABANDONED, "return"): PaymentState.RETURNED,
    }
)


REST = "rest"
"""The slot of what a customer pays online or by bank transfer: all that nothing else pays."""

ADDED = "add-"
"""How the slots begin of payments for goods that are to join an order that stands (`clearing.additions`)."""

TRANSFER, GIFT_CARD = "transfer", "gift_card"
VOUCHERS = ("meal_voucher", "eco_voucher")
DEBIT, COVERED = "sepa_debit", "platform"
"""A direct debit; and what the platform pays itself because a debit never came."""

AT_PROVIDER = ("bancontact", "card", DEBIT)
"""The ways of paying whose money comes in with the payment provider."""


class Payment(Model):
    """One attempt to pay (a part of) an order. `key` is the idempotency key, stored before the call.

    An order may be paid in several ways at once. Each part is a `slot`: of the attempts in one slot at most one
    comes in. `held_at` is set while money is set aside for a payment that waits for the others, as on a gift card.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("refunded_cents >= 0 AND refunded_cents <= amount_cents", name="refunded"),
        Index(
            "uq_payment_one_captured",
            "order_id",
            "slot",
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
    slot: Mapped[str] = mapped_column(String(24), default=REST, server_default=REST)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    method: Mapped[str] = mapped_column(String(16))  # bancontact, card, transfer, gift_card
    amount_cents: Mapped[int]
    refunded_cents: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    state: Mapped[PaymentState] = mapped_column(enum_column(PaymentState))
    reference: Mapped[str | None] = mapped_column(String(120), unique=True)
    url: Mapped[str | None] = mapped_column(String(500))
    intent: Mapped[str | None] = mapped_column(String(120), index=True)
    charge: Mapped[str | None] = mapped_column(String(120), index=True)
    structured_message: Mapped[str | None] = mapped_column(String(20), index=True)
    gift_card_id: Mapped[int | None] = mapped_column(ForeignKey("gift_card.id"), index=True)
    bank_reference: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """The bank's name of the credit that paid a transfer; empty when a person ticked it off."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]  # when a debit was on its way: its order stands from then on
    ask_at: Mapped[datetime | None]  # when to ask the provider about it again, if nothing is heard
    released_at: Mapped[datetime | None]  # the issuer of a voucher let go of what it had set aside
    captured_at: Mapped[datetime | None]

    @property
    def left_cents(self) -> int:
        """What did not go back of it."""
        return self.amount_cents - self.refunded_cents

    @property
    def is_promised(self) -> bool:
        """Whether a debit is on its way from the customer's bank; it may still fail."""
        return self.state is PaymentState.CREATED and self.promised_at is not None

    @property
    def is_held(self) -> bool:
        """Whether its money is set aside and sure to come when the rest is there."""
        return self.state is PaymentState.CREATED and self.held_at is not None

    @property
    def is_voucher(self) -> bool:
        """Whether an issuer of meal or eco vouchers pays it."""
        return self.method in VOUCHERS

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
    """Money to send back. Its public id is the idempotency key; after a refusal a new one is made of it.

    `returned_at` says that the provider sent it and the bank gave it back: the money is with us and the
    customer's. `repaid_at` says that a person then paid it by bank transfer. `order_line_id` is set where it is for
    one line: then only who sold that line pays it. `order_deposit_id` is set where a deposit goes back: then only who
    owns the containers pays it.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_refund_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"), index=True)
    order_deposit_id: Mapped[int | None] = mapped_column(ForeignKey("order_deposit.id"), index=True)
    amount_cents: Mapped[int]
    reason: Mapped[str] = mapped_column(String(32))
    state: Mapped[RefundState] = mapped_column(enum_column(RefundState))
    reference: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    after_settling: Mapped[bool] = mapped_column(default=False)  # then it comes off everybody's share
    returned_at: Mapped[datetime | None]
    repaid_at: Mapped[datetime | None]
    as_card: Mapped[bool] = mapped_column(default=False)  # the customer chose a gift card instead of the money
    voided_at: Mapped[datetime | None]
    """When the debit of which this was a part turned out never to come: nothing is sent, so much less is owed."""

    @property
    def call_key(self) -> str:
        """The idempotency key of the next call: a provider repeats its refusal to a key for a day."""
        return f"{self.public_id}-{self.refusals}" if self.refusals else self.public_id

    @property
    def came_back(self) -> bool:
        """Whether the money lies with us again and is still the customer's."""
        return self.returned_at is not None and self.repaid_at is None

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = REFUND.after(self.state, action)


class Mandate(Model):
    """That a customer may be debited: on which account, and under which reference on their bank statement.

    `customer` and `method` are the provider's names. One that was withdrawn is kept, for what was debited under it.
    """

    __tablename__ = "mandate"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    customer: Mapped[str] = mapped_column(String(64))
    method: Mapped[str] = mapped_column(String(64), unique=True)
    reference: Mapped[str] = mapped_column(String(64))
    account_end: Mapped[str] = mapped_column(String(8))
    agreed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class DisputeState(StrEnum):
    INQUIRY = "inquiry"  # the bank only asks; no money moved
    OPEN = "open"
    WON = "won"
    LOST = "lost"


DISPUTE = StateTable(
    {
        (DisputeState.INQUIRY, "open"): DisputeState.OPEN,
        (DisputeState.INQUIRY, "win"): DisputeState.WON,
        (DisputeState.INQUIRY, "lose"): DisputeState.LOST,
        (DisputeState.OPEN, "win"): DisputeState.WON,
        (DisputeState.OPEN, "lose"): DisputeState.LOST,
    }
)


class Dispute(Model):
    """A customer asked the bank for the money of a payment back. The platform carries it until it is won."""

    __tablename__ = "dispute"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    reference: Mapped[str] = mapped_column(String(120), unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    amount_cents: Mapped[int]
    taken_cents: Mapped[int] = mapped_column(default=0)  # by the bank, as booked
    fee_cents: Mapped[int] = mapped_column(default=0)  # of the provider, as booked
    state: Mapped[DisputeState] = mapped_column(enum_column(DisputeState), index=True)
    reason: Mapped[str] = mapped_column(String(60), default="")
    answer_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = DISPUTE.after(self.state, action)


class WebhookRefusal(Model):
    """How many webhooks were refused on a day and why; one row each, so that a flood fills nothing."""

    __tablename__ = "webhook_refusal"

    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]


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
