"""What hubs owe for their discount codes, and what is kept of their payouts for it.

A hub pays what its code takes off once the order is divided: the others get their whole share then. What it owes is kept
from the hub's next payouts, whatever order they are of. What stays open for `ASK_AFTER` the hub pays over the bank, to the
account for bank transfers with `transfer_message.message_of_codes` as message; until then it is a difference of the books.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict
from shortchain.ordering.models import Order, OrderState
from shortchain.payouts import ledger
from shortchain.payouts.ledger import OWN_BANK, Entry
from shortchain.payouts.models import Account, CodeNetting, CodePayment, LedgerEntry, Payout

NETTING = "netting"
HUB_PAID = "hub_paid"
SETTLING = (NETTING, HUB_PAID)
"""The kinds of entries by which what a hub owes becomes less."""

ASK_AFTER = timedelta(days=30)
"""So long a hub's earnings may pay its codes; a bill between enterprises is due after 30 days too (law of 2 August 2002)."""


class OtherDebt(Conflict):
    """The hub owes another amount than the one that was to be booked."""

    message = N_("Het bedrag is intussen anders. Kijk het na en boek opnieuw.")


def owed(session: Session, *, hub_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Say what hubs owe for codes of orders that are divided, less what they paid and what was or will be kept of payouts.

    In cents by hub; those that owe nothing are left out.
    """
    asked = (
        select(LedgerEntry.about_id, func.sum(LedgerEntry.amount_cents))
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(
            LedgerEntry.account == Account.DISCOUNT,
            LedgerEntry.kind.not_in(SETTLING),
            Order.state == OrderState.SETTLED,
        )
        .group_by(LedgerEntry.about_id)
    )
    kept = select(CodeNetting.enterprise_id, func.sum(CodeNetting.amount_cents)).group_by(CodeNetting.enterprise_id)
    paid = select(CodePayment.enterprise_id, func.sum(CodePayment.amount_cents)).group_by(CodePayment.enterprise_id)
    if hub_ids is not None:
        wanted = list(hub_ids)
        asked = asked.where(LedgerEntry.about_id.in_(wanted))
        kept = kept.where(CodeNetting.enterprise_id.in_(wanted))
        paid = paid.where(CodePayment.enterprise_id.in_(wanted))
    found = {int(hub): int(cents) for hub, cents in session.execute(asked) if hub is not None}
    for less in (kept, paid):
        for hub, cents in session.execute(less):
            found[hub] = found.get(hub, 0) - int(cents)
    return {hub: cents for hub, cents in found.items() if cents > 0}


@dataclass(frozen=True, slots=True)
class CodeDebt:
    """What a hub owes for its codes, in cents, since the first order that nothing paid yet was divided."""

    hub_id: int
    cents: int
    order_id: int
    since: datetime

    def is_late(self, now: datetime) -> bool:
        """Whether its earnings did not pay it in time, so that it is to pay over the bank."""
        return self.since <= now - ASK_AFTER


def open_debts(session: Session, *, hub_ids: Iterable[int] | None = None) -> list[CodeDebt]:
    """List what hubs owe, with the oldest order that is open; what was kept or paid counts for the oldest orders first."""
    settled_at = (
        select(func.min(LedgerEntry.at))
        .where(LedgerEntry.order_id == Order.id, LedgerEntry.transaction.startswith("settle:"))
        .correlate(Order)
        .scalar_subquery()
    )
    found = []
    for hub_id, open_cents in sorted(owed(session, hub_ids=hub_ids).items()):
        rows = session.execute(
            select(Order.id, func.sum(LedgerEntry.amount_cents), settled_at.label("settled_at"))
            .join(LedgerEntry, LedgerEntry.order_id == Order.id)
            .where(
                LedgerEntry.account == Account.DISCOUNT,
                LedgerEntry.kind.not_in(SETTLING),
                LedgerEntry.about_id == hub_id,
                Order.state == OrderState.SETTLED,
            )
            .group_by(Order.id)
            .order_by(settled_at.desc(), Order.id.desc())
        ).all()
        left = open_cents
        for order_id, cents, at in rows:  # the newest are open: what was paid counts for the oldest
            left -= int(cents)
            if left <= 0:
                found.append(CodeDebt(hub_id, open_cents, order_id, at))
                break
    return found


def note_paid(session: Session, *, hub_id: int, cents: int, by: Actor, now: datetime) -> CodePayment:
    """Book that what a hub owes for its codes lies on our bank account, whole; a second press finds nothing open.

    :raises OtherDebt: when the hub does not owe just that
    """
    session.get_one(Enterprise, hub_id, with_for_update=True)
    if cents <= 0 or owed(session, hub_ids=[hub_id]).get(hub_id, 0) != cents:
        raise OtherDebt()
    return _book(session, hub_id, cents, "", by, now)


def note_received(
    session: Session, *, hub_id: int, cents: int, reference: str, by: Actor, now: datetime
) -> CodePayment:
    """Book a credit of the bank by which a hub pays for its codes, wholly or in part; the same credit again changes nothing.

    `reference` is the bank's name of it.

    :raises OtherDebt: when the hub owes less than that: what is too much goes back
    """
    session.get_one(Enterprise, hub_id, with_for_update=True)
    known = session.scalar(
        select(CodePayment).where(
            CodePayment.enterprise_id == hub_id,
            CodePayment.bank_reference == reference[:80],
            CodePayment.bank_reference != "",
        )
    )
    if known is not None:
        return known
    if not 0 < cents <= owed(session, hub_ids=[hub_id]).get(hub_id, 0):
        raise OtherDebt()
    return _book(session, hub_id, cents, reference[:80], by, now)


def references(session: Session, *, hub_id: int) -> frozenset[str]:
    """List the bank's names of the credits by which a hub paid for its codes."""
    rows = select(CodePayment.bank_reference).where(
        CodePayment.enterprise_id == hub_id, CodePayment.bank_reference != ""
    )
    return frozenset(session.scalars(rows))


def _book(session: Session, hub_id: int, cents: int, reference: str, by: Actor, now: datetime) -> CodePayment:
    row = CodePayment(enterprise_id=hub_id, amount_cents=cents, received_at=now, bank_reference=reference)
    session.add(row)
    session.flush()
    ledger.post(
        session,
        transaction=f"code-paid:{row.public_id}",
        order_id=None,
        entries=[
            Entry(Account.BANK, OWN_BANK, cents),
            Entry(Account.DISCOUNT, HUB_PAID, -cents, about_id=hub_id),
        ],
        now=now,
    )
    journal.record(session, "discount.hub_paid", by=by, now=now, enterprise_id=hub_id, amount_cents=cents)
    return row


def promised(session: Session, *, hub_id: int) -> int:
    """Say what a hub will owe for codes of orders that stand and are not divided yet, in cents."""
    found = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(
            LedgerEntry.account == Account.DISCOUNT,
            LedgerEntry.kind.not_in(SETTLING),
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
    if not session.get_one(Enterprise, hub_id).is_hub:  # most payouts: nobody else owes for codes of a hub
        return
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
