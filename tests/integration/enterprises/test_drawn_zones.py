"""A zone that a hub draws keeps vehicles out at once, within its hours, in routing and in tours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shortchain.delivery import tour_questions
from shortchain.delivery.models import Leg
from shortchain.enterprises import drawn_zones, vehicles
from shortchain.enterprises.drawn_zones import BadZone, ZoneFacts
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.models import Courier
from shortchain.enterprises.vehicles import BadRight
from shortchain.journal import SYSTEM
from shortchain.kernel.areas import BadArea
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.ordering import baskets
from shortchain.routing import candidates, quotes
from shortchain.routing.plans import Unroutable
from shortchain.workflows import fleet, zones
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import fulfilment
from tests.support.factories.fulfilment import THURSDAY
from tests.support.market import HOME, Market, market

AROUND_HOME = "51.045, 3.715\n51.045, 3.725\n51.055, 3.725\n51.055, 3.715"
EVERY_DAY = frozenset(range(7))


def facts(**changes: Any) -> ZoneFacts:
    values: dict[str, Any] = {
        "name": "Kouter",
        "outline": AROUND_HOME,
        "weekdays": EVERY_DAY,
        "shut": None,
        "open_fuels": frozenset(),
        "source": "Bord aan de Kouter",
    }
    return ZoneFacts(**(values | changes))


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    candidates.forget()
    made = market(session, gateways)
    for bike in made.bikes:  # the riders drive electric vans, which may come everywhere but among pedestrians
        fulfilment.courier(session, bike, vehicle="EVAN_S", fuel="electric")
    session.commit()
    return made


def drawn(session: Session, shop: Market, **changes: Any) -> str:
    return zones.draw(session, hub_id=shop.cycle.hub_id, facts=facts(**changes), now=NOW, by=SYSTEM)


def why_not(session: Session, shop: Market) -> str:
    """Ask for the window of the market at the door, and say why it can not be: empty when it can."""
    view = baskets.view(session, public_id=shop.basket(1, 0), now=NOW)
    assert view is not None
    found = quotes.options(session, view=view, home=HOME.point, distance=shop.gateways.distance, now=NOW)
    assert found is not None
    session.rollback()
    option = found.find(shop.window.public_id)
    assert option is not None
    if option.refusal:
        assert "zone" in option.refusal.stages["deliver"]
    return option.why_not


def test_nobody_is_sent_where_no_vehicle_may_come_until_one_may(session: Session, shop: Market) -> None:
    assert why_not(session, shop) == ""
    number = drawn(session, shop)
    assert why_not(session, shop) == "unroutable"
    with pytest.raises(Unroutable):
        shop.order(1, 0)
    session.rollback()
    courier = session.query(Courier).filter_by(enterprise_id=shop.bikes[0].id).one()
    code = drawn_zones.get(session, hub_id=shop.cycle.hub_id, public_id=number).code
    given = {"first_day": THURSDAY, "last_day": THURSDAY, "note": "vergunning", "now": NOW, "by": SYSTEM}
    who = {"enterprise_id": shop.bikes[0].id, "public_id": courier.public_id}
    with pytest.raises(BadRight):
        fleet.grant_right(session, zone="Z0", **who, **given)
    fleet.grant_right(session, zone=code, **who, **given)
    assert why_not(session, shop) == ""
    fleet.remove_right(
        session,
        **who,
        right_id=vehicles.get(session, **who).rights[0].id,
        now=NOW,
        by=SYSTEM,
    )
    assert why_not(session, shop) == "unroutable"
    zones.set_active(session, hub_id=shop.cycle.hub_id, public_id=number, is_active=False, now=NOW, by=SYSTEM)
    assert why_not(session, shop) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"shut": (time(11), time(18))}, ""),
        ({"shut": (time(11), time(20))}, "unroutable"),
        ({"shut": (time(11), time(20)), "weekdays": frozenset({5, 6})}, ""),
        ({"open_fuels": frozenset({"electric"})}, ""),
        ({"open_fuels": frozenset({"diesel"})}, "unroutable"),
    ],
    ids=["shut for part of the window", "for all of it", "on other days", "electric may", "diesel may"],
)
def test_hours_days_and_fuels_count(session: Session, shop: Market, changes: dict[str, Any], says: str) -> None:
    drawn(session, shop, **changes)
    assert why_not(session, shop) == says


def test_a_tour_comes_outside_the_hours(session: Session, shop: Market) -> None:
    order = shop.order(1, 0)
    assert order.starts_at is not None and order.ends_at is not None
    [leg_id] = [leg.id for leg in order_legs(session, order.id) if leg.to_enterprise_id is None]
    carrier = next(leg.carrier_id for leg in order_legs(session, order.id) if leg.id == leg_id)
    before = window(session, leg_id, carrier)
    drawn(session, shop, shut=(time(11), time(18)))
    starts, ends = window(session, leg_id, carrier)
    assert (before[0] < starts, ends) == (True, before[1])
    assert starts - before[0] == timedelta(hours=1), "from five to seven, of which the zone is shut until six"


def order_legs(session: Session, order_id: int) -> list[Any]:
    return session.query(Leg).filter_by(order_id=order_id).all()


def window(session: Session, leg_id: int, carrier: int) -> tuple[datetime, datetime]:
    loads = tour_questions.loads_of(session, leg_ids=[leg_id])
    [found] = tour_questions.outside_zones(session, loads, enterprise_id=carrier, day=THURSDAY)
    session.rollback()
    assert found.starts_at and found.ends_at
    return found.starts_at, found.ends_at


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": " "}, BadZone),
        ({"weekdays": frozenset()}, BadZone),
        ({"shut": (time(18), time(11))}, BadZone),
        ({"open_fuels": frozenset({"none"})}, BadZone),
        ({"source": ""}, BadZone),
        ({"outline": ""}, BadArea),
        ({"outline": "51.05, 3.72\n51.05, 3.73"}, BadArea),
        ({"outline": "51.05, 3.72\n51.05, 3.73\nprei"}, BadArea),
        ({"outline": "3.72, 51.05\n3.73, 51.05\n3.73, 51.06"}, BadArea),
        ({"outline": "51.05, 3.72\n51.25, 3.73\n51.05, 3.74"}, BadArea),
        ({"outline": "{"}, BadArea),
    ],
)
def test_refuses_what_cannot_be_right(session: Session, shop: Market, changes: dict[str, Any], error: type) -> None:
    with pytest.raises(error):
        drawn(session, shop, **changes)
    assert why_not(session, shop) == ""


def test_is_the_hubs_own_and_no_edit_is_lost(session: Session, shop: Market) -> None:
    number = drawn(session, shop)
    hub = {"hub_id": shop.cycle.hub_id, "public_id": number, "now": NOW, "by": SYSTEM}
    zones.change(session, version=1, facts=facts(name="Markt"), **hub)
    with pytest.raises(StaleEdit):
        zones.change(session, version=1, facts=facts(name="Plein"), **hub)
    with pytest.raises(NotFound):
        zones.change(session, version=2, facts=facts(), **(hub | {"hub_id": shop.bikes[0].id}))
    assert drawn_zones.get(session, hub_id=shop.cycle.hub_id, public_id=number).name == "Markt"


def test_no_more_zones_than_a_number_holds(session: Session, shop: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_zones, "MOST", 1)
    first = drawn(session, shop)
    with pytest.raises(BadZone):
        drawn(session, shop)
    hub = {"hub_id": shop.cycle.hub_id, "public_id": first, "now": NOW, "by": SYSTEM}
    zones.set_active(session, is_active=False, **hub)
    drawn(session, shop)
    with pytest.raises(BadZone):
        zones.set_active(session, is_active=True, **hub)
    assert len(reference_bits()) + drawn_zones.MOST <= 62


def reference_bits() -> list[str]:
    return list(drawn_zones.reference().by_code)
