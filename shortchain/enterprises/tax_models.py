"""Who a seller is for the tax office's yearly report (DAC7)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column


class SellerKind(StrEnum):
    """A natural person, a legal person, or one of the two that the directive leaves out of the report."""

    PERSON = "person"
    COMPANY = "company"
    GOVERNMENT = "government"
    LISTED = "listed"


class TaxIdentity(Model):
    """What an owner said of who sells. A natural person has names, a day of birth and a national number; others none."""

    __tablename__ = "tax_identity"
    __table_args__ = (
        CheckConstraint("(kind = 'person') = (national_number <> '')", name="person"),
        CheckConstraint("(kind = 'person') = (born_on IS NOT NULL)", name="born"),
    )

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, autoincrement=False)
    kind: Mapped[SellerKind] = mapped_column(enum_column(SellerKind))
    first_name: Mapped[str] = mapped_column(String(80), default="")
    last_name: Mapped[str] = mapped_column(String(80), default="")
    born_on: Mapped[date | None]
    national_number: Mapped[str] = mapped_column(String(11), default="")
    noted_at: Mapped[datetime]
