"""Tells an enterprise what happens to its payouts: what the payment provider wants, what stopped, what failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.enterprises import founding
from shortchain.enterprises.payout_accounts import Change
from shortchain.notifications import notices


def account_changed(session: Session, *, change: Change, now: datetime) -> None:
    """Owe the enterprise word of what changed with its account; the same needs are told once."""
    if not change.news:
        return
    enterprise = founding.get(session, enterprise_id=change.enterprise_id)
    about = change.digest if change.news == "needs" else f"{now:%Y%m%d%H%M}"
    notices.owe(
        session,
        key=f"payouts-{change.news}:{change.account}:{about}",
        template="payout_account",
        to_email=enterprise.email,
        language=enterprise.language,
        context={
            "enterprise": enterprise.name,
            "news": change.news,
            "needs": [[need.group, need.urgency, need.mistake] for need in change.needs],
            "due_by": change.due_by.isoformat() if change.due_by else None,
        },
        now=now,
    )


def payout_failed(session: Session, *, enterprise_id: int, reference: str, cents: int, why: str, now: datetime) -> None:
    """Owe the enterprise word that its bank did not take its money, and where to correct the account."""
    enterprise = founding.get(session, enterprise_id=enterprise_id)
    notices.owe(
        session,
        key=f"payout-failed:{reference}",
        template="payout_failed",
        to_email=enterprise.email,
        language=enterprise.language,
        context={"enterprise": enterprise.name, "cents": cents, "why": why},
        now=now,
    )
