"""The ledger and payouts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.states import StateTable
from shortchain.payouts.schedules import Interval, Schedule


class Account(StrEnum):
    """The accounts of the ledger. Plus is what we hold or gave, minus is what we owe or kept."""

    BANK = "bank"  # money at the payment provider
    CUSTOMER = "customer"  # paid in advance, not divided yet
    ENTERPRISE = "enterprise"  # owed to an enterprise
    PLATFORM = "platform"  # the platform's fee and rounding of re-routes
    GIFT_CARD = "gift_card"  # owed to whoever holds gift cards
    ISSUER = "issuer"  # what issuers of meal and eco vouchers owe us
    DISCOUNT = "discount"  # what hubs owe us for their discount codes; `about_id` says which hub


OF_MONEY = (Account.BANK, Account.GIFT_CARD, Account.ISSUER, Account.DISCOUNT)
"""The sides on which the money of an order lies: with us, on cards that were paid before, or still with an issuer or a hub."""


class LedgerEntry(Model):
    """One side of a booking. The entries of one `transaction` add up to zero; append-only."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount"),
        CheckConstraint("(account = 'enterprise') = (enterprise_id IS NOT NULL)", name="party"),
        UniqueConstraint("transaction", "position"),
        Index("ix_ledger_entry_enterprise_at", "enterprise_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction: Mapped[str] = mapped_column(String(64), index=True)  # "capture:<payment>", "settle:<order>"
    position: Mapped[int]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("customer_order.id"), index=True)
    account: Mapped[Account] = mapped_column(enum_column(Account))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    kind: Mapped[str] = mapped_column(
        String(16)
    )  # capture, goods, process, transport, pack, deliver, fee, ceded, received, refund, payout, margin
    amount_cents: Mapped[int]
    vat_rate_bp: Mapped[int] = mapped_column(default=0)
    vat_cents: Mapped[int] = mapped_column(default=0)  # held in the amount, with its sign
    about_id: Mapped[
        int | None
    ]  # the other party of what a farm gives, the hub of a code; a plain key, the row is final
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    at: Mapped[datetime]


class PayoutState(StrEnum):
    DUE = "due"
    SUBMITTED = "submitted"
    PAID = "paid"
    FAILED = "failed"


PAYOUT = StateTable(
    {
        (PayoutState.DUE, "submit"): PayoutState.SUBMITTED,
        (PayoutState.SUBMITTED, "pay"): PayoutState.PAID,
        (PayoutState.SUBMITTED, "fail"): PayoutState.FAILED,
        (PayoutState.FAILED, "retry"): PayoutState.DUE,
    }
)


class Payout(Model):
    """What one enterprise gets for one order, sent as one transfer out of that order's charge.

    A second `part` is money of the first that was taken back at the provider and is owed again.
    """

    __tablename__ = "payout"
    __table_args__ = (
        UniqueConstraint("order_id", "enterprise_id", "part"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("reversed_cents >= 0 AND reversed_cents <= amount_cents", name="reversed"),
        Index("ix_payout_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    part: Mapped[int] = mapped_column(default=1, server_default="1")
    amount_cents: Mapped[int]
    reversed_cents: Mapped[int] = mapped_column(default=0)
    sent_cents: Mapped[int | None]  # frozen when it is submitted, so that a repeat asks for the same
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    state: Mapped[PayoutState] = mapped_column(enum_column(PayoutState))
    netted_cents: Mapped[int] = mapped_column(default=0)  # kept for older debts, see `Netting`
    sent_to: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """The account at the provider, frozen as `sent_cents` is: a repeat never goes to another account."""
    transfer: Mapped[str | None] = mapped_column(String(120))
    charge: Mapped[str | None] = mapped_column(String(120))  # out of which it was sent; none when out of our balance
    attempts: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    held_at: Mapped[datetime | None]
    hold_reason: Mapped[str] = mapped_column(String(200), default="")
    due_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]

    @property
    def call_key(self) -> str:
        """The idempotency key of the next call: a provider repeats its refusal to a key for a day."""
        return f"{self.public_id}-{self.refusals}" if self.refusals else self.public_id

    @property
    def left_cents(self) -> int:
        """What is still to be sent of it when nothing is netted any more."""
        return self.amount_cents - self.reversed_cents - self.netted_cents

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = PAYOUT.after(self.state, action)


class PayoutSchedule(Model):
    """When an enterprise wants its money; no row means every day. See `payouts.schedules`."""

    __tablename__ = "payout_schedule"
    __table_args__ = (CheckConstraint("minimum_cents >= 0 AND anchor >= 0", name="amounts"),)

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    interval: Mapped[Interval] = mapped_column(enum_column(Interval))
    anchor: Mapped[int]
    minimum_cents: Mapped[int]
    changed_at: Mapped[datetime]

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.interval, self.anchor, self.minimum_cents)


class PayoutReversal(Model):
    """Part of a sent payout to take back after a refund. Its public id is the idempotency key.

    Without a refund it is what somebody took back on the provider's own pages.
    """

    __tablename__ = "payout_reversal"
    __table_args__ = (
        UniqueConstraint("payout_id", "refund_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"))
    amount_cents: Mapped[int]
    netted_cents: Mapped[int] = mapped_column(default=0)  # taken off later payouts instead
    asked_cents: Mapped[int | None]  # frozen while the provider is asked, so that a repeat asks for the same
    attempts: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(200), default="")
    reference: Mapped[str | None] = mapped_column(String(120))  # the provider's

    @property
    def call_key(self) -> str:
        """The idempotency key of the next call; its words change after a refusal, and so must the key."""
        return f"{self.public_id}-{self.refusals}" if self.refusals else self.public_id

    @property
    def left_cents(self) -> int:
        """What the enterprise still has to give back."""
        return self.amount_cents - self.netted_cents


class Netting(Model):
    """Part of a payout that is kept for a debt of the same enterprise on another order.

    Booked when the payout has left; taken back when the payout is refused.
    """

    __tablename__ = "netting"
    __table_args__ = (
        UniqueConstraint("payout_id", "reversal_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"), index=True)
    reversal_id: Mapped[int] = mapped_column(ForeignKey("payout_reversal.id"), index=True)
    amount_cents: Mapped[int]
    created_at: Mapped[datetime]
    booked_at: Mapped[datetime | None]


class CodeNetting(Model):
    """Part of a payout of a hub that is kept for what it owes for its discount codes; booked and taken back as a `Netting`."""

    __tablename__ = "code_netting"
    __table_args__ = (
        UniqueConstraint("payout_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    amount_cents: Mapped[int]
    created_at: Mapped[datetime]
    booked_at: Mapped[datetime | None]


class CodePayment(Model):
    """What a hub paid over the bank for its discount codes, since it earned too little to keep it from; see `payouts.code_debts`."""

    __tablename__ = "code_payment"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    amount_cents: Mapped[int]
    received_at: Mapped[datetime]
    bank_reference: Mapped[str] = mapped_column(String(80), default="")  # empty when ticked off by hand


class Reconciliation(Model):
    """One comparison of our books with the payment provider's, and what did not agree."""

    __tablename__ = "reconciliation"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    since: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(index=True)
    movements: Mapped[int]
    provider_cents: Mapped[int]  # what the provider says lies there
    books_cents: Mapped[int]  # what should lie there by our books
    differences: Mapped[list[Any]]
    below_zero: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Who stands below zero there: enterprise_id (none: the platform), name, cents, hub_ids. See `payouts.below_zero`."""


class BankFile(Model):
    """Payouts that leave by a file for the hub's bank instead of the payment provider.

    `payments` keeps what is in it, so that it can be downloaded again: name, iban, cents, text.
    """

    __tablename__ = "bank_file"
    __table_args__ = (CheckConstraint("total_cents > 0 AND count > 0", name="amounts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    hub_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    made_at: Mapped[datetime]
    total_cents: Mapped[int]
    count: Mapped[int]
    payments: Mapped[list[Any]]
    done_at: Mapped[datetime | None]  # the bank has carried it out
    withdrawn_at: Mapped[datetime | None]
