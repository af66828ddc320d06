"""The contract is OpenAPI 3.1, true to the code, and whatever comes in is answered and never breaks."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from shortchain.accounts import attempts
from shortchain.blueprints.api import MOST_BYTES
from tests.support.market import Market
from tests.web.api.conftest import KEY, Call, ordered, paths, place, wanted


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_QUOTE", "API_ORDER"):
        known = getattr(attempts, name)
        monkeypatch.setattr(attempts, name, attempts.Limit(known.name, 100_000, known.span))


@pytest.mark.sqlite_only
def test_is_valid_openapi(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.sqlite_only
def test_describes_every_call_and_no_other(app: Flask, client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json
    told = {(path, method.upper()) for path, calls in document["paths"].items() for method in calls}
    made = {
        (str(rule).replace("<public_id>", "{public_id}"), method)
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/") and not str(rule).endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == made
    for calls in document["paths"].values():
        for call in calls.values():
            kinds = {status: set(answer["content"]) for status, answer in call["responses"].items()}
            assert all(
                kind == ({"application/json"} if status.startswith("2") else {"application/problem+json"})
                for status, kind in kinds.items()
            )
    (key,) = [p for p in document["paths"]["/api/v1/orders"]["post"]["parameters"] if p["in"] == "header"]
    assert (key["name"], key["required"]) == ("Idempotency-Key", True)


@pytest.mark.sqlite_only
def test_opens_no_door_for_other_sites(client: Any, shop: Market) -> None:
    away = {"Origin": "https://elders.example"}
    asked = {**away, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for answer in (
        client.get("/api/v1/offers", headers=away),
        client.options("/api/v1/orders", headers=asked),
        client.post("/api/v1/quotes", json=wanted(shop, 1), cross_site=True, token=False),
    ):
        assert not [name for name, _value in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("mimetype", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_takes_json_only(call: Call, mimetype: str) -> None:
    """A page of another site can send these without being asked first, so they must not count."""
    for path in ("/quotes", "/orders"):
        answer = call("POST", path, data=b"{}", content_type=mimetype, headers={"Idempotency-Key": KEY})
        assert answer.status_code == 415


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'lines': []}",
        b'{"lines": NaN}',
        b"\xff\xfe",
        b'{"lines": "\\ud800"}',
        b"[" * 30_000,
        b'{"a":' * 10_000,
    ],
)
def test_says_what_is_not_json(call: Call, body: bytes) -> None:
    answer = call("POST", "/quotes", data=body, content_type="application/json")
    assert answer.status_code in (400, 422), answer.json
    if answer.status_code == 400:
        assert answer.json["code"] == "not_json"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("body", [b"[]", b"null", b"0", b'""', b"true", b"{}"])
def test_wants_an_object(call: Call, body: bytes) -> None:
    answer = call("POST", "/quotes", data=body, content_type="application/json")
    assert answer.status_code == 422


@pytest.mark.sqlite_only
def test_takes_no_more_than_an_order_needs(call: Call, shop: Market) -> None:
    body = b'{"lines": "' + b"a" * MOST_BYTES + b'"}'
    assert call("POST", "/quotes", data=body, content_type="application/json").status_code == 413
    many = wanted(shop, 1)
    many["lines"] = [{"offer": f"o{n}", "quantity": {"amount": 1, "unit": "piece"}} for n in range(121)]
    assert paths(call("POST", "/quotes", json=many)) == [("/lines", "too_long")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/lines/0/quantity/amount", 0),
        ("/lines/0/quantity/amount", -1),
        ("/lines/0/quantity/amount", 1.5),
        ("/lines/0/quantity/amount", "2"),
        ("/lines/0/quantity/amount", True),
        ("/lines/0/quantity/amount", 10**30),
        ("/lines/0/quantity/unit", "kg"),
        ("/lines/0/offer", "' OR 1=1"),
        ("/lines/0/colour", "green"),
        ("/destination/postcode", 9000),
        ("/destination/postcode", "\u0669\u0660\u0660\u0660"),
        ("/destination/address", "a\u0000b"),
        ("/destination/address", "a" * 121),
        ("/customer/email", "nele"),
        ("/customer/name", " "),
        ("/customer/name", "Ne\u0000le"),
        ("/customer/phone", "bel me"),
        ("/accepted_total/minor", -1),
        ("/accepted_total/minor", 10**12),
        ("/accepted_total/currency", "USD"),
        ("/method", "gold"),
        ("/language", "de"),
        ("/remark", "a" * 501),
        ("/window", None),
        ("/extra~field/x", 1),
    ],
)
def test_names_the_place_of_a_wrong_value(call: Call, shop: Market, path: str, value: Any) -> None:
    body = copy.deepcopy(ordered(call, shop, 1))
    *way, last = path.strip("/").split("/") if path != "/extra~field/x" else ["extra~field/x"]
    inner: Any = body
    for part in way:
        inner = inner[int(part)] if part.isdigit() else inner[part]
    inner[last] = value
    answer = place(call, body)
    assert answer.status_code == 422
    expected = "/extra~0field~1x" if path == "/extra~field/x" else path
    assert expected in [name for name, _code in paths(answer)]
    assert all(
        set(fault) <= {"place", "path", "code", "detail"} for fault in answer.json["errors"]
    )  # not what was sent


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place of a document."""
    found = [way]
    if isinstance(value, dict):
        for name, inner in value.items():
            found += places(inner, (*way, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            found += places(inner, (*way, number))
    return found


def test_answers_whatever_comes_in(call: Call, shop: Market) -> None:
    """Take a good order and put anything in any place, or take the place away: never more than a refusal."""
    good = ordered(call, shop, 1, 1)
    ways = places(good)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        changes=st.lists(st.tuples(st.sampled_from(ways), ANYTHING, st.booleans()), min_size=1, max_size=2),
        key=st.uuids(),
    )
    def try_it(changes: list[tuple[Any, ...]], key: Any) -> None:
        body: Any = copy.deepcopy(good)
        for way, value, is_gone in changes:
            if not way:
                body = value
                break
            inner = body
            try:
                for part in way[:-1]:
                    inner = inner[part]
                if isinstance(inner, dict) != isinstance(way[-1], str):
                    continue  # the other change put something else there
                if is_gone:
                    del inner[way[-1]]
                else:
                    inner[way[-1]] = value
            except (KeyError, IndexError, TypeError):
                continue  # the other change took this place away
        for path, asked in (("/orders", body), ("/quotes", body)):
            answer = call("POST", path, json=asked, headers={"Idempotency-Key": str(key)})
            assert answer.status_code < 500, (asked, answer.json)

    try_it()


def test_answers_whatever_is_asked(call: Call, shop: Market) -> None:
    names = st.sampled_from(["postcode", "km", "q", "category", "without", "page", "service", "on", "x"])

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(pairs=st.lists(st.tuples(names, st.text(max_size=30) | st.sampled_from(["9000", "5", "VEG"])), max_size=5))
    def try_it(pairs: list[tuple[str, str]]) -> None:
        for path in ("/offers", "/providers"):
            assert call("GET", path, query_string=pairs).status_code in (200, 422)

    try_it()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nergens", 404), ("DELETE", "/orders/x", 405), ("GET", "/quotes", 405)]
)
def test_refuses_in_the_same_form_everywhere(client: Any, method: str, path: str, status: int) -> None:
    answer = client.open("/api/v1" + path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["status"] == status
