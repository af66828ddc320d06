"""An order of a test that is paid by two payments at the provider."""

from __future__ import annotations

from shortchain.ordering.models import Order
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment
from shortchain.transaction import transaction
from shortchain.workflows import asking_payment
from shortchain.workflows.checkout import Placed
from tests.support.market import Market


def split(shop: Market, placed: Placed, cents: int) -> int:
    """Let so much of an order be paid by a second payment in a slot of its own; returns its id."""
    session = shop.session
    session.rollback()
    with transaction(session):
        order = session.get_one(Order, placed.order_id)
        payments.lock(session, payment_id=placed.payment_id).amount_cents = order.total_cents - cents
        second = payments.open_payment(
            session,
            order=order,
            method="card",
            slot="second",
            amount_cents=cents,
            expires_at=order.hold_until,
            now=shop.now,
        )
    return second.id


def open_page(shop: Market, placed: Placed, payment_id: int) -> str:
    """Open the payment page of one payment; gives the provider's reference."""
    asking_payment.start_payment(
        shop.session,
        shop.gateways,
        payment_id=payment_id,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    return shop.session.get_one(Payment, payment_id, populate_existing=True).reference or ""


def opened_twice(shop: Market, cents: int = 300) -> tuple[Placed, tuple[int, int], tuple[str, str]]:
    """Place an order that is split; gives it, its two payments and the provider's references of their pages."""
    placed = shop.place(shop.basket(2, 1))
    ids = (placed.payment_id, split(shop, placed, cents))
    return placed, ids, (open_page(shop, placed, ids[0]), open_page(shop, placed, ids[1]))
