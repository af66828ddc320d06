"""Gift cards and every movement on them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.states import StateTable


class CardState(StrEnum):
    ASKED = "asked"  # somebody wants to buy it and has not paid
    LIVE = "live"
    BLOCKED = "blocked"  # the buyer's bank asks the money back
    RETURNED = "returned"  # the buyer withdrew, unspent
    LAPSED = "lapsed"  # was to be paid by bank transfer, and never was


CARD = StateTable(
    {
        (CardState.ASKED, "pay"): CardState.LIVE,
        (CardState.LIVE, "block"): CardState.BLOCKED,
        (CardState.BLOCKED, "unblock"): CardState.LIVE,
        (CardState.LIVE, "return"): CardState.RETURNED,
        (CardState.ASKED, "lapse"): CardState.LAPSED,
    }
)


class GiftCard(Model):
    """A card that anybody who knows its code can spend; worth nothing until it is paid.

    `key` is the one-time key of the form that bought it: the code and the secret of the buyer's page follow from it.
    `balance_cents` is what can still be spent; what an unpaid order set aside is off it already.
    """

    __tablename__ = "gift_card"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("balance_cents >= 0 AND balance_cents <= amount_cents", name="balance"),
        Index("ix_gift_card_state_created_at", "state", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    page_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[CardState] = mapped_column(enum_column(CardState))
    amount_cents: Mapped[int]
    balance_cents: Mapped[int] = mapped_column(default=0)
    buyer_name: Mapped[str] = mapped_column(String(120))
    buyer_email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    for_name: Mapped[str] = mapped_column(String(120), default="")
    message: Mapped[str] = mapped_column(String(300), default="")
    method: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str | None] = mapped_column(String(120), unique=True)
    url: Mapped[str | None] = mapped_column(String(500))
    intent: Mapped[str | None] = mapped_column(String(120), index=True)
    charge: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    expires_on: Mapped[date | None]
    returned_at: Mapped[datetime | None]
    refund_due_at: Mapped[datetime | None] = mapped_column(index=True)  # money that goes back to the buyer
    refund_reference: Mapped[str | None] = mapped_column(String(120))
    refunded_at: Mapped[datetime | None]
    dispute: Mapped[str | None] = mapped_column(String(120), unique=True)
    taken_cents: Mapped[int] = mapped_column(default=0)  # by the buyer's bank, as booked
    fee_cents: Mapped[int] = mapped_column(default=0)  # of the provider for that, as booked
    pay_by: Mapped[datetime | None]  # of a bank transfer
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))  # whose coordinator found the transfer
    bank_reference: Mapped[str] = mapped_column(String(80), default="")
    payer_name: Mapped[str] = mapped_column(String(120), default="")
    payer_iban: Mapped[str] = mapped_column(String(34), default="")

    @property
    def pay_key(self) -> str:
        """The idempotency key of its payment."""
        return f"card-{self.public_id}"

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = CARD.after(self.state, action)


class GiftCardMove(Model):
    """Something was put on a card or taken off it: kinds sold, given, taken, freed, back, returned, refunded. `ref` says for what."""

    __tablename__ = "gift_card_move"
    __table_args__ = (
        CheckConstraint("cents <> 0", name="cents"),
        UniqueConstraint("gift_card_id", "kind", "ref"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gift_card_id: Mapped[int] = mapped_column(ForeignKey("gift_card.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    cents: Mapped[int]
    ref: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
