"""Reads the whole ledger for an accountant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.ordering.models import Order
from shortchain.payouts.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """One side of a booking. `seller` is empty when the entry is not of an enterprise; cents with their sign."""

    order: str
    seller: str
    kind: str
    amount_cents: int
    currency: str
    transaction: str
    at: datetime
    account: str


def entries(session: Session) -> Iterator[ExportedEntry]:
    """Give every entry in the order of booking, a few at a time; those of one transaction add up to zero."""
    query = (
        select(LedgerEntry, Order.number, Enterprise.name)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .outerjoin(Enterprise, Enterprise.id == LedgerEntry.enterprise_id)
        .order_by(LedgerEntry.id)
        .execution_options(yield_per=500)
    )
    for entry, number, seller in session.execute(query):
        yield ExportedEntry(
            order=number or "",
            seller=seller or "",
            kind=entry.kind,
            amount_cents=entry.amount_cents,
            currency=entry.currency,
            transaction=entry.transaction,
            at=entry.at,
            account=entry.account.value,
        )
