"""A program that calls the API: every answer is checked against the contract before a test looks at it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shortchain.blueprints.api import contract
from shortchain.kernel.ports import Gateways
from tests.support.market import Market, market

Call = Callable[..., TestResponse]
KEY = "8a2fd1c4-93b7-4f5e-a9d2-55c01e7b6f10"


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def call(app: Flask, client: Any) -> Call:
    """Call the API as another program does: without cookie, form token or Origin header."""
    with app.test_request_context():
        document = contract.document()

    def send(method: str, path: str, **values: Any) -> TestResponse:
        if method != "GET":
            values["headers"] = {"Origin": "", **values.pop("headers", {})}
        answer = client.open("/api/v1" + path, method=method, **({"token": False} if method != "GET" else {}), **values)
        check(document, method, path, answer)
        return answer

    return send


def check(document: dict[str, Any], method: str, path: str, answer: TestResponse) -> None:
    """Check an answer against what the contract says of its address, status and media type."""
    address = "/api/v1" + path.split("?")[0]
    address = re.sub(r"(/api/v1/(?:orders|collections))/[^/]+", r"\1/{public_id}", address)
    told = document["paths"][address][method.lower()]["responses"][str(answer.status_code)]
    (mimetype,) = told["content"]
    assert answer.mimetype == mimetype
    schema = {**told["content"][mimetype]["schema"], "components": document["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)


def lines(shop: Market, *amounts: int) -> list[dict[str, Any]]:
    """Ask for so much of each offer, in their order."""
    return [
        {"offer": offer.public_id, "quantity": {"amount": amount, "unit": "piece"}}
        for offer, amount in zip(shop.offers, amounts, strict=False)
        if amount
    ]


def wanted(shop: Market, *amounts: int, **changes: Any) -> dict[str, Any]:
    """Make the body of a quote, to a door in Gent."""
    home = {"postcode": "9000", "address": "Kouter 1"}
    return {"lines": lines(shop, *amounts), "destination": home, **changes}


def ordered(call: Call, shop: Market, *amounts: int, **changes: Any) -> dict[str, Any]:
    """Ask for a quote and make the body of the order that accepts it."""
    body = wanted(shop, *amounts)
    quote = call("POST", "/quotes", json=body)
    assert quote.status_code == 200, quote.json
    body |= {
        "window": quote.json["window"],
        "customer": {"name": "Nele Peeters", "email": "nele@post.example", "phone": "0470 12 34 56"},
        "accepted_total": quote.json["money"]["total"],
    }
    return body | changes


def place(call: Call, body: Any, *, key: str = KEY, **headers: str) -> TestResponse:
    """Place an order under a key."""
    return call("POST", "/orders", json=body, headers={"Idempotency-Key": key, **headers})


def paths(answer: TestResponse) -> list[tuple[str, str]]:
    """List the places that a refusal is about, with its code for each."""
    return [(fault["path"], fault["code"]) for fault in answer.json["errors"]]
