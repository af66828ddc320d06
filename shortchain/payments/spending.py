"""What gift cards and vouchers pay of an order: looked at for the page, and asked for when the order is placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.giftcards import operations as gift_cards
from shortchain.giftcards.models import GiftCard
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.money import Money
from shortchain.ordering.basket_rows import BasketView
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import operations as payments
from shortchain.payments import vouchers
from shortchain.payments.models import GIFT_CARD, VOUCHERS, Payment
from shortchain.payments.tenders import DISCOUNT

LEAST_ONLINE_CENTS = 50
"""What a card or Bancontact is charged at least in euro (Stripe's documentation, minimum charge amounts)."""


class TooManyCards(Invalid):
    """More cards than may pay for one order."""

    message = N_("Gebruik hoogstens %(most)s cadeaubonnen voor een bestelling.")


@dataclass(frozen=True, slots=True)
class Spend:
    """So many cents off the card of a code (as it was typed, without dashes), paid with vouchers of a kind, or by the hub."""

    code: str
    cents: int
    method: str = GIFT_CARD


@dataclass(frozen=True, slots=True)
class CardPart:
    """What a card would pay of an order, and what would stay on it, in cents; `last_signs` tells cards apart."""

    spend: Spend
    last_signs: str
    left_after: int


def preview(session: Session, *, codes: Sequence[str], total_cents: int, now: datetime) -> list[CardPart]:
    """Say what the cards of these codes would pay of a total, in their order; those not needed are left out.

    A rest is never less than can be charged: the last card then pays so much less.

    :raises TooManyCards: for too many
    :raises NoSuchCard, CardOver, CardEmpty: for a card that can not be spent
    """
    if len(codes) > gift_cards.MOST_CARDS:
        raise TooManyCards(fields=("gift_codes",), most=gift_cards.MOST_CARDS)
    found: list[CardPart] = []
    left = total_cents
    for code in codes:
        card = gift_cards.find_spendable(session, code=code, now=now)
        cents = min(left, card.balance_cents)
        if cents:
            found.append(CardPart(Spend(code, cents), code[-4:], card.balance_cents - cents))
            left -= cents
    return _leaving_enough(found, left)


def _leaving_enough(found: list[CardPart], left: int) -> list[CardPart]:
    short = LEAST_ONLINE_CENTS - left if left else 0
    if not found or short <= 0:
        return found
    *before, last = found
    if last.spend.cents <= short:  # it would pay nothing any more
        return _leaving_enough(before, left + last.spend.cents)
    spend = replace(last.spend, cents=last.spend.cents - short)
    return [*before, replace(last, spend=spend, left_after=last.left_after + short)]


def with_code(view: BasketView, spends: Sequence[Spend]) -> list[Spend]:
    """Put what the hub pays for a discount code of its own before what customers spend."""
    code = view.discount
    return [Spend(code.code, code.cents, DISCOUNT), *spends] if code is not None and code.by_hub else list(spends)


def take(
    session: Session, *, order: Order, lines: Sequence[OrderLine], spends: Sequence[Spend], now: datetime
) -> list[Payment]:
    """Set money of cards aside for an order, and write down what vouchers are to pay; all of it or nothing.

    Returns a payment for each. A card pays at once; the holder of vouchers is still to be asked.

    :raises VoucherTooMuch: when vouchers may not pay so much of these goods, or so much today
    :raises NoSuchCard, CardOver, CardEmpty, CardSpent: when a card can not pay (any more) what it was to pay
    """
    made = [_by_hub(session, order, one, now) for one in spends if one.method == DISCOUNT]
    made += _ask_vouchers(session, order, lines, [one for one in spends if one.method in VOUCHERS], len(made), now)
    wanted: list[tuple[GiftCard, int]] = []
    left = order.total_cents - sum(one.amount_cents for one in made)
    for spend in (one for one in spends if one.method == GIFT_CARD):
        cents = min(left, spend.cents)
        if cents > 0:
            wanted.append((gift_cards.find_spendable(session, code=spend.code, now=now), cents))
            left -= cents
    for number, (card, cents) in enumerate(sorted(wanted, key=lambda one: one[0].id), start=len(made) + 1):
        payment = payments.open_payment(
            session,
            order=order,
            method=GIFT_CARD,
            slot=f"card-{card.id}",
            amount_cents=cents,
            gift_card_id=card.id,
            attempt=number,
            expires_at=order.hold_until,
            now=now,
        )
        gift_cards.take(session, card_id=card.id, cents=cents, ref=payment.public_id, now=now)
        made.append(payment)
    return made


def _by_hub(session: Session, order: Order, spend: Spend, now: datetime) -> Payment:
    """Write down what the hub pays: it is sure to, so it waits for the rest from the start."""
    return payments.open_payment(
        session,
        order=order,
        method=DISCOUNT,
        slot=DISCOUNT,
        amount_cents=spend.cents,
        attempt=1,
        expires_at=order.hold_until,
        now=now,
    )


def _ask_vouchers(
    session: Session, order: Order, lines: Sequence[OrderLine], spends: Sequence[Spend], before: int, now: datetime
) -> list[Payment]:
    eligible = vouchers.eligible_of(lines)
    made: list[Payment] = []
    for spend in spends:
        left = vouchers.left_today(session, method=spend.method, email=order.email, now=now)
        vouchers.check(spend.cents, method=spend.method, eligible_cents=eligible[spend.method], left_cents=left)
        made.append(
            payments.open_payment(
                session,
                order=order,
                method=spend.method,
                slot=spend.method,
                amount_cents=spend.cents,
                attempt=before + len(made) + 1,
                expires_at=order.hold_until,
                now=now,
            )
        )
    both = sum(line.sold_cents - line.voucher_cents for line in lines if vouchers.pays(line))
    if sum(one.amount_cents for one in made) > both:  # a line that both may pay is paid once
        raise vouchers.VoucherTooMuch(fields=(made[-1].method,), most=Money(both))
    return made
