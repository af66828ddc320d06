"""What a coordinator sees of money: how the books stand, disputes, debts, webhooks that were not believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import progress
from shortchain.enterprises.models import Enterprise
from shortchain.giftcards import reading
from shortchain.ordering.models import Order
from shortchain.payments import inbox, transfer_message
from shortchain.payments.models import Dispute, WebhookReceipt, WebhookRefusal
from shortchain.payouts import below_zero, code_debts, ledger, reconciling
from shortchain.payouts.models import Account, Payout, PayoutReversal, Reconciliation
from shortchain.progress import Progress, ProgressState


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One dispute about an order of the hub, in cents."""

    order_id: str
    number: str
    state: str
    amount_cents: int
    reason: str
    opened_at: datetime
    answer_by: datetime | None


@dataclass(frozen=True, slots=True)
class Debt:
    """What an enterprise still has to give back of an order of the hub, in cents."""

    name: str
    number: str
    left_cents: int
    why: str


@dataclass(frozen=True, slots=True)
class MoneyPage:
    """How the money of a hub stands."""

    latest: Reconciliation | None
    differences: Sequence[
        dict[str, Any]
    ]  # as kept, with the public id of the order: `order`, empty for none of the hub
    below_zero: Sequence[
        below_zero.Low
    ]  # accounts at the provider of enterprises that the hub pays, and the platform's
    elsewhere: int  # differences at other hubs, which are not ours to see
    run: Progress | None
    failed: bool
    refusals: Sequence[WebhookRefusal]
    parked: Sequence[WebhookReceipt]
    disputes: Sequence[DisputeRow]
    debts: Sequence[Debt]
    code_debt: code_debts.CodeDebt | None  # what the hub owes for its discount codes, and since when
    codes_message: str  # with which it pays that over the bank
    codes_owed_cents: int  # what is to be kept of the hub's payouts for its discount codes
    codes_promised_cents: int  # what it will owe for orders that are not divided yet
    gift_cards: int  # how many cards of the whole shop have something left
    gift_cards_cents: int  # what can be spent from them
    gift_cards_held_cents: int  # what orders set aside that are not paid yet


def read(session: Session, *, hub_id: int, asked: str) -> MoneyPage:
    """Gather the money page of a hub; `asked` names the kind of run by which a comparison is asked for."""
    latest = reconciling.latest(session)
    found = latest.differences if latest else []
    own = [one for one in found if one["hub_id"] in (hub_id, None)]
    pages: dict[int | None, str] = dict(
        session.execute(
            select(Order.id, Order.public_id).where(
                Order.id.in_({one["order_id"] for one in own}), Order.hub_id == hub_id
            )
        ).all()
    )
    run = session.scalar(
        select(Progress).where(Progress.kind == asked, Progress.enterprise_id == hub_id).order_by(Progress.id.desc())
    )
    cards = reading.outstanding(session)
    held = -ledger.balance(session, account=Account.GIFT_CARD) - cards.cents - cards.returning_cents
    is_open = run is not None and run.state in progress.OPEN
    return MoneyPage(
        latest=latest,
        differences=[{**one, "order": pages.get(one["order_id"], "")} for one in own],
        below_zero=[one for one in below_zero.of(latest) if one.concerns(hub_id)],
        elsewhere=len(found) - len(own),
        run=run if is_open else None,
        failed=run is not None and run.state is ProgressState.FAILED,
        refusals=inbox.refusals(session),
        parked=inbox.parked(session),
        disputes=_disputes(session, hub_id),
        debts=_debts(session, hub_id),
        code_debt=next(iter(code_debts.open_debts(session, hub_ids=[hub_id])), None),
        codes_message=transfer_message.message_of_codes(hub_id),
        codes_owed_cents=code_debts.owed(session, hub_ids=[hub_id]).get(hub_id, 0),
        codes_promised_cents=code_debts.promised(session, hub_id=hub_id),
        gift_cards=cards.count,
        gift_cards_cents=cards.cents,
        gift_cards_held_cents=held,
    )


def _disputes(session: Session, hub_id: int) -> list[DisputeRow]:
    rows = session.execute(
        select(Dispute, Order.public_id, Order.number)
        .join(Order, Order.id == Dispute.order_id)
        .where(Order.hub_id == hub_id)
        .order_by(Dispute.id.desc())
        .limit(50)
    )
    return [
        DisputeRow(public_id, number, one.state.value, one.amount_cents, one.reason, one.opened_at, one.answer_by)
        for one, public_id, number in rows
    ]


def _debts(session: Session, hub_id: int) -> list[Debt]:
    rows = session.execute(
        select(PayoutReversal, Enterprise.name, Order.number)
        .join(Payout, Payout.id == PayoutReversal.payout_id)
        .join(Order, Order.id == Payout.order_id)
        .join(Enterprise, Enterprise.id == Payout.enterprise_id)
        .where(Order.hub_id == hub_id, PayoutReversal.done_at.is_(None))
        .order_by(PayoutReversal.id)
        .limit(100)
    )
    return [Debt(name, number, row.left_cents, row.last_error) for row, name, number in rows if row.left_cents]
