"""Who complains may take a gift card instead of money: nothing leaves the provider, and every cent is owed to the card."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.giftcards import codes, reading
from shortchain.giftcards.models import CardState, GiftCard
from shortchain.giftcards.operations import NotUnspent
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Refund
from shortchain.payments.spending import Spend
from shortchain.payouts import ledger, reconciling, totals
from shortchain.payouts.models import Account
from shortchain.workflows import bank_credits, bookkeeping, complaints, documents, gift_cards, refunds
from tests.integration.workflows.test_gift_cards import placed_with
from tests.support import paperwork
from tests.support.complaining import decide, lines_of
from tests.support.giving import bought_card
from tests.support.market import Market, market

DAY = timedelta(days=1)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways))


def complained(shop: Market, order: Order) -> str:
    """Complain about the first product, and choose a card."""
    line, token = lines_of(shop, order)[0].id, tracking_token(order.key)
    shop.session.rollback()
    return complaints.report(
        shop.session,
        shop.gateways,
        token=token,
        key=f"{order.id:032x}",
        kind="bad",
        text="Het was slap.",
        lines={line: ()},
        by=GUEST,
        now=shop.now,
        wants_card=True,
    )


def given(session: Session) -> list[GiftCard]:
    session.rollback()
    found = select(GiftCard).where(GiftCard.method == "credit").execution_options(populate_existing=True)
    return list(session.scalars(found.order_by(GiftCard.id)))


def all_is_found_again(shop: Market) -> bool:
    """Whether books, provider and every order agree."""
    shop.session.rollback()
    later = shop.now + 3 * DAY
    documents.make_due(shop.session, shop.gateways, now=later)
    bookkeeping.compare_books(shop.session, shop.gateways, now=later)
    last = reconciling.latest(shop.session)
    assert last is not None
    assert (last.differences, last.provider_cents) == ([], last.books_cents)
    assert [one for one in checks.check_all(shop.session, now=later) if one.promise.startswith("P1")] == []
    found = all(row.adds_up for row in totals.per_order(shop.session))
    shop.session.rollback()
    return found


@pytest.mark.parametrize("is_divided", [False, True])
def test_what_goes_back_is_a_card_and_no_money_leaves(
    shop: Market, session: Session, gateways: Gateways, is_divided: bool
) -> None:
    order = shop.order(2, 1)
    if is_divided:
        paperwork.finish(shop, order)
    number = complained(shop, order)
    assert decide(shop, order, number, {0: 150}) == 150
    for _ in range(2):  # a second sweep finds nothing left
        refunds.send_refunds(session, gateways, now=shop.now + DAY)
    (card,) = given(session)
    assert (card.state, card.balance_cents, card.buyer_email) == (CardState.LIVE, 150, order.email)
    assert gateways.payments.refunds == {}, "nothing was asked of the provider"  # type: ignore[attr-defined]
    assert ledger.balance(session, account=Account.GIFT_CARD) == -150
    told = {one.template: one.context for one in session.scalars(select(Notice))}
    assert told["gift_card_credit"]["code"] == codes.code_of(card.key)
    assert (told["complaint_decided"]["as_card_cents"], told["complaint_decided"]["back_cents"]) == (150, 0)
    token = codes.page_token(card.key)
    session.rollback()
    sending.send_due(session, gateways, now=shop.now + DAY)
    texts = [one.text for one in gateways.mailer.sent]  # type: ignore[attr-defined]
    assert any("als tegoed" in one and "dezelfde weg" not in one for one in texts)
    assert any(re.search(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", one) and order.number in one for one in texts)
    assert reading.of_page(session, token=token, now=shop.now).give_up_until is None
    session.rollback()
    with pytest.raises(NotUnspent):
        gift_cards.give_up(session, token=token, by=SYSTEM, now=shop.now)
    session.rollback()
    if not is_divided:
        paperwork.finish(shop, order)
    assert all_is_found_again(shop)


def test_a_card_that_was_given_pays_like_any_other(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(2, 1)
    decide(shop, order, complained(shop, order), {0: 150})
    refunds.send_refunds(session, gateways, now=shop.now)
    (card,) = given(session)
    code, card_id = codes.plain(codes.code_of(card.key)), card.id
    session.rollback()
    shop.pay(placed_with(shop, Spend(code, 150)))
    session.rollback()
    assert session.get_one(GiftCard, card_id, populate_existing=True).balance_cents == 0
    assert ledger.balance(session, account=Account.GIFT_CARD) == 0
    assert all_is_found_again(shop)


def test_what_a_gift_card_paid_goes_back_onto_it_and_the_rest_becomes_one(
    shop: Market, session: Session, gateways: Gateways
) -> None:
    bought, code = bought_card(shop)
    bought_id = bought.id
    session.rollback()
    placed = placed_with(shop, Spend(code, 200), amounts=(4, 1))
    shop.pay(placed)
    session.rollback()
    order = session.get_one(Order, placed.order_id, populate_existing=True)
    most = lines_of(shop, order)[0].total_cents
    decide(shop, order, complained(shop, order), {0: most})
    refunds.send_refunds(session, gateways, now=shop.now)
    cents = {one.as_card: one.amount_cents for one in session.scalars(select(Refund))}
    assert sum(cents.values()) == most and set(cents) <= {True, False} and cents[True] > 0
    assert [one.balance_cents for one in given(session)] == [cents[True]]
    assert session.get_one(GiftCard, bought_id, populate_existing=True).balance_cents == 2300 + cents.get(False, 0)
    session.rollback()
    assert all_is_found_again(shop)


def test_what_was_transferred_needs_nobody_to_send_it_back(shop: Market, session: Session, gateways: Gateways) -> None:
    placed = shop.place(shop.basket(2, 1), method="transfer")
    session.rollback()
    about = {"order_id": placed.order_id, "hub_id": shop.cycle.hub_id, "by": SYSTEM, "now": shop.now}
    bank_credits.mark_transfer_received(session, gateways, **about)
    order = session.get_one(Order, placed.order_id, populate_existing=True)
    decide(shop, order, complained(shop, order), {0: 150})
    refunds.send_refunds(session, gateways, now=shop.now)
    assert [one.balance_cents for one in given(session)] == [150]
    assert [one.last_error for one in session.scalars(select(Refund))] == [""]
    session.rollback()
    assert all_is_found_again(shop)
