"""How enterprises stood, stand and will stand towards VAT."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column
from shortchain.enterprises.models import VatScheme


class VatChange(Model):
    """From which day an enterprise stands otherwise towards VAT. Kept as history; a day that is to come may be among them."""

    __tablename__ = "vat_change"
    __table_args__ = (UniqueConstraint("enterprise_id", "from_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    from_day: Mapped[date]
    scheme: Mapped[VatScheme] = mapped_column(enum_column(VatScheme))
    noted_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]  # when a coordinator looked at it
