"""Gift cards: sold, spent with a guarded update, put back. Writes; the workflows decide when."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.data import terms as dated
from shortchain.giftcards import codes
from shortchain.giftcards.models import CardState, GiftCard, GiftCardMove
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.window import local_day

TRANSFER, CREDIT = "transfer", "credit"
"""Ways in which a card came to be beside the provider's: paid over the bank, or given to a customer instead of money."""
MOST_CARDS = 5
"""So many cards may pay for one order."""
TRANSFER_DAYS = 14
"""So long the buyer of a card has to transfer its price."""
TRANSFER_GRACE = timedelta(days=7)
"""And so much later it lapses: a transfer of the last day stands on a statement that somebody reads days later."""
WITHDRAW_DAYS = 14
"""A buyer may withdraw from a card that nobody spent from during so many days (Code of Economic Law art. VI.47)."""


class WrongAmount(Invalid):
    """Cards are sold between a least and a most."""

    message = N_("Kies een bedrag van € %(least)s tot € %(most)s.")


class NoSuchCard(Invalid):
    """There is no card with such a code, or it is not paid, blocked or given back."""

    message = N_("We kennen deze cadeaubon niet. Kijk de code na: vier keer vier tekens.")


class CardOver(Conflict):
    """The card's last day is past."""

    message = N_("Deze cadeaubon is vervallen op %(day)s.")


class CardEmpty(Conflict):
    """Nothing is left on the card."""

    message = N_("Op deze cadeaubon staat niets meer.")


class CardSpent(Conflict):
    """Somebody spent from this card a moment ago: less is on it than the page said."""

    message = N_("Er staat minder op je cadeaubon dan daarnet. Kijk het bedrag na en bestel opnieuw.")


class NotUnspent(Conflict):
    """The buyer can give a card back only in time, and while nothing was spent from it."""

    message = N_("Teruggeven kan niet (meer): er is van de bon betaald, of de 14 dagen zijn om.")


def ask(
    session: Session,
    *,
    key: str,
    amount_cents: int,
    buyer: tuple[str, str],
    language: str,
    for_name: str,
    message: str,
    method: str,
    now: datetime,
) -> GiftCard:
    """Write down that somebody wants to buy a card; it is worth nothing until it is paid. `buyer` is name and mail.

    :raises WrongAmount: for less or more than cards are sold for today
    """
    terms = dated.gift_card_terms(local_day(now))
    if not terms.least_cents <= amount_cents <= terms.most_cents:
        raise WrongAmount(fields=("amount",), least=str(terms.least_cents // 100), most=str(terms.most_cents // 100))
    return _written(
        session,
        key=key,
        cents=amount_cents,
        holder=buyer,
        language=language,
        method=method,
        now=now,
        for_name=for_name,
        message=message,
        pay_by=now + timedelta(days=TRANSFER_DAYS) if method == TRANSFER else None,
    )


def credit(session: Session, *, cents: int, holder: tuple[str, str], language: str, now: datetime) -> GiftCard:
    """Make a card for a customer who takes it instead of money that goes back. `holder` is name and mail."""
    key = secrets.token_hex(16)
    card = _written(session, key=key, cents=cents, holder=holder, language=language, method=CREDIT, now=now)
    sold(session, card=card, cents=cents, now=now, kind="given")
    return card


def _written(
    session: Session,
    *,
    key: str,
    cents: int,
    holder: tuple[str, str],
    language: str,
    method: str,
    now: datetime,
    **more: Any,
) -> GiftCard:
    """Write a card down that is worth nothing yet; code and page are known by their hashes alone."""
    card = GiftCard(
        key=key,
        code_hash=codes.hash_of(codes.code_of(key)),
        page_hash=codes.hash_of(codes.page_token(key)),
        state=CardState.ASKED,
        amount_cents=cents,
        balance_cents=0,
        buyer_name=holder[0],
        buyer_email=holder[1].lower(),
        language=language,
        method=method,
        created_at=now,
        **more,
    )
    session.add(card)
    session.flush()
    return card


def sold(session: Session, *, card: GiftCard, cents: int, now: datetime, kind: str = "sold") -> None:
    """Make a card worth what came in for it; its last day follows from the terms of the day of payment."""
    card.move("pay")
    card.amount_cents = card.balance_cents = cents
    card.paid_at = now
    card.expires_on = last_day(local_day(now))
    _note(session, card.id, kind, cents, card.pay_key, now)


def last_day(bought_on: date) -> date:
    """Say until which day a card can be spent that was paid on a day."""
    months = dated.gift_card_terms(bought_on).months
    year, month = divmod(bought_on.year * 12 + bought_on.month - 1 + months, 12)
    for day in (bought_on.day, 30, 29, 28):  # 31 January plus a month is the last of February
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def find_spendable(session: Session, *, code: str, now: datetime) -> GiftCard:
    """Find the card of a code as it was typed, for spending from it.

    :raises NoSuchCard: for an unknown, unpaid, blocked or given back one
    :raises CardOver: after its last day
    :raises CardEmpty: when nothing is left on it
    """
    own = select(GiftCard).where(GiftCard.code_hash == codes.hash_of(code))
    card = session.scalar(own.execution_options(populate_existing=True))  # others spend from it too
    if card is None or card.state is not CardState.LIVE or card.expires_on is None:
        raise NoSuchCard(fields=("gift_codes",))
    if card.expires_on < local_day(now):
        raise CardOver(fields=("gift_codes",), day=f"{card.expires_on:%d/%m/%Y}")
    if not card.balance_cents:
        raise CardEmpty(fields=("gift_codes",))
    return card


def find_by_page(session: Session, *, token: str) -> GiftCard:
    """Find the card of its buyer's page.

    :raises NotFound: for an unknown secret
    """
    card = session.scalar(select(GiftCard).where(GiftCard.page_hash == codes.hash_of(token)))
    if card is None:
        raise NotFound()
    return card


def lock(session: Session, *, card_id: int) -> GiftCard:
    """Load a card for changing it."""
    return session.scalars(
        select(GiftCard).where(GiftCard.id == card_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def take(session: Session, *, card_id: int, cents: int, ref: str, now: datetime) -> None:
    """Take money off a card for the payment `ref`: all of it or nothing, whoever else spends from it at once.

    :raises CardSpent: when less is on it, or when it can not be spent any more
    """
    done = session.execute(
        update(GiftCard)
        .where(
            GiftCard.id == card_id,
            GiftCard.state == CardState.LIVE,
            GiftCard.balance_cents >= cents,
            GiftCard.expires_on >= local_day(now),
        )
        .values(balance_cents=GiftCard.balance_cents - cents)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise CardSpent(fields=("gift_codes",))
    _note(session, card_id, "taken", -cents, ref, now)


def lower(session: Session, *, card: GiftCard, cents: int, ref: str, now: datetime) -> int:
    """Take off a card what its buyer got back of its price, as far as it is still on it; returns the cents taken.

    The caller holds the lock of the card.
    """
    taken = min(card.balance_cents, cents)
    if taken:
        card.balance_cents -= taken
        _note(session, card.id, "refunded", -taken, ref, now)
    return taken


def put_back(session: Session, *, card_id: int, cents: int, kind: str, ref: str, now: datetime) -> None:
    """Put money back on a card: 'freed' when a payment that waited fell, 'back' when part of an order goes back.

    Whoever gets money back can spend it: the card stays good for another year at least.
    """
    at_least = local_day(now) + timedelta(days=365)
    card = lock(session, card_id=card_id)
    card.balance_cents += cents
    if card.expires_on is not None and kind == "back":
        card.expires_on = max(card.expires_on, at_least)
    _note(session, card_id, kind, cents, ref, now)


def give_up(session: Session, *, card: GiftCard, now: datetime) -> int:
    """Let the buyer withdraw from a card that nobody spent from; returns the cents that go back. Twice is once.

    :raises NotUnspent: when it was spent from, or too late
    """
    if card.state is CardState.RETURNED:
        return 0
    is_early = card.paid_at is not None and local_day(now) <= local_day(card.paid_at) + timedelta(days=WITHDRAW_DAYS)
    is_bought = card.method != CREDIT  # who chose it instead of money had the choice
    if card.state is not CardState.LIVE or card.balance_cents != card.amount_cents or not is_early or not is_bought:
        raise NotUnspent()
    card.move("return")
    card.balance_cents = 0
    card.returned_at = now
    card.refund_due_at = None if card.method == TRANSFER else now  # a person sends a transfer back
    _note(session, card.id, "returned", -card.amount_cents, card.pay_key, now)
    return card.amount_cents


def moves_of(session: Session, *, card_id: int) -> Sequence[GiftCardMove]:
    """List what happened to a card's money, oldest first."""
    return session.scalars(
        select(GiftCardMove).where(GiftCardMove.gift_card_id == card_id).order_by(GiftCardMove.id)
    ).all()


def find_sale(session: Session, *, reference: str, key: str) -> GiftCard | None:
    """Find a card by the provider's checkout or intent, or by the key that we gave with its payment."""
    names = (GiftCard.reference == reference) | (GiftCard.intent == reference)
    found = session.scalar(select(GiftCard).where(names)) if reference else None
    if found is None and key.startswith("card-"):
        found = session.scalar(select(GiftCard).where(GiftCard.public_id == key.removeprefix("card-")))
    return found


def silent(session: Session, *, before: datetime, since: datetime, limit: int = 50) -> Sequence[int]:
    """List cards whose payment page was opened and of which nothing was heard, for asking the provider."""
    return session.scalars(
        select(GiftCard.id)
        .where(
            GiftCard.state == CardState.ASKED,
            GiftCard.reference.is_not(None),
            GiftCard.created_at <= before,
            GiftCard.created_at > since,
        )
        .order_by(GiftCard.id)
        .limit(limit)
    ).all()


def lapsing(session: Session, *, now: datetime, limit: int = 200) -> Sequence[int]:
    """List cards that were to be paid by transfer, and for which nobody waits any more."""
    return session.scalars(
        select(GiftCard.id)
        .where(GiftCard.state == CardState.ASKED, GiftCard.pay_by <= now - TRANSFER_GRACE)
        .order_by(GiftCard.id)
        .limit(limit)
    ).all()


def by_transfer(session: Session, *, ids: Collection[int]) -> Sequence[GiftCard]:
    """List those of these cards that are or were to be paid by transfer."""
    return session.scalars(
        select(GiftCard).where(GiftCard.id.in_(ids), GiftCard.method == TRANSFER).order_by(GiftCard.id)
    ).all()


def due_refunds(session: Session, *, now: datetime, limit: int = 50) -> Sequence[int]:
    """List cards that were given back and whose money was not sent yet."""
    return session.scalars(
        select(GiftCard.id)
        .where(GiftCard.refund_due_at <= now, GiftCard.refunded_at.is_(None))
        .order_by(GiftCard.id)
        .limit(limit)
    ).all()


def _note(session: Session, card_id: int, kind: str, cents: int, ref: str, now: datetime) -> None:
    session.add(GiftCardMove(gift_card_id=card_id, kind=kind, cents=cents, ref=ref, at=now))
    session.flush()
