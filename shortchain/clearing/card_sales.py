"""Money of gift cards themselves: a card is paid, given back, or its buyer goes to the bank.

A card is a voucher for several kinds of goods at several rates: no VAT is due when it is sold, only on what is bought
with it (Directive 2006/112/EC art. 30b). Its whole price is owed to whoever holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.giftcards import operations as gift_cards
from shortchain.giftcards.models import CardState, GiftCard
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import N_, Conflict
from shortchain.kernel.payment_port import DisputeStatus, PaymentStatus, RefundStatus
from shortchain.notifications import card_mails
from shortchain.payments.bank_statements import Credit
from shortchain.payouts import ledger, reconciling
from shortchain.payouts.ledger import OWN_BANK, Entry
from shortchain.payouts.models import Account, LedgerEntry

CURRENCY = "EUR"
AT_PROVIDER = reconciling.CARD_REFUND


class NotAwaited(Conflict):
    """The card is paid or lapsed, or costs another amount."""

    message = N_("Deze cadeaubon wacht niet (meer) op dit bedrag. Lees het afschrift opnieuw.")


def came_in(session: Session, *, card_id: int, status: PaymentStatus, now: datetime) -> None:
    """Make a card spendable that was paid, for what really came in; repeats do nothing."""
    card = gift_cards.lock(session, card_id=card_id)
    if status.state != "captured" or card.state is not CardState.ASKED or status.amount.currency != CURRENCY:
        return
    card.intent, card.charge = status.intent, status.charge
    _sold(session, card, status.amount.minor, SYSTEM, now)


def _sold(session: Session, card: GiftCard, cents: int, by: Actor, now: datetime) -> None:
    gift_cards.sold(session, card=card, cents=cents, now=now)
    ledger.post(
        session,
        transaction=f"card:{card.public_id}",
        order_id=None,
        entries=[
            Entry(Account.BANK, OWN_BANK if card.method == gift_cards.TRANSFER else "card_sale", card.amount_cents),
            Entry(Account.GIFT_CARD, "card_sale", -card.amount_cents),
        ],
        now=now,
    )
    journal.record(session, "gift_card.sold", by=by, now=now, card=card.public_id, amount_cents=card.amount_cents)
    card_mails.ready(session, card=card, now=now)


def transferred(session: Session, *, card_id: int, credit: Credit, hub_id: int, by: Actor, now: datetime) -> int:
    """Make a card spendable whose price lies on our bank account; returns the cents. The same credit again changes nothing.

    `hub_id` is the hub whose coordinator found it on the statement: should the buyer withdraw, it sends the money back.

    :raises NotAwaited: when the card waits no more, or for another amount
    """
    card = gift_cards.lock(session, card_id=card_id)
    if card.state is not CardState.ASKED and credit.reference and card.bank_reference == credit.reference[:80]:
        return card.amount_cents
    if card.state is not CardState.ASKED or card.method != gift_cards.TRANSFER or credit.cents != card.amount_cents:
        raise NotAwaited()
    card.hub_id, card.bank_reference = hub_id, credit.reference[:80]
    card.payer_name, card.payer_iban = credit.name[:120], credit.iban[:34]
    _sold(session, card, credit.cents, by, now)
    return card.amount_cents


def went_back(session: Session, *, card: GiftCard, reference: str | None, now: datetime) -> None:
    """Book that the buyer of a card that was given back has the money again; without a `reference` a person sent it."""
    card.refund_reference, card.refunded_at = reference, now
    ledger.post(
        session,
        transaction=f"card-back:{card.public_id}",
        order_id=None,
        entries=[
            Entry(Account.BANK, OWN_BANK if card.method == gift_cards.TRANSFER else "card_back", -card.amount_cents),
            Entry(Account.GIFT_CARD, "card_back", card.amount_cents),
        ],
        now=now,
    )


def refunded_at_provider(session: Session, *, card_id: int, found: Sequence[RefundStatus], now: datetime) -> None:
    """Book what somebody gave back of the price of a card on the provider's own pages, each once.

    The card is worth that much less; what was spent from it already the platform carries. A refund that the bank gave
    back is put on the card again.
    """
    card = gift_cards.lock(session, card_id=card_id)
    for status in found:
        name = f"{AT_PROVIDER}{status.reference}"
        if status.key or status.amount.currency != CURRENCY or status.reference == card.refund_reference:
            continue
        cents = status.amount.minor
        if not ledger.is_booked(session, transaction=name):
            taken = gift_cards.lower(session, card=card, cents=cents, ref=status.reference, now=now)
            _book_at_provider(session, name, cents, taken, now)
            journal.record(session, "gift_card.refunded", by=SYSTEM, now=now, card=card.public_id, amount_cents=cents)
        if status.state == "failed" and not ledger.is_booked(session, transaction=f"{name}:back"):
            taken = sum(
                -move.cents for move in gift_cards.moves_of(session, card_id=card_id) if move.ref == status.reference
            )
            if taken:
                gift_cards.put_back(
                    session, card_id=card_id, cents=taken, kind="freed", ref=status.reference[:40], now=now
                )
            _book_at_provider(session, f"{name}:back", -cents, -taken, now)


def _book_at_provider(session: Session, name: str, cents: int, taken: int, now: datetime) -> None:
    ledger.post(
        session,
        transaction=name,
        order_id=None,
        entries=[
            Entry(Account.BANK, "card_refund", -cents),
            Entry(Account.GIFT_CARD, "card_refund", taken),
            Entry(Account.PLATFORM, "card_refund", cents - taken),
        ],
        now=now,
    )


def disputed(session: Session, *, card_id: int, status: DisputeStatus, now: datetime) -> None:
    """Follow a dispute about a card: nothing more is spent from it while its buyer's bank asks the money back.

    What the bank takes the platform carries, with the fee; the card stays owed, so that a won dispute ends as if there
    had been none.
    """
    card = gift_cards.lock(session, card_id=card_id)
    card.dispute = status.reference
    if status.state == "won" and card.state is CardState.BLOCKED:
        card.move("unblock")
    elif status.state in ("open", "lost") and card.state is CardState.LIVE:
        card.move("block")
    taken, fee = status.taken_cents - card.taken_cents, status.fee_cents - card.fee_cents
    if not taken and not fee:
        return
    name = f"card-dispute:{card.public_id}:"
    times = session.scalar(
        select(func.count(LedgerEntry.transaction.distinct())).where(
            LedgerEntry.transaction.startswith(name, autoescape=True)
        )
    )
    ledger.post(
        session,
        transaction=f"{name}{(times or 0) + 1}",
        order_id=None,
        entries=[
            Entry(Account.BANK, "card_dispute", -taken - fee),
            Entry(Account.PLATFORM, "card_dispute", taken + fee),
        ],
        now=now,
    )
    card.taken_cents, card.fee_cents = status.taken_cents, status.fee_cents
    journal.record(session, "gift_card.disputed", by=SYSTEM, now=now, card=card.public_id, state=status.state)
