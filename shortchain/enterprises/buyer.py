"""Who may buy at the prices of a kind of customers: the table, apart since `models` is full."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.states import StateTable


class BuyerState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"


BUYER = StateTable(
    {
        (BuyerState.ASKED, "approve"): BuyerState.APPROVED,
        (BuyerState.ASKED, "refuse"): BuyerState.REFUSED,
        (BuyerState.APPROVED, "end"): BuyerState.ENDED,
        (BuyerState.REFUSED, "ask"): BuyerState.ASKED,
        (BuyerState.ENDED, "ask"): BuyerState.ASKED,
    }
)


class Buyer(Model):
    """Somebody who asks a hub or a farm for the prices of a list, and what came of it.

    A hub's yes counts for all farms in its cycles, a farm's for its own goods. For `shop` and `canteen` the
    enterprise is named, with its number and address: documents are made out to it.
    """

    __tablename__ = "buyer"
    __table_args__ = (UniqueConstraint("user_id", "enterprise_id", "price_list"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)  # who says yes or no
    price_list: Mapped[PriceList] = mapped_column(enum_column(PriceList))
    state: Mapped[BuyerState] = mapped_column(enum_column(BuyerState))
    company: Mapped[str] = mapped_column(String(120), default="")
    kbo: Mapped[str] = mapped_column(String(10), default="")
    street: Mapped[str] = mapped_column(String(160), default="")
    postcode: Mapped[str] = mapped_column(String(4), default="")
    municipality: Mapped[str] = mapped_column(String(80), default="")
    is_vat_liable: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    answer: Mapped[str] = mapped_column(String(300), default="")
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = BUYER.after(self.state, action)
