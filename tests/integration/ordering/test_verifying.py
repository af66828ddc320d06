"""`flask check --all` sees an order whose lines do not add up to what its goods cost."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import OrderLine
from shortchain.transaction import transaction
from tests.support.market import market


def test_sees_a_line_that_costs_another_amount(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    order = shop.order(2, 1)
    number, goods = order.number, order.goods_cents
    session.rollback()
    assert checks.check_all(session, now=shop.now) == []
    with transaction(session):
        session.execute(update(OrderLine).where(OrderLine.id == 1).values(total_cents=OrderLine.total_cents + 1))
    found = [one.what for one in checks.check_all(session, now=shop.now) if one.promise == "P1 order lines add up"]
    assert found == [f"order {number} has goods for {goods} cents, its lines add up to {goods + 1}"]
