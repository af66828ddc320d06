"""The pages on which work changes hands, in a real browser at two widths."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.fulfilment.models import Stage
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.workflows import fulfilment
from tests.support.clock import Clock
from tests.support.factories import accounts, enterprises
from tests.support.market import market
from tests.support.screens import chromium, served, watch

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
SHOTS = os.environ.get("SHOTS_DIR", "")
"""A folder to keep pictures of the pages in, for who wants to look; empty keeps none."""


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def cookie_of(app: Flask, session: Session, enterprise_id: int) -> str:
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, enterprise_id), MemberRole.PLANNER)
    client = app.test_client()
    accounts.signed_in(client, session, person)
    found = client.get_cookie("session") or client.get_cookie("__Host-session")
    assert found is not None
    return f"{found.key}={found.value}"


@pytest.fixture
def pages(
    app: Flask, session: Session, gateways: Gateways, clock: Clock
) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    shop = market(session, gateways)
    shop.window.starts_at += timedelta(days=1)
    shop.window.ends_at += timedelta(days=1)
    session.commit()
    enterprises.packer(session, name="De Verre Verpakkers", capacity=[0] * 7)
    asked, proposed = shop.order(2, 1), shop.order(1, 0)
    job = shop.jobs(proposed.id, Stage.PACK)[0]
    day, public_id, owner = job.day + timedelta(days=3), job.public_id, job.enterprise_id
    session.rollback()
    fulfilment.propose_time(
        session,
        gateways,
        job_public_id=public_id,
        enterprise_id=owner,
        day=day,
        by=Actor("user", 1),
        now=shop.now,
    )
    mine = shop.jobs(asked.id, Stage.PACK)[0].public_id
    order = asked.public_id
    packer, hub = (cookie_of(app, session, one) for one in (shop.packers[0].id, shop.cycle.hub_id))
    session.rollback()
    with served(app) as base:
        yield (
            base,
            {
                "inbox": (packer, "/werk/in"),
                "job": (packer, f"/werk/opdracht/{mine}"),
                "calendar": (packer, "/onderneming/kalender"),
                "hub-day": (hub, "/hub"),
                "hub-order": (hub, f"/hub/bestellingen/{order}"),
                "hub-choose": (hub, f"/hub/bestellingen/{order}/keten/pack"),
            },
        )


def test_it_finds_nothing_wrong_where_work_changes_hands(
    browser_here: Browser, pages: tuple[str, dict[str, tuple[str, str]]]
) -> None:
    base, found = pages
    wrong = {}
    context = browser_here.new_context(locale="nl-BE")
    watched = watch(context, base)
    for name, (cookie, path) in found.items():
        key, _is, value = cookie.partition("=")
        context.add_cookies([{"name": key, "value": value, "url": base}])
        for width in watched.widths(path, (360, 1280)):
            assert watched.page.url == base + path
            if faults := watched.look(axe=width == 360):
                wrong[(name, width)] = faults
            if SHOTS:
                watched.page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    context.close()
    assert not wrong
