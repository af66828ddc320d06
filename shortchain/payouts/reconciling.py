"""Gathers what we know of money at the payment provider, and keeps what a comparison with it gave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.database import add_rows
from shortchain.giftcards.models import GiftCard
from shortchain.kernel.payment_port import Movement
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import debits, issuer_payments
from shortchain.payments.models import AT_PROVIDER, TRANSFER, Dispute, Payment, PaymentState, Refund, RefundState
from shortchain.payouts import code_debts, comparing
from shortchain.payouts.comparing import Difference, Fact
from shortchain.payouts.ledger import OWN_BANK
from shortchain.payouts.models import Account, LedgerEntry, Payout, PayoutReversal, PayoutState, Reconciliation

LOOK_BACK = timedelta(days=35)
STANDS = (OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED)
CAME_IN = (PaymentState.CAPTURED, PaymentState.RETURNED)
BY_FILE = Payout.transfer.startswith("sepa:")
"""Tells a payout by bank file from one through the provider."""

CARD_REFUND = "card-refund:"
"""How the bookings begin of what somebody gave back of a card on the provider's own pages; its name there follows."""


def facts(session: Session) -> list[Fact]:
    """List every movement at the provider that our rows stand for."""
    found = [
        Fact(
            "charge",
            row.charge or f"none:{row.public_id}",
            row.amount_cents,
            row.captured_at,
            row.order_id,
            row.currency,
        )
        for row in session.execute(
            select(
                Payment.charge,
                Payment.public_id,
                Payment.amount_cents,
                Payment.captured_at,
                Payment.order_id,
                Payment.currency,
            ).where(Payment.state.in_(CAME_IN), Payment.method.in_(AT_PROVIDER))
        )
    ]
    return found + _card_facts(session) + _desk_facts(session) + _refund_facts(session) + _payout_facts(session)


def _card_facts(session: Session) -> list[Fact]:
    """List what gift cards moved at the provider: their sale, what went back unspent, what banks took."""
    found = []
    at_provider = select(GiftCard).where(GiftCard.paid_at.is_not(None), GiftCard.method.in_(AT_PROVIDER))
    for card in session.scalars(at_provider.order_by(GiftCard.id)):
        paid_at = card.paid_at or card.created_at
        charge = card.charge or f"none:{card.public_id}"
        found.append(Fact("charge", charge, card.amount_cents, paid_at))
        if card.refund_reference is not None:
            found.append(Fact("refund", card.refund_reference, -card.amount_cents, card.refunded_at or paid_at))
        if card.dispute is not None:
            found.append(Fact("dispute", card.dispute, -card.taken_cents, paid_at))
    return found


def _desk_facts(session: Session) -> list[Fact]:
    """List what somebody gave back of gift cards on the provider's own pages: only the ledger knows of it."""
    found = []
    for name, cents, at in session.execute(
        select(LedgerEntry.transaction, LedgerEntry.amount_cents, LedgerEntry.at).where(
            LedgerEntry.transaction.startswith(CARD_REFUND), LedgerEntry.account == Account.BANK
        )
    ):
        reference, _, back = name.removeprefix(CARD_REFUND).partition(":")
        found.append(Fact("refund_back" if back else "refund", reference, cents, at))
    return found


def _refund_facts(session: Session) -> list[Fact]:
    found = []
    for row in session.execute(
        select(
            Refund.reference,
            Refund.amount_cents,
            Refund.done_at,
            Refund.returned_at,
            Refund.order_id,
            Payment.currency,
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state == RefundState.DONE, Refund.reference.is_not(None), Payment.method.in_(AT_PROVIDER))
    ):
        found.append(Fact("refund", row.reference, -row.amount_cents, row.done_at, row.order_id, row.currency))
        if row.returned_at is not None:
            found.append(
                Fact("refund_back", row.reference, row.amount_cents, row.returned_at, row.order_id, row.currency)
            )
    return found


def _payout_facts(session: Session) -> list[Fact]:
    found = [
        Fact("transfer", row.transfer, -(row.sent_cents or 0), row.paid_at, row.order_id)
        for row in session.execute(
            select(Payout.transfer, Payout.sent_cents, Payout.paid_at, Payout.order_id).where(
                Payout.state == PayoutState.PAID, Payout.sent_cents > 0, ~BY_FILE
            )
        )
    ]
    found += [
        Fact("reversal", row.reference, row.amount_cents - row.netted_cents, row.done_at, row.order_id)
        for row in session.execute(
            select(
                PayoutReversal.reference,
                PayoutReversal.amount_cents,
                PayoutReversal.netted_cents,
                PayoutReversal.done_at,
                Payout.order_id,
            )
            .join(Payout, Payout.id == PayoutReversal.payout_id)
            .where(PayoutReversal.done_at.is_not(None), PayoutReversal.reference.is_not(None))
        )
    ]
    return found + [
        Fact("dispute", row.reference, -row.taken_cents, row.opened_at, row.order_id)
        for row in session.execute(select(Dispute.reference, Dispute.taken_cents, Dispute.opened_at, Dispute.order_id))
    ]


def at_provider(session: Session) -> int:
    """Add up what should lie at the provider by the ledger, in euro cents.

    The ledger's bank side holds all our money; what came in or went out over our own bank account (bank
    transfers of customers, refunds by hand, payouts by bank file) is not with the provider.
    """
    bank = session.scalar(
        select(func.sum(LedgerEntry.amount_cents)).where(
            LedgerEntry.account == Account.BANK, LedgerEntry.currency == "EUR"
        )
    )
    by_transfer = session.scalar(
        select(func.sum(Payment.amount_cents)).where(Payment.method == TRANSFER, Payment.state.in_(CAME_IN))
    )
    by_hand = session.scalar(select(func.sum(Refund.amount_cents)).where(Refund.repaid_at.is_not(None)))
    by_file = session.scalar(select(func.sum(Payout.sent_cents)).where(Payout.state == PayoutState.PAID, BY_FILE))
    own = session.scalar(select(func.sum(LedgerEntry.amount_cents)).where(LedgerEntry.kind == OWN_BANK))
    return int(bank or 0) - int(by_transfer or 0) + int(by_hand or 0) + int(by_file or 0) - int(own or 0)


def take_over(session: Session, *, movements: Iterable[Movement], now: datetime) -> int:
    """Book what happened at the provider only: its fees, money of ours that came or went; returns how many.

    Each movement once: its name is the transaction's. A payout to our own bank account moves money from
    the one bank side to the other.
    """
    wanted = {f"provider:{one.id}": one for one in movements if _entries(one)}
    known = set(
        session.scalars(
            select(LedgerEntry.transaction).where(LedgerEntry.transaction.startswith("provider:")).distinct()
        )
    )
    rows = [
        {
            "transaction": name,
            "position": position,
            "order_id": None,
            "account": account,
            "enterprise_id": None,
            "kind": kind,
            "amount_cents": cents,
            "vat_rate_bp": 0,
            "vat_cents": 0,
            "currency": "EUR",
            "at": now,
        }
        for name, one in sorted(wanted.items())
        if name not in known
        for position, (account, kind, cents) in enumerate(_entries(one))
    ]
    add_rows(session, LedgerEntry, rows)
    session.flush()
    return len(wanted.keys() - known)


def _entries(one: Movement) -> list[tuple[Account, str, int]]:
    """Say how a movement that only the provider knows is booked; the entries add up to zero."""
    if one.amount.currency != "EUR":
        return []
    fee = 0 if one.kind == "dispute" else one.fee_cents  # a dispute's fee is booked with the dispute
    if one.kind == "stripe_fee":
        fee -= one.amount.minor
    entries = [(Account.BANK, "provider_fee", -fee), (Account.PLATFORM, "provider_fee", fee)]
    if one.kind == "topup":
        entries += [(Account.BANK, "topup", one.amount.minor), (Account.PLATFORM, "topup", -one.amount.minor)]
    if one.kind in ("payout", "payout_back"):
        entries += [(Account.BANK, "to_own_bank", one.amount.minor), (Account.BANK, OWN_BANK, -one.amount.minor)]
    return [entry for entry in entries if entry[2]]


def orders_and_charges(session: Session, *, since: datetime) -> list[Difference]:
    """List orders since a moment that stand and were not charged what they cost, as one sum over their payments.

    Orders that wait for a direct debit are left out until it came. What was to go back of a debit that never came was
    never charged: the customer, or the platform, paid that much less in its stead.
    """
    charged = func.coalesce(
        select(func.sum(Payment.amount_cents))
        .where(Payment.order_id == Order.id, Payment.state == PaymentState.CAPTURED)
        .correlate(Order)
        .scalar_subquery(),
        0,
    ) + func.coalesce(
        select(func.sum(Refund.amount_cents))
        .where(Refund.order_id == Order.id, Refund.voided_at.is_not(None))
        .correlate(Order)
        .scalar_subquery(),
        0,
    )
    rows = session.execute(
        select(Order.id, Order.number, Order.total_cents, charged)
        .where(
            Order.state.in_(STANDS),
            Order.placed_at >= since,
            charged != Order.total_cents,
            Order.id.not_in(debits.orders_waiting()),
        )
        .order_by(Order.id)
    )
    return [Difference("order_amount", "order", number, total, int(paid), key) for key, number, total, paid in rows]


def issuers(session: Session, *, now: datetime) -> list[Difference]:
    """List what issuers of vouchers count otherwise than we do, or have not counted for weeks."""
    return [
        Difference(
            "missing_here" if not one.ours_cents else "amount" if one.theirs_cents else "missing_there",
            "issuer",
            one.reference,
            one.ours_cents or None,
            one.theirs_cents or None,
            one.order_id,
        )
        for one in issuer_payments.items(session)
        if one.is_wrong(now)
    ]


def hubs(session: Session, *, now: datetime) -> list[Difference]:
    """List hubs whose earnings did not pay for their discount codes in time, at the oldest order that is open."""
    return [
        Difference("hub_owes", "code", "", one.cents, None, one.order_id)
        for one in code_debts.open_debts(session)
        if one.is_late(now)
    ]


def keep(
    session: Session,
    *,
    since: datetime,
    movements: Sequence[Movement],
    provider_cents: int,
    found: Sequence[Difference],
    books_cents: int,
    now: datetime,
) -> Reconciliation:
    """Write down what a comparison gave; differences carry the hub of their order."""
    hubs = {
        row.id: (row.hub_id, row.number)
        for row in session.execute(
            select(Order.id, Order.hub_id, Order.number).where(Order.id.in_({one.order_id for one in found}))
        )
    }
    rows = []
    for one in found:
        hub_id, number = hubs.get(one.order_id or 0, (None, ""))
        rows.append({**one.as_json(), "hub_id": hub_id, "number": number})
    row = Reconciliation(
        since=since,
        at=now,
        movements=len(movements),
        provider_cents=provider_cents,
        books_cents=books_cents,
        differences=rows,
    )
    session.add(row)
    session.flush()
    return row


def latest(session: Session) -> Reconciliation | None:
    """Give the newest comparison."""
    return session.scalar(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1))


def compare(
    session: Session, *, movements: Sequence[Movement], provider_cents: int, since: datetime, now: datetime
) -> tuple[list[Difference], int]:
    """Compare; returns what does not agree, and what should lie at the provider in euro cents."""
    ours = facts(session)
    found = comparing.differences(ours, movements, since=since, now=now)
    books = at_provider(session) + comparing.under_way(ours, movements, now=now)
    if books != provider_cents:
        found.append(Difference("balance", "balance", "", books, provider_cents))
    return found, books
