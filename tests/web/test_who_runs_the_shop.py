"""Who runs the shop stands where the law wants it: under each page and mail, on a page of its own, on its invoices."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from shortchain.kernel.ports import Firm
from tests.support.factories.accounts import signed_in

pytestmark = pytest.mark.sqlite_only
OURS = Firm(
    "Samen op pad", "0234567873", "Kaai 3", "8000", "Brugge", "post@pad.example", "CV", "Brugge", "BE68539007547034"
)
LINE = "Samen op pad CV, Kaai 3, 8000 Brugge, btw\u00a0BE\u00a00234.567.873, RPR Brugge"


@pytest.fixture
def ours(app: Flask) -> Iterator[None]:
    before = app.extensions["shortchain.gateways"]
    app.extensions["shortchain.gateways"] = dataclasses.replace(before, platform=OURS)
    yield
    app.extensions["shortchain.gateways"] = before


@pytest.fixture
def nobody(app: Flask) -> Iterator[None]:
    before = app.extensions["shortchain.gateways"]
    app.extensions["shortchain.gateways"] = dataclasses.replace(before, platform=None)
    yield
    app.extensions["shortchain.gateways"] = before


def test_stands_under_each_page_and_on_its_own(client: Any, ours: None) -> None:
    assert LINE in client.get("/privacy").text
    page = client.get("/wie-zijn-wij").text
    for text in ("Samen op pad", "CV", "Kaai 3, 8000 Brugge", "0234.567.873", "RPR Brugge", "BE68 5390 0754 7034"):
        assert text in page
    client.post("/taal/fr", data={"next": "/wie-zijn-wij"})
    assert "TVA\u00a0BE\u00a00234.567.873, RPM Brugge" in client.get("/wie-zijn-wij").text


def test_is_not_thought_up(client: Any, nobody: None) -> None:
    page = client.get("/wie-zijn-wij")
    assert page.status_code == 200
    assert "nog geen ondernemingsnummer" in page.text
    assert "btw\u00a0BE" not in client.get("/privacy").text


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_stands_under_every_mail(app: Flask, ours: None, language: str) -> None:
    render = app.extensions["shortchain.gateways"].render_mail
    context = {"name": "Nele", "token": "t", "number": "SC-1", "total_cents": 100}
    _subject, text, html = render("order_expired", language=language, context=context)
    for part in (text, html):
        assert "Samen op pad CV, Kaai 3, 8000 Brugge" in part
        assert "/wie-zijn-wij" in part


def test_tells_the_coordinator_which_setting_lacks(client: Any, app: Flask, session: Any, bart: Any, hub: Any) -> None:
    desk = signed_in(client, session, bart)
    before = app.extensions["shortchain.gateways"]
    try:
        app.extensions["shortchain.gateways"] = dataclasses.replace(before, platform=OURS)
        assert "PLATFORM_" not in desk.get("/hub/platform").text
        bare = dataclasses.replace(OURS, court="", legal_form="")
        app.extensions["shortchain.gateways"] = dataclasses.replace(before, platform=bare)
        page = desk.get("/hub/platform").text
        assert "PLATFORM_LEGAL_FORM" in page and "PLATFORM_COURT" in page and "PLATFORM_IBAN" not in page
        app.extensions["shortchain.gateways"] = dataclasses.replace(before, platform=None)
        assert "Tot dan worden er geen documenten gemaakt" in desk.get("/hub/platform").text
    finally:
        app.extensions["shortchain.gateways"] = before


def test_lets_an_answer_choose_a_stricter_referrer(client: Any, app: Flask) -> None:
    assert client.get("/privacy").headers["Referrer-Policy"] == "same-origin"
    with app.test_request_context():
        answer = app.make_response("paper")
        answer.headers["Referrer-Policy"] = "no-referrer"
        assert app.process_response(answer).headers["Referrer-Policy"] == "no-referrer"
