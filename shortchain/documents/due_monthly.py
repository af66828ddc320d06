"""What farms gave in a month, to the platform and to others of a cycle: invoiced when the month is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.documents import building, wording
from shortchain.documents.due import party_of, us
from shortchain.documents.issuing import Issue
from shortchain.documents.models import Document
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.ports import Firm
from shortchain.kernel.window import at_local, local_day
from shortchain.payouts.models import Account, LedgerEntry

MONTHS_BACK = 3
"""How many closed months are looked at for what nobody invoiced yet."""
FEE, CEDED = "fee", "ceded"
BY_MONTH = (FEE, CEDED)
"""Kinds of bookings, and the beginnings of the causes of their documents."""


@dataclass(frozen=True, slots=True)
class FeeDue:
    """What one farm gave in one month at one rate: cents with VAT, less than zero when more came back.

    `seller_id` is who asked it, or None for the platform's own fee.
    """

    enterprise_id: int
    month: date
    rate_bp: int
    cents: int
    seller_id: int | None = None

    @property
    def cause(self) -> str:
        """Name what made the document due: once a month, farm, rate and seller."""
        month, rest = f"{self.month:%Y-%m}", f"{self.enterprise_id}:{self.rate_bp}"
        return f"fee:{month}:{rest}" if self.seller_id is None else f"ceded:{month}:{self.seller_id}:{rest}"


def fees(session: Session, *, now: datetime) -> list[FeeDue]:
    """List what was given in closed months and not invoiced, from the ledger: kept less given back."""
    found = []
    first = local_day(now).replace(day=1)
    for _ in range(MONTHS_BACK):
        end, first = first, (first - timedelta(days=1)).replace(day=1)
        due = fees_between(session, first=first, end=end)
        made = set(session.scalars(select(Document.cause).where(Document.cause.in_([one.cause for one in due]))))
        found += [one for one in due if one.cause not in made]
    return found


def fees_between(session: Session, *, first: date, end: date) -> list[FeeDue]:
    """Add up what was given in a month, from its first day up to that of the next, by farm, rate and who asked it."""
    columns = (LedgerEntry.enterprise_id, LedgerEntry.kind, LedgerEntry.about_id, LedgerEntry.vat_rate_bp)
    rows = session.execute(
        select(*columns, func.sum(LedgerEntry.amount_cents))
        .where(
            LedgerEntry.account == Account.ENTERPRISE,
            LedgerEntry.kind.in_(BY_MONTH),
            LedgerEntry.at >= at_local(first, time()),
            LedgerEntry.at < at_local(end, time()),
        )
        .group_by(*columns)
        .order_by(*columns)
    )
    return [
        FeeDue(party, first, rate, int(cents), about if kind == CEDED else None)
        for party, kind, about, rate, cents in rows
        if party and cents
    ]


def of_fee(session: Session, *, due: FeeDue, platform: Firm) -> Issue:
    """Draft the invoice for what a farm gave in a month, of the platform or in the name of who asked it."""
    row = session.get_one(Enterprise, due.enterprise_id)
    last_day = (due.month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    is_ours = due.seller_id is None
    draft = building.fee(
        us(platform)
        if due.seller_id is None
        else party_of(session, session.get_one(Enterprise, due.seller_id), last_day),
        party_of(session, row, last_day),
        gross_cents=due.cents,
        rate_bp=due.rate_bp,
        last_day=last_day,
        language=row.language,
        platform=platform.name,
        words=wording.FEE_MONTH if is_ours else wording.CEDED_MONTH,
    )
    return Issue(draft, due.cause, None, due.seller_id, row.id)
