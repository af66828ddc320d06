"""What an order got for a code when it was placed stays, whatever joins it or comes off; the example of docs/money.md."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Offer
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.discount_models import DiscountUse
from shortchain.ordering.models import Order
from shortchain.payments.models import Refund
from shortchain.payouts import code_debts
from shortchain.workflows import changing
from tests.integration.workflows.test_adding import asked, paid
from tests.integration.workflows.test_cycle_fees import hub_of
from tests.integration.workflows.test_discount_codes import clean, order_now, ordered, paid_with
from tests.support.codes import made_code
from tests.support.complaining import lines_of
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """Leek at € 3.00, cabbage at € 2.00."""
    made = market(session, gateways)
    for offer, cents in zip(made.offers, (300, 200), strict=True):
        session.execute(update(Offer).where(Offer.id == offer.id).values(price_cents=cents))
    session.commit()
    return made


def take_off(shop: Market, order: Order, line_id: int, keep: int) -> None:
    changing.take_off(
        shop.session, token=orders.tracking_token(order.key), keep={line_id: keep}, by=GUEST, now=shop.now
    )
    shop.session.rollback()


def test_of_a_hub(shop: Market, session: Session) -> None:
    hub_id = hub_of(shop).id
    order = ordered(shop, made_code(shop, hub_id, kind="amount", value=500, least_cents=1000), 2, 2)
    total = order.total_cents
    assert [line.voucher_cents for line in lines_of(shop, order)] == [300, 200]
    order = paid(shop, order, asked(shop, order, 2, 2))  # no code counts for what is added, and none is lost
    assert order.total_cents > total + 999
    assert sorted((line.id, line.voucher_cents) for line in lines_of(shop, order))[2:] == [(3, 0), (4, 0)]
    assert paid_with(shop, order)["discount"] == 500
    take_off(shop, order, next(line.id for line in lines_of(shop, order) if line.voucher_cents == 200), 0)
    refunds = {one.payment_id: one.amount_cents for one in session.scalars(select(Refund))}
    assert sorted(refunds.values()) == [200, 200], "the hub gets its part, the customer theirs"
    assert paid_with(shop, order)["discount"] == 300
    assert code_debts.promised(session, hub_id=hub_id) == 500, "booked once the refund was sent"
    assert session.scalars(select(DiscountUse.freed_at)).one() is None
    assert clean(shop)


def test_of_a_farm(shop: Market, session: Session) -> None:
    farm = shop.farms[0].id
    order = ordered(shop, made_code(shop, farm, value=1000, least_cents=600), 2, 2, off=60)
    order = paid(shop, order, asked(shop, order, 1, 0))
    leek, more, _cabbage = lines_of(shop, order)
    assert (leek.total_cents, leek.discount_cents, more.total_cents, more.discount_cents) == (540, 60, 300, 0)
    take_off(shop, order, leek.id, 1)  # 300 of the farm are left at first, below the least: the rest keeps its discount
    (refund,) = session.scalars(select(Refund)).all()
    assert refund.amount_cents == 270
    order = order_now(shop, order.id)
    assert clean(shop)
