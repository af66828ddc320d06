"""What a credit on our bank account is for: an order, an issuer's payment, a gift card, or what a hub owes for its codes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy.orm import Session

from shortchain.giftcards import operations as gift_cards
from shortchain.giftcards.models import CardState
from shortchain.payments import matching, transfer_message
from shortchain.payments.bank_statements import Credit
from shortchain.payments.matching import Awaited, Match
from shortchain.payouts import code_debts

CARD, CODES = "card", "codes"
"""The kinds of what is awaited beside orders."""


def match(session: Session, *, hub_id: int, credits: Sequence[Credit]) -> list[Match]:
    """Find for each credit of a statement what it is for, in its order; changes nothing.

    Orders and codes are those of the hub; gift cards and issuers of vouchers are of the platform.
    """
    named = {message for credit in credits for message in credit.messages}
    awaited = [*_codes(session, hub_id, named), *_cards(session, named)]
    return matching.match(session, hub_id=hub_id, credits=credits, awaited=awaited)


def _codes(session: Session, hub_id: int, named: Collection[str]) -> Iterator[Awaited]:
    message = transfer_message.message_of_codes(hub_id)
    if message not in named:
        return
    owed = code_debts.owed(session, hub_ids=[hub_id]).get(hub_id, 0)
    booked = code_debts.references(session, hub_id=hub_id)
    yield Awaited(CODES, str(hub_id), message, "", owed, is_open=owed > 0, takes_parts=True, booked=booked)


def _cards(session: Session, named: Collection[str]) -> Iterator[Awaited]:
    numbers = [number for number in map(transfer_message.card_of, named) if number]
    for card in gift_cards.by_transfer(session, ids=numbers):
        yield Awaited(
            CARD,
            card.public_id,
            transfer_message.message_of_card(card.id),
            card.buyer_name,
            card.amount_cents,
            is_open=card.state is CardState.ASKED,
            booked=frozenset({card.bank_reference} - {""}),
        )
