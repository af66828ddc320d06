"""Discount codes of hubs and farms, and who used them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.ordering.discounts import DiscountKind


class DiscountCode(Model):
    """A code that takes something off an order. Its owner bears what it takes off: a hub, or a farm for its own goods.

    `value` is in cents with VAT, or basis points. `only` holds the ids for which it counts: farms for a hub's, products
    for a farm's; empty for all. `uses` counts the orders that use it and did not fall.
    """

    __tablename__ = "discount_code"
    __table_args__ = (
        CheckConstraint("value > 0", name="value"),
        CheckConstraint("least_cents >= 0 AND uses >= 0", name="counts"),
        CheckConstraint("most_uses > 0", name="most_uses"),
        CheckConstraint("per_customer > 0", name="per_customer"),
        CheckConstraint("ends_at > starts_at", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[DiscountKind] = mapped_column(enum_column(DiscountKind))
    value: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    least_cents: Mapped[int] = mapped_column(default=0)
    per_customer: Mapped[int | None]
    most_uses: Mapped[int | None]
    only: Mapped[list[Any]] = mapped_column(default=list)
    uses: Mapped[int] = mapped_column(default=0)
    stopped_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DiscountUse(Model):
    """An order that uses a code, and what it takes off; freed when the order fell or was called off."""

    __tablename__ = "discount_use"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        UniqueConstraint("order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("discount_code.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    email: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    cents: Mapped[int]
    at: Mapped[datetime]
    freed_at: Mapped[datetime | None]
