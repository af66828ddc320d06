"""What gift cards and vouchers pay of an order: looked at for the page, and asked for when the order is placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.giftcards import operations as gift_cards
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.money import Money, split
from shortchain.ordering.basket_rows import BasketView
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import operations as payments
from shortchain.payments import rests, vouchers
from shortchain.payments.models import GIFT_CARD, VOUCHERS, Payment
from shortchain.payments.rests import TooLittleLeft
from shortchain.payments.tenders import DISCOUNT, SPENT_IN_ORDER


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
    """What a card would pay of an order, and what would stay on it, in cents; `last_signs` tells cards apart.

    `less_cents` is what it pays less, so that enough is left to charge.
    """

    spend: Spend
    last_signs: str
    left_after: int
    less_cents: int = 0


def preview(
    session: Session, *, codes: Sequence[str], total_cents: int, now: datetime, before: Sequence[CardPart] = ()
) -> list[CardPart]:
    """Say what the cards of these codes would pay of a total, after what is paid `before` them by a hub's code and vouchers.

    A rest is never less than can be charged: parts then pay so much less (`rests.leaving_enough`), and those that pay
    nothing are left out. Returns those before as well.

    :raises TooManyCards: for too many
    :raises NoSuchCard, CardOver, CardEmpty: for a card that can not be spent
    """
    if len(codes) > gift_cards.MOST_CARDS:
        raise TooManyCards(fields=("gift_codes",), most=gift_cards.MOST_CARDS)
    found = list(before)
    left = total_cents - sum(one.spend.cents for one in found)
    for code in codes:
        card = gift_cards.find_spendable(session, code=code, now=now)
        cents = min(left, card.balance_cents)
        if cents > 0:
            found.append(CardPart(Spend(code, cents), code[-4:], card.balance_cents - cents))
            left -= cents
    return leaving_enough(found, total_cents)


def leaving_enough(parts: Sequence[CardPart], total_cents: int) -> list[CardPart]:
    """Let parts pay less where too little to charge would be left of a total; those that pay nothing are left out."""
    amounts = rests.leaving_enough(total_cents, [(one.spend.method, one.spend.cents) for one in parts])
    return [_lowered(one, cents) for one, cents in zip(parts, amounts, strict=True) if cents]


def _lowered(part: CardPart, cents: int) -> CardPart:
    less = part.spend.cents - cents
    left_after = part.left_after + less if part.last_signs else 0
    return CardPart(replace(part.spend, cents=cents), part.last_signs, left_after, less)


def with_code(view: BasketView, spends: Sequence[Spend]) -> list[Spend]:
    """Put what the hub pays for a discount code of its own before what customers spend."""
    code = view.discount
    return [Spend(code.code, code.cents, DISCOUNT), *spends] if code is not None and code.by_hub else list(spends)


def take(
    session: Session, *, order: Order, lines: Sequence[OrderLine], spends: Sequence[Spend], now: datetime
) -> list[Payment]:
    """Set money of cards aside for an order, and write down what vouchers are to pay; all of it or nothing.

    Returns a payment for each. A card pays at once; the holder of vouchers is still to be asked. Where too little to
    charge would be left, parts pay less; of what the hub pays for a code each line gets so much less.

    :raises TooLittleLeft: when too little is left all the same
    :raises VoucherTooLittle: for less than can be charged in the place of vouchers
    :raises VoucherTooMuch: when vouchers may not pay so much of these goods, or so much today
    :raises NoSuchCard, CardOver, CardEmpty, CardSpent: when a card can not pay (any more) what it was to pay
    """
    wanted = _wanted(order.total_cents, lines, spends)
    made = [_by_hub(session, order, one, now) for one in wanted if one.method == DISCOUNT]
    made += _ask_vouchers(session, order, lines, [one for one in wanted if one.method in VOUCHERS], len(made), now)
    return made + _off_cards(session, order, wanted, "card-", order.hold_until, len(made) + 1, now)


def take_for_added(
    session: Session,
    *,
    order: Order,
    slot: str,
    total_cents: int,
    spends: Sequence[Spend],
    until: datetime,
    now: datetime,
) -> list[Payment]:
    """Set money of gift cards aside for goods that are to join an order for `total_cents`; all of it or nothing.

    Returns a payment for each card, in slots that begin with `slot`. Of the price nothing is left, or enough to charge.

    :raises NoSuchCard, CardOver, CardEmpty, CardSpent: when a card can not pay (any more) what it was to pay
    """
    wanted = _wanted(total_cents, (), [one for one in spends if one.method == GIFT_CARD])
    first = len(payments.payments_of(session, order_id=order.id)) + 1
    return _off_cards(session, order, wanted, f"{slot}-c", until, first, now)


def _off_cards(
    session: Session, order: Order, wanted: Sequence[Spend], slots: str, until: datetime, first: int, now: datetime
) -> list[Payment]:
    """Set aside what each card pays; `slots` is how their slots begin, `first` the attempt of the first of them."""
    cards = [
        (gift_cards.find_spendable(session, code=one.code, now=now), one.cents)
        for one in wanted
        if one.method == GIFT_CARD
    ]
    made: list[Payment] = []
    for number, (card, cents) in enumerate(sorted(cards, key=lambda one: one[0].id), start=first):
        payment = payments.open_payment(
            session,
            order=order,
            method=GIFT_CARD,
            slot=f"{slots}{card.id}",
            amount_cents=cents,
            gift_card_id=card.id,
            attempt=number,
            expires_at=until,
            now=now,
        )
        gift_cards.take(session, card_id=card.id, cents=cents, ref=payment.public_id, now=now)
        made.append(payment)
    return made


def _wanted(total_cents: int, lines: Sequence[OrderLine], spends: Sequence[Spend]) -> list[Spend]:
    """Settle what each part pays of a total: cards no more than is left, and no rest that can not be charged."""
    asked, left = [], total_cents
    for one in sorted(spends, key=lambda one: SPENT_IN_ORDER.index(one.method)):
        cents = min(left, one.cents) if one.method == GIFT_CARD else one.cents
        asked.append(replace(one, cents=cents))
        left -= cents
    amounts = rests.leaving_enough(total_cents, [(one.method, one.cents) for one in asked])
    if not rests.is_chargeable(total_cents - sum(amounts)):
        raise TooLittleLeft()
    for one, cents in zip(asked, amounts, strict=True):
        if one.method == DISCOUNT and cents < one.cents:
            _lower_code(lines, cents)
    return [replace(one, cents=cents) for one, cents in zip(asked, amounts, strict=True) if cents > 0]


def _lower_code(lines: Sequence[OrderLine], cents: int) -> None:
    """Let the hub pay so much in all, of each line in proportion to what it would have paid."""
    parts = split(Money(cents), [line.voucher_cents for line in lines])
    for line, part in zip(lines, parts, strict=True):
        line.voucher_cents = part.minor


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
