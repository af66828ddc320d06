"""The shelf sorts, filters and counts as the shop promises, and is never behind the database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from shortchain.catalogue import open_cycles, shelf, shop_items
from shortchain.catalogue.models import Offer, OrderCycle, ShopItem
from shortchain.catalogue.shelf import Shelf, Shown, Wish
from shortchain.kernel.geo import Point
from shortchain.kernel.window import local_day
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import catalogue, enterprises
from tests.support.factories.enterprises import GENT, MOL, WETTEREN

HERE = Point(*GENT)
Sell = Callable[..., int]


@pytest.fixture
def cycle(session: Session) -> OrderCycle:
    return catalogue.cycle(session)


@pytest.fixture
def sell(session: Session, cycle: OrderCycle) -> Sell:
    def offer(at: tuple[float, float] = GENT, cents: int = 200, organic: bool = False, **values: object) -> int:
        farm = enterprises.farm(session, at=at, organic=organic)
        product = catalogue.product(session, farm, is_organic=organic, **values)
        return catalogue.offer(session, product, cycle, price_cents=cents).id

    return offer


def look(session: Session) -> Shelf:
    found = open_cycles.open_cycle(session, near=None, now=NOW)
    assert found is not None
    kept = shelf.look(session, cycle_id=found.id, number=found.number, today=local_day(NOW))
    session.rollback()
    return kept


def show(session: Session, wish: Wish, *, offset: int = 0, limit: int = 24) -> Shown:
    shown = shelf.show(session, look(session), wish=wish, offset=offset, limit=limit)
    session.rollback()
    return shown


def test_puts_near_before_far(session: Session, sell: Sell) -> None:
    far, middle, near = sell(at=MOL), sell(at=WETTEREN), sell()
    for sort in ("seizoen", "afstand"):
        assert show(session, Wish(near=HERE, sort=sort)).offer_ids == [near, middle, far]
    assert show(session, Wish(near=HERE, within_m=25_000)).offer_ids == [near, middle]


def test_puts_what_is_harvested_now_before_what_was_stored(session: Session, sell: Sell) -> None:
    stored, fresh = sell(produce="ui"), sell(produce="prei")  # November: onions from storage, leeks from the field
    assert show(session, Wish(near=HERE)).offer_ids == [fresh, stored]


def test_sorts_by_the_price_of_a_kilo_or_a_piece(session: Session, sell: Sell) -> None:
    from shortchain.kernel.quantity import SellUnit, Unit

    tray = sell(cents=300, sell_unit=SellUnit.TRAY, net_amount=250, net_unit=Unit.GRAM)  # € 12 a kilo
    kilo = sell(cents=450, sell_unit=SellUnit.KG)
    assert show(session, Wish(sort="prijs")).offer_ids == [kilo, tray]


def test_sorts_by_name_in_the_language(session: Session, sell: Sell) -> None:
    b, a = sell(name="Bonen"), sell(name="Andijvie")
    assert show(session, Wish(sort="naam", language="fr")).offer_ids == [a, b]


def test_hides_an_allergen_and_says_how_many(session: Session, sell: Sell) -> None:
    free = dict.fromkeys(("AM", "AN"), "free")
    cheese, traces, leek = (
        sell(allergens=free | {"AM": "contains"}),
        sell(allergens=free | {"AM": "may_contain"}),
        sell(allergens=free),
    )
    shown = show(session, Wish(without=shop_items.allergen_mask(["AM"])))
    assert shown.offer_ids == [leek]
    assert shown.hidden == 2
    assert {cheese, traces, leek} == set(show(session, Wish()).offer_ids)


def test_shows_a_branch_with_its_twigs(session: Session, sell: Sell) -> None:
    leaf, fruit = sell(category="VEG.LEAF"), sell(category="FRU")
    assert show(session, Wish(category="VEG")).offer_ids == [leaf]
    assert show(session, Wish(category="FRU")).offer_ids == [fruit]


def test_shows_organic_only_with_a_certificate(session: Session, sell: Sell) -> None:
    sell()
    certified = sell(organic=True)
    assert show(session, Wish(organic=True)).offer_ids == [certified]


def test_pages_without_gap_or_double(session: Session, sell: Sell) -> None:
    everything = {sell() for _ in range(7)}
    pages = [show(session, Wish(near=HERE), offset=at, limit=3) for at in (0, 3, 6)]
    assert [page.has_more for page in pages] == [True, True, False]
    seen = [number for page in pages for number in page.offer_ids]
    assert len(seen) == 7
    assert set(seen) == everything


def test_reads_only_what_changed_and_misses_nothing(session: Session, sell: Sell) -> None:
    first, second = sell(cents=100), sell(cents=200)
    assert show(session, Wish(sort="prijs")).offer_ids == [first, second]
    session.get_one(Offer, first).price_cents = 900
    session.commit()
    with transaction(session):
        shop_items.refresh_offers(session, offer_ids=[first])
    assert show(session, Wish(sort="prijs")).offer_ids == [second, first]
    session.get_one(Offer, second).is_active = False
    session.commit()
    with transaction(session):
        shop_items.refresh_offers(session, offer_ids=[second])
    assert show(session, Wish()).offer_ids == [first]


def test_gives_the_same_rows_when_rebuilt(session: Session, sell: Sell) -> None:
    sell()
    sell(organic=True)
    columns = [column for column in ShopItem.__table__.c if column.name != "seq"]
    before = session.query(*columns).order_by(ShopItem.offer_id).all()
    session.rollback()
    with transaction(session):
        assert shop_items.rebuild(session) == 2
    assert session.query(*columns).order_by(ShopItem.offer_id).all() == before
