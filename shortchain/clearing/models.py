"""Additions: goods that a customer adds to a paid order, as long as they are not paid."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.states import StateTable
from shortchain.payments.models import ADDED


class AdditionState(StrEnum):
    WAITING = "waiting"
    JOINED = "joined"
    FALLEN = "fallen"


ADDITION = StateTable(
    {
        (AdditionState.WAITING, "join"): AdditionState.JOINED,
        (AdditionState.WAITING, "fall"): AdditionState.FALLEN,
    }
)


class OrderAddition(Model):
    """What is to join an order once it is paid; stock and capacity are held for it until then.

    `content` keeps the lines, the fees and what each job and leg of the chain gets more, as they were priced.
    """

    __tablename__ = "order_addition"
    __table_args__ = (
        CheckConstraint("total_cents = goods_cents + services_cents + deposit_cents", name="total"),
        Index("ix_order_addition_state_hold_until", "state", "hold_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[AdditionState] = mapped_column(enum_column(AdditionState))
    goods_cents: Mapped[int]
    services_cents: Mapped[int]
    deposit_cents: Mapped[int]
    total_cents: Mapped[int]
    content: Mapped[dict[str, Any]]
    hold_until: Mapped[datetime]
    created_at: Mapped[datetime]

    @property
    def slot(self) -> str:
        """The slot of the payment of what gift cards do not pay of it; theirs begin with it."""
        return f"{ADDED}{self.id}"

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = ADDITION.after(self.state, action)
