"""Gift cards from sale to the last cent: bought, spent in parts, given back, never worth more than was paid."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.giftcards import codes
from shortchain.giftcards import operations as cards
from shortchain.giftcards.models import CardState, GiftCard
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import spending, standing
from shortchain.payments.models import Payment
from shortchain.payments.spending import Spend
from shortchain.payouts import ledger, reconciling, totals
from shortchain.payouts.models import Account, Payout
from shortchain.transaction import transaction
from shortchain.workflows import (
    asking_payment,
    bookkeeping,
    cancellation,
    checkout,
    gift_cards,
    payment_events,
    refunds,
    settlement,
)
from tests.support.fake_gateways import signed
from tests.support.giving import ask_card, bought_card, card_now, pay_card
from tests.support.market import HOME, NELE, Market, market

DAY = timedelta(days=1)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def placed_with(shop: Market, *spends: Spend, amounts: tuple[int, ...] = (2, 1)) -> checkout.Placed:
    """Place an order of which these cards pay so much."""
    basket = shop.basket(*amounts)
    total = shop.total(basket)
    return checkout.place_order(
        shop.session,
        shop.gateways,
        key=codes.page_token(basket),
        basket_public_id=basket,
        customer=NELE,
        destination=HOME,
        window_public_id=shop.window.public_id,
        remark="",
        method="bancontact",
        accepted_total_cents=total,
        by=GUEST,
        now=shop.now,
        cards=spends,
    )


def order_of(shop: Market, placed: checkout.Placed) -> Order:
    shop.session.rollback()
    return shop.session.get_one(Order, placed.order_id, populate_existing=True)


def owed_to_holders(session: Session) -> int:
    session.rollback()
    return -ledger.balance(session, account=Account.GIFT_CARD)


def clean(shop: Market, now: Any = None) -> bool:
    shop.session.rollback()
    shop.session.expire_all()
    found = checks.check_all(shop.session, now=now or shop.now)
    assert [one for one in found if one.promise.startswith(("P1", "P2", "P3", "P4"))] == []
    return all(row.adds_up for row in totals.per_order(shop.session))


def test_is_worth_nothing_until_it_is_paid_and_what_was_paid_then(shop: Market, session: Session) -> None:
    card_id = ask_card(shop, 4000)
    code = codes.code_of(card_now(shop, card_id).key)
    with pytest.raises(cards.NoSuchCard):
        cards.find_spendable(session, code=code, now=shop.now)
    card = pay_card(shop, card_id)
    assert (card.state, card.balance_cents, owed_to_holders(session)) == (CardState.LIVE, 4000, 4000)
    assert cards.find_spendable(session, code=code.lower(), now=shop.now).id == card_id
    mail = session.scalars(select(Notice).where(Notice.template == "gift_card_ready")).one()
    assert mail.context["code"] == code
    assert clean(shop)


def test_ends_the_same_whatever_the_order_of_events(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    for number, order in enumerate(itertools.permutations(range(3))):
        card = card_now(shop, ask_card(shop))
        reference = card.reference or ""
        gateways.payments.pay(reference)
        events = [
            signed(f"evt_{number}_1", "payment_intent.succeeded", id=f"pi_{reference}", object="payment_intent"),
            signed(
                f"evt_{number}_2",
                "charge.succeeded",
                id=f"ch_{reference}",
                object="charge",
                payment_intent=f"pi_{reference}",
                metadata={"shortchain_key": card.pay_key},
            ),
            signed(f"evt_{number}_3", "checkout.session.completed", id=reference, object="checkout.session"),
        ]
        for place in (*order, order[0]):
            client.post("/webhooks/stripe", **events[place], token=False)
            payment_events.process_inbox(session, gateways, now=shop.now)
        assert card_now(shop, card.id).balance_cents == 2500
    assert owed_to_holders(session) == 6 * 2500
    assert clean(shop)


def test_asks_about_a_card_of_which_nothing_was_heard(shop: Market, session: Session, gateways: Gateways) -> None:
    card_id = ask_card(shop)
    gateways.payments.pay(card_now(shop, card_id).reference)
    assert gift_cards.ask_about_silent(session, gateways, now=shop.now + timedelta(minutes=3)) == 1
    assert card_now(shop, card_id).state is CardState.LIVE


@pytest.mark.parametrize("cents", [999, 25001])
def test_sells_no_card_outside_the_terms(shop: Market, cents: int) -> None:
    with pytest.raises(cards.WrongAmount):
        ask_card(shop, cents)


def test_pays_a_part_and_stands_with_the_rest(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    placed = placed_with(shop, Spend(code, 300))
    assert card_now(shop, card.id).balance_cents == 700  # set aside: nobody else can spend it
    order = order_of(shop, placed)
    assert order.state is OrderState.AWAITING_PAYMENT
    rest = session.get_one(Payment, placed.payment_id)
    assert (rest.method, rest.amount_cents) == ("bancontact", order.total_cents - 300)
    assert clean(shop)
    shop.pay(placed)
    assert order_of(shop, placed).state is OrderState.CONFIRMED
    stands = standing.of_order(session, order_id=order.id)
    assert stands is not None
    assert [(part.method, part.amount_cents, part.is_there) for part in stands.parts] == [
        ("gift_card", 300, True),
        ("bancontact", order.total_cents - 300, True),
    ]
    assert owed_to_holders(session) == 700
    assert clean(shop)


@pytest.mark.parametrize(
    ("total", "pay"),
    [
        (3000, [1000, 2000]),  # nothing is left to charge
        (3050, [1000, 2000]),  # what can be charged is left
        (3001, [1000, 1951]),
        (1049, [999]),  # the second card would leave too little, and the first too much to leave out
        (1000, [1000]),
    ],
)
def test_leaves_a_rest_that_can_be_charged(shop: Market, session: Session, total: int, pay: list[int]) -> None:
    typed = [bought_card(shop, 1000)[1], bought_card(shop, 2000)[1]]
    parts = spending.preview(session, codes=typed[: 1 if total == 1049 else 2], total_cents=total, now=shop.now)
    assert [part.spend.cents for part in parts] == pay
    rest = total - sum(pay)
    assert not rest or rest >= 50
    assert [part.spend.cents + part.left_after for part in parts] == [1000, 2000][: len(parts)]


def test_pays_an_order_whole_at_once(shop: Market, session: Session, gateways: Gateways) -> None:
    card, code = bought_card(shop, 5000)
    other, second = bought_card(shop, 1000)
    placed = placed_with(shop, Spend(second, 1000), Spend(code, 5000))
    order = order_of(shop, placed)
    assert order.state is OrderState.CONFIRMED
    assert card_now(shop, card.id).balance_cents == 6000 - order.total_cents
    assert card_now(shop, other.id).balance_cents == 0
    assert len(gateways.payments.checkouts) == 2  # those of the cards: nothing else is asked of anybody
    assert clean(shop)


def test_goes_back_onto_the_card_when_nobody_pays_the_rest(shop: Market, session: Session, gateways: Gateways) -> None:
    card, code = bought_card(shop, 1000)
    placed = placed_with(shop, Spend(code, 300))
    late = shop.now + timedelta(minutes=31)
    asking_payment.start_payment(
        session,
        gateways,
        payment_id=placed.payment_id,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    assert asking_payment.expire_orders(session, gateways, now=late) == 1
    assert card_now(shop, card.id).balance_cents == 1000
    # The rest comes all the same: what the card paid is free, so the money goes back.
    gateways.payments.pay(session.get_one(Payment, placed.payment_id).reference)
    payment_events.look_up(session, gateways, payment_id=placed.payment_id, now=late)
    assert order_of(shop, placed).state is OrderState.CANCELLED
    assert clean(shop, late)


def test_cancelling_puts_each_part_back_where_it_came_from(shop: Market, session: Session, gateways: Gateways) -> None:
    card, code = bought_card(shop, 1000)
    placed = placed_with(shop, Spend(code, 300))
    shop.pay(placed)
    cancellation.cancel_by_customer(session, gateways, token=placed.token, by=GUEST, now=shop.now)
    assert refunds.send_refunds(session, gateways, now=shop.now) == 2
    assert card_now(shop, card.id).balance_cents == 1000
    assert [one.amount.minor for one in gateways.payments.refunds.values()] == [
        order_of(shop, placed).total_cents - 300
    ]
    assert owed_to_holders(session) == 1000
    assert clean(shop)


def test_money_back_reaches_the_card_last_and_keeps_it_good(shop: Market, session: Session, gateways: Gateways) -> None:
    card, code = bought_card(shop, 1000)
    placed = placed_with(shop, Spend(code, 1000))
    shop.pay(placed)
    order = order_of(shop, placed)
    with transaction(session):
        cards.lock(session, card_id=card.id).expires_on = (shop.now + DAY).date()
    refunds.give_back(
        session,
        order_id=order.id,
        hub_id=order.hub_id,
        amount_cents=order.total_cents - 600,
        reason="laat",
        by=SYSTEM,
        now=shop.now,
    )
    refunds.send_refunds(session, gateways, now=shop.now)
    refunds.send_refunds(session, gateways, now=shop.now)
    now = card_now(shop, card.id)
    assert now.balance_cents == 400
    assert now.expires_on is not None
    assert now.expires_on >= (shop.now + 365 * DAY).date()
    assert clean(shop)


def test_divides_and_pays_out_as_money_does(shop: Market, session: Session, gateways: Gateways) -> None:
    _card, code = bought_card(shop, 5000)
    plain, by_card = shop.order(2, 1), order_of(shop, placed_with(shop, Spend(code, 5000)))
    for one in (plain, by_card):
        with transaction(session):
            orders.move(session, order=orders.lock(session, order_id=one.id), action="deliver", by=SYSTEM, now=shop.now)
    later = shop.now + timedelta(hours=49)
    assert settlement.settle_orders(session, now=later) == 2
    settlement.send_payouts(session, gateways, now=later)
    session.rollback()
    paid = {
        number: [
            (row.enterprise_id, row.sent_cents, row.charge is not None)
            for row in session.scalars(select(Payout).where(Payout.order_id == number).order_by(Payout.enterprise_id))
        ]
        for number in (plain.id, by_card.id)
    }
    assert [row[:2] for row in paid[plain.id]] == [row[:2] for row in paid[by_card.id]]
    assert all(row[2] for row in paid[plain.id])
    assert not any(row[2] for row in paid[by_card.id])  # no charge of that order: it leaves out of our balance
    gateways.payments.now = later
    bookkeeping.compare_books(session, gateways, now=later + timedelta(hours=1), since=None)
    session.rollback()
    last = reconciling.latest(session)
    assert last is not None
    assert last.differences == []
    assert clean(shop, later)


def test_refuses_a_card_after_its_last_day_and_an_empty_one(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    with pytest.raises(cards.CardOver):
        cards.find_spendable(session, code=code, now=shop.now + 1097 * DAY)
    with transaction(session):
        cards.take(session, card_id=card.id, cents=1000, ref="all of it", now=shop.now)
    with pytest.raises(cards.CardEmpty):
        cards.find_spendable(session, code=code, now=shop.now)
    with pytest.raises(cards.NoSuchCard):
        cards.find_spendable(session, code="XXXX", now=shop.now)
    with pytest.raises(spending.TooManyCards):
        spending.preview(session, codes=[code] * 6, total_cents=100, now=shop.now)


def test_an_order_takes_nothing_when_a_card_holds_less_than_shown(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    placed_with(shop, Spend(code, 900))
    before = session.scalar(select(func.count()).select_from(Order))
    session.rollback()
    with pytest.raises(cards.CardSpent):
        placed_with(shop, Spend(code, 300))
    assert session.scalar(select(func.count()).select_from(Order)) == before
    assert card_now(shop, card.id).balance_cents == 100
    assert clean(shop)


def test_the_buyer_withdraws_from_an_unspent_card(shop: Market, session: Session, gateways: Gateways) -> None:
    card, code = bought_card(shop, 2000)
    token = codes.page_token(card.key)
    assert gift_cards.give_up(session, token=token, by=GUEST, now=shop.now + 14 * DAY) == 2000
    assert gift_cards.give_up(session, token=token, by=GUEST, now=shop.now + 14 * DAY) == 0
    with pytest.raises(cards.NoSuchCard):
        cards.find_spendable(session, code=code, now=shop.now)
    assert clean(shop)
    assert gift_cards.send_refunds(session, gateways, now=shop.now + 14 * DAY) == 1
    assert gift_cards.send_refunds(session, gateways, now=shop.now + 15 * DAY) == 0
    assert owed_to_holders(session) == 0
    assert clean(shop)


def test_the_buyer_can_not_withdraw_late_or_after_spending(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 2000)
    token = codes.page_token(card.key)
    with pytest.raises(cards.NotUnspent):
        gift_cards.give_up(session, token=token, by=GUEST, now=shop.now + 15 * DAY)
    placed_with(shop, Spend(code, 1))
    with pytest.raises(cards.NotUnspent):
        gift_cards.give_up(session, token=token, by=GUEST, now=shop.now)
    assert card_now(shop, card.id).state is CardState.LIVE


@pytest.mark.parametrize(("outcome", "state"), [("won", CardState.LIVE), ("lost", CardState.BLOCKED)])
def test_blocks_a_card_whose_buyer_goes_to_the_bank(
    client: Any, shop: Market, session: Session, gateways: Gateways, outcome: str, state: CardState
) -> None:
    card, code = bought_card(shop, 2000)
    reference = card.reference or ""
    for number, stage in enumerate(("open", outcome)):
        name = gateways.payments.dispute(reference, state=stage)
        event = signed(f"evt_{number}", "charge.dispute.updated", id=name, object="dispute")
        client.post("/webhooks/stripe", **event, token=False)
        payment_events.process_inbox(session, gateways, now=shop.now)
        if stage == "open":
            with pytest.raises(cards.NoSuchCard):
                cards.find_spendable(session, code=code, now=shop.now)
    assert card_now(shop, card.id).state is state
    bookkeeping.compare_books(session, gateways, now=shop.now + timedelta(hours=1), since=None)
    session.rollback()
    last = reconciling.latest(session)
    assert last is not None
    assert last.differences == []
    assert clean(shop)


def test_notices_a_card_that_is_worth_more_than_was_paid(shop: Market, session: Session) -> None:
    """The control of the check."""
    card, _code = bought_card(shop, 2000)
    with transaction(session):
        session.execute(update(GiftCard).where(GiftCard.id == card.id).values(balance_cents=1999))
    session.expire_all()
    found = [one.what for one in checks.check_all(session, now=shop.now) if one.promise == "P1 gift cards add up"]
    assert len(found) == 2
