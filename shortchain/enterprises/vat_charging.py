"""Who charges VAT on what it sells, on the day of supply (docs/money.md, domain.md 4.2).

Rates belong to goods and services; whether a seller charges them follows from its scheme on that day. Farmers of the
flat-rate scheme (VAT Code art. 57), small enterprises (art. 56bis), who is exempt (art. 44) and who has no number charge
nothing, so their price holds no VAT.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise, VatScheme
from shortchain.enterprises.vat_models import VatChange


def is_charged(scheme: VatScheme, *, kbo: str | None) -> bool:
    """Say whether a seller of a scheme charges VAT: the normal one, with an enterprise number. Pure."""
    return scheme is VatScheme.NORMAL and bool(kbo)


def charges(day: Any) -> ColumnElement[bool]:
    """Say the same as `is_charged` in a statement that reads `Enterprise`, on a day or a bound parameter of one."""
    changed = (
        select(VatChange.scheme)
        .where(VatChange.enterprise_id == Enterprise.id, VatChange.from_day <= day)
        .order_by(VatChange.from_day.desc())
        .limit(1)
        .correlate(Enterprise)
        .scalar_subquery()
    )
    held: ColumnElement[Any] = func.coalesce(changed, Enterprise.vat_scheme)
    return (held == VatScheme.NORMAL) & (func.coalesce(Enterprise.kbo, "") != "")


def exempt(session: Session, *, enterprise_ids: Collection[int], day: date) -> frozenset[int]:
    """Say who of these enterprises charges no VAT on what it supplies on a day; one query."""
    if not enterprise_ids:
        return frozenset()
    query = select(Enterprise.id).where(Enterprise.id.in_(sorted(enterprise_ids)), ~charges(day))
    return frozenset(session.scalars(query))


class Exemptions:
    """Remembers who charges no VAT while many prices are worked out in one transaction, so that each is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[date, dict[int, bool]] = {}

    def __call__(self, enterprise_ids: Collection[int], day: date) -> frozenset[int]:
        """Say who of these enterprises charges no VAT on a day."""
        known = self._known.setdefault(day, {})
        asked = set(enterprise_ids) - known.keys()
        if asked:
            found = exempt(self._session, enterprise_ids=asked, day=day)
            known |= {one: one in found for one in asked}
        return frozenset(one for one in enterprise_ids if known[one])
