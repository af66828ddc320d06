"""What hubs owe for their discount codes, and what is kept of their payouts for it.

A hub pays what its code takes off once the order is divided: the others get their whole share then. What it owes is kept
from the hub's next payouts, whatever order they are of.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.ordering.models import Order, OrderState
from shortchain.payouts import ledger
from shortchain.payouts.ledger import Entry
from shortchain.payouts.models import Account, CodeNetting, LedgerEntry, Payout

NETTING = "netting"


def owed(session: Session, *, hub_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Say what hubs owe for codes of orders that are divided, less what was or will be kept of payouts, in cents.

    Hubs that owe nothing are left out.
    """
    asked = (
        select(LedgerEntry.about_id, func.sum(LedgerEntry.amount_cents))
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(
            LedgerEntry.account == Account.DISCOUNT,
            LedgerEntry.kind != NETTING,
            Order.state == OrderState.SETTLED,
        )
        .group_by(LedgerEntry.about_id)
    )
    kept = select(CodeNetting.enterprise_id, func.sum(CodeNetting.amount_cents)).group_by(CodeNetting.enterprise_id)
    if hub_ids is not None:
        wanted = list(hub_ids)
        asked = asked.where(LedgerEntry.about_id.in_(wanted))
        kept = kept.where(CodeNetting.enterprise_id.in_(wanted))
    found = {int(hub): int(cents) for hub, cents in session.execute(asked) if hub is not None}
    for hub, cents in session.execute(kept):
        found[hub] = found.get(hub, 0) - int(cents)
    return {hub: cents for hub, cents in found.items() if cents > 0}


def promised(session: Session, *, hub_id: int) -> int:
    """Say what a hub will owe for codes of orders that stand and are not divided yet, in cents."""
    found = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(
            LedgerEntry.account == Account.DISCOUNT,
            LedgerEntry.kind != NETTING,
            LedgerEntry.about_id == hub_id,
            Order.state != OrderState.SETTLED,
        )
    )
    return int(found or 0)


def keep(session: Session, *, payout: Payout, now: datetime) -> None:
    """Keep what a hub owes for its codes from a payout that is about to leave; a try that failed is counted anew.

    Two payouts of one hub wait for each other, so that nothing is kept twice.
    """
    for old in session.scalars(
        select(CodeNetting).where(CodeNetting.payout_id == payout.id, CodeNetting.booked_at.is_(None))
    ):
        payout.netted_cents -= old.amount_cents
        session.delete(old)
    session.flush()
    hub_id = payout.enterprise_id
    if not owed(session, hub_ids=[hub_id]):
        return
    session.get_one(Enterprise, hub_id, with_for_update=True)
    cents = min(owed(session, hub_ids=[hub_id]).get(hub_id, 0), payout.left_cents)
    if cents > 0:
        payout.netted_cents += cents
        session.add(CodeNetting(payout_id=payout.id, enterprise_id=hub_id, amount_cents=cents, created_at=now))


def book(session: Session, *, payout: Payout, now: datetime) -> None:
    """Book what was kept from a payout that has left: it counts as sent to the hub, and as paid for its codes."""
    row = session.scalar(select(CodeNetting).where(CodeNetting.payout_id == payout.id, CodeNetting.booked_at.is_(None)))
    if row is None:
        return
    hub_id = row.enterprise_id
    ledger.post(
        session,
        transaction=f"code:{row.public_id}",
        order_id=payout.order_id,
        entries=[
            Entry(Account.ENTERPRISE, NETTING, row.amount_cents, enterprise_id=hub_id),
            Entry(Account.DISCOUNT, NETTING, -row.amount_cents, about_id=hub_id),
        ],
        now=now,
    )
    row.booked_at = now
