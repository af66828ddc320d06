"""A farm lists its harvest, takes it back, corrects it, and learns what is sold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.catalogue import operations, products
from shortchain.catalogue.models import CycleState, Offer, PriceChange, Product, ShopItem
from shortchain.catalogue.products import AllergensUnknown, BadProduct, NotCertified
from shortchain.delivery import pick_lists
from shortchain.enterprises.founding import StaleEdit
from shortchain.journal import Actor
from shortchain.kernel.errors import Invalid, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.payouts import statements
from shortchain.stock import harvests
from shortchain.stock.lots import AlreadySold, TooOld
from shortchain.stock.models import Lot, StockMovement
from shortchain.workflows import supply
from shortchain.workflows.supply import Row, TooLate
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, stock
from tests.support.market import market

BART = Actor("user", 1)
KEY = "abcDEF123_-x"
TODAY = date(2026, 11, 23)
LATER = MONDAY_MORNING + timedelta(seconds=20)


def rows_of(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def the_farm(session: Session, **values: object):
    farm = enterprises.farm(session, **values)
    cycle = catalogue.cycle(session)
    leek = catalogue.product(session, farm, name="Prei")
    return farm, cycle, leek


def list_it(session: Session, farm, *rows: Row, key: str = KEY, day: date = TODAY):
    return supply.list_harvest(
        session, farm_id=farm.id, key=key, rows=rows, harvested_on=day, by=BART, now=MONDAY_MORNING
    )


def test_puts_a_harvest_in_the_shop_with_lot_price_and_offer(session: Session) -> None:
    farm, cycle, leek = the_farm(session)
    coming = catalogue.cycle(
        session,
        enterprises.enterprise(session, is_hub=True),
        state=CycleState.DRAFT,
        closes_at=MONDAY_MORNING + timedelta(days=9),
    )
    listed = list_it(session, farm, Row(40, 120, product=leek.public_id))
    assert listed.count == 1
    lot = session.scalars(select(Lot)).one()
    assert (lot.quantity, lot.allocated, lot.harvested_on) == (40, 0, TODAY)
    assert [row.cycle_id for row in session.scalars(select(Offer))] == [cycle.id]
    item = session.scalars(select(ShopItem)).one()
    assert (item.price_cents, item.is_shown) == (120, True)
    assert session.scalars(select(PriceChange.price_cents)).all() == [120]
    assert coming.hub_id != cycle.hub_id  # another hub's cycle got nothing


def test_makes_a_new_product_from_the_reference_table(session: Session) -> None:
    farm, _cycle, _leek = the_farm(session)
    list_it(session, farm, Row(12_000, 150, produce="wortel"))
    made = session.scalars(select(Product).where(Product.produce == "wortel")).one()
    assert made.farm_id == farm.id
    assert made.allergens["BM"] == "free"
    assert set(made.name) == {"nl", "fr", "en"}


def test_counts_the_same_list_once(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    for _ in range(2):
        assert list_it(session, farm, Row(40, 120, product=leek.public_id)).count == 1
    assert rows_of(session, Lot) == 1


@pytest.mark.parametrize(
    ("row", "day", "error"),
    [
        (Row(0, 120), TODAY, Invalid),
        (Row(10, 0), TODAY, operations.BadPrice),
        (Row(10, 120), TODAY + timedelta(days=1), TooOld),
        (Row(10, 120), TODAY - timedelta(days=15), TooOld),
    ],
)
def test_lists_nothing_when_one_row_is_wrong(session: Session, row: Row, day: date, error: type[Exception]) -> None:
    farm, _cycle, leek = the_farm(session)
    good = Row(10, 100, product=leek.public_id)
    with pytest.raises(error):
        list_it(session, farm, good, Row(row.quantity, row.price_cents, leek.public_id), day=day)
    assert (rows_of(session, Lot), rows_of(session, Offer)) == (0, 0)


def test_lists_nothing_without_a_cycle_or_for_another(session: Session) -> None:
    farm = enterprises.farm(session)
    leek = catalogue.product(session, farm)
    with pytest.raises(operations.NoCycle):
        list_it(session, farm, Row(10, 100, product=leek.public_id))
    catalogue.cycle(session)
    with pytest.raises(NotFound):
        list_it(session, enterprises.farm(session), Row(10, 100, product=leek.public_id))


def test_takes_a_list_back_within_half_a_minute(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    supply.set_price(
        session,
        product_public_id=leek.public_id,
        farm_id=farm.id,
        price_cents=200,
        by=BART,
        now=MONDAY_MORNING - timedelta(days=2),
    )
    list_it(session, farm, Row(40, 120, product=leek.public_id), Row(5_000, 150, produce="wortel"))
    assert supply.undo_harvest(session, farm_id=farm.id, key=KEY, by=BART, now=LATER) == 2
    assert {lot.quantity for lot in session.scalars(select(Lot))} == {0}
    assert session.scalar(select(func.sum(StockMovement.amount))) == 0
    assert session.scalars(select(Offer).where(Offer.product_id == leek.id)).one().price_cents == 200
    shown = dict(session.execute(select(ShopItem.produce, ShopItem.is_shown)).all())
    assert shown["wortel"] is False


def test_does_not_take_back_late_or_what_is_another_s(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    list_it(session, farm, Row(40, 120, product=leek.public_id))
    with pytest.raises(NotFound):
        supply.undo_harvest(session, farm_id=enterprises.farm(session).id, key=KEY, by=BART, now=LATER)
    late = MONDAY_MORNING + timedelta(seconds=31)
    with pytest.raises(TooLate):
        supply.undo_harvest(session, farm_id=farm.id, key=KEY, by=BART, now=late)
    assert session.scalars(select(Lot.quantity)).one() == 40


def test_does_not_take_back_what_somebody_bought(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, left=1)
    farm, leek = shop.farms[0], session.get_one(Product, shop.offers[0].product_id)
    list_it(session, farm, Row(40, 240, product=leek.public_id))
    shop.order(6)
    with pytest.raises(AlreadySold) as refusal:
        supply.undo_harvest(session, farm_id=farm.id, key=KEY, by=BART, now=LATER)
    assert "Er is al 6" in refusal.value.for_people
    lot = session.scalars(select(Lot).where(Lot.public_id.startswith(KEY))).one()
    assert (lot.quantity, lot.allocated) == (40, 6)


def test_never_corrects_below_what_is_sold_and_says_whose(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    order = shop.order(6)
    farm = shop.farms[0]
    lot = session.scalars(select(Lot).where(Lot.farm_id == farm.id)).one()
    with pytest.raises(AlreadySold):
        supply.correct_lot(session, lot_public_id=lot.public_id, farm_id=farm.id, quantity=5, by=BART, now=LATER)
    found = pick_lists.orders_of_lot(session, farm_id=farm.id, lot_public_id=lot.public_id)
    assert found == [(order.number, 6)]
    session.rollback()
    supply.correct_lot(session, lot_public_id=lot.public_id, farm_id=farm.id, quantity=8, by=BART, now=LATER)
    left = supply.write_off(session, lot_public_id=lot.public_id, farm_id=farm.id, by=BART, now=LATER)
    assert left == 2
    [line] = harvests.lots_of(session, product_id=lot.product_id, today=TODAY)
    assert (line.quantity, line.allocated, line.left) == (6, 6, 0)


def test_pauses_and_resumes_in_the_shop_at_once(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    stock.lot(session, leek)
    list_it(session, farm, Row(40, 120, product=leek.public_id))
    deed = {"product_public_id": leek.public_id, "farm_id": farm.id, "by": BART, "now": LATER}
    supply.pause(session, **deed)
    assert session.scalars(select(ShopItem.is_shown)).all() == [False]
    session.rollback()
    supply.resume(session, **deed)
    assert session.scalars(select(ShopItem.is_shown)).all() == [True]


def change(session: Session, farm, product: Product, version: int, **values: object) -> None:
    from dataclasses import replace

    own = products.own_product(session, farm_id=farm.id, public_id=product.public_id)
    session.rollback()
    supply.change_product(
        session,
        product_public_id=product.public_id,
        farm_id=farm.id,
        version=version,
        terms=replace(own.terms, **values),
        by=BART,
        now=LATER,
    )


def test_changes_a_product_unless_somebody_else_did(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    version = leek.version
    change(session, farm, leek, version, name={"nl": "Herfstprei"})
    assert products.own_product(session, farm_id=farm.id, public_id=leek.public_id).terms.name == {"nl": "Herfstprei"}
    with pytest.raises(StaleEdit):
        change(session, farm, leek, version, name={"nl": "Winterprei"})


def test_asks_what_the_law_asks(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    unknown = dict.fromkeys(catalogue.ALLERGENS, "unknown")
    change(session, farm, leek, leek.version, allergens=unknown)  # what grows may say it does not know
    session.refresh(leek)
    version = leek.version
    session.rollback()
    with pytest.raises(AllergensUnknown):
        change(session, farm, leek, version, ingredients={"nl": "prei, water"})
    with pytest.raises(BadProduct, match="ingredi"):
        change(session, farm, leek, version, process_service="CUT")
    with pytest.raises(NotCertified):
        change(session, farm, leek, version, is_organic=True)
    enterprises.certificate(session, farm)
    change(session, farm, leek, version, is_organic=True)


def test_hands_goods_over_and_shows_what_is_to_be_brought(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    first, second = shop.order(3, 2), shop.order(2, 0)
    farm = shop.farms[0]
    [day] = pick_lists.days_to_bring(session, farm_id=farm.id, first=TODAY)
    [place] = pick_lists.destinations(session, farm_id=farm.id, day=day)
    assert place.name == "De Pakker"
    assert place.order_numbers == tuple(sorted((first.number, second.number)))
    [line] = pick_lists.totals([place])
    assert (line.amount, line.orders, line.name["nl"]) == (5, 2, "Prei")
    assert len(line.lots) == 1
    session.rollback()
    assert supply.hand_over(session, farm_id=farm.id, leg_public_ids=place.legs, by=BART, now=LATER) == 2
    [brought] = pick_lists.destinations(session, farm_id=farm.id, day=day)
    assert brought.is_brought
    assert pick_lists.days_to_bring(session, farm_id=farm.id, first=TODAY) == {}
    session.rollback()
    assert supply.hand_over(session, farm_id=farm.id, leg_public_ids=place.legs, by=BART, now=LATER) == 0
    with pytest.raises(NotFound):
        supply.hand_over(session, farm_id=shop.farms[1].id, leg_public_ids=place.legs, by=BART, now=LATER)


def test_sums_up_what_is_sold_and_what_is_coming(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    shop.order(3, 2)
    order = shop.order(2, 0)
    farm = shop.farms[0]
    sold = pick_lists.sold_now(session, farm_id=farm.id, now=LATER)
    assert sold is not None
    assert (sold.orders, sold.goods_cents, sold.is_open) == (2, 5 * 240, True)
    coming = statements.coming(session, enterprise_id=farm.id)
    assert [one.number for one in coming][1] == order.number
    goods = 2 * 240
    assert 0 < coming[1].owed_cents < goods
    assert pick_lists.sold_now(session, farm_id=enterprises.farm(session).id, now=LATER) is None


def priced(session: Session, farm, product: Product, cents: int, *, days_ago: int = 0, is_reduction: bool = False):
    supply.set_price(
        session,
        product_public_id=product.public_id,
        farm_id=farm.id,
        price_cents=cents,
        by=BART,
        now=MONDAY_MORNING - timedelta(days=days_ago),
        is_reduction=is_reduction,
    )


def told(session: Session) -> list[tuple[int, int | None]]:
    session.rollback()
    return [(row.price_cents, row.was_cents) for row in session.scalars(select(ShopItem).order_by(ShopItem.offer_id))]


def test_shows_a_reduction_with_the_lowest_price_of_thirty_days(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    leek.withdrawal = "14d"
    session.commit()
    priced(session, farm, leek, 220, days_ago=2)
    priced(session, farm, leek, 300, days_ago=1)
    with pytest.raises(operations.NotAReduction):
        priced(session, farm, leek, 220, is_reduction=True)
    session.rollback()
    assert told(session) == [(300, None)]
    priced(session, farm, leek, 200, is_reduction=True)
    assert told(session) == [(200, 220)]
    offer = session.scalars(select(Offer)).one()
    assert offer.was_until == TODAY + timedelta(days=29)
    list_it(session, farm, Row(40, 200, product=leek.public_id))  # the same price: still reduced
    assert told(session) == [(200, 220)]
    assert [
        (one.cents, one.was_cents, one.is_last) for one in operations.price_history(session, product_id=leek.id)
    ] == [
        (200, 220, False),
        (300, None, False),
        (220, None, False),
    ]
    priced(session, farm, leek, 190)  # lower, and not announced
    assert told(session) == [(190, None)]


def test_compares_what_spoils_with_its_last_price_and_tells_it_in_the_next_cycle(session: Session) -> None:
    farm, cycle, leek = the_farm(session)
    priced(session, farm, leek, 220, days_ago=2)
    priced(session, farm, leek, 300, days_ago=1)
    priced(session, farm, leek, 240, is_reduction=True)
    assert told(session) == [(240, 300)]
    hub = session.get_one(type(farm), cycle.hub_id)
    catalogue.cycle(session, hub, state=CycleState.DRAFT, closes_at=MONDAY_MORNING + timedelta(days=9))
    list_it(session, farm, Row(40, 240, product=leek.public_id))
    assert told(session) == [(240, 300), (240, 300)]


@pytest.mark.parametrize("after", [300, 330])
def test_ends_a_reduction_by_asking_the_old_price_or_more(session: Session, after: int) -> None:
    farm, _cycle, leek = the_farm(session)
    priced(session, farm, leek, 300, days_ago=2)
    priced(session, farm, leek, 240, days_ago=1, is_reduction=True)
    assert told(session) == [(240, 300)]
    priced(session, farm, leek, after)
    assert told(session) == [(after, None)]


def test_refuses_a_reduction_of_what_never_had_a_price(session: Session) -> None:
    farm, _cycle, leek = the_farm(session)
    with pytest.raises(operations.NotAReduction):
        priced(session, farm, leek, 240, is_reduction=True)
    session.rollback()
    assert rows_of(session, Offer) == 0
