"""What the buyer of a gift card sees of it, and whoever knows its code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.data import terms
from shortchain.data.terms import GiftCardTerms
from shortchain.giftcards import codes
from shortchain.giftcards import operations as gift_cards
from shortchain.giftcards.models import CardState, GiftCard
from shortchain.kernel.window import local_day


@dataclass(frozen=True, slots=True)
class MoveView:
    """Something that was put on a card or taken off it, in cents with its sign."""

    kind: str
    cents: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as its buyer sees it; `can_give_up` while it is unspent and the buyer may withdraw."""

    card_id: int
    state: str
    code: str
    amount_cents: int
    balance_cents: int
    for_name: str
    message: str
    buyer_name: str
    expires_on: date | None
    moves: tuple[MoveView, ...]
    give_up_until: date | None
    pay_by: datetime | None
    """Until when it is to be paid by bank transfer; None for other ways."""

    @property
    def waits(self) -> bool:
        return self.state == CardState.ASKED.value


def of_page(session: Session, *, token: str, now: datetime) -> CardView:
    """Read the card of a buyer's page.

    :raises NotFound: for an unknown secret
    """
    card = gift_cards.find_by_page(session, token=token)
    is_whole = card.state is CardState.LIVE and card.balance_cents == card.amount_cents
    is_whole = is_whole and card.method != gift_cards.CREDIT
    until = local_day(card.paid_at) + timedelta(days=gift_cards.WITHDRAW_DAYS) if card.paid_at and is_whole else None
    return CardView(
        card_id=card.id,
        state=card.state.value,
        code=codes.code_of(card.key) if card.state is CardState.LIVE else "",
        amount_cents=card.amount_cents,
        balance_cents=card.balance_cents,
        for_name=card.for_name,
        message=card.message,
        buyer_name=card.buyer_name,
        expires_on=card.expires_on,
        moves=tuple(MoveView(one.kind, one.cents, one.at) for one in gift_cards.moves_of(session, card_id=card.id)),
        give_up_until=until if until and local_day(now) <= until else None,
        pay_by=card.pay_by if card.state is CardState.ASKED else None,
    )


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What all cards of the shop are worth: how many have something left, what can be spent, what goes back to buyers."""

    count: int
    cents: int
    returning_cents: int


def outstanding(session: Session) -> Outstanding:
    """Add up what is on all cards, and what is on its way back to who gave a card back, in cents."""
    count, cents = session.execute(
        select(func.count(GiftCard.id), func.coalesce(func.sum(GiftCard.balance_cents), 0)).where(
            GiftCard.balance_cents > 0
        )
    ).one()
    returning = session.scalar(
        select(func.coalesce(func.sum(GiftCard.amount_cents), 0)).where(
            GiftCard.state == CardState.RETURNED, GiftCard.refunded_at.is_(None)
        )
    )
    return Outstanding(int(count), int(cents), int(returning or 0))


def terms_today(now: datetime) -> GiftCardTerms:
    """Say on what terms a card is sold now."""
    return terms.gift_card_terms(local_day(now))
