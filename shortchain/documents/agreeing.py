"""Compares the documents with the ledger: each booking of a sale, a refund or a month of fees against its papers.

The ledger knows what everybody sold and gave back, the documents say it to buyers and to the tax office. Both are
written in other transactions by other code, so that they agree is looked at, and not believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from shortchain.documents import due, due_monthly
from shortchain.documents.models import Document
from shortchain.documents.values import CREDITS
from shortchain.kernel.window import at_local, local_day
from shortchain.payouts.comparing import Difference
from shortchain.payouts.models import Account, LedgerEntry
from shortchain.payouts.shares import PLATFORM

GRACE = timedelta(hours=3)
"""How long after a booking its documents may be missing: the worker makes them every hour."""

MISSING, AMOUNT = "document_missing", "document_amount"
SIGNED = case((Document.kind.in_(list(CREDITS.values())), -Document.payable_cents), else_=Document.payable_cents)
"""What a document says that was paid; a credit takes off."""

Key = tuple[str, int]
"""The booking and who sold; 0 is the platform."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What the ledger says that somebody sold in a booking, in cents; less than zero went back."""

    cause: str
    owner: int
    cents: int
    at: datetime
    order_id: int | None


def differences(session: Session, *, now: datetime, since: datetime | None = None) -> list[Difference]:
    """List where documents and ledger do not agree, by booking; with `since` only of bookings from then on.

    A document that lacks is one only when others were made since: without the platform's enterprise number none is
    made, and then nothing is late.
    """
    ledger = {(one.cause, one.owner): one for one in (*_sales(session, since), *_fees(session, now, since))}
    papers = _papers(session, since)
    newest = session.scalar(select(func.max(Document.created_at)))
    found = []
    for key in sorted(ledger.keys() | papers.keys()):
        booked, (cents, order_id) = ledger.get(key), papers.get(key, (None, None))
        expected = booked.cents if booked else 0
        if cents is None and booked is not None and expected:
            if newest is not None and booked.at <= min(now, newest) - GRACE:
                found.append(Difference(MISSING, "document", _name(key), expected, None, booked.order_id))
        elif (cents or 0) != expected:
            found.append(Difference(AMOUNT, "document", _name(key), expected, cents, order_id))
    return found


def _name(key: Key) -> str:
    return f"{key[0]}/{key[1]}" if key[1] else key[0]


def _papers(session: Session, since: datetime | None) -> dict[Key, tuple[int | None, int | None]]:
    """Add up the documents of each booking by who sold, with the order."""
    query = select(Document.cause, Document.seller_id, func.sum(SIGNED), func.min(Document.order_id)).group_by(
        Document.cause, Document.seller_id
    )
    if since is not None:  # a document comes after its booking, so one that is looked at has its booking looked at too
        booked = select(LedgerEntry.transaction).where(LedgerEntry.at >= since)
        month = f"{_first_whole_month(since):%Y-%m}"
        recent = [
            Document.cause.startswith(f"{kind}:") & (Document.cause >= f"{kind}:{month}")
            for kind in due_monthly.BY_MONTH
        ]
        query = query.where(or_(Document.cause.in_(booked), *recent))
    return {
        (cause, owner or PLATFORM): (int(cents), order_id) for cause, owner, cents, order_id in session.execute(query)
    }


def _first_whole_month(since: datetime) -> date:
    """Give the first day of the first month of which all is looked at; an earlier one was looked at before."""
    first = local_day(since).replace(day=1)
    return first if at_local(first, time()) >= since else (first + timedelta(days=31)).replace(day=1)


def _sales(session: Session, since: datetime | None) -> Iterator[Booked]:
    """Read what was divided and what went back after that, per booking and party."""
    query = (
        select(
            LedgerEntry.transaction,
            LedgerEntry.order_id,
            LedgerEntry.at,
            LedgerEntry.enterprise_id,
            LedgerEntry.kind,
            LedgerEntry.vat_rate_bp,
            LedgerEntry.amount_cents,
        )
        .where(
            or_(LedgerEntry.transaction.startswith("settle:"), LedgerEntry.transaction.startswith("refund:")),
            LedgerEntry.account.in_((Account.ENTERPRISE, Account.PLATFORM)),
            LedgerEntry.order_id.is_not(None),
        )
        .order_by(LedgerEntry.transaction, LedgerEntry.position)
        .execution_options(yield_per=1000)
    )
    if since is not None:
        query = query.where(LedgerEntry.at >= since)
    for cause, rows in groupby(session.execute(query), key=lambda row: row.transaction):
        kept = list(rows)
        yield from _of_booking(cause, kept[0].order_id, kept[0].at, ((r[3], r[4], r[5], r[6]) for r in kept))


def _of_booking(
    cause: str, order_id: int | None, at: datetime, entries: Iterable[tuple[int | None, str, int, int]]
) -> Iterator[Booked]:
    sums: dict[int, int] = {}
    for (owner, _kind, _rate), cents in due.joined(entries).items():
        sums[owner] = sums.get(owner, 0) + cents
    yield from (Booked(cause, owner, cents, at, order_id) for owner, cents in sums.items())


def _fees(session: Session, now: datetime, since: datetime | None) -> Iterator[Booked]:
    """Read what farms gave in every closed month, which is invoiced once the month is over."""
    oldest = session.scalar(select(func.min(LedgerEntry.at)).where(LedgerEntry.kind.in_(due_monthly.BY_MONTH)))
    if oldest is None:
        return
    start = max(oldest, since) if since else oldest
    first = local_day(now).replace(day=1)
    while at_local(first, time()) > start:
        end, first = first, (first - timedelta(days=1)).replace(day=1)
        if since is not None and first < _first_whole_month(since):
            return  # part of it was looked at before
        for fee in due_monthly.fees_between(session, first=first, end=end):
            yield Booked(fee.cause, fee.seller_id or PLATFORM, fee.cents, at_local(end, time()), None)
