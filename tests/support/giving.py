"""Gift cards of a test: bought and paid."""

from __future__ import annotations

import secrets

from shortchain.giftcards import codes
from shortchain.giftcards.models import GiftCard
from shortchain.workflows import gift_cards
from tests.support.market import Market


def ask_card(shop: Market, cents: int = 2500, *, key: str | None = None) -> int:
    """Have a card that somebody wants to buy, with its payment page open."""
    card_id = gift_cards.buy(
        shop.session,
        key=key or secrets.token_hex(16),
        amount_cents=cents,
        name="Nele",
        email="nele@post.example",
        language="nl",
        for_name="Ward",
        message="Smakelijk!",
        method="bancontact",
        address="192.0.2.1",
        now=shop.now,
    )
    gift_cards.open_page(shop.session, shop.gateways, card_id=card_id, base_url="http://shop.example", now=shop.now)
    return card_id


def pay_card(shop: Market, card_id: int) -> GiftCard:
    """Pay a card at the provider, and hear of it."""
    card = shop.session.get_one(GiftCard, card_id, populate_existing=True)
    shop.gateways.payments.pay(card.reference)  # type: ignore[attr-defined]
    gift_cards.look_up(shop.session, shop.gateways, card_id=card_id, now=shop.now)
    return card_now(shop, card_id)


def card_now(shop: Market, card_id: int) -> GiftCard:
    """Read a card as it is in the database."""
    shop.session.rollback()
    return shop.session.get_one(GiftCard, card_id, populate_existing=True)


def bought_card(shop: Market, cents: int = 2500) -> tuple[GiftCard, str]:
    """Have a card that is paid; gives its code too."""
    card = pay_card(shop, ask_card(shop, cents))
    return card, codes.plain(codes.code_of(card.key))
