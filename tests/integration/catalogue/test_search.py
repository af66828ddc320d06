"""Search finds food in three languages, in singular and plural, begun and slightly misspelt."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue import open_cycles, shelf
from shortchain.catalogue.shelf import Wish
from shortchain.kernel.window import local_day
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import catalogue, enterprises

SLUGS = ("ui", "wortel", "prei", "appel", "aardappel", "spinazie", "aardbei", "tomaat")


@pytest.fixture
def market(session: Session) -> Session:
    farms = [enterprises.farm(session, name=name) for name in ("Hof ten Bos", "De Kromme Ploeg")]
    cycle = catalogue.cycle(session)
    for number, slug in enumerate(SLUGS):
        item = data.produce()[slug]
        product = catalogue.product(session, farms[number % 2], produce=slug, category=item.category)
        product.name = item.plural.as_dict()
        session.commit()
        catalogue.offer(session, product, cycle)
    return session


def found(session: Session, query: str, **wish: object) -> list[str]:
    cycle = open_cycles.open_cycle(session, near=None, now=NOW)
    assert cycle is not None
    kept = shelf.look(session, cycle_id=cycle.id, number=cycle.number, today=local_day(NOW))
    shown = shelf.show(session, kept, wish=Wish(query=query, **wish), offset=0, limit=24)  # type: ignore[arg-type]
    from shortchain.stock import availability

    rows = availability.tickets(session, offer_ids=shown.offer_ids, language="nl", day=open_cycles.keeps_until(cycle))
    session.rollback()
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("uien", "uien"),
        ("ui", "uien"),
        ("ajuin", "uien"),
        ("oignon", "uien"),
        ("onions", "uien"),
        ("wortel", "wortelen"),
        ("Wortelen", "wortelen"),
        ("carottes", "wortelen"),
        ("carrot", "wortelen"),
        ("poireau", "prei"),
        ("leeks", "prei"),
        ("aardb", "aardbeien"),
        ("épinards", "spinazie"),
        ("wortlen", "wortelen"),
        ("spinasie", "spinazie"),
        ("tomatten", "tomaten"),
        ("ardappel", "aardappelen"),
    ],
)
def test_finds_what_people_mean(market: Session, query: str, first: str) -> None:
    assert found(market, query)[:1] == [first]


def test_finds_a_farm_and_its_food(market: Session) -> None:
    assert (
        set(found(market, "kromme ploeg")) == {"wortelen", "appelen", "spinazie", "tomaten"}
        or len(found(market, "kromme ploeg")) == 4
    )
    assert found(market, "kromme wortel") == ["wortelen"]


def test_finds_a_whole_category(market: Session) -> None:
    assert {"uien", "prei"} <= set(found(market, "groenten"))


def test_puts_the_exact_name_before_what_begins_with_it(market: Session) -> None:
    assert found(market, "appel")[0] in ("appels", "appelen")


@pytest.mark.parametrize("query", ["xyzzyq", "wortel zeep", '"', "a* OR b", "';--", "%", "prei &", "…"])
def test_answers_odd_questions_without_fuss(market: Session, query: str) -> None:
    assert isinstance(found(market, query), list)


def test_finds_nothing_for_what_is_not_there(market: Session) -> None:
    assert found(market, "wasmachine") == []


def test_sees_a_new_offer_at_once(market: Session) -> None:
    assert found(market, "rabarber") == []
    item = data.produce()["rabarber"]
    product = catalogue.product(
        market, enterprises.farm(market), produce="rabarber", category=item.category, name="rabarber"
    )
    from shortchain.catalogue.models import OrderCycle

    catalogue.offer(market, product, market.query(OrderCycle).one())
    assert found(market, "rabarber") == ["rabarber"]
