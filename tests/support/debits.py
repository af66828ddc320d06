"""Orders of a test that stand on a direct debit which the bank did not take."""

from __future__ import annotations

from collections.abc import Callable

from shortchain.ordering.models import Order
from shortchain.payments.models import Payment
from shortchain.workflows import asking_payment, checkout, payment_events
from tests.support.factories import accounts
from tests.support.fake_gateways import RecordingPayments
from tests.support.market import Market


def known_customer(shop: Market) -> int:
    """Have somebody who paid before, so that a debit is offered; returns their id."""
    person = accounts.user(shop.session, email="nele@post.example")
    shop.session.commit()
    shop.pay(shop.place(shop.basket(1, 1), user_id=person.id))
    return person.id


def promised(shop: Market, placed: checkout.Placed, payment_id: int | None = None) -> tuple[Order, str]:
    """Agree to the debit of a placed order; returns the order, and what the provider calls the debit."""
    chosen = payment_id or placed.payment_id
    asking_payment.start_payment(
        shop.session,
        shop.gateways,
        payment_id=chosen,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    provider = _provider(shop)
    reference = shop.session.get_one(Payment, chosen, populate_existing=True).reference or ""
    provider.agree(reference)
    payment_events.look_up(shop.session, shop.gateways, payment_id=chosen, now=shop.now)
    return shop.session.get_one(Order, placed.order_id, populate_existing=True), reference


def never_came(shop: Market, reference: str) -> None:
    """Let the bank refuse a debit, and hear of it."""
    payment = shop.session.query(Payment).filter_by(reference=reference).one().id
    _provider(shop).fail(reference)
    payment_events.look_up(shop.session, shop.gateways, payment_id=payment, now=shop.now)


def owed(shop: Market, *amounts: int, begin: Callable[[Market, Order], None]) -> Order:
    """Have an order whose debit never came after somebody began with it: before, it would have been called off."""
    person_id = known_customer(shop)
    order, reference = promised(shop, shop.place(shop.basket(*amounts), method="sepa_debit", user_id=person_id))
    begin(shop, order)
    never_came(shop, reference)
    return shop.session.get_one(Order, order.id, populate_existing=True)


def _provider(shop: Market) -> RecordingPayments:
    provider = shop.gateways.payments
    assert isinstance(provider, RecordingPayments)
    return provider
