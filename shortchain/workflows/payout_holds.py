"""A coordinator keeps a payout back, with a reason, and lets it go again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, AlreadyDone, Conflict, Invalid, NotFound
from shortchain.ordering.models import Order
from shortchain.payouts.models import Payout, PayoutState
from shortchain.transaction import transaction


class NoReason(Invalid):
    """Keeping somebody's money needs a reason."""

    message = N_("Schrijf waarom je dit geld vasthoudt. De onderneming leest het.")


class AlreadyGone(Conflict):
    """The payout has left or is on its way."""

    message = N_("Deze uitbetaling is al vertrokken.")


def hold(session: Session, *, payout_public_id: str, hub_id: int, reason: str, by: Actor, now: datetime) -> None:
    """Keep a payout back until somebody lets it go; the enterprise sees the reason.

    :raises NotFound: for a payout on an order of another hub
    :raises NoReason: without a reason
    :raises AlreadyGone: when it has left
    """
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise NoReason(fields=("reason",))
    with transaction(session):
        payout = _load(session, payout_public_id, hub_id)
        if payout.state not in (PayoutState.DUE, PayoutState.FAILED):
            raise AlreadyGone()
        payout.held_at, payout.hold_reason = now, reason
        _note(session, payout, "payout.held", by, now, reason=reason)


def release(session: Session, *, payout_public_id: str, hub_id: int, by: Actor, now: datetime) -> None:
    """Let a payout go along in the next round again.

    :raises NotFound: for a payout on an order of another hub
    :raises AlreadyDone: when nobody holds it
    """
    with transaction(session):
        payout = _load(session, payout_public_id, hub_id)
        if payout.held_at is None:
            raise AlreadyDone()
        payout.held_at, payout.hold_reason, payout.due_at = None, "", now
        _note(session, payout, "payout.released", by, now)


def _load(session: Session, public_id: str, hub_id: int) -> Payout:
    payout = session.scalar(
        select(Payout)
        .join(Order, Order.id == Payout.order_id)
        .where(Payout.public_id == public_id, Order.hub_id == hub_id)
        .with_for_update(of=Payout)
    )
    if payout is None:
        raise NotFound()
    return payout


def _note(session: Session, payout: Payout, what: str, by: Actor, now: datetime, **data: str) -> None:
    journal.record(session, what, by=by, now=now, order_id=payout.order_id, enterprise_id=payout.enterprise_id, **data)
