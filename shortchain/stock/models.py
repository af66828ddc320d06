"""Lots, allocations and stock movements."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.catalogue.models import Product
from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.quantity import Unit
from shortchain.kernel.states import StateTable


class Lot(Model):
    """One harvest or batch; the unit of traceability.

    `quantity` is what is there to sell in base units (listed minus withdrawn), `allocated` what of it
    is held, committed or picked. Left is the difference.
    """

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("allocated >= 0 AND allocated <= quantity", name="allocated"),
        Index("ix_lot_product_best_before", "product_id", "best_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    farm_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    unit: Mapped[Unit] = mapped_column(enum_column(Unit))
    quantity: Mapped[int]
    allocated: Mapped[int] = mapped_column(default=0)
    harvested_on: Mapped[date]
    best_before: Mapped[date]
    listed_at: Mapped[datetime]

    product: Mapped[Product] = relationship(lazy="raise")

    @property
    def left(self) -> int:
        return self.quantity - self.allocated


class AllocationState(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    PICKED = "picked"
    RELEASED = "released"


ALLOCATION = StateTable(
    {
        (AllocationState.HELD, "commit"): AllocationState.COMMITTED,
        (AllocationState.HELD, "release"): AllocationState.RELEASED,
        (AllocationState.COMMITTED, "pick"): AllocationState.PICKED,
        (AllocationState.COMMITTED, "release"): AllocationState.RELEASED,
    }
)


class Allocation(Model):
    """A quantity of one lot set aside for one claim (an order line's uuid)."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state <> 'held' OR held_until IS NOT NULL", name="deadline"),
        Index("ix_allocation_state_held_until", "state", "held_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    claim: Mapped[str] = mapped_column(String(36), index=True)
    amount: Mapped[int]
    state: Mapped[AllocationState] = mapped_column(enum_column(AllocationState))
    held_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    lot: Mapped[Lot] = relationship(lazy="raise")

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = ALLOCATION.after(self.state, action)


class StockMovement(Model):
    """Why a lot's quantity changed. Append-only; the sum over a lot is its quantity."""

    __tablename__ = "stock_movement"

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # listed, corrected, written_off, undone, missing
    amount: Mapped[int]
    at: Mapped[datetime]
    by_user_id: Mapped[int | None]
