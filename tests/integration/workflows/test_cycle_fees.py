"""What a cycle asks on top goes from the basket to the ledger and the documents, to the cent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import CycleState, OrderCycle
from shortchain.documents.models import Document
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.ordering import cycle_fees as fees
from shortchain.ordering.levies import Basis, Payer
from shortchain.ordering.models import CycleFee, OrderFee, SellerFee
from shortchain.payouts.models import LedgerEntry
from shortchain.transaction import transaction
from shortchain.workflows import checkout, cycle_fees, cycles
from shortchain.workflows import documents as paperwork
from tests.integration.workflows.test_settlement import delivered, money_breaches, refund, settled
from tests.support.factories import enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def ask(
    shop: Market,
    enterprise: str,
    basis: Basis,
    rate: int,
    *,
    hub_id: int | None = None,
    payer: Payer = Payer.CUSTOMER,
) -> None:
    cycle_fees.add(
        shop.session,
        cycle_public_id=shop.cycle.public_id,
        hub_id=hub_id or shop.cycle.hub_id,
        enterprise=enterprise,
        basis=basis.value,
        rate=rate,
        payer=payer.value,
        by=SYSTEM,
        now=shop.now,
    )


def hub_of(shop: Market) -> Enterprise:
    return shop.session.get_one(Enterprise, shop.cycle.hub_id)


def two_levies(shop: Market) -> int:
    """Let the hub ask € 1,50 an order and the first farm 10 % of its goods; returns the hub's id."""
    ask(shop, hub_of(shop).public_id, Basis.ORDER, 150)
    ask(shop, shop.farms[0].public_id, Basis.PERCENT, 1000)
    return shop.cycle.hub_id


def test_goes_to_who_asks_it_with_a_document_and_back_in_proportion(shop: Market, session: Session) -> None:
    before = shop.total(shop.basket(2, 3))
    hub_id = two_levies(shop)
    basket = shop.basket(2, 3)
    with pytest.raises(checkout.PriceChanged) as refusal:  # somebody who looked before the coordinator asked
        shop.place(basket, total=before)
    assert refusal.value.total_cents == before + 150 + 48
    session.rollback()

    shop_total = before + 150 + 48  # 10 % of 2 × 2.40
    shop.total = lambda _basket: shop_total  # type: ignore[method-assign]
    order = delivered(shop, 2, 3)
    assert order.total_cents == shop_total
    asked = session.execute(
        select(OrderFee.enterprise_id, OrderFee.amount_cents).where(OrderFee.kind == "levy").order_by(OrderFee.id)
    ).all()
    assert sorted(map(tuple, asked)) == sorted([(hub_id, 150), (shop.farms[0].id, 48)])
    payouts = {row.enterprise_id: row.amount_cents for row in settled(shop, order)}
    assert payouts[hub_id] == 150
    assert sum(payouts.values()) == order.total_cents - 24 - 28
    booked = session.scalars(select(LedgerEntry.amount_cents).where(LedgerEntry.kind == "levy")).all()
    assert sorted(booked) == [-150, -48]
    later = shop.now + timedelta(hours=50)
    paperwork.make_due(session, shop.gateways, now=later)
    papers = session.execute(
        select(Document.seller_id, Document.payable_cents).where(Document.order_id == order.id)
    ).all()
    assert sum(cents for _seller, cents in papers) == order.total_cents
    assert (hub_id, 150) in [tuple(paper) for paper in papers]
    session.rollback()
    assert money_breaches(shop, later) == []
    refund(shop, order, order.total_cents, later)
    session.rollback()
    left = session.scalars(select(LedgerEntry.amount_cents).where(LedgerEntry.kind == "levy")).all()
    assert sum(left) == 0
    assert money_breaches(shop, later) == []


def test_farms_give_out_of_their_price_and_get_an_invoice(shop: Market, session: Session) -> None:
    before = shop.total(shop.basket(2, 3))
    hub_id, packer = shop.cycle.hub_id, shop.packers[0]
    numbers = {"hub": "0123456749", "farm": "0417497106"}
    session.get_one(Enterprise, hub_id).kbo = numbers["hub"]
    session.get_one(Enterprise, shop.farms[0].id).kbo = numbers["farm"]
    session.commit()
    ask(shop, hub_of(shop).public_id, Basis.PERCENT, 1000, payer=Payer.SELLER)
    ask(shop, packer.public_id, Basis.ORDER, 100, payer=Payer.SELLER)
    order = delivered(shop, 2, 3)
    assert order.total_cents == before  # 2 × 2,40 of the first farm, 3 × 1,85 of the second
    promised = {(row.farm_id, row.enterprise_id): row.amount_cents for row in session.scalars(select(SellerFee))}
    first, second = shop.farms[0].id, shop.farms[1].id
    assert promised == {(first, hub_id): 48, (first, packer.id): 46, (second, hub_id): 56, (second, packer.id): 54}
    payouts = {row.enterprise_id: row.amount_cents for row in settled(shop, order)}
    assert payouts[hub_id] == 48 + 56
    # What the packer gets for its work, and who brings what, is not this test's business: the whole adds up.
    assert sum(payouts.values()) == order.total_cents - 24 - 28
    later = shop.now + timedelta(days=40)
    paperwork.make_due(session, shop.gateways, now=later)
    papers = [
        (row.seller_id, row.buyer_id, row.kind.value, row.payable_cents)
        for row in session.scalars(select(Document).where(Document.cause.startswith("ceded:")))
    ]
    assert (hub_id, first, "invoice", 48) in papers
    assert len(papers) == 4
    assert (
        sum(session.scalars(select(Document.payable_cents).where(Document.order_id == order.id)).all())
        == order.total_cents
    )  # the customer's papers know nothing of it
    paperwork.make_due(session, shop.gateways, now=later)
    assert len(session.scalars(select(Document).where(Document.cause.startswith("ceded:"))).all()) == 4
    session.rollback()
    assert money_breaches(shop, later) == []
    refund(shop, order, order.total_cents, later)
    session.rollback()
    for kind in ("ceded", "received"):
        assert sum(session.scalars(select(LedgerEntry.amount_cents).where(LedgerEntry.kind == kind))) == 0
    assert money_breaches(shop, later) == []


def test_a_farm_pays_nothing_to_itself_and_strangers_ask_nothing(shop: Market, session: Session) -> None:
    far = enterprises.packer(session, name="Ver weg", at=enterprises.MOL)
    session.rollback()
    for enterprise, payer in ((shop.farms[0].public_id, Payer.SELLER), (far.public_id, Payer.CUSTOMER)):
        with pytest.raises(fees.BadFee):
            ask(shop, enterprise, Basis.ORDER, 100, payer=payer)
        session.rollback()
    ask(shop, shop.bikes[0].public_id, Basis.STOP, 100)
    assert [row.levy.of_farm for row in fees.rows_of(session, cycle=shop.cycle)] == [False]


def test_asks_nothing_of_an_order_without_a_statement(shop: Market, session: Session) -> None:
    seen: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: seen.append(args[2]))
    shop.place(shop.basket(1, 1))
    assert not any("cycle_fee" in statement for statement in seen)
    assert any("order_cycle" in statement for statement in seen)


def test_holds_for_new_orders_only_until_it_is_taken_away(shop: Market, session: Session) -> None:
    placed = shop.place(shop.basket(1, 1))
    two_levies(shop)
    row = session.scalars(select(CycleFee.public_id).order_by(CycleFee.id)).all()
    session.rollback()
    for name in row:
        cycle_fees.remove(session, public_id=name, hub_id=shop.cycle.hub_id, by=SYSTEM, now=shop.now)
    assert not session.get_one(OrderCycle, shop.cycle.id, populate_existing=True).has_fees
    session.rollback()
    kinds = session.scalars(select(OrderFee.kind).where(OrderFee.order_id == placed.order_id)).all()
    assert "levy" not in kinds


def test_refuses_strangers_absurd_rates_and_closed_cycles(shop: Market, session: Session) -> None:
    stranger = enterprises.farm(session, name="Elders")
    hub = hub_of(shop).public_id
    session.rollback()
    for enterprise, basis, rate in (
        (stranger.public_id, Basis.ORDER, 100),
        (hub, Basis.PERCENT, 3001),
        (hub, Basis.KILO, 0),
    ):
        with pytest.raises(fees.BadFee):
            ask(shop, enterprise, basis, rate)
        session.rollback()
    with pytest.raises(NotFound):
        ask(shop, hub, Basis.ORDER, 100, hub_id=stranger.id)
    session.rollback()
    with transaction(session):
        session.get_one(OrderCycle, shop.cycle.id).state = CycleState.CLOSED
    with pytest.raises(fees.CycleOver):
        ask(shop, hub, Basis.ORDER, 100)
    session.rollback()
    assert session.scalars(select(CycleFee)).all() == []


def test_gives_the_next_cycle_the_same(shop: Market, session: Session) -> None:
    two_levies(shop)
    assert cycles.prepare_next(session, now=shop.now) == 1
    coming = session.scalars(select(OrderCycle).where(OrderCycle.id != shop.cycle.id)).one()
    rows = fees.rows_of(session, cycle=coming)
    assert [(row.levy.basis, row.levy.rate) for row in rows] == [(Basis.ORDER, 150), (Basis.PERCENT, 1000)]
    assert coming.has_fees
