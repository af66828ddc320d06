"""The account of an enterprise at the payment provider: how it stood when we last heard, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises import founding, payout_needs
from shortchain.enterprises.models import PayoutAccount
from shortchain.enterprises.payout_needs import Need
from shortchain.journal import Actor
from shortchain.kernel.payment_port import AccountStatus


@dataclass(frozen=True, slots=True)
class Change:
    """What changed with an account, for telling people: `news` as `payout_needs.news` names it."""

    enterprise_id: int
    account: str
    news: str
    needs: tuple[Need, ...]
    due_by: datetime | None
    digest: str
    is_ready: bool = False


def of(session: Session, *, enterprise_id: int) -> PayoutAccount | None:
    """Give how the account of an enterprise stood when we last heard; None when we never did."""
    return session.get(PayoutAccount, enterprise_id)


def needs_of(row: PayoutAccount | None) -> list[Need]:
    """List what the provider wants of an enterprise, the most urgent first."""
    return payout_needs.listed(row.needs) if row is not None and row.closed_at is None else []


def asks_now(needs: Sequence[Need]) -> bool:
    """Say whether the enterprise has something to do now."""
    return any(need.urgency in (payout_needs.OVERDUE, payout_needs.REFUSED, payout_needs.NOW) for need in needs)


def next_key(session: Session, *, enterprise_id: int) -> tuple[str | None, str]:
    """Give the account that an enterprise has, None when it needs one, and the key to open that with.

    The key follows from what is stored: however often the opening is repeated, there is one account.
    """
    enterprise = founding.get(session, enterprise_id=enterprise_id)
    row = of(session, enterprise_id=enterprise_id)
    if row is None or row.closed_at is None:
        return enterprise.stripe_account, f"account:{enterprise.public_id}"
    return None, f"account:{enterprise.public_id}:{row.number + 1}"


def begin(session: Session, *, enterprise_id: int, account: str, now: datetime, by: Actor) -> None:
    """Keep a new account: the first, or the next after one that was closed. An open one is never replaced."""
    enterprise = founding.get(session, enterprise_id=enterprise_id)
    row = session.get(PayoutAccount, enterprise_id, with_for_update=True)
    if row is not None and row.closed_at is not None and row.account != account:
        row.account, row.number, row.closed_at = account, row.number + 1, None
        row.needs, row.due_by, row.stopped, row.bank_name, row.bank_end = {}, None, "", "", ""
        row.can_receive = row.paid_out = row.charges = row.submitted = False
        row.checked_at = now
        enterprise.stripe_account = None
        session.flush()
    founding.note_payout_account(session, enterprise_id=enterprise_id, account=account, now=now, by=by)


def note(
    session: Session, *, enterprise_id: int, account: str, status: AccountStatus | None, now: datetime, by: Actor
) -> Change:
    """Keep how an account stands, None for one that the provider does not let us see any more: it is closed.

    Says what changed. Word of an older account than the present one changes nothing.
    """
    enterprise = founding.get(session, enterprise_id=enterprise_id)
    if enterprise.stripe_account != account:
        return Change(enterprise_id, account, "", (), None, "")
    row = session.get(PayoutAccount, enterprise_id, with_for_update=True)
    if row is None:
        row = PayoutAccount(enterprise_id=enterprise_id, account=account, needs={}, checked_at=now)
        session.add(row)
    was_ready, before = enterprise.payouts_enabled, row.needs if row.submitted else {}
    was_closed = row.closed_at is not None
    _write(row, status, now)
    session.flush()
    is_ready = row.is_ready
    found = payout_needs.news(
        was_ready=was_ready, is_ready=is_ready, is_closed=row.closed_at is not None, before=before, after=row.needs
    )
    founding.note_payouts(session, enterprise_id=enterprise_id, enabled=is_ready, now=now, by=by)
    if found and not (found == "closed" and was_closed):
        journal.record(session, f"payout_account.{found}", by=by, now=now, enterprise_id=enterprise_id)
    else:
        found = ""
    needs = tuple(needs_of(row))
    return Change(enterprise_id, account, found, needs, row.due_by, payout_needs.digest(row.needs), is_ready)


def _write(row: PayoutAccount, status: AccountStatus | None, now: datetime) -> None:
    row.checked_at = now
    if status is None:
        row.closed_at = row.closed_at or now
        row.can_receive = row.paid_out = row.charges = False
        return
    row.closed_at = None
    row.can_receive, row.paid_out, row.charges = status.can_receive, status.paid_out, status.charges
    row.submitted = status.submitted
    row.needs = _plain(status)
    row.due_by, row.stopped = status.due_by, status.stopped[:60]
    row.bank_name, row.bank_end = status.bank_name[:80], status.bank_end[-4:]


def _plain(status: AccountStatus) -> dict[str, Any]:
    return payout_needs.as_needs(
        now=status.missing,
        overdue=status.overdue,
        later=status.later,
        checking=status.checking,
        refused=status.refused,
    )


def known(session: Session) -> dict[int, PayoutAccount]:
    """Give every account that we heard of, by enterprise."""
    return {row.enterprise_id: row for row in session.scalars(select(PayoutAccount))}
