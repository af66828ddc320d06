"""A cut-off of three hundred orders in the demo region, from the batch to the hour on the customer's page.

The orders come in by the workflows of the checkout, paid by bank transfer. After the cut-off two providers
decline and one closes, on their own pages; the worker's part is done by calling its workflows.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench import wares
from shortchain import checks
from shortchain.app import create_app
from shortchain.catalogue.models import DeliveryWindow, OrderCycle, WindowKind
from shortchain.database import db
from shortchain.delivery.models import Leg, Stop, StopLeg, Tour, TourState
from shortchain.delivery.tour_plans import TourPolicy
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.geo import Point
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets
from shortchain.ordering.models import Order
from shortchain.ordering.orders import Customer, Destination, tracking_token
from shortchain.routing import quotes, requests
from shortchain.workflows import (
    asking_payment,
    bank_credits,
    batching,
    checkout,
    closing,
    cycles,
    dispatch,
    fulfilment,
)
from tests.conftest import settings_for
from tests.support.region import demo_region
from tests.support.screens import chromium, served

pytestmark = [pytest.mark.browser]
ORDERS = 300
WATCH = """() => setInterval(() => {
  const bar = document.querySelector("#waiting progress");
  if (bar && window.saw) window.saw(bar.value);
}, 100)"""
"""Tells what the bar shows, for as long as there is one."""


@dataclass
class Region:
    """The demo region with a cycle full of orders, and the clock of its server."""

    app: Flask
    base: str
    accounts: list[dict[str, Any]]
    now: datetime
    hub_id: int = 0

    def account_of(self, session: Session, enterprise_id: int) -> dict[str, Any] | None:
        """Find who can sign in for a provider."""
        name = session.scalar(select(Enterprise.name).where(Enterprise.id == enterprise_id))
        found = (one for one in self.accounts if one["enterprise"] == name and one["role"] == "provider")
        return next(found, None)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.app.app_context():
            try:
                yield db.session()
            finally:
                db.session.rollback()
                db.session.remove()


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    demo = demo_region(tmp_path_factory, "cut-off")
    wares.prepare(demo.url, demo.folder / "baskets", baskets=ORDERS)
    app = create_app(settings_for(demo.url, demo.media))
    with served(app) as base:
        made = Region(app, base, demo.accounts, datetime.now(UTC))
        app.extensions["shortchain.clock"] = lambda: made.now
        fill(made, demo.folder / "baskets")
        yield made


def fill(region: Region, folder: Path) -> None:
    """Place the orders around Gent, in the last home window of the open cycle, and note that they are paid."""
    dice = random.Random(300)
    names = [name for path in sorted(folder.glob("*.new")) for name in path.read_text().split()]
    with region.session() as session:
        gateways = region.app.extensions["shortchain.gateways"]
        # a big cycle with little to spare: ninety a day for each, whatever it does
        session.execute(text("UPDATE capability SET weekday_capacity = '[90,90,90,90,90,90,90]'"))
        session.execute(text("UPDATE capacity_bucket SET cap = MAX(90, held + confirmed)"))
        session.commit()
        window, cycle = session.execute(
            select(DeliveryWindow, OrderCycle)
            .join(OrderCycle, OrderCycle.id == DeliveryWindow.cycle_id)
            .where(OrderCycle.state == "open", DeliveryWindow.kind == WindowKind.HOME)
            .order_by(DeliveryWindow.starts_at.desc())
        ).first() or pytest.fail("the demo has an open cycle")
        region.hub_id = cycle.hub_id
        public_id, starts_at, closes_at = window.public_id, window.starts_at, cycle.closes_at
        session.rollback()
        placed = 0
        for number, name in enumerate(names):
            at = Point(51.05 + dice.uniform(-0.05, 0.05), 3.72 + dice.uniform(-0.07, 0.07))
            view = baskets.view(session, public_id=name, now=region.now)
            assert view is not None
            total = quotes.quote(
                session,
                view=view,
                destination=at,
                is_pickup=False,
                delivery_day=local_day(starts_at),
                packs_same_day=requests.packs_same_day(starts_at),
                closes_at=closes_at,
                distance=gateways.distance,
            ).sheet.total_cents
            session.rollback()
            done = checkout.place_order(
                session,
                gateways,
                key=f"cut-off-{number:020d}",
                basket_public_id=name,
                customer=Customer(f"Klant {number}", f"klant{number}@post.example", "", "nl"),
                destination=Destination(f"Straat {number}", "9000", "Gent", at),
                window_public_id=public_id,
                remark="",
                method="transfer",
                accepted_total_cents=total,
                by=GUEST,
                now=region.now,
            )
            bank_credits.mark_transfer_received(
                session, gateways, order_id=done.order_id, hub_id=region.hub_id, by=SYSTEM, now=region.now
            )
            placed += 1
        assert placed == ORDERS
        region.now = closes_at + timedelta(minutes=1)
        cycles.close_due(session, now=region.now)


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def signed_in(browser: Browser, region: Region, email: str) -> Page:
    page = browser.new_context(locale="nl-BE").new_page()
    page.goto(f"{region.base}/mijn/aanmelden")
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("Wachtwoord", exact=True).fill(region.accounts[0]["password"])
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    return page


def offered(session: Session, stage: Stage) -> list[Job]:
    """List what waits for an answer of a stage of these orders."""
    session.rollback()
    query = select(Job).join(Order, Order.id == Job.order_id).where(Order.email.like("klant%@post.example"))
    return list(session.scalars(query.where(Job.stage == stage, Job.state == JobState.OFFERED).order_by(Job.id)))


def plan_together(region: Region, desk: Page) -> None:
    """See the batch being asked for, watch how far the worker is, and be sent on to what came of it."""

    def work() -> None:
        with region.session() as session:
            ended.append(batching.run_asked(session, region.app.extensions["shortchain.gateways"], now=region.now))

    ended: list[int] = []
    desk.goto(f"{region.base}/hub/keten")
    expect(desk.get_by_text("We plannen alle bestellingen samen")).to_be_visible()
    desk.evaluate(WATCH)
    shown: set[float] = set()
    desk.expose_function("saw", lambda value: shown.add(value))
    worker = threading.Thread(target=work)
    worker.start()
    expect(desk.get_by_text("Hoogstens boven het beste")).to_be_visible(timeout=120_000)  # nobody loads the page anew
    worker.join()
    assert ended == [1]
    assert [value for value in shown if 0 < value < 100], f"how far it is was shown on the way: {shown}"
    figures = desk.locator(".big-number-figure").all_inner_texts()
    assert int(figures[0]) >= ORDERS
    assert int(figures[2]) == 0, "everybody has a chain"
    assert float(re.sub(r"[^\d.]", "", figures[3].replace(",", "."))) < 5, "per cent above the bound"


def providers_with_account(region: Region, stage: Stage) -> list[tuple[int, dict[str, Any]]]:
    """List who has work of a stage on offer and can sign in."""
    with region.session() as session:
        numbers = sorted({job.enterprise_id for job in offered(session, stage)})
        found = [(number, region.account_of(session, number)) for number in numbers]
    return [(number, account) for number, account in found if account]


def decline_one(region: Region, browser: Browser, number: int, account: dict[str, Any]) -> None:
    """Say no on the page of requests; the order has somebody else at once, or its hub a task."""
    page = signed_in(browser, region, account["email"])
    page.goto(f"{region.base}/werk/in")
    folded = page.locator(".job-fold:not([open]) > summary")
    if folded.count():
        folded.first.click()
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^Niet")).first.click()
    with region.session() as session:
        said_no = session.scalars(
            select(Job).where(Job.enterprise_id == number, Job.state == JobState.DECLINED).order_by(Job.id.desc())
        ).first()
        assert said_no is not None
        others = session.scalars(
            select(Job).where(
                Job.order_id == said_no.order_id, Job.stage == said_no.stage, Job.state == JobState.OFFERED
            )
        ).all()
        assert [job.enterprise_id != number for job in others] == [True]


def close_one(region: Region, browser: Browser, number: int, account: dict[str, Any]) -> None:
    """Close on the calendar's page for the days of the work; all of it goes to others."""
    with region.session() as session:
        days = sorted({job.day for stage in Stage for job in offered(session, stage) if job.enterprise_id == number})
    page = signed_in(browser, region, account["email"])
    page.goto(f"{region.base}/onderneming/kalender")
    form = page.locator("form", has=page.get_by_role("button", name="Sluit en geef het werk door"))
    form.locator("[name=plots-first_day]").fill(days[0].isoformat())
    form.locator("[name=plots-last_day]").fill(days[-1].isoformat())
    form.locator("[name=plots-reason]").fill("ziek")
    form.get_by_role("button").click()
    expect(page.get_by_text("Je bent gesloten.")).to_be_visible()
    gateways = region.app.extensions["shortchain.gateways"]
    with region.session() as session:
        while closing.reroute_closed(session, gateways, now=region.now):
            pass
        batching.run_asked(session, gateways, now=region.now)
        waiting = session.scalars(
            select(Job).where(Job.enterprise_id == number, Job.state.in_([JobState.OFFERED, JobState.ACCEPTED]))
        )
        assert [job.day for job in waiting if days[0] <= job.day <= days[-1]] == []


def accept_all(region: Region) -> None:
    """Let everybody else say yes."""
    with region.session() as session:
        for stage in Stage:
            by_firm: dict[int, list[str]] = {}
            for job in offered(session, stage):
                by_firm.setdefault(job.enterprise_id, []).append(job.public_id)
            for number, jobs in by_firm.items():
                session.rollback()
                done = fulfilment.accept_jobs(
                    session, job_public_ids=jobs, enterprise_id=number, by=SYSTEM, now=region.now
                )
                assert done == (len(jobs), 0)


@dataclass(frozen=True)
class Brought:
    """An order on a tour: who drives, and where to."""

    tour: str
    account: dict[str, Any]
    key: str
    street: str


def plan_tours(region: Region) -> Brought:
    """Plan and publish the day; every order is on a tour or told why not. Gives one of them."""
    gateways = region.app.extensions["shortchain.gateways"]
    with region.session() as session:
        starts_at = session.scalars(select(Order.starts_at).where(Order.email == "klant0@post.example")).one()
        day = local_day(starts_at)
        session.rollback()
        region.now = datetime.combine(day, time(4), tzinfo=UTC)
        planned = dispatch.plan_everybody(session, gateways, day=day, now=region.now)
        left = {one.leg_id: one.reason for each in planned.values() for one in each.unplanned}
        for tour in session.scalars(select(Tour).where(Tour.day == day, Tour.state == TourState.DRAFT)).all():
            session.rollback()
            dispatch.publish_tour(
                session, public_id=tour.public_id, enterprise_id=tour.enterprise_id, now=region.now, by=SYSTEM
            )
        times = session.execute(
            select(Stop.eta, Stop.ends_at)
            .join(Tour, Tour.id == Stop.tour_id)
            .where(Tour.day == day, Stop.ends_at.is_not(None))
        ).all()
        most = timedelta(seconds=TourPolicy().late_most_s)
        assert [eta - ends_at for eta, ends_at in times if eta - ends_at > most] == []
        rows = session.execute(
            select(Tour.public_id, Tour.enterprise_id, Order.key, Order.street)
            .join(Stop, Stop.tour_id == Tour.id)
            .join(StopLeg, StopLeg.stop_id == Stop.id)
            .join(Leg, Leg.id == StopLeg.leg_id)
            .join(Order, Order.id == Leg.order_id)
            .where(Tour.day == day, Stop.kind == "dropoff", Order.email.like("klant%@post.example"))
            .order_by(Tour.id, Stop.position)
        ).all()
        assert len({row[2] for row in rows}) + len(left) >= ORDERS, f"on tours {len(rows)}, left {left}"
        assert len({row[0] for row in rows}) > 1, "one vehicle cannot bring them all"
        for tour_id, number, key, street in rows:
            if account := region.account_of(session, number):
                return Brought(tour_id, account, key, street)
    raise AssertionError("no carrier with an account drives")


def test_plans_three_hundred_orders_and_brings_them(region: Region, browser_here: Browser) -> None:
    plan_together(region, signed_in(browser_here, region, "hub@demo.example"))
    packers = providers_with_account(region, Stage.PACK)
    assert len(packers) > 2, "two decline and another closes"
    for number, account in packers[:2]:
        decline_one(region, browser_here, number, account)
    close_one(region, browser_here, *packers[-1])
    accept_all(region)
    brought = plan_tours(region)

    driver = signed_in(browser_here, region, brought.account["email"])
    driver.goto(f"{region.base}/rit/ronde/{brought.tour}/blad")
    expect(driver.locator("h1")).to_be_visible()
    row = driver.locator(".run-sheet tr", has_text=re.compile(rf"{brought.street}, 9000 Gent"))
    hour = row.locator("td").first.inner_text().split(" (")[0].strip()
    assert re.fullmatch(r"\d+(\.\d\d)?\su\.", hour), hour
    assert driver.pdf().startswith(b"%PDF")

    customer = browser_here.new_context(locale="nl-BE").new_page()
    customer.goto(f"{region.base}/volg/{tracking_token(brought.key)}")
    expect(customer.locator("#keten")).to_contain_text(f"Rond {hour} verwachten we het")
    expect(customer.locator("#keten")).to_contain_text(re.compile(r"Nog\s\d+ stops? voor jou"))
    with region.session() as session:  # the clock went days ahead: what was not paid expires first
        asking_payment.expire_orders(session, region.app.extensions["shortchain.gateways"], now=region.now)
        assert checks.check_all(session, now=region.now) == []
