"""A program agrees in the name of an enterprise about who fetches there, and for whom it fetches."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery.models import Collection
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.notifications.models import Notice
from tests.support.factories import accounts, enterprises
from tests.support.market import Market
from tests.web.api.conftest import Call, wanted
from tests.web.api.test_keys import bearer, key_of

TARIFF = {"price_cents": 60, "km_cents": 5, "kg_cents": 4, "minimum_cents": 90}


@pytest.fixture
def carrier(shop: Market, session: Session) -> Enterprise:
    made = shop.bikes[0]
    enterprises.capability(session, made, "COLLECT_FARM", price_form="stop", radius_m=60_000, **TARIFF)
    return made


def managed(shop: Market, session: Session, who: Enterprise, **values: Any) -> dict[str, str]:
    """Give the key of somebody who manages an enterprise."""
    person = accounts.user(session)
    enterprises.member(session, person, who, values.pop("role", MemberRole.OWNER))
    return bearer(key_of(session, person.id, shop, **values))


def test_asks_answers_and_ends_as_on_the_page(call: Call, shop: Market, session: Session, carrier: Enterprise) -> None:
    giver, fetcher = managed(shop, session, shop.farms[0]), managed(shop, session, carrier)
    carrier_id, farm_name = carrier.public_id, shop.farms[0].name
    session.rollback()
    [one] = call("GET", "/collectors", headers=giver).json["collectors"]
    assert one["carrier"]["id"] == carrier_id
    assert {name: amount["minor"] for name, amount in one["fetching"].items()} == {
        "stop": 60, "per_km": 5, "per_kg": 4, "minimum": 90,
    }  # fmt: skip
    near = call("GET", "/providers?postcode=9000&km=60&service=COLLECT_FARM").json["providers"]
    assert near[0]["capabilities"][0]["fetching"] == one["fetching"]
    body = {"carrier": carrier_id, "ready_from": "08:30", "note": "achter de stal"}
    assert call("POST", "/collections", json={**body, "ready_from": "11:00"}, headers=giver).status_code == 422
    made = call("POST", "/collections", json=body, headers=giver)
    assert made.status_code == 201
    [asked] = made.json["collections"]
    assert (asked["state"], asked["is_giver"], asked["ready_from"]) == ("asked", True, "08:30:00")
    assert call("POST", "/collections", json=body, headers=giver).status_code == 409
    assert call("POST", f"/collections/{asked['id']}/answer", json={"agrees": True}, headers=giver).status_code == 404
    answer = call("POST", f"/collections/{asked['id']}/answer", json={"agrees": True}, headers=fetcher)
    assert answer.json == {"id": asked["id"], "state": "agreed"}
    [seen] = call("GET", "/collections", headers=fetcher).json["collections"]
    assert (seen["other"]["name"], seen["is_giver"], seen["fetching"]["per_km"]["minor"]) == (farm_name, False, 5)
    legs = call("POST", "/quotes", json=wanted(shop, 2, 1)).json["chain"]["legs"]
    fetched = {leg["origin"]["name"]: leg["fetched_by"] and leg["fetched_by"]["id"] for leg in legs}
    assert fetched.pop(farm_name) == carrier_id and set(fetched.values()) == {None}
    ended = call("POST", f"/collections/{asked['id']}/end", headers=giver)
    assert ended.json["state"] == "ended"
    assert call("POST", f"/collections/{asked['id']}/end", headers=giver).status_code == 409
    assert call("GET", "/collections", headers=giver).json["collections"] == []
    session.rollback()
    said = [notice.context["what"] for notice in session.scalars(select(Notice).order_by(Notice.id))]
    assert said == ["asked", "agreed", "ended"], "the other reads of everything"


def test_needs_a_key_that_may_and_an_enterprise(
    call: Call, shop: Market, session: Session, carrier: Enterprise
) -> None:
    body = {"carrier": carrier.public_id}
    session.rollback()
    assert call("GET", "/collections").status_code == 401
    reads = managed(shop, session, shop.farms[0], can_order=False)
    assert call("GET", "/collections", headers=reads).status_code == 200
    assert call("POST", "/collections", json=body, headers=reads).json["code"] == "key_may_not_order"
    worker = managed(shop, session, shop.farms[0], role=MemberRole.WORKER)
    nobody = bearer(key_of(session, accounts.user(session).id, shop))
    for headers in (worker, nobody):
        refused = call("POST", "/collections", json=body, headers=headers)
        assert (refused.status_code, refused.json["code"]) == (403, "no_enterprise")
    session.rollback()
    assert session.scalars(select(Collection)).all() == []


def test_says_for_which_of_several_enterprises(call: Call, shop: Market, session: Session) -> None:
    person = accounts.user(session)
    for farm in shop.farms[:2]:
        enterprises.member(session, person, farm)
    first, second = shop.farms[0].public_id, shop.farms[1].public_id
    headers = bearer(key_of(session, person.id, shop))
    assert call("GET", "/collections", headers=headers).json["code"] == "which_enterprise"
    for public_id in (first, second):
        told = call("GET", f"/collections?enterprise={public_id}", headers=headers).json
        assert told["enterprise"]["id"] == public_id
    assert call("GET", "/collections?enterprise=iemand", headers=headers).status_code == 403
