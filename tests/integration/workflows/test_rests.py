"""What is left of an order to pay is nothing or enough to charge: a hub's code pays less, an addition or a debt is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Offer
from shortchain.enterprises.models import Capability
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.discount_models import DiscountUse
from shortchain.ordering.models import Order
from shortchain.payments import giving_back
from shortchain.payments.models import Payment
from shortchain.payments.rests import LEAST_ONLINE_CENTS, TooLittleLeft, TooLittleOwed
from shortchain.payments.spending import Spend
from shortchain.payments.vouchers import VoucherTooLittle
from shortchain.payouts import code_debts
from shortchain.transaction import transaction
from shortchain.workflows import adding, asking_payment
from tests.integration.workflows.test_cycle_fees import hub_of
from tests.integration.workflows.test_direct_debits import deliver, look, provider, started
from tests.integration.workflows.test_discount_codes import clean, order_now, paid_with
from tests.integration.workflows.test_gift_cards import placed_with
from tests.support.codes import made_code
from tests.support.complaining import lines_of
from tests.support.factories import accounts
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = market(session, gateways)
    session.execute(update(Capability).values(price_cents=9, pickup_price_cents=9))
    session.commit()
    return made


def test_a_hub_pays_less_so_that_enough_is_left(shop: Market, session: Session) -> None:
    hub_id = hub_of(shop).id
    code = made_code(shop, hub_id, value=10_000)
    basket = shop.basket(2, 1)
    total = shop.total(basket)
    goods = 2 * 240 + 185
    assert 0 < total - goods < LEAST_ONLINE_CENTS, "the code would leave too little"
    placed = shop.place(basket, code=code, total=total)
    shop.pay(placed)
    order = order_now(shop, placed.order_id)
    pays = total - LEAST_ONLINE_CENTS
    assert paid_with(shop, order) == {"discount": pays, "bancontact": LEAST_ONLINE_CENTS}
    leek, cabbage = lines_of(shop, order)
    assert leek.voucher_cents + cabbage.voucher_cents == pays
    assert (leek.voucher_cents <= 480, cabbage.voucher_cents <= 185) == (True, True)
    assert session.scalars(select(DiscountUse.cents)).one() == pays
    assert code_debts.promised(session, hub_id=hub_id) == pays
    assert clean(shop)


def test_vouchers_and_cards_never_leave_what_the_provider_refuses(shop: Market, session: Session) -> None:
    basket = shop.basket(2, 1)
    total = shop.total(basket)
    with pytest.raises(VoucherTooLittle):
        placed_with(shop, Spend("", 49, "meal_voucher"))
    session.rollback()
    placed = placed_with(shop, Spend("", 2 * 240 + 185, "meal_voucher"))
    found = {
        one.method: one.amount_cents for one in session.scalars(select(Payment)) if one.order_id == placed.order_id
    }
    assert found == {"meal_voucher": total - LEAST_ONLINE_CENTS, "bancontact": LEAST_ONLINE_CENTS}


def test_what_is_added_costs_enough_to_charge(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    cheap = shop.offers[0]
    session.execute(update(Offer).where(Offer.id == cheap.id).values(price_cents=20))
    session.commit()
    token = orders.tracking_token(order.key)
    with pytest.raises(TooLittleLeft):
        adding.quote(session, gateways, token=token, basket=shop.basket(1, 0), now=shop.now)
    session.rollback()
    found = adding.quote(session, gateways, token=token, basket=shop.basket(3, 0), now=shop.now)
    assert found.sheet.total_cents >= LEAST_ONLINE_CENTS


def test_a_debt_below_what_can_be_charged_is_left_to_the_coordinator(
    shop: Market, session: Session, gateways: Gateways
) -> None:
    person = accounts.user(session, email="nele@post.example")
    session.commit()
    shop.pay(shop.place(shop.basket(1, 1), user_id=person.id))
    payment = started(shop, person.id)
    provider(shop).agree(payment.reference or "")
    payment = look(shop, payment)
    deliver(shop, payment)
    provider(shop).fail(payment.reference or "")
    payment = look(shop, payment)
    with transaction(session):
        order = orders.lock(session, order_id=payment.order_id)
        giving_back.owe(session, order=order, amount_cents=payment.amount_cents - 49, reason="complaint", now=shop.now)
    with pytest.raises(TooLittleOwed):
        asking_payment.retry_payment(session, order_id=payment.order_id, method="card", now=shop.now)
    session.rollback()
    assert session.get_one(Order, payment.order_id).state.value == "delivered"
