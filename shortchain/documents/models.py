"""Documents, their number series and files. Nothing of a document is ever changed; triggers refuse it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.documents.values import DocumentKind
from shortchain.kernel.states import StateTable


class DocumentSeries(Model):
    """The numbers of one kind, seller and year. `last` rises in the transaction that uses it, so a roll-back
    takes the number back. The seller is empty for the platform; `owner` is then 0 and else the seller's id."""

    __tablename__ = "document_series"
    __table_args__ = (
        UniqueConstraint("owner", "letter", "year"),
        CheckConstraint("last >= 0", name="last"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[int]
    letter: Mapped[str] = mapped_column(String(1))
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


class Document(Model):
    """A final document. `cause` is what in the ledger made it due; `key` makes it once.

    `content` is every value on it, `xml` the UBL that is archived and `sha256` the hash of those bytes.
    Amounts are cents; `payable_cents` is what was paid, VAT included.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("series_id", "sequence"),
        CheckConstraint("sequence > 0", name="sequence"),
        Index("ix_document_seller_id_issued_on", "seller_id", "issued_on"),
        Index("ix_document_buyer_id_issued_on", "buyer_id", "issued_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("document_series.id"))
    sequence: Mapped[int]
    kind: Mapped[DocumentKind] = mapped_column(enum_column(DocumentKind))
    cause: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(96), unique=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("customer_order.id"), index=True)
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))  # empty for the platform
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))  # an enterprise of ours, if it is one
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    issued_on: Mapped[date] = mapped_column(index=True)
    net_cents: Mapped[int]
    vat_cents: Mapped[int]
    payable_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    content: Mapped[dict[str, Any]]
    xml: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class SendingState(StrEnum):
    MADE = "made"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"


SENDING = StateTable(
    {
        (SendingState.MADE, "send"): SendingState.SENT,
        (SendingState.MADE, "refuse"): SendingState.REFUSED,
        (SendingState.SENT, "deliver"): SendingState.DELIVERED,
        (SendingState.SENT, "refuse"): SendingState.REFUSED,
        (SendingState.REFUSED, "again"): SendingState.MADE,
    }
)


class DocumentSending(Model):
    """The way of a document over Peppol. `turn` rises when a refused one is sent again, under a new key."""

    __tablename__ = "document_sending"
    __table_args__ = (Index("ix_document_sending_state_due_at", "state", "due_at"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True, autoincrement=False)
    sender: Mapped[str] = mapped_column(String(24))  # electronic address: 0208 and the enterprise number
    receiver: Mapped[str] = mapped_column(String(24))
    state: Mapped[SendingState] = mapped_column(enum_column(SendingState))
    turn: Mapped[int] = mapped_column(default=1)
    reference: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500), default="")
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = SENDING.after(self.state, action)


class PointStanding(Model):
    """How the access point takes us: one row at most. `since` says from when on it knew our key no more."""

    __tablename__ = "access_point_standing"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    refusals: Mapped[int] = mapped_column(default=0)  # in a row
    since: Mapped[datetime | None]


class BusinessBuyer(Model):
    """The enterprise for which an order was bought, as its customer wrote it. Without one the buyer is a person."""

    __tablename__ = "business_buyer"

    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), primary_key=True, autoincrement=False)
    kbo: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    street: Mapped[str] = mapped_column(String(160))
    postcode: Mapped[str] = mapped_column(String(4))
    municipality: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    is_vat_liable: Mapped[bool] = mapped_column(default=True)
    named_at: Mapped[datetime]
