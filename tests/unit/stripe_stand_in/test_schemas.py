"""Parameters checked by the library's own types."""

from __future__ import annotations

import pytest

from stripe_stand_in.errors import ApiError
from stripe_stand_in.routes import ROUTES, find_route
from stripe_stand_in.schemas import check

REFUND = "_refund_create_params:RefundCreateParams"


def test_turns_texts_into_the_declared_types():
    assert check(REFUND, {"amount": "250", "payment_intent": "pi_1"}) == {
        "amount": 250,
        "payment_intent": "pi_1",
    }


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"amount": "much"}, "amount", "parameter_invalid_integer"),
        ({"sum": "5"}, "sum", "parameter_unknown"),
        ({"api_key": "x"}, "api_key", "parameter_unknown"),
        ({"metadata": {"a": {"b": "c"}}}, "metadata", None),
        ({"charge": ""}, "charge", "parameter_invalid_empty"),
    ],
)
def test_refuses_in_stripes_words(params, param, code):
    with pytest.raises(ApiError) as refusal:
        check(REFUND, params)
    error = refusal.value.body["error"]
    assert (error["param"], error.get("code")) == (param, code)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.schema}")
def test_has_a_working_schema_for_every_route(route):
    with pytest.raises(ApiError) as refusal:
        check(route.schema, {"surely_unknown": "1"})
    assert refusal.value.body["error"]["code"] in {"parameter_unknown", "parameter_missing"}


def test_finds_routes_with_the_names_in_their_path():
    route, names = find_route("POST", "/v1/transfers/tr_1/reversals")
    assert names == {"id": "tr_1"}
    assert route.schema.endswith("TransferReversalCreateParams")
    assert find_route("DELETE", "/v1/transfers/tr_1") is None
    assert find_route("GET", "/v1/transfers/tr_1/") is None
