"""Gift cards from the buyer's side: buying one, its payment page, giving it back unspent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain import crash, journal
from shortchain.accounts import attempts
from shortchain.clearing import card_sales
from shortchain.fulfilment import asks, coordinator_tasks
from shortchain.giftcards import codes
from shortchain.giftcards import operations as gift_cards
from shortchain.giftcards.models import CardState, GiftCard
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.notifications import card_mails
from shortchain.payments import operations as payments
from shortchain.payments import transfer_message
from shortchain.payments.bank_statements import Credit
from shortchain.transaction import transaction

BY_HAND = "card_by_hand"
"""The kind of the task to send the price of a card back over the bank."""
PAGE_STAYS = timedelta(hours=1)
LOOK = attempts.Limit("gift_card:address", 30, timedelta(minutes=15))
"""Codes have 80 bits; whoever tries them all the same is stopped early."""


def buy(
    session: Session,
    *,
    key: str,
    amount_cents: int,
    name: str,
    email: str,
    language: str,
    for_name: str,
    message: str,
    method: str,
    address: str,
    now: datetime,
) -> int:
    """Write down that somebody buys a card; returns its id. The same form again is the same card.

    :raises WrongAmount: for less or more than cards are sold for
    :raises TooManyTries: when this person or network asked too often in this hour
    """
    known = _known(session, key)
    if known is not None:
        return known
    try:
        with transaction(session):
            attempts.count(session, attempts.ORDER_ADDRESS, of=address, now=now)
            attempts.count(session, attempts.ORDER_EMAIL, of=email.lower(), now=now)
            card = gift_cards.ask(
                session,
                key=key,
                amount_cents=amount_cents,
                buyer=(name, email),
                language=language,
                for_name=for_name,
                message=message,
                method=method,
                now=now,
            )
            if method == gift_cards.TRANSFER:
                message = transfer_message.message_of_card(card.id)
                card_mails.transfer_asked(session, card=card, message=message, now=now)
            return card.id
    except IntegrityError:  # two presses in the same instant: the other one was first
        session.rollback()
        known = _known(session, key)
        if known is None:
            raise
        return known


def _known(session: Session, key: str) -> int | None:
    found = session.scalar(select(GiftCard.id).where(GiftCard.key == key))
    session.rollback()
    return found


def open_page(session: Session, gateways: Gateways, *, card_id: int, base_url: str, now: datetime) -> str | None:
    """Open the payment page of a card and give its address; None for one that is paid, or to be paid by bank transfer.

    :raises GatewayDown: when the provider does not answer
    :raises GatewayRefused: when it does not take this payment
    """
    card = session.get_one(GiftCard, card_id)
    token = codes.page_token(card.key)
    if card.state is not CardState.ASKED or card.url is not None or card.method == gift_cards.TRANSFER:
        address = card.url if card.state is CardState.ASKED else None
        session.rollback()
        return address
    key, cents, number, method, email, language, made = (
        card.pay_key,
        card.amount_cents,
        card.public_id,
        card.method,
        card.buyer_email,
        card.language,
        card.created_at,
    )
    session.rollback()
    started = gateways.payments.start_checkout(
        key=key,
        amount=Money(cents),
        order_number=f"BON-{number}",
        transfer_group=number,
        method=method,
        email=email,
        language=language,
        expires_at=made + PAGE_STAYS,
        success_url=f"{base_url}/cadeaubon/{token}",
        cancel_url=f"{base_url}/cadeaubon/{token}",
    )
    with transaction(session):
        card = gift_cards.lock(session, card_id=card_id)
        card.reference, card.url = started.reference, started.url
    crash.point("gift_card.page_opened")
    return started.url


def look_up(session: Session, gateways: Gateways, *, card_id: int, now: datetime) -> bool:
    """Ask the provider what became of a card's payment and follow it; False when it can not say now."""
    reference = session.get_one(GiftCard, card_id).reference
    session.rollback()
    if reference is None:
        return False
    try:
        status = gateways.payments.status(reference=reference)
    except (GatewayDown, GatewayRefused):
        return False
    with transaction(session):
        card_sales.came_in(session, card_id=card_id, status=status, now=now)
        crash.point("gift_card.before_commit")
    return True


def ask_about_silent(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Ask the provider about cards of which nothing was heard; returns how many were asked."""
    before, since = now - timedelta(minutes=2), now - timedelta(days=1)
    found = gift_cards.silent(session, before=before, since=since)
    session.rollback()
    return sum(look_up(session, gateways, card_id=card_id, now=now) for card_id in found)


def look_at(session: Session, *, code: str, address: str, now: datetime) -> GiftCard:
    """Find the card of a code for showing what is on it; tries are counted per network address.

    :raises NoSuchCard, CardOver, CardEmpty: see `giftcards.operations.find_spendable`
    :raises TooManyTries: after too many tries
    """
    with transaction(session):
        attempts.count(session, LOOK, of=address, now=now)
    return gift_cards.find_spendable(session, code=code, now=now)


def give_up(session: Session, *, token: str, by: Actor, now: datetime) -> int:
    """Let a buyer withdraw from an unspent card by the secret of its page; returns the cents that go back.

    :raises NotFound: for an unknown secret
    :raises NotUnspent: when it was spent from, or after the 14 days
    """
    card_id = gift_cards.find_by_page(session, token=token).id
    session.rollback()
    with transaction(session):
        card = gift_cards.lock(session, card_id=card_id)
        back = gift_cards.give_up(session, card=card, now=now)
        if back:
            journal.record(session, "gift_card.given_back", by=by, now=now, card=card.public_id, amount_cents=back)
            card_mails.given_back(session, card=card, now=now)
            if card.hub_id is not None:
                _ask_to_pay_back(session, card, card.hub_id, now)
        return back


def _ask_to_pay_back(session: Session, card: GiftCard, hub_id: int, now: datetime) -> None:
    """Give the hub that found the transfer of a card the task to send its price back."""
    told = " · ".join(part for part in (card.payer_name or card.buyer_name, card.payer_iban) if part)
    asks.ask_once(
        session, hub_id=hub_id, kind=BY_HAND, about=card.public_id, cents=card.amount_cents, name=told, now=now
    )


def note_paid_back(session: Session, *, task_public_id: str, hub_id: int, by: Actor, now: datetime) -> int:
    """Note that the price of a card that was paid by transfer and given back went back over the bank; returns the cents.

    :raises NotFound: for a task of another hub, or about something else
    :raises AlreadyDone: when somebody was first
    """
    with transaction(session):
        task = asks.load(session, public_id=task_public_id, hub_id=hub_id, kinds=(BY_HAND,))
        card = _named(session, str(task.data["about"]))
        card_sales.went_back(session, card=card, reference=None, now=now)
        coordinator_tasks.settle(session, task=task, answer="by hand", by=by, now=now)
        return card.amount_cents


def _named(session: Session, public_id: str) -> GiftCard:
    """Load a card by its public id for changing it.

    :raises NotFound: when there is none
    """
    card_id = session.scalar(select(GiftCard.id).where(GiftCard.public_id == public_id))
    if card_id is None:
        raise NotFound()
    return gift_cards.lock(session, card_id=card_id)


def book_transfer(session: Session, *, public_id: str, credit: Credit, hub_id: int, by: Actor, now: datetime) -> int:
    """Make a card whose price a statement of the bank shows, and mail it; returns the cents. The same credit again changes nothing.

    :raises NotFound: when there is no such card
    :raises NotAwaited: when it waits no more, or for another amount
    """
    with transaction(session):
        card = _named(session, public_id)
        return card_sales.transferred(session, card_id=card.id, credit=credit, hub_id=hub_id, by=by, now=now)


def lapse(session: Session, *, now: datetime) -> int:
    """Let cards go that were to be paid by transfer and never were; returns how many. A later transfer is sent back."""
    done = 0
    for card_id in gift_cards.lapsing(session, now=now):
        with transaction(session):
            card = gift_cards.lock(session, card_id=card_id)
            if card.state is CardState.ASKED:  # else it was paid a moment ago
                card.move("lapse")
                journal.record(session, "gift_card.lapsed", by=SYSTEM, now=now, card=card.public_id)
                done += 1
    return done


def send_refunds(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Send back the money of cards that were given back; returns how many went. The key is the card's."""
    sent = 0
    for card_id in gift_cards.due_refunds(session, now=now):
        with transaction(session):
            card = gift_cards.lock(session, card_id=card_id)
            if card.refunded_at is not None or card.intent is None:
                continue
            card.refund_due_at = now + payments.back_off(2)
            key, intent, cents = f"{card.pay_key}-back", card.intent, card.amount_cents
        try:
            reference = gateways.payments.refund(key=key, intent=intent, amount=Money(cents), reason="withdrawal")
        except (GatewayDown, GatewayRefused):
            continue
        with transaction(session):
            card = gift_cards.lock(session, card_id=card_id)
            if card.refunded_at is None:
                card_sales.went_back(session, card=card, reference=reference, now=now)
                sent += 1
    return sent
