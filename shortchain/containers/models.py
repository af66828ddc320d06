"""Containers that come back, and the ledger of where they went."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id


class ContainerKind(StrEnum):
    """What comes back; usual sizes and deposits are those of domain.md 2.4."""

    POOL_CRATE = "pool_crate"  # 600 × 400 mm, foldable
    HALF_CRATE = "half_crate"  # 400 × 300 mm, fits a cargo bike
    INSULATED_BOX = "insulated_box"  # 20–40 l, with ice packs
    JAR = "jar"
    BOTTLE = "bottle"


class ContainerType(Model):
    """A kind of container of one owner, with the deposit that a customer pays for each.

    An order keeps the deposit that held when it was placed (`OrderDeposit`), so changing it changes nothing that
    was promised. `packs_orders` says that the hub packs its orders in these: one for each box of an order.
    """

    __tablename__ = "container_type"
    __table_args__ = (
        CheckConstraint("deposit_cents > 0 AND deposit_cents <= 10000", name="deposit"),
        Index(
            "uq_container_type_packs_orders",
            "owner_id",
            unique=True,
            sqlite_where=text("packs_orders"),
            postgresql_where=text("packs_orders"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    owner_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[ContainerKind] = mapped_column(enum_column(ContainerKind))
    name: Mapped[str] = mapped_column(String(60), default="")
    """The owner's own word for it, such as 'jar of 720 ml'; empty for the word of the kind."""
    deposit_cents: Mapped[int]
    packs_orders: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class MoveReason(StrEnum):
    """Why containers went from one party to another."""

    DELIVERED = "delivered"
    UNDONE = "undone"  # the delivery was taken back
    RETURNED = "returned"  # by a customer, who gets the deposit back
    HANDED = "handed"  # between enterprises


class PackagingMove(Model):
    """Containers that went from one party to another; append-only, the database refuses a change.

    No enterprise on a side stands for the customer of `order_id`. The owner's stock is not counted, only what is
    out: so the balances of all parties add up to zero. `deposit_cents` is what the moved containers stand for.
    """

    __tablename__ = "packaging_move"
    __table_args__ = (
        CheckConstraint("count > 0 AND deposit_cents >= 0", name="amounts"),
        CheckConstraint("from_id IS NOT NULL OR to_id IS NOT NULL", name="party"),
        CheckConstraint("from_id IS NULL OR to_id IS NULL OR from_id <> to_id", name="parties"),
        CheckConstraint(
            "(from_id IS NOT NULL AND to_id IS NOT NULL) = (order_deposit_id IS NULL)"
            " AND (order_id IS NULL) = (order_deposit_id IS NULL)",
            name="customer",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    container_id: Mapped[int] = mapped_column(ForeignKey("container_type.id"), index=True)
    from_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("customer_order.id"), index=True)
    order_deposit_id: Mapped[int | None] = mapped_column(ForeignKey("order_deposit.id"), index=True)
    reason: Mapped[MoveReason] = mapped_column(enum_column(MoveReason))
    count: Mapped[int]
    deposit_cents: Mapped[int]
    key: Mapped[str | None] = mapped_column(String(80), unique=True)
    """The one-time key of the form that booked it: the same press again books nothing."""
    at: Mapped[datetime]
