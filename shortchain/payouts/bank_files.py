"""Gathers payouts into files for the bank, and follows what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.ordering.models import Order
from shortchain.payments import disputes
from shortchain.payouts import corrections, settling
from shortchain.payouts.models import BankFile, Payout, PayoutState

SEPA = "sepa:"
"""Begins the `transfer` of a payout that leaves by a file; the file's public id follows."""


def ready(session: Session, *, hub_id: int) -> Sequence[Payout]:
    """List the payouts of a hub's orders that can leave by file: no account with the provider, but a bank account."""
    return session.scalars(
        select(Payout)
        .join(Order, Order.id == Payout.order_id)
        .join(Enterprise, Enterprise.id == Payout.enterprise_id)
        .where(
            Order.hub_id == hub_id,
            Payout.state.in_([PayoutState.DUE, PayoutState.FAILED]),
            Payout.held_at.is_(None),
            Payout.amount_cents > Payout.reversed_cents,
            Payout.order_id.not_in(disputes.orders_in_dispute()),
            Enterprise.payouts_enabled.is_(False),
            Enterprise.iban != "",
        )
        .order_by(Payout.enterprise_id, Payout.id)
    ).all()


def gather(session: Session, *, hub_id: int, by: Actor, now: datetime) -> BankFile | None:
    """Put what is ready into a new file, one transfer an enterprise, debts kept; None when nothing is left to send."""
    found = [session.get_one(Payout, one.id, with_for_update=True) for one in ready(session, hub_id=hub_id)]
    by_party: dict[int, list[Payout]] = {}
    for payout in found:
        if payout.state is PayoutState.FAILED:
            payout.move("retry")
        payout.move("submit")
        corrections.net_debts(session, payout=payout, now=now)
        payout.sent_cents = payout.left_cents
        payout.attempts += 1
        by_party.setdefault(payout.enterprise_id, []).append(payout)
    rows = []
    for enterprise_id, own in by_party.items():
        party = session.get_one(Enterprise, enterprise_id)
        cents = sum(payout.sent_cents or 0 for payout in own)
        if cents:
            rows.append({"name": party.name, "iban": party.iban, "cents": cents, "payouts": len(own)})
    if not rows:
        for payout in found:
            _arrived(session, payout, "netted", now)
        return None
    file = BankFile(
        hub_id=hub_id,
        made_at=now,
        total_cents=sum(row["cents"] for row in rows),
        count=len(rows),
        payments=rows,
    )
    session.add(file)
    session.flush()
    for payout in found:
        payout.transfer = SEPA + file.public_id
    journal.record(session, "bank_file.made", by=by, now=now, enterprise_id=hub_id, amount_cents=file.total_cents)
    return file


def _arrived(session: Session, payout: Payout, transfer: str, now: datetime) -> None:
    settling.book_payout(session, payout=payout, transfer=transfer, now=now)
    corrections.book_netting(session, payout=payout, now=now)


def carried_out(session: Session, *, file: BankFile, by: Actor, now: datetime) -> int:
    """Book the payouts of a file that the bank has carried out; returns how many."""
    found = _payouts(session, file)
    for payout in found:
        _arrived(session, payout, SEPA + file.public_id, now)
    file.done_at = now
    journal.record(session, "bank_file.done", by=by, now=now, enterprise_id=file.hub_id, amount_cents=file.total_cents)
    return len(found)


def withdraw(session: Session, *, file: BankFile, by: Actor, now: datetime) -> int:
    """Take a file back that the bank never got: its payouts are due again; returns how many."""
    found = _payouts(session, file)
    for payout in found:
        payout.move("fail")
        payout.transfer, payout.due_at, payout.last_error = None, now, ""
    file.withdrawn_at = now
    journal.record(session, "bank_file.withdrawn", by=by, now=now, enterprise_id=file.hub_id)
    return len(found)


def _payouts(session: Session, file: BankFile) -> Sequence[Payout]:
    return session.scalars(
        select(Payout)
        .where(Payout.transfer == SEPA + file.public_id, Payout.state == PayoutState.SUBMITTED)
        .order_by(Payout.id)
        .with_for_update()
    ).all()


def own(session: Session, *, public_id: str, hub_id: int, lock: bool = False) -> BankFile:
    """Find a file of a hub.

    :raises NotFound: when there is none, or it is another hub's
    """
    query = select(BankFile).where(BankFile.public_id == public_id, BankFile.hub_id == hub_id)
    file = session.scalar(query.with_for_update() if lock else query)
    if file is None:
        raise NotFound()
    return file


def of_hub(session: Session, *, hub_id: int, most: int = 20) -> Sequence[BankFile]:
    """List the files of a hub, the newest first."""
    return session.scalars(
        select(BankFile).where(BankFile.hub_id == hub_id).order_by(BankFile.id.desc()).limit(most)
    ).all()
