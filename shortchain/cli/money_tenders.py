"""What customers of `flask money simulate` do beside paying: they buy and spend gift cards, and add to their orders."""

from __future__ import annotations

from shortchain.clearing import bank_matching
from shortchain.cli import money_world as world
from shortchain.cli.money_stage import Bought, Stage
from shortchain.giftcards import codes, reading
from shortchain.giftcards.operations import TRANSFER
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.ordering.baskets import BasketView
from shortchain.payments import matching, spending, transfer_message, vouchers
from shortchain.payments.bank_statements import Credit
from shortchain.payments.rests import LEAST_ONLINE_CENTS
from shortchain.payments.spending import Spend
from shortchain.workflows import adding, asking_payment, bank_credits, gift_cards

SHOP = "http://127.0.0.1"


def buy_card(stage: Stage) -> None:
    """Let somebody buy a gift card and pay it, online or by bank transfer, or not at all."""
    key = f"{stage.dice.getrandbits(128):032x}"
    by_transfer = stage.happens("gift cards transferred", 0.2)
    card_id = gift_cards.buy(
        stage.session,
        key=key,
        amount_cents=100 * stage.dice.randint(10, 60),
        name="Klant",
        email=f"gever{key[:12]}@simulation.example",
        language="nl",
        for_name="",
        message="",
        method=TRANSFER if by_transfer else "bancontact",
        address=key,
        now=stage.now,
    )
    address = gift_cards.open_page(stage.session, stage.gateways, card_id=card_id, base_url=SHOP, now=stage.now)
    if stage.happens("gift cards not paid", 0.1, times=2):
        stage.counts["gift cards not paid"] += 1
        return
    if by_transfer:
        _transfer_card(stage, card_id, codes.page_token(key))
    else:
        stage.provider.control(f"sessions/{(address or '').rpartition('/')[2]}/pay", {"outcome": "pay"})
    stage.cards.append(codes.plain(codes.code_of(key)))
    stage.card_pages.append(codes.page_token(key))
    stage.counts["gift cards sold"] += 1


def _transfer_card(stage: Stage, card_id: int, page: str) -> None:
    """Find the price of a card on a statement of the bank."""
    cents = reading.of_page(stage.session, token=page, now=stage.now).amount_cents
    text = transfer_message.message_of_card(card_id)
    credit = Credit("", f"CARD{card_id}", local_day(stage.now), cents, "Klant", text, "BE68539007547034")
    found = bank_matching.match(stage.session, hub_id=world.HUB_ID, credits=[credit])
    stage.session.rollback()
    for one in found:
        if one.state == matching.AWAITED and one.awaited is not None:
            gift_cards.book_transfer(
                stage.session,
                public_id=one.awaited.public_id,
                credit=credit,
                hub_id=world.HUB_ID,
                by=SYSTEM,
                now=stage.now,
            )
            stage.counts["gift cards transferred"] += 1


def spends(stage: Stage, *, view: BasketView | None, email: str, has_vouchers: bool) -> list[Spend]:
    """Choose whether an order is paid with vouchers or from a card, and how much at most."""
    return [*(_vouchers(stage, view, email) if has_vouchers else []), *_card(stage)]


def _vouchers(stage: Stage, view: BasketView | None, email: str) -> list[Spend]:
    if stage.issuer is None:
        return []
    room = vouchers.eligible_in(view.rows, on=local_day(stage.now)) if view else {}
    found = []
    for method, cents in room.items():
        left = vouchers.left_today(stage.session, method=method, email=email, now=stage.now)
        most = cents if left is None else min(cents, left)
        if most >= LEAST_ONLINE_CENTS and stage.dice.random() < 0.7:
            some = stage.dice.randint(LEAST_ONLINE_CENTS, most)
            found.append(Spend("", stage.dice.choice((most, some)), method))
    stage.session.rollback()
    stage.counts["paid with vouchers"] += len(found)
    return found


def _card(stage: Stage) -> list[Spend]:
    if not stage.cards or not stage.happens("paid from a gift card", 0.3):
        return []
    return _part(stage, stage.dice.choice(stage.cards), stage.dice.choice((300, 1200, 10_000)))


def _part(stage: Stage, code: str, total_cents: int) -> list[Spend]:
    """Say what a card would pay of a total; nothing when it is not paid yet or nothing is left on it."""
    try:
        found = spending.preview(stage.session, codes=[code], total_cents=total_cents, now=stage.now)
    except DomainError:
        return []
    finally:
        stage.session.rollback()
    stage.counts["paid from a gift card"] += len(found)
    return [one.spend for one in found]


def _card_for_added(stage: Stage, total_cents: int) -> list[Spend]:
    """Choose a card for goods that are added; where all is to be played one that pays them whole, if there is any."""
    if not stage.happens("additions paid from a gift card", 0.3):
        return []
    parts = [_part(stage, code, total_cents) for code in stage.dice.sample(stage.cards, min(5, len(stage.cards)))]
    return max(parts, key=lambda found: sum(one.cents for one in found), default=[])


def give_card_back(stage: Stage) -> None:
    """Let the buyer of a card from which nobody spent think better of it."""
    for page in stage.dice.sample(stage.card_pages, len(stage.card_pages)):
        try:
            if gift_cards.give_up(stage.session, token=page, by=GUEST, now=stage.now):
                stage.counts["gift cards given back"] += 1
                return
        except DomainError:  # not heard of yet, spent from, or too late
            stage.session.rollback()


ADDED = ("additions paid", "additions transferred", "additions paid from a gift card", "additions undone")
"""What may become of goods that somebody adds to an order."""


def lacks(stage: Stage) -> bool:
    """Say whether something that may become of an addition was not played yet, where everything is to be."""
    return stage.is_sure and any(not stage.counts[one] for one in ADDED)


def add(stage: Stage, one: Bought, basket: str) -> None:
    """Let a customer add a basket to an order: pay it in some way, let it fall, or leave it until it does by itself."""
    method = TRANSFER if stage.happens("additions transferred", 0.3) else stage.dice.choice(adding.AT_ONCE)
    try:
        try:
            payment_id = _ask_to_add(stage, one, basket, method)
        except adding.TransferTooLate:
            stage.session.rollback()
            method = adding.AT_ONCE[0]
            payment_id = _ask_to_add(stage, one, basket, method)
    except DomainError as refusal:
        stage.session.rollback()
        stage.counts[f"not added: {type(refusal).__name__}"] += 1
        return
    is_paid = adding.is_paid(stage.session, payment_id=payment_id)
    stage.session.rollback()
    if is_paid:
        stage.counts["additions paid from a gift card"] += 1
        return
    if stage.happens("additions undone", 0.15):
        adding.undo(stage.session, stage.gateways, token=one.token, by=GUEST, now=stage.now)
        stage.counts["additions undone"] += 1
    elif stage.dice.random() < 0.85:
        _pay_added(stage, one, payment_id, method)


def _ask_to_add(stage: Stage, one: Bought, basket: str, method: str) -> int:
    more = adding.quote(stage.session, stage.gateways, token=one.token, basket=basket, now=stage.now)
    stage.session.rollback()
    return adding.ask(
        stage.session,
        stage.gateways,
        token=one.token,
        key=f"{stage.dice.getrandbits(128):032x}",
        basket=basket,
        method=method,
        accepted_total_cents=more.sheet.total_cents,
        by=GUEST,
        now=stage.now,
        cards=_card_for_added(stage, more.sheet.total_cents),
    )


def _pay_added(stage: Stage, one: Bought, payment_id: int, method: str) -> None:
    if method == TRANSFER:
        bank_credits.mark_transfer_received(
            stage.session, stage.gateways, order_id=one.order_id, hub_id=world.HUB_ID, by=SYSTEM, now=stage.now
        )
        stage.counts["additions transferred"] += 1
        return
    address = asking_payment.start_payment(
        stage.session, stage.gateways, payment_id=payment_id, token=one.token, base_url=SHOP, now=stage.now
    )
    stage.provider.control(f"sessions/{(address or '').rpartition('/')[2]}/pay", {"outcome": "pay"})
    stage.counts["additions paid"] += 1
