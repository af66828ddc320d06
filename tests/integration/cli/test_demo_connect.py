"""`flask demo connect` against a real stand-in."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.cli import demo_cards, demo_data
from shortchain.cli.demo_rows import Size
from shortchain.cli.money_stage import Provider
from shortchain.database import db
from shortchain.enterprises.models import Enterprise
from shortchain.giftcards import reading
from shortchain.kernel.money import Money
from shortchain.ordering.models import Order, OrderState
from shortchain.workflows import gift_cards
from tests.integration.stand_in.conftest import gateway_to
from tests.support.clock import Clock
from tests.support.stand_in import running_stand_in


@pytest.fixture
def small_demo(app: Flask, clock: Clock) -> None:
    fill(Size("custom", 2, 3, 10), clock.now)


def fill(size: Size, now: datetime) -> None:
    rows = demo_data.gather(size=size, seed=1, now=now, step=lambda *_: None)
    demo_data.write(db.engine, rows, password=demo_data.new_password(), step=lambda *_: None)


def test_gives_every_enterprise_an_account_that_can_be_paid_once(
    app: Flask, session: Session, small_demo: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_stand_in(tmp_path, options=("--funds", "5000")) as stand_in:
        payments = gateway_to(stand_in)
        gateways = dataclasses.replace(app.extensions["shortchain.gateways"], payments=payments)
        settings = app.extensions["shortchain.settings"].model_copy(update={"stripe_api_base": stand_in.url})
        monkeypatch.setitem(app.extensions, "shortchain.gateways", gateways)
        monkeypatch.setitem(app.extensions, "shortchain.settings", settings)
        first = app.test_cli_runner().invoke(args=["demo", "connect"])
        assert first.exit_code == 0, first.output
        assert "can be paid" in first.output
        accounts = session.scalars(select(Enterprise.stripe_account)).all()
        assert all(accounts) and len(set(accounts)) == len(accounts)
        assert all(session.scalars(select(Enterprise.payouts_enabled)))
        again = app.test_cli_runner().invoke(args=["demo", "connect"])
        assert (again.exit_code, again.output) == (0, "")
        assert payments.transfer(
            key="from-funds",
            account=str(accounts[0]),
            amount=Money(5000),
            charge=None,
            transfer_group="g",
        )


def test_refuses_without_a_stand_in(app: Flask, session: Session) -> None:
    run = app.test_cli_runner().invoke(args=["demo", "connect"])
    assert run.exit_code != 0
    assert "stand-in" in run.output


def test_sells_gift_cards_once_and_spends_from_one(app: Flask, session: Session, clock: Clock, tmp_path: Path) -> None:
    fill(Size("custom", 6, 15, 60), clock.now)
    with running_stand_in(tmp_path, options=("--funds", "5000")) as stand_in:
        gateways = dataclasses.replace(app.extensions["shortchain.gateways"], payments=gateway_to(stand_in))
        provider = Provider(stand_in.url, key="", secret="")
        provider.control("clock", {"ahead": (clock.now - datetime.now(UTC)).total_seconds()})
        asked = (session, gateways, provider)
        sold = demo_cards.add_cards(*asked, base_url="http://shop.example", now=clock.now)
        assert demo_cards.add_cards(*asked, base_url="http://shop.example", now=clock.now) == []
        told = (Path(__file__).resolve().parents[3] / "docs" / "demo.md").read_text(encoding="utf-8")
        assert [one for one in sold if f"`{one}`" in told] == sold
        assert len(sold) == 3
        found = reading.outstanding(session)
        left = [gift_cards.look_at(session, code=one, address="a", now=clock.now).balance_cents for one in sold]
        assert (found.count, found.cents) == (3, sum(left))
        assert left[:2] == [2_500, 5_000]
        assert 0 < left[2] < 2_000
        order = session.scalars(select(Order)).one()
        assert (order.state, order.total_cents) == (OrderState.CONFIRMED, 2_000 - left[2])
        session.rollback()
        assert [one for one in checks.check_all(session, now=clock.now) if one.promise.startswith("P1")] == []
