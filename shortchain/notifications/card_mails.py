"""Mails about gift cards → their buyers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.giftcards import codes
from shortchain.giftcards.models import GiftCard
from shortchain.notifications import notices


def ready(session: Session, *, card: GiftCard, now: datetime) -> None:
    """Owe the buyer the code of a card that is paid, with the page to print it from."""
    notices.owe(
        session,
        key=f"gift-card-{card.public_id}",
        template="gift_card_ready",
        to_email=card.buyer_email,
        language=card.language,
        now=now,
        context={
            "name": card.buyer_name,
            "for_name": card.for_name,
            "code": codes.code_of(card.key),
            "token": codes.page_token(card.key),
            "amount_cents": card.amount_cents,
            "expires_on": card.expires_on.isoformat() if card.expires_on else "",
        },
    )


def credited(session: Session, *, card: GiftCard, number: str, now: datetime) -> None:
    """Owe a customer the code of the card that they chose instead of money of an order, by its number."""
    notices.owe(
        session,
        key=f"gift-card-credit-{card.public_id}",
        template="gift_card_credit",
        to_email=card.buyer_email,
        language=card.language,
        now=now,
        context={
            "name": card.buyer_name,
            "number": number,
            "code": codes.code_of(card.key),
            "token": codes.page_token(card.key),
            "amount_cents": card.amount_cents,
            "expires_on": card.expires_on.isoformat() if card.expires_on else "",
        },
    )


def transfer_asked(session: Session, *, card: GiftCard, message: str, now: datetime) -> None:
    """Owe the buyer the facts of the bank transfer by which a card is to be paid."""
    notices.owe(
        session,
        key=f"gift-card-asked-{card.public_id}",
        template="gift_card_asked",
        to_email=card.buyer_email,
        language=card.language,
        now=now,
        context={
            "name": card.buyer_name,
            "token": codes.page_token(card.key),
            "total_cents": card.amount_cents,
            "message": message,
            "pay_by": card.pay_by.isoformat() if card.pay_by else "",
        },
    )


def given_back(session: Session, *, card: GiftCard, now: datetime) -> None:
    """Owe the buyer a proof that the card was given back, and of what comes back."""
    notices.owe(
        session,
        key=f"gift-card-back-{card.public_id}",
        template="gift_card_back",
        to_email=card.buyer_email,
        language=card.language,
        now=now,
        context={"name": card.buyer_name, "amount_cents": card.amount_cents, "at": now.isoformat()},
    )
