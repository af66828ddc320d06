"""Who can not be paid yet and why, for a coordinator: the money that waits first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.enterprises import payout_accounts, payout_needs
from shortchain.enterprises.models import Enterprise, PayoutAccount
from shortchain.enterprises.payout_needs import Need
from shortchain.ordering.models import Order
from shortchain.payouts.models import Payout, PayoutState

READY, NO_ACCOUNT, CLOSED, REJECTED, WAITS, CHECKING = "ready", "none", "closed", "rejected", "waits", "checking"
ORDER = (CLOSED, REJECTED, WAITS, NO_ACCOUNT, CHECKING, READY)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """How one enterprise can be paid; `waiting_cents` is what a hub's orders brought it and has not been sent."""

    name: str
    email: str
    phone: str
    state: str
    stopped: str
    needs: tuple[Need, ...]
    due_by: datetime | None
    checked_at: datetime | None
    bank_end: str
    has_iban: bool
    waiting_cents: int


def state_of(enterprise: Enterprise, row: PayoutAccount | None) -> str:
    """Say where an enterprise stands: `READY`, `CLOSED`, `REJECTED`, `WAITS` (for it), `CHECKING` or `NO_ACCOUNT`."""
    if row is not None and row.closed_at is not None:
        return CLOSED
    if enterprise.stripe_account is None:
        return NO_ACCOUNT
    if row is not None and row.stopped.startswith(("rejected", "listed")):
        return REJECTED
    if enterprise.payouts_enabled:
        return WAITS if row is not None and payout_needs.wants_something(row.needs) else READY
    if row is not None and not payout_needs.wants_something(row.needs):
        return CHECKING
    return WAITS


def read(session: Session, *, hub_id: int) -> list[AccountRow]:
    """List the enterprises that a hub's coordinator should help: those that wait for money, the most money first.

    An enterprise that can be paid and of which nothing is asked is left out; so is one that never sold or worked
    and has not begun.
    """
    waiting = _waiting(session, hub_id)
    known = payout_accounts.known(session)
    rows = []
    for enterprise in session.scalars(select(Enterprise).where(Enterprise.is_active).order_by(Enterprise.name)):
        row = known.get(enterprise.id)
        state = state_of(enterprise, row)
        cents = waiting.get(enterprise.id, 0)
        if state == READY or (state == NO_ACCOUNT and not cents):
            continue
        rows.append(
            AccountRow(
                enterprise.name,
                enterprise.email,
                enterprise.phone,
                state,
                row.stopped if row else "",
                tuple(payout_accounts.needs_of(row)),
                row.due_by if row else None,
                row.checked_at if row else None,
                row.bank_end if row else "",
                bool(enterprise.iban),
                cents,
            )
        )
    return sorted(rows, key=lambda one: (-one.waiting_cents, ORDER.index(one.state), one.name))


def _waiting(session: Session, hub_id: int) -> dict[int, int]:
    rows = session.execute(
        select(Payout.enterprise_id, func.sum(Payout.amount_cents - Payout.reversed_cents))
        .join(Order, Order.id == Payout.order_id)
        .where(Order.hub_id == hub_id, Payout.state.in_([PayoutState.DUE, PayoutState.FAILED]))
        .group_by(Payout.enterprise_id)
    )
    return {enterprise_id: int(cents) for enterprise_id, cents in rows}
