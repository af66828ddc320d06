"""Who fetches goods for whom: an agreement between an enterprise that hands over and a carrier."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.database import Model, enum_column, new_public_id
from shortchain.enterprises.fetch_tariffs import FetchTariff, tariff_of
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.states import StateTable


class CollectionState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


COLLECTION = StateTable(
    {
        (CollectionState.ASKED, "agree"): CollectionState.AGREED,
        (CollectionState.ASKED, "decline"): CollectionState.DECLINED,
        (CollectionState.ASKED, "withdraw"): CollectionState.WITHDRAWN,
        (CollectionState.AGREED, "end"): CollectionState.ENDED,
    }
)

_STANDING = text("state IN ('asked', 'agreed')")


class Collection(Model):
    """That a carrier fetches what an enterprise would bring itself: a farm its goods, a processor what it made.

    It stands until one of the two ends it. The goods are ready from `ready_from` on, local time; None: at any hour.
    The four amounts are the carrier's tariff on the day on which it was asked; None: it is paid as who brings.
    """

    __tablename__ = "collection"
    __table_args__ = (
        CheckConstraint("giver_id <> collector_id", name="two_parties"),
        CheckConstraint(
            "(stop_cents IS NULL AND km_cents IS NULL AND kg_cents IS NULL AND minimum_cents IS NULL)"
            " OR (stop_cents >= 0 AND km_cents >= 0 AND kg_cents >= 0 AND minimum_cents >= 0)",
            name="tariff",
        ),
        Index(
            "ux_collection_standing",
            "giver_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    giver_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    state: Mapped[CollectionState] = mapped_column(enum_column(CollectionState))
    ready_from: Mapped[time | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    stop_cents: Mapped[int | None]
    km_cents: Mapped[int | None]
    kg_cents: Mapped[int | None]
    minimum_cents: Mapped[int | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    giver: Mapped[Enterprise] = relationship(lazy="raise", foreign_keys=[giver_id])
    collector: Mapped[Enterprise] = relationship(lazy="raise", foreign_keys=[collector_id])

    @property
    def tariff(self) -> FetchTariff | None:
        """Read what was agreed; None: what who brings is paid."""
        return tariff_of(self.stop_cents, self.km_cents, self.kg_cents, self.minimum_cents)

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = COLLECTION.after(self.state, action)


class CollectionSkip(Model):
    """A day on which an agreement does not hold: one of the two said so, and the giver brings itself."""

    __tablename__ = "collection_skip"
    __table_args__ = (UniqueConstraint("collection_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"), index=True)
    day: Mapped[date]
    by_collector: Mapped[bool]
