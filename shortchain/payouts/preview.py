"""What the next payout round will send to whom, what waits and why; it adds up to what the ledger owes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.ordering.models import Order
from shortchain.payments import disputes
from shortchain.payouts import code_debts, timing, totals
from shortchain.payouts.models import Netting, Payout, PayoutReversal, PayoutState
from shortchain.payouts.totals import OrderMoney

READY, HELD, DISPUTE, NO_ACCOUNT, ON_THE_WAY, BY_FILE = "ready", "held", "dispute", "no_account", "on_the_way", "file"
CAN_BY_FILE = "can_by_file"
SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class Line:
    """One payout that has not arrived, in cents; `state` says whether it goes along in the next round."""

    public_id: str
    order_id: str
    number: str
    amount_cents: int
    back_cents: int
    state: str
    reason: str
    since: datetime

    @property
    def open_cents(self) -> int:
        return self.amount_cents - self.back_cents


@dataclass(slots=True)
class Party:
    """What one enterprise is going to get, in cents."""

    enterprise_id: int
    name: str
    lines: list[Line] = field(default_factory=list)
    debt_cents: int = 0
    leaves_on: date | None = None  # by its own schedule; None when that lets it go now

    @property
    def ready_cents(self) -> int:
        return sum(line.open_cents for line in self.lines if line.state == READY)

    @property
    def kept_cents(self) -> int:
        """What of its debts the next round keeps."""
        return min(self.debt_cents, self.ready_cents)

    @property
    def to_send_cents(self) -> int:
        return self.ready_cents - self.kept_cents

    @property
    def waiting_cents(self) -> int:
        return sum(line.open_cents for line in self.lines if line.state != READY)


@dataclass(frozen=True, slots=True)
class Preview:
    """The next round of a hub. `money` is that of its orders, `debts_cents` what enterprises owe on them."""

    money: OrderMoney
    parties: list[Party]
    debts_cents: int

    @property
    def ready_cents(self) -> int:
        return sum(party.ready_cents for party in self.parties)

    @property
    def to_send_cents(self) -> int:
        return sum(party.to_send_cents for party in self.parties)

    @property
    def kept_cents(self) -> int:
        return sum(party.kept_cents for party in self.parties)

    @property
    def waiting_cents(self) -> int:
        return sum(party.waiting_cents for party in self.parties)

    @property
    def adds_up(self) -> bool:
        """Whether all that waits or goes is what the ledger owes, and the orders' money is whole."""
        whole = self.ready_cents + self.waiting_cents - self.debts_cents
        return whole == self.money.owed and self.money.adds_up


def read(session: Session, *, hub_id: int, now: datetime) -> Preview:
    """Preview the next payout round of a hub's orders; nothing is changed."""
    later = timing.waiting(session, now=now)
    in_dispute = set(session.scalars(disputes.orders_in_dispute()))
    parties: dict[int, Party] = {}
    rows = session.execute(
        select(Payout, Order, Enterprise)
        .join(Order, Order.id == Payout.order_id)
        .join(Enterprise, Enterprise.id == Payout.enterprise_id)
        .where(
            Order.hub_id == hub_id,
            Payout.state != PayoutState.PAID,
            Payout.amount_cents > Payout.reversed_cents,
        )
        .order_by(Enterprise.name, Payout.due_at, Payout.id)
    )
    for payout, order, enterprise in rows:
        party = parties.setdefault(
            enterprise.id, Party(enterprise.id, enterprise.name, leaves_on=later.get(enterprise.id))
        )
        state, why = _standing(payout, enterprise, is_disputed=order.id in in_dispute)
        if state == READY and party.leaves_on is not None:
            state = SCHEDULED
        party.lines.append(
            Line(
                payout.public_id,
                order.public_id,
                order.number,
                payout.amount_cents,
                payout.reversed_cents,
                state,
                why,
                payout.created_at,
            )
        )
    for_codes = code_debts.owed(session, hub_ids=parties)
    for party in parties.values():
        party.debt_cents = _debt(session, party.enterprise_id) + for_codes.get(party.enterprise_id, 0)
    return Preview(
        totals.total(totals.per_order(session, hub_id=hub_id)), list(parties.values()), _debts(session, hub_id)
    )


def _standing(payout: Payout, enterprise: Enterprise, *, is_disputed: bool) -> tuple[str, str]:
    if payout.state is PayoutState.SUBMITTED:
        return (BY_FILE, "") if (payout.transfer or "").startswith("sepa:") else (ON_THE_WAY, payout.last_error)
    if payout.held_at is not None:
        return HELD, payout.hold_reason
    if is_disputed:
        return DISPUTE, ""
    if not (enterprise.stripe_account and enterprise.payouts_enabled):
        return (CAN_BY_FILE, "") if enterprise.iban and not enterprise.payouts_enabled else (NO_ACCOUNT, "")
    return READY, payout.last_error


def _debt(session: Session, enterprise_id: int) -> int:
    """Add up what the next payout of an enterprise keeps: what the provider refused to take back."""
    found = session.scalar(
        select(func.sum(PayoutReversal.amount_cents - PayoutReversal.netted_cents))
        .join(Payout, Payout.id == PayoutReversal.payout_id)
        .where(
            Payout.enterprise_id == enterprise_id,
            Payout.state == PayoutState.PAID,
            PayoutReversal.done_at.is_(None),
            PayoutReversal.refusals > 0,
            PayoutReversal.asked_cents.is_(None),
        )
    )
    return int(found or 0)


def _debts(session: Session, hub_id: int) -> int:
    """Add up what enterprises still have to give back on orders of a hub, by the ledger."""
    kept = (
        select(func.coalesce(func.sum(Netting.amount_cents), 0))
        .where(Netting.reversal_id == PayoutReversal.id, Netting.booked_at.is_not(None))
        .correlate(PayoutReversal)
        .scalar_subquery()
    )
    found = session.scalar(
        select(func.sum(PayoutReversal.amount_cents - kept))
        .join(Payout, Payout.id == PayoutReversal.payout_id)
        .join(Order, Order.id == Payout.order_id)
        .where(Order.hub_id == hub_id, PayoutReversal.done_at.is_(None))
    )
    return int(found or 0)
