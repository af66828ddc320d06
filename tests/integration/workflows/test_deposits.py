"""Deposits from the basket to the owner of the containers and back to the customer, to the cent."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue.models import Product
from shortchain.containers import types
from shortchain.containers.models import ContainerType
from shortchain.containers.types import BadContainer
from shortchain.delivery import pick_lists
from shortchain.documents.models import Document
from shortchain.documents.values import DocumentKind, Paper
from shortchain.enterprises.models import Enterprise, VatScheme
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets, orders, shortages
from shortchain.ordering.models import Order
from shortchain.ordering.refusals import PriceChanged
from shortchain.payments import deposit_refunds
from shortchain.payouts import monthly, statements
from shortchain.payouts.models import LedgerEntry, Payout
from shortchain.transaction import transaction
from shortchain.workflows import cancellation, changing, containers, documents, refunds, settlement
from shortchain.workflows import shortages as shortage_deeds
from tests.support import empties, invoices, paperwork
from tests.support.empties import CRATE_CENTS, JAR_CENTS
from tests.support.market import Market, market

AFTER = timedelta(hours=49)
DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = paperwork.numbered(market(session, gateways))
    empties.in_jars(made)
    empties.in_crates(made)
    return made


def divided(shop: Market, *amounts: int) -> Order:
    order = shop.order(*amounts)
    empties.deliver(shop, order)
    settlement.settle_orders(shop.session, now=shop.now + AFTER)
    shop.session.rollback()
    return order


def money_breaches(shop: Market) -> list[str]:
    """Check every promise about money; nothing was driven here, so that of the chain is left out."""
    found = checks.check_all(shop.session, now=shop.now + AFTER)
    return [breach.what for breach in found if breach.promise.startswith("P1")]


def booked(shop: Market, order: Order) -> dict[int | None, int]:
    """Add up the deposits of an order per owner, as the ledger owes them."""
    rows = shop.session.scalars(
        select(LedgerEntry).where(LedgerEntry.order_id == order.id, LedgerEntry.kind == "deposit")
    )
    found: dict[int | None, int] = {}
    for row in rows:
        assert row.vat_cents == 0
        found[row.enterprise_id] = found.get(row.enterprise_id, 0) - row.amount_cents
    return found


def test_the_customer_pays_it_apart_and_each_owner_gets_it_whole(shop: Market, session: Session) -> None:
    order = divided(shop, 2, 3)
    assert order.deposit_cents == 3 * JAR_CENTS + CRATE_CENTS
    assert order.total_cents == order.goods_cents + order.services_cents + order.deposit_cents
    assert booked(shop, order) == {shop.farms[1].id: 3 * JAR_CENTS, shop.cycle.hub_id: CRATE_CENTS}
    owed = {row.enterprise_id: row.amount_cents for row in session.scalars(select(Payout))}
    assert owed[shop.cycle.hub_id] == CRATE_CENTS
    assert money_breaches(shop) == []


def test_without_returnable_containers_nothing_is_asked(session: Session, gateways: Gateways) -> None:
    order = market(session, gateways).order(2, 3)
    assert order.deposit_cents == 0
    assert order.total_cents == order.goods_cents + order.services_cents


def test_a_new_deposit_leaves_what_was_ordered_alone(shop: Market, session: Session) -> None:
    order = shop.order(0, 1)
    jar = session.scalars(select(ContainerType).where(ContainerType.kind == "jar")).one()
    containers.change(
        session,
        public_id=jar.public_id,
        owner_id=shop.farms[1].id,
        name="720 ml",
        deposit_cents=75,
        in_use=True,
        by=SYSTEM,
        now=shop.now,
    )
    assert [row.each_cents for row in empties.deposits_of(shop, order)] == [JAR_CENTS, CRATE_CENTS]
    assert [row.each_cents for row in empties.deposits_of(shop, shop.order(0, 1))] == [75, CRATE_CENTS]


def test_who_looked_before_is_not_charged_a_new_deposit(shop: Market, session: Session) -> None:
    basket = shop.basket(0, 1)
    seen = shop.total(basket)
    session.execute(update(ContainerType).where(ContainerType.kind == "jar").values(deposit_cents=40))
    session.commit()
    with pytest.raises(PriceChanged):
        shop.place(basket, total=seen)


def test_what_is_not_in_use_asks_nothing(shop: Market, session: Session) -> None:
    for row in session.scalars(select(ContainerType)).all():
        containers.change(
            session,
            public_id=row.public_id,
            owner_id=row.owner_id,
            name="",
            deposit_cents=row.deposit_cents,
            in_use=False,
            by=SYSTEM,
            now=shop.now,
        )
    assert shop.order(1, 1).deposit_cents == 0
    view = baskets.view(session, public_id=shop.basket(0, 1), now=shop.now)
    assert view is not None
    assert view.deposit_cents == 0


def test_cancelling_gives_all_of_it_back(shop: Market, session: Session, gateways: Gateways) -> None:
    placed = shop.place(shop.basket(1, 2))
    shop.pay(placed)
    back = cancellation.cancel_by_customer(session, gateways, token=placed.token, by=SYSTEM, now=shop.now)
    assert back == session.get_one(Order, placed.order_id).total_cents
    refunds.send_refunds(session, gateways, now=shop.now)
    assert money_breaches(shop) == []


@pytest.mark.parametrize("before", [True, False])
def test_goodwill_leaves_the_deposits_alone(shop: Market, session: Session, gateways: Gateways, before: bool) -> None:
    order = shop.order(2, 3)
    if not before:
        empties.deliver(shop, order)
        settlement.settle_orders(session, now=shop.now + AFTER)
    session.rollback()
    refunds.give_back(
        session, order_id=order.id, hub_id=order.hub_id, amount_cents=500, reason="te laat", by=SYSTEM, now=shop.now
    )
    refunds.send_refunds(session, gateways, now=shop.now)
    if before:
        empties.deliver(shop, order)
        settlement.settle_orders(session, now=shop.now + AFTER)
    assert booked(shop, order) == {shop.farms[1].id: 3 * JAR_CENTS, shop.cycle.hub_id: CRATE_CENTS}
    assert money_breaches(shop) == []


def test_all_of_it_can_go_back_after_all(shop: Market, session: Session, gateways: Gateways) -> None:
    order = divided(shop, 2, 3)
    refunds.give_back(
        session,
        order_id=order.id,
        hub_id=order.hub_id,
        amount_cents=order.total_cents,
        reason="verloren",
        by=SYSTEM,
        now=shop.now,
    )
    refunds.send_refunds(session, gateways, now=shop.now)
    assert set(booked(shop, order).values()) == {0}
    assert money_breaches(shop) == []


@pytest.mark.parametrize("scheme", list(VatScheme))
@pytest.mark.parametrize("is_business", [True, False])
def test_stands_on_paper_outside_vat(
    shop: Market, session: Session, gateways: Gateways, scheme: VatScheme, is_business: bool
) -> None:
    with transaction(session):
        session.get_one(Enterprise, shop.farms[1].id).vat_scheme = scheme
        session.get_one(Enterprise, shop.cycle.hub_id).kbo = paperwork.kbo(2_000_077)
    order = shop.order(2, 3)
    if is_business:
        paperwork.name_business(shop, order)
    empties.deliver(shop, order)
    settlement.settle_orders(session, now=shop.now + AFTER)
    documents.make_due(session, gateways, now=shop.now + AFTER)
    session.rollback()
    found = list(session.scalars(select(Document).where(Document.order_id == order.id)))
    assert sum(one.payable_cents for one in found) == order.total_cents
    assert [fault for one in found for fault in invoices.faults(one.xml)] == []
    drafts = {one.seller_id: Paper.from_json(one.content).draft for one in found}
    [crate] = drafts[shop.cycle.hub_id].lines
    assert (crate.text, crate.net_cents, crate.category) == ("Waarborg: plooikrat", CRATE_CENTS, "E")
    jars = drafts[shop.farms[1].id].lines[-1]
    assert (jars.text, jars.thousandths, jars.net_cents) == ("Waarborg: bokaal", 3000, 3 * JAR_CENTS)
    assert jars.category == ("O" if scheme is VatScheme.NOT_LIABLE else "E")
    if scheme is not VatScheme.NOT_LIABLE:
        reasons = [total.reason for total in drafts[shop.farms[1].id].vat if total.category == "E"]
        assert ["art. 28, 5°" in reason for reason in reasons] == [True]


def test_a_receipt_names_the_deposit_in_the_language_of_the_customer(shop: Market, session: Session) -> None:
    order = shop.order(0, 2)
    with transaction(session):
        session.get_one(Order, order.id).language = "fr"
    paperwork.finish(shop, order)
    kinds = session.scalars(select(Document).where(Document.order_id == order.id)).all()
    lines = [line.text for one in kinds for line in Paper.from_json(one.content).draft.lines]
    assert "Consigne : bocal" in lines
    assert {one.kind for one in kinds} == {DocumentKind.TICKET}


def test_the_statement_names_it_and_adds_up(shop: Market, session: Session) -> None:
    divided(shop, 1, 2)
    [week] = statements.weeks(session, enterprise_id=shop.farms[1].id)
    assert week.deposit_cents == 2 * JAR_CENTS
    assert week.owed_cents == statements.balance(session, enterprise_id=shop.farms[1].id)
    month = monthly.read(session, enterprise_id=shop.cycle.hub_id, first=shop.now.date().replace(day=1))
    assert [(line.kind, line.what, line.cents) for line in month.lines] == [("deposit", "", CRATE_CENTS)]


class TestOwning:
    """Saying what comes back."""

    def test_knows_the_kinds_and_a_sound_deposit(self, shop: Market, session: Session) -> None:
        for kind, cents in (("barrel", 100), ("jar", 0), ("jar", 10_001)):
            with pytest.raises(BadContainer):
                containers.add(
                    session, owner_id=shop.farms[0].id, kind=kind, name="", deposit_cents=cents, by=SYSTEM, now=shop.now
                )
        assert types.of_owner(session, owner_id=shop.farms[0].id) == []

    def test_nobody_changes_anothers(self, shop: Market, session: Session) -> None:
        crate = types.crate_of(session, hub_id=shop.cycle.hub_id)
        assert crate is not None
        name = crate.public_id
        with pytest.raises(NotFound):
            containers.change(
                session,
                public_id=name,
                owner_id=shop.farms[0].id,
                name="",
                deposit_cents=1,
                in_use=False,
                by=SYSTEM,
                now=shop.now,
            )
        with pytest.raises(NotFound):
            containers.pack_orders_in(session, hub_id=shop.farms[0].id, public_id=name, by=SYSTEM, now=shop.now)

    def test_orders_are_packed_in_one_kind_at_a_time(self, shop: Market, session: Session) -> None:
        half = empties.own(shop, shop.cycle.hub_id, "half_crate", 300)
        containers.pack_orders_in(session, hub_id=shop.cycle.hub_id, public_id=half.public_id, by=SYSTEM, now=shop.now)
        assert [row.each_cents for row in empties.deposits_of(shop, shop.order(1, 0))] == [300]
        with pytest.raises(IntegrityError):
            session.execute(
                update(ContainerType).where(ContainerType.owner_id == half.owner_id).values(packs_orders=True)
            )
        session.rollback()
        containers.pack_orders_in(session, hub_id=shop.cycle.hub_id, public_id="", by=SYSTEM, now=shop.now)
        assert shop.order(1, 0).deposit_cents == 0

    def test_no_order_is_packed_in_a_jar(self, shop: Market, session: Session) -> None:
        jar = empties.own(shop, shop.cycle.hub_id, "jar", 30)
        with pytest.raises(BadContainer):
            containers.pack_orders_in(
                session, hub_id=shop.cycle.hub_id, public_id=jar.public_id, by=SYSTEM, now=shop.now
            )


def test_the_database_holds_the_total(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    with pytest.raises(DatabaseError):
        session.execute(update(Order).where(Order.id == order.id).values(deposit_cents=0))
    session.rollback()


def documented() -> list[tuple[int, int, int, int]]:
    """Read the table of docs/money.md: ordered, off or missing, deposit paid, deposit back."""
    text = DOCS.read_text(encoding="utf-8").partition("\n### What does not come, and what comes back\n")[2]
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text.partition("\n## ")[0], re.M)
    assert len(rows) == 4
    return [tuple(map(int, row)) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize(("ordered", "off", "paid", "back"), documented())
@pytest.mark.parametrize("is_short", [True, False])
def test_what_does_not_come_gives_its_deposit_back(
    shop: Market, session: Session, ordered: int, off: int, paid: int, back: int, is_short: bool
) -> None:
    order = shop.order(0, ordered)
    assert order.deposit_cents == paid
    [line] = orders.lines_of(session, order_id=order.id)
    goods = shortages.back_cents(line.cost, missing=0, dropped=0, off=off)
    token, line_id = orders.tracking_token(order.key), line.id
    if is_short:
        product = session.get_one(Product, line.product_id).public_id
        [day] = pick_lists.days_to_bring(session, farm_id=shop.farms[1].id, first=local_day(shop.now))
        session.rollback()
        told = shortage_deeds.report(
            session,
            farm_id=shop.farms[1].id,
            product=product,
            day=day,
            missing=off,
            instead="",
            by=SYSTEM,
            now=shop.now,
        )
        assert told.back_cents == goods + back
    else:
        session.rollback()
        seen = deposit_refunds.of_cut(session, order=session.get_one(Order, order.id), off={line_id: off})
        session.rollback()
        keep = {line_id: ordered - off}
        assert changing.take_off(session, token=token, keep=keep, by=SYSTEM, now=shop.now) == goods + back
        assert seen == back
    assert sum(empties.given_back(shop, order)) == back
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    assert money_breaches(shop) == []
    empties.deliver(shop, order)
    settlement.settle_orders(session, now=shop.now + AFTER)
    assert sum(booked(shop, order).values()) == paid - back
    assert money_breaches(shop) == []
