"""A program orders for a guest, once for each key whatever happens, and follows the order by its secret."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shortchain.accounts import attempts
from shortchain.blueprints.api import placing
from shortchain.capacity.models import Reservation
from shortchain.catalogue.models import Offer, OrderCycle
from shortchain.fulfilment.models import Job
from shortchain.kernel.ports import GatewayDown, Gateways
from shortchain.ordering import keyed_requests
from shortchain.ordering.models import Basket, KeyedRequest, Order, OrderState
from shortchain.payments.models import Payment
from shortchain.workflows import housekeeping, payment_events
from tests.support.clock import Clock
from tests.support.factories import accounts, catalogue, enterprises
from tests.support.factories.accounts import signed_in
from tests.support.market import Market
from tests.web.api.conftest import KEY, Call, ordered, paths, place


def count(session: Session, model: Any) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


def see(call: Call, answer: Any, *, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token or answer.json['token']}"}
    return call("GET", f"/orders/{answer.json['id']}", headers=headers)


def test_places_an_order_that_waits_for_its_payment(
    call: Call, shop: Market, session: Session, gateways: Gateways
) -> None:
    body = ordered(call, shop, 2, 3)
    answer = place(call, body)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/orders/{answer.json['id']}"
    assert answer.json["state"] == "awaiting_payment"
    assert answer.json["pay_before"] == "2026-11-23T10:30:00+01:00"
    assert answer.json["money"]["total"] == body["accepted_total"]
    assert answer.json["payment"]["page"].startswith("https://pay.example/")
    order = session.scalars(select(Order)).one()
    assert (order.user_id, order.name, order.street) == (None, "Nele Peeters", "Kouter 1")
    assert count(session, Job) == 2
    assert count(session, Reservation) > 0
    gateways.payments.pay(answer.json["payment"]["page"].rsplit("/", 1)[1])
    payment = session.scalars(select(Payment)).one()
    session.rollback()
    payment_events.look_up(session, gateways, payment_id=payment.id, now=shop.now)
    later = see(call, answer).json
    assert (later["state"], later["payment"]["state"], later["payment"]["page"]) == ("confirmed", "captured", None)
    assert later["pay_before"] is None
    assert [step["code"] for step in later["progress"]][:1] == ["ordered"]
    assert later["chain"] == answer.json["chain"]


def test_shows_an_order_to_who_holds_its_secret_only(call: Call, shop: Market) -> None:
    first = place(call, ordered(call, shop, 1))
    second = place(call, ordered(call, shop, 1), key=secrets.token_hex(16))
    assert see(call, first).json["number"] == first.json["number"]
    by_query = call("GET", f"/orders/{first.json['id']}?token={first.json['token']}")
    assert by_query.json["id"] == first.json["id"]
    assert see(call, first, token=second.json["token"]).status_code == 404  # of another order
    assert see(call, first, token="0" * 32).status_code == 404
    assert call("GET", f"/orders/{first.json['id']}").status_code == 404
    basic = {"Authorization": f"Basic {first.json['token']}"}
    assert call("GET", f"/orders/{first.json['id']}", headers=basic).status_code == 404
    assert call("GET", "/orders/é-ü", headers={"Authorization": f"Bearer {first.json['token']}"}).status_code == 404


def test_makes_the_secret_itself(call: Call, shop: Market, session: Session) -> None:
    answer = place(call, ordered(call, shop, 1), key="1" * 16)
    kept = session.scalars(select(KeyedRequest)).one()
    assert "1" * 16 not in (kept.key_hash, kept.order_key)
    assert len(answer.json["token"]) == 32


def test_gives_the_first_answer_again(call: Call, shop: Market, session: Session, gateways: Gateways) -> None:
    body = ordered(call, shop, 2, 3)
    first, again = place(call, body), place(call, body)
    assert (again.status_code, again.data, again.headers["Location"]) == (201, first.data, first.headers["Location"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert (count(session, Order), count(session, Basket)) == (1, 0)
    assert gateways.payments.names().count("start_checkout") == 1


def test_gives_the_first_answer_whatever_happened_since(
    call: Call, shop: Market, session: Session, clock: Clock
) -> None:
    body = ordered(call, shop, 1)
    first = place(call, body)
    session.execute(update(Offer).values(is_active=False))
    session.commit()
    clock.move(days=3)  # and the cycle is over
    again = place(call, body)
    assert (again.status_code, again.data) == (201, first.data)


def test_refuses_a_key_that_came_with_another_order(call: Call, shop: Market, session: Session) -> None:
    place(call, ordered(call, shop, 1))
    answer = place(call, ordered(call, shop, 2))
    assert (answer.status_code, answer.json["code"]) == (422, "key_used_otherwise")
    assert count(session, Order) == 1


def test_takes_the_same_request_written_otherwise(call: Call, shop: Market) -> None:
    body = ordered(call, shop, 1)
    first = place(call, body)
    again = place(call, dict(reversed(body.items())))
    assert again.data == first.data


def test_keeps_a_refusal_too(call: Call, shop: Market, session: Session) -> None:
    body = ordered(call, shop, 2, 3)
    session.execute(update(Offer).values(price_cents=300))
    session.commit()
    first = place(call, body)
    assert (first.status_code, first.json["code"]) == (409, "price_changed")
    assert first.json["total"]["minor"] > body["accepted_total"]["minor"]
    session.execute(update(Offer).where(Offer.id == shop.offers[0].id).values(price_cents=240))
    session.execute(update(Offer).where(Offer.id == shop.offers[1].id).values(price_cents=185))
    session.commit()
    again = place(call, body)  # it would be fine now, but the key has had its answer
    assert (again.status_code, again.data, again.mimetype) == (409, first.data, "application/problem+json")
    assert place(call, body, key=secrets.token_hex(16)).status_code == 201
    assert count(session, Order) == 1


def test_leaves_a_key_free_when_the_request_was_wrong(call: Call, shop: Market, session: Session) -> None:
    body = ordered(call, shop, 1)
    assert place(call, body | {"colour": "green"}).status_code == 422
    assert count(session, KeyedRequest) == 0
    assert place(call, body).status_code == 201


def test_says_that_the_first_is_still_busy(call: Call, shop: Market, session: Session, clock: Clock) -> None:
    body = ordered(call, shop, 1)
    place(call, body)
    session.execute(update(KeyedRequest).values(status=None, body=""))  # as if it had not ended yet
    session.commit()
    answer = place(call, body)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (409, "still_busy", "2")
    clock.move(minutes=1)


def test_takes_over_from_a_request_that_died(call: Call, shop: Market, session: Session, clock: Clock) -> None:
    body = ordered(call, shop, 2)
    first = place(call, body)
    session.execute(update(KeyedRequest).values(status=None, body=""))  # it died after the order was placed
    session.execute(update(Offer).values(is_active=False))
    session.commit()
    clock.move(minutes=1)
    again = place(call, body)
    assert again.status_code == 201
    assert (again.json["id"], again.json["token"]) == (first.json["id"], first.json["token"])
    assert count(session, Order) == 1


def test_can_be_repeated_at_once_after_an_accident(
    client: Any, call: Call, shop: Market, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = ordered(call, shop, 2)
    real = placing.tell

    def breaks(*_values: object, **_more: object) -> None:
        raise RuntimeError("power")

    monkeypatch.setattr(placing, "tell", breaks)
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        broken = client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": KEY, "Origin": ""}, token=False)
    finally:
        client.application.config["PROPAGATE_EXCEPTIONS"] = None
    assert (broken.status_code, broken.mimetype) == (500, "application/problem+json")
    monkeypatch.setattr(placing, "tell", real)
    assert place(call, body).status_code == 201
    assert count(session, Order) == 1


@pytest.mark.race
def test_makes_one_order_of_many_at_once(app: Any, call: Call, shop: Market, session: Session) -> None:
    body = ordered(call, shop, 1)
    session.rollback()

    def press(_number: int) -> Any:
        headers = {"Idempotency-Key": KEY, "Origin": ""}
        return app.test_client().post("/api/v1/orders", json=body, headers=headers, token=False)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(press, range(6)))
    statuses = {answer.status_code for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} <= {"still_busy"}
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    assert count(session, Order) == 1


def test_orders_for_a_pickup_point_by_postcode_alone(call: Call, shop: Market, session: Session) -> None:
    point = enterprises.pickup_point(session, enterprises.hub(session), name="Het Atelier")
    collect = catalogue.window(session, shop.cycle, point=point)
    body = ordered(call, shop, 1)
    body |= {"destination": {"postcode": "9000"}, "window": collect.public_id}
    quote = call("POST", "/quotes", json={name: body[name] for name in ("lines", "destination", "window")})
    answer = place(call, body | {"accepted_total": quote.json["money"]["total"]})
    assert answer.status_code == 201
    assert answer.json["window"]["kind"] == "pickup"
    assert answer.json["window"]["place"].startswith("Het Atelier")
    assert session.scalars(select(Order.pickup_point_id)).one() == point.id


def test_takes_the_floor_of_a_door(call: Call, shop: Market, session: Session) -> None:
    door = {"postcode": "9000", "address": "Kouter 1", "floor": 3, "has_lift": True}
    body = ordered(call, shop, 1, destination=door)
    for wrong in (-1, 51, "3", 2.5):
        answer = place(call, body | {"destination": door | {"floor": wrong}})
        assert (answer.status_code, [path for path, _ in paths(answer)]) == (422, ["/destination/floor"])
    answer = place(call, body)
    assert answer.status_code == 201, "the price is the one that was quoted without it"
    assert (answer.json["window"]["floor"], answer.json["window"]["has_lift"]) == (3, True)
    bought = session.scalars(select(Order)).one()
    assert (bought.floor, bought.has_lift) == (3, True)


def test_needs_a_street_for_a_delivery_at_home(call: Call, shop: Market, session: Session) -> None:
    answer = place(call, ordered(call, shop, 1, destination={"postcode": "9000"}))
    assert (answer.status_code, paths(answer)) == (422, [("/destination/address", "missing")])
    assert (count(session, Order), count(session, Basket)) == (0, 0)


def test_waits_for_a_bank_transfer(call: Call, shop: Market) -> None:
    answer = place(call, ordered(call, shop, 1, method="transfer"))
    assert answer.json["payment"]["structured_message"]
    assert f"/bestelling/{answer.json['token']}/betalen" in answer.json["payment"]["page"]


def test_offers_no_transfer_that_comes_too_late(call: Call, shop: Market, session: Session) -> None:
    session.execute(update(OrderCycle).values(closes_at=shop.now + timedelta(hours=23)))
    session.commit()
    answer = place(call, ordered(call, shop, 1, method="transfer"))
    assert (answer.status_code, paths(answer)) == (422, [("/method", "no_transfer")])


def test_stands_when_the_payment_provider_is_away(call: Call, shop: Market, gateways: Gateways) -> None:
    body = ordered(call, shop, 1)
    gateways.payments.down = True
    answer = place(call, body)
    assert answer.status_code == 201
    assert answer.json["payment"]["page"].endswith(f"/bestelling/{answer.json['token']}/betalen")
    with pytest.raises(GatewayDown):
        gateways.payments.status(reference="cs_1")


def test_is_a_guest_even_with_a_session(call: Call, client: Any, shop: Market, session: Session) -> None:
    user = accounts.user(session, name="Bart", email="bart@post.example")
    signed_in(client, session, user)
    assert place(call, ordered(call, shop, 1)).status_code == 201
    assert session.scalars(select(Order.user_id)).one() is None


def test_needs_a_key_that_is_not_guessed(call: Call, shop: Market, session: Session) -> None:
    body = ordered(call, shop, 1)
    none = call("POST", "/orders", json=body)
    assert (none.status_code, paths(none)) == (400, [("Idempotency-Key", "missing")])
    for key in ("1", "a" * 65, "met spatie in het midden", "\u00e9" * 20):
        assert place(call, body, key=key).status_code == 422
    assert count(session, Order) == 0


def test_limits_how_often_an_address_orders(call: Call, shop: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    body = ordered(call, shop, 1)
    monkeypatch.setattr(attempts, "API_ORDER", attempts.Limit("api:order", 1, attempts.API_ORDER.span))
    assert place(call, body).status_code == 201
    answer = place(call, body)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_forgets_a_key_after_a_week(call: Call, shop: Market, session: Session, clock: Clock) -> None:
    place(call, ordered(call, shop, 1))
    session.rollback()
    housekeeping.forget_old(session, now=clock.move(days=6))
    assert count(session, KeyedRequest) == 1
    housekeeping.forget_old(session, now=clock.now + keyed_requests.KEEP)
    assert count(session, KeyedRequest) == 0


def test_ends_as_an_order_of_the_shop_does(call: Call, client: Any, shop: Market, session: Session) -> None:
    answer = place(call, ordered(call, shop, 1))
    page = client.page(answer.json["tracking_page"].removeprefix("http://127.0.0.1:8000"))
    assert answer.json["number"] in page
    assert session.scalars(select(Order.state)).one() is OrderState.AWAITING_PAYMENT
