"""The pages of people who pack and drive, in a real browser at four widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery.models import Stop, Tour
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.fulfilment.models import JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.workflows import dispatch, fulfilment
from tests.support.clock import Clock
from tests.support.factories import accounts, enterprises
from tests.support.factories import fulfilment as work
from tests.support.market import Market, market
from tests.support.scales import add_chicken, start_packing
from tests.support.screens import chromium, served, watch, widths_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only,
]


@dataclass
class Workplace:
    """A shop with three orders on their way: one asked, one packed, one in a tour."""

    base: str
    pages: dict[str, tuple[str, str]]  # name → cookie of who looks, and the path


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def workplace(
    app: Flask,
    session: Session,
    gateways: Gateways,
    clock: Clock,
) -> Iterator[Workplace]:
    shop = market(session, gateways)
    add_chicken(shop)
    for bike in shop.bikes:
        work.courier(session, bike)
    orders = [shop.order(3, 2) for _ in range(4)]
    for order in orders[:3]:
        answer_all(session, shop, order)
    pack(session, shop, orders[0])
    [job] = shop.jobs(orders[0].id, Stage.PACK)
    [drive] = shop.jobs(orders[0].id, Stage.DELIVER)
    dispatch.plan_everybody(session, gateways, day=drive.day, now=shop.now)
    for tour in session.scalars(select(Tour)).all():
        dispatch.publish_tour(
            session,
            public_id=tour.public_id,
            enterprise_id=tour.enterprise_id,
            now=shop.now,
            by=SYSTEM,
        )
    weighed = shop.order(1, 0, 2)
    weighing = start_packing(shop, weighed)["job_public_id"]
    packer = cookie_of(app, session, shop.packers[0].id)
    rider = cookie_of(app, session, drive.enterprise_id)
    stops = session.scalars(select(Stop.public_id).order_by(Stop.position)).all()
    clock.now = shop.now + timedelta(hours=1)
    other = shop.jobs(orders[1].id, Stage.PACK)[0]
    with served(app) as base:
        yield Workplace(
            base,
            {
                "requests": (packer, "/werk/in"),
                "day": (packer, f"/werk/dag?dag={job.day}"),
                "job": (packer, f"/werk/opdracht/{other.public_id}"),
                "weighing": (packer, f"/werk/opdracht/{weighing}"),
                "list": (packer, f"/werk/lijst?dag={job.day}"),
                "tours": (rider, f"/rit?dag={drive.day}"),
                "pickup": (rider, f"/rit/{stops[0]}"),
                "door": (rider, f"/rit/{stops[1]}"),
            },
        )


def cookie_of(app: Flask, session: Session, enterprise_id: int) -> str:
    """Sign an owner of the enterprise in; gives the cookie that their browser holds."""
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, enterprise_id), MemberRole.OWNER)
    browser = accounts.signed_in(app.test_client(), session, person)
    cookie = browser.get_cookie("session")
    assert cookie is not None
    return cookie.value


def answer_all(session: Session, shop: Market, order: Order) -> None:
    for stage in (Stage.PACK, Stage.DELIVER):
        for job in shop.jobs(order.id, stage):
            if job.state is JobState.OFFERED:
                fulfilment.accept_job(
                    session,
                    job_public_id=job.public_id,
                    enterprise_id=job.enterprise_id,
                    by=SYSTEM,
                    now=shop.now,
                )


def pack(session: Session, shop: Market, order: Order) -> None:
    [job] = shop.jobs(order.id, Stage.PACK)
    for deed in (fulfilment.start_job, fulfilment.finish_job):
        deed(
            session,
            job_public_id=job.public_id,
            enterprise_id=job.enterprise_id,
            by=SYSTEM,
            now=shop.now,
        )


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE"])
def test_it_finds_nothing_wrong_on_any_page(browser_here: Browser, workplace: Workplace, language: str) -> None:
    context = browser_here.new_context(locale=language)
    watched = watch(context, workplace.base)
    faults = []
    for name, (cookie, path) in workplace.pages.items():
        context.add_cookies([{"name": "session", "value": cookie, "url": workplace.base}])
        for width in watched.widths(path, widths_in(language)):
            assert watched.page.locator("h1").count() == 1, f"{name}: {watched.page.title()}"
            faults += [f"{name}: {fault}" for fault in watched.look(axe=width in (320, 1280))]
    context.close()
    assert faults == []
