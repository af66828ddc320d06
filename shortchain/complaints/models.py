"""Complaints: what a customer says went wrong with which lines, the photos, and the decision per line."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.states import StateTable


class ComplaintState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"


COMPLAINT = StateTable({(ComplaintState.OPEN, "decide"): ComplaintState.DECIDED})


class Complaint(Model):
    """What a customer says of an order. `key` is the form's one-time key: the same press is the same complaint."""

    __tablename__ = "complaint"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    state: Mapped[ComplaintState] = mapped_column(enum_column(ComplaintState), index=True)
    kind: Mapped[str] = mapped_column(String(12))  # missing, bad, wrong, late, other, withdraw
    text: Mapped[str] = mapped_column(String(2000), default="")
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(500), default="")
    wants_card: Mapped[bool] = mapped_column(default=False)  # what goes back as a gift card instead of the money

    lines: Mapped[list[ComplaintLine]] = relationship(lazy="raise", order_by="ComplaintLine.order_line_id")

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = COMPLAINT.after(self.state, action)


class ComplaintLine(Model):
    """One order line that a complaint is about; `given_cents` is what was decided, None until then."""

    __tablename__ = "complaint_line"
    __table_args__ = (
        UniqueConstraint("complaint_id", "order_line_id"),
        CheckConstraint("given_cents >= 0", name="given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), index=True)
    given_cents: Mapped[int | None]
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"), unique=True)

    photos: Mapped[list[ComplaintPhoto]] = relationship(lazy="raise", order_by="ComplaintPhoto.id")


class ComplaintPhoto(Model):
    """A photo of what is wrong: for the customer, the farm of the line and the hub of the order, nobody else."""

    __tablename__ = "complaint_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    complaint_line_id: Mapped[int] = mapped_column(ForeignKey("complaint_line.id"), index=True)
    made_at: Mapped[datetime]

    @property
    def file_name(self) -> str:
        """The name in the media store; the public address of pictures gives no file that is named so."""
        return f"klacht-{self.public_id}.jpg"
