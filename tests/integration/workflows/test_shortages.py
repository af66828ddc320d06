"""A farm has too little: who goes short, what comes instead, and every cent and piece is found again."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue.models import Product
from shortchain.cli import played_scales
from shortchain.delivery import boards, pick_lists
from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment.models import CoordinatorTask, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.money import divide_rounded
from shortchain.kernel.ports import Gateways
from shortchain.kernel.quantity import Unit
from shortchain.kernel.window import local_day
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine
from shortchain.ordering.weighing import TooHeavy
from shortchain.payments.models import Refund
from shortchain.payouts import monthly
from shortchain.payouts.models import Payout
from shortchain.stock import allocations, availability
from shortchain.stock.allocations import AlreadyPacked
from shortchain.transaction import transaction
from shortchain.workflows import basket as basket_deeds
from shortchain.workflows import fulfilment, refunds, settlement, shortages, weighing
from shortchain.workflows.shortages import HowMuch, Told
from tests.support.complaining import lines_of
from tests.support.factories import catalogue, stock
from tests.support.market import Market, market

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=20)


def other(shop: Market, *, price_cents: int = 150, left: int = 10, **values: object) -> Product:
    """Give the second farm another product that may come instead of its cabbage."""
    made = catalogue.product(shop.session, shop.farms[1], name="Spitskool", **values)
    stock.lot(shop.session, made, quantity=left)
    catalogue.offer(shop.session, made, shop.cycle, price_cents=price_cents)
    shop.session.rollback()
    return made


def order(shop: Market, *amounts: int, replace: bool = False) -> Order:
    """Have a paid order whose providers said yes."""
    held = shop.basket(*amounts)
    if replace:
        names = {offer.public_id for offer in shop.offers}
        basket_deeds.choose_if_missing(shop.session, basket=held, replace=names, now=shop.now)
    placed = shop.place(held)
    shop.pay(placed)
    for stage in (Stage.PACK, Stage.DELIVER):
        for job in shop.jobs(placed.order_id, stage):
            if job.state is JobState.OFFERED:
                public_id, enterprise_id = job.public_id, job.enterprise_id
                shop.session.rollback()
                fulfilment.accept_job(
                    shop.session, job_public_id=public_id, enterprise_id=enterprise_id, by=SYSTEM, now=shop.now
                )
    return shop.session.get_one(Order, placed.order_id, populate_existing=True)


def report(shop: Market, missing: int, *, instead: str = "", product: str = "") -> Told:
    farm_id = shop.farms[1].id
    name = product or shop.session.get_one(Product, shop.offers[1].product_id).public_id
    [day] = pick_lists.days_to_bring(shop.session, farm_id=farm_id, first=local_day(shop.now))
    shop.session.rollback()
    return shortages.report(
        shop.session, farm_id=farm_id, product=name, day=day, missing=missing, instead=instead, by=SYSTEM, now=shop.now
    )


def breaches(shop: Market, now: datetime | None = None) -> list[str]:
    shop.session.rollback()
    found = checks.check_all(shop.session, now=now or shop.now)
    return [f"{one.promise}: {one.what}" for one in found if one.promise.startswith(("P1", "P2", "P3"))]


def test_the_last_order_goes_short_and_gets_its_money_back(shop: Market, session: Session) -> None:
    first, last = order(shop, 1, 3), order(shop, 1, 3)
    assert report(shop, 4) == Told(orders=2, replaced=0, back_cents=740)
    assert [line.missing for line in lines_of(shop, first)] == [0, 1]
    assert [line.missing for line in lines_of(shop, last)] == [0, 3]
    session.rollback()
    amounts = {one.order_id: one.amount_cents for one in session.scalars(select(Refund))}
    assert amounts == {first.id: 185, last.id: 555}
    mails = session.scalars(select(Notice).where(Notice.template == "goods_short").order_by(Notice.order_id)).all()
    assert [(mail.context["missing"], mail.context["back_cents"]) for mail in mails] == [(1, 185), (3, 555)]
    product = shop.offers[1].product_id
    assert availability.left_of(session, product_ids=[product], on_day=local_day(shop.now))[product] == 0
    assert breaches(shop) == []
    [place] = pick_lists.destinations(
        session,
        farm_id=shop.farms[1].id,
        day=next(iter(pick_lists.days_to_bring(session, farm_id=shop.farms[1].id, first=local_day(shop.now)))),
    )
    assert [line.amount for line in place.lines] == [2]
    with pytest.raises(HowMuch):
        report(shop, 3)
    assert report(shop, 2).back_cents == 370
    assert sum(one.amount_cents for one in session.scalars(select(Refund))) == 2 * 555
    assert breaches(shop) == []


def test_something_alike_comes_where_the_customer_wants_it(shop: Market, session: Session) -> None:
    spare = other(shop)
    order(shop, 0, 2)
    wants = order(shop, 0, 2, replace=True)
    assert report(shop, 3, instead=spare.public_id) == Told(orders=2, replaced=1, back_cents=2 * 35 + 185)
    [line] = lines_of(shop, wants)
    assert (line.supplied, line.replacement["name"]["nl"], line.replacement["amount"]) == (0, "Spitskool", 2)
    assert line.replacement["weight_g"] == 500
    codes = allocations.lots_of_claims(session, claims=[line.claim])[line.claim]
    assert [code for code, _amount in codes] == line.replacement["lots"]
    session.rollback()
    packer = shop.jobs(wants.id, Stage.PACK)[0]
    seen = boards.job_of(session, public_id=packer.public_id, enterprise_id=packer.enterprise_id)
    assert [(one.name["nl"], one.amount) for one in seen.lines] == [("Spitskool", 2)]
    assert availability.left_of(session, product_ids=[spare.id], on_day=local_day(shop.now))[spare.id] == 8
    assert breaches(shop) == []


@pytest.mark.parametrize(
    "values",
    [
        {"left": 1},
        {"category": "NON"},
        {"storage_class": "FRZ"},
        {"allergens": {"milk": "contains"}},
        {"is_active": False},
    ],
    ids=["too few", "other VAT", "other cold", "allergen", "paused"],
)
def test_the_money_comes_back_where_nothing_alike_can(shop: Market, values: dict[str, object]) -> None:
    spare = other(shop, **values)  # type: ignore[arg-type]
    order(shop, 0, 2, replace=True)
    assert report(shop, 2, instead=spare.public_id) == Told(orders=1, replaced=0, back_cents=370)
    assert breaches(shop) == []


def test_a_dearer_replacement_costs_the_customer_nothing(shop: Market, session: Session) -> None:
    spare = other(shop, price_cents=900)
    order(shop, 0, 2, replace=True)
    assert report(shop, 2, instead=spare.public_id) == Told(orders=1, replaced=1, back_cents=0)
    assert list(session.scalars(select(Refund))) == []


def test_is_divided_by_what_was_supplied(shop: Market, session: Session) -> None:
    whole, part = order(shop, 0, 4), order(shop, 0, 4)
    report(shop, 1)
    with transaction(session):
        for one in (whole, part):
            orders.move(session, order=orders.lock(session, order_id=one.id), action="deliver", by=SYSTEM, now=shop.now)
    later = shop.now + timedelta(days=5)
    refunds.send_refunds(session, shop.gateways, now=later)
    assert settlement.settle_orders(session, now=later) == 2
    settlement.send_payouts(session, shop.gateways, now=later)
    assert breaches(shop, later) == []
    paid = {
        one.order_id: one.amount_cents
        for one in session.scalars(select(Payout).where(Payout.enterprise_id == shop.farms[1].id))
    }
    assert paid[whole.id] - paid[part.id] == 185 - (37 - 28)  # the goods, less the fee that is not asked of them


def test_what_is_weighed_keeps_its_place_when_a_line_before_it_is_gone(shop: Market, session: Session) -> None:
    cheese = catalogue.product(
        session, shop.farms[1], name="Kaas", is_weighed=True, net_amount=300, net_unit=Unit.GRAM, category="DAI.CHE"
    )
    stock.lot(session, cheese, quantity=10)
    shop.offers.append(catalogue.offer(session, cheese, shop.cycle, price_cents=900))
    bought = order(shop, 1, 1, 1)
    report(shop, 1)
    packer = shop.jobs(bought.id, Stage.PACK)[0]
    ids = {"job_public_id": packer.public_id, "enterprise_id": packer.enterprise_id}
    session.rollback()
    fulfilment.start_job(session, **ids, by=SYSTEM, now=shop.now)
    seen = boards.job_of(session, public_id=ids["job_public_id"], enterprise_id=ids["enterprise_id"])
    session.rollback()
    places = {line.name["nl"]: line.place for line in seen.lines}
    assert sorted(places) == ["Kaas", "Prei"]
    assert max(places.values()) == 3  # the cabbage that is not there has a place still
    assert list(played_scales.weights(session, random.Random(1), **ids)) == [places["Kaas"]]
    assert weighing.weigh(session, **ids, weights={places["Kaas"]: 280}, by=SYSTEM, now=shop.now) == 1
    session.rollback()
    weighed = {line.name["nl"]: line.true_weight_g for line in lines_of(shop, bought)}
    assert weighed == {"Prei": None, "Kool": None, "Kaas": 280}


def chickens(shop: Market, session: Session, ordered: int) -> tuple[Order, str]:
    """Have an order with chickens of the second farm, at most 1,98 kg for € 25,74 each."""
    product = catalogue.product(
        session, shop.farms[1], name="Kip", weight_g=1800, net_amount=1980, net_unit=Unit.GRAM, is_weighed=True
    )
    stock.lot(session, product, quantity=20)
    shop.offers.append(catalogue.offer(session, product, shop.cycle, price_cents=2574))
    name = product.public_id
    return order(shop, 1, 1, ordered, replace=True), name


def documented_chickens() -> list[tuple[int, int, int, int, int]]:
    """Read the table of docs/money.md: ordered, missing, weighs, back for the missing, back for the weight."""
    text = DOCS.read_text(encoding="utf-8").partition("### Shortage of what is weighed")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.M)
    assert len(rows) == 4
    return [tuple(map(int, row)) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize(("ordered", "missing", "weighs", "short", "less"), documented_chickens())
def test_pieces_that_are_missing_go_back_at_their_most_and_the_rest_by_weight(
    shop: Market, session: Session, ordered: int, missing: int, weighs: int, short: int, less: int
) -> None:
    bought, product = chickens(shop, session, ordered)
    told = report(shop, missing, product=product, instead=other(shop).public_id)
    assert told == Told(orders=1, replaced=0, back_cents=short)  # what is weighed is not replaced
    assert breaches(shop) == []
    packer = shop.jobs(bought.id, Stage.PACK)[0]
    ids = {"job_public_id": packer.public_id, "enterprise_id": packer.enterprise_id, "by": SYSTEM, "now": shop.now}
    session.rollback()
    fulfilment.start_job(session, **ids)
    if weighs:
        most = 1980 * (ordered - missing)
        with pytest.raises(TooHeavy):
            weighing.weigh(session, weights={2: most + 1}, **ids)
        weighing.weigh(session, weights={2: weighs}, **ids)
    fulfilment.finish_job(session, **ids)
    session.rollback()
    back = [refund.amount_cents for refund in session.scalars(select(Refund).order_by(Refund.id))]
    assert back == [cents for cents in (short, less) if cents]
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    with transaction(session):
        row = orders.lock(session, order_id=bought.id)
        orders.move(session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    later = shop.now + timedelta(hours=49)
    settlement.settle_orders(session, now=later)
    assert breaches(shop, later) == []
    paid = session.scalars(select(Payout).where(Payout.enterprise_id == shop.farms[1].id)).one().amount_cents
    goods = 185 + ordered * 2574 - short - less
    assert paid == goods - divide_rounded(goods * 500, 10_000) + transport_of(session, shop, bought)


def transport_of(session: Session, shop: Market, bought: Order) -> int:
    rows = session.scalars(select(Leg).where(Leg.order_id == bought.id, Leg.carrier_id == shop.farms[1].id))
    return sum(leg.cost_cents for leg in rows if leg.state is not LegState.WITHDRAWN)


def test_asks_the_coordinator_when_nothing_is_left(shop: Market, session: Session) -> None:
    bought = order(shop, 0, 2)
    report(shop, 2)
    session.rollback()
    task = session.scalars(select(CoordinatorTask).where(CoordinatorTask.order_id == bought.id)).one()
    assert (task.kind, task.done_at) == (shortages.NOTHING_LEFT, None)


@pytest.mark.parametrize(
    ("amounts", "replace", "empty", "sorry"),
    [((1, 2), False, False, False), ((0, 2), False, True, False), ((1, 2), True, False, True)],
)
def test_the_mail_says_what_is_left_and_that_nothing_alike_was_there(
    shop: Market, session: Session, amounts: tuple[int, int], replace: bool, empty: bool, sorry: bool
) -> None:
    order(shop, *amounts, replace=replace)
    report(shop, 2)
    mail = session.scalars(select(Notice).where(Notice.template == "goods_short")).one()
    for text in shop.gateways.render_mail("goods_short", language="nl", context=mail.context)[1:]:
        assert ("blijft er niets over om te brengen" in text) is empty
        assert ("komt zoals afgesproken" in text) is not empty
        assert ("Iets dat erop lijkt had de boer niet" in text) is sorry
    session.rollback()


@pytest.mark.parametrize(
    ("missing", "words", "came", "instead"), [(1, "Kool + Spitskool", 3, 1), (3, "Spitskool", 3, 3)]
)
def test_the_farm_reads_on_its_statement_what_came_instead(
    shop: Market, session: Session, missing: int, words: str, came: int, instead: int
) -> None:
    spare = other(shop)
    bought = order(shop, 1, 3, replace=True)
    report(shop, missing, instead=spare.public_id)
    later = shop.now + timedelta(days=3)
    with transaction(session):
        row = orders.lock(session, order_id=bought.id)
        orders.move(session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    settlement.settle_orders(session, now=later)
    read = monthly.read(session, enterprise_id=shop.farms[1].id, first=local_day(later).replace(day=1))
    [line] = [one for one in read.lines if one.kind == "goods"]
    assert line.about is not None
    assert (line.what, line.about.amount, line.about.instead_amount) == (words, came, instead)
    assert line.cents == 555 - missing * 35
    session.rollback()


def test_a_line_of_which_nothing_came_is_none_on_the_statement(shop: Market, session: Session) -> None:
    bought = order(shop, 1, 3)
    report(shop, 3)
    later = shop.now + timedelta(days=3)
    with transaction(session):
        row = orders.lock(session, order_id=bought.id)
        orders.move(session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    settlement.settle_orders(session, now=later)
    read = monthly.read(session, enterprise_id=shop.farms[1].id, first=local_day(later).replace(day=1))
    assert [one for one in read.lines if one.kind == "goods"] == []
    session.rollback()


def test_refuses_the_product_of_another_and_what_is_packed(shop: Market, session: Session) -> None:
    bought = order(shop, 1, 2)
    strange = session.get_one(Product, shop.offers[0].product_id).public_id
    with pytest.raises(NotFound):
        report(shop, 1, product=strange)
    with transaction(session):
        claims = list(session.scalars(select(OrderLine.claim).where(OrderLine.order_id == bought.id)))
        allocations.pick(session, claims=claims, now=shop.now)
    with pytest.raises(AlreadyPacked):
        report(shop, 1)
    session.rollback()
    assert [line.missing for line in lines_of(shop, bought)] == [0, 0]
