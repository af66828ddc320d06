"""Everybody in the chain reads why, from what was stored with the decision."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery.models import Leg
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.fulfilment.models import Job, RouteDecision, Stage
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderFee
from shortchain.routing.explain import recompute
from shortchain.workflows import declining
from tests.integration.workflows.test_decisions_add_up import let_fetch
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.web.test_buying_as_a_guest import fill, priced


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def page_of(client: Any, session: Session, enterprise: Enterprise, path: str) -> str:
    person = accounts.user(session)
    enterprises.member(session, person, enterprise, MemberRole.OWNER)
    text: str = accounts.signed_in(client, session, person).get(path).text
    return text.replace("\xa0", " ")


def decline(shop: Market, order: Order, job: Job | None = None) -> None:
    job = job or shop.jobs(order.id, Stage.PACK)[-1]
    job_public_id, enterprise_id = job.public_id, job.enterprise_id
    shop.session.rollback()
    declining.decline_job(
        shop.session,
        shop.gateways,
        job_public_id=job_public_id,
        enterprise_id=enterprise_id,
        reason="",
        now=shop.now,
        by=Actor("user", 1),
    )


def test_what_is_stored_is_what_the_customer_pays_and_what_the_rows_say(shop: Market, session: Session) -> None:
    order = shop.order(3, 2)
    session.rollback()
    decision = session.scalars(select(RouteDecision)).one()
    fees = session.scalars(select(OrderFee).where(OrderFee.order_id == order.id)).all()
    assert recompute(decision.explanation)[0] == sum(fee.amount_cents for fee in fees)
    decline(shop, order)
    session.rollback()
    for decision in session.scalars(select(RouteDecision)):
        billed, steering = recompute(decision.explanation)
        assert billed == decision.explanation["billed_cents"] == decision.plan["billed_cents"]
        assert steering == decision.explanation["steering_millicents"]
    live = session.scalars(select(Job).where(Job.order_id == order.id, Job.state != "declined")).all()
    legs = session.scalars(select(Leg).where(Leg.order_id == order.id, Leg.state != "withdrawn")).all()
    assert sum(job.cost_cents for job in live) + sum(leg.cost_cents for leg in legs) == billed


def test_the_customer_reads_one_sentence_and_another_one_after_a_change(
    client: Any, shop: Market, session: Session
) -> None:
    placed = shop.place(shop.basket(1, 1))
    shop.pay(placed)
    page = client.get(f"/volg/{placed.token}").text
    assert "De Pakker en De Fiets vormen samen de beste keten" in page
    decline(shop, session.get_one(Order, placed.order_id))
    page = client.get(f"/volg/{placed.token}").text
    assert "De Inpakker en De Fiets doen het nu; jij betaalt hetzelfde." in page


def test_the_winner_reads_what_it_saves(client: Any, shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    job = shop.jobs(order.id, Stage.PACK)[0]
    page = page_of(client, session, shop.packers[0], f"/werk/opdracht/{job.public_id}")
    assert "Zonder jou betaalde de klant € 0,60 meer. 2 van 2 konden dit." in page


def test_the_runner_up_reads_why_not_and_who_said_no_too(client: Any, shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    page = page_of(client, session, shop.packers[1], "/werk/waarom")
    assert page.count("Met jou betaalde de klant € 0,60 meer.") == 1
    shop.order(1, 1)
    page = page_of(client, session, shop.packers[1], "/werk/waarom")
    assert page.count("Met jou betaalde de klant € 0,60 meer.") == 1, "what is the same is told once, and how often"
    decline(shop, order)
    page = page_of(client, session, shop.packers[0], "/werk/waarom")
    assert "Je zei nee, of antwoordde niet op tijd." in page


def test_somebody_for_whom_nothing_was_asked_reads_so(client: Any, shop: Market, session: Session) -> None:
    assert "Nog niets te vertellen" in page_of(client, session, shop.packers[0], "/werk/waarom")


@pytest.mark.parametrize("is_moved", [False, True])
def test_the_farmer_reads_why_it_goes_there_and_what_it_pays(
    client: Any, shop: Market, session: Session, is_moved: bool
) -> None:
    """Also after a later decision, about who delivers, that left the farmer's way as it was."""
    order = shop.order(2, 0)
    if is_moved:
        [job] = shop.jobs(order.id, Stage.DELIVER)
        decline(shop, order, job)
    session.rollback()
    leg = session.scalars(select(Leg).where(Leg.order_id == order.id, Leg.carrier_id == shop.farms[0].id)).one()
    page = page_of(client, session, shop.farms[0], f"/boer/plukken?dag={leg.day.isoformat()}")
    assert "Waarom hierheen? De beste keten gaat langs De Pakker" in page
    assert f"jij krijgt € {leg.cost_cents // 100},{leg.cost_cents % 100:02d} voor het brengen" in page


def test_the_coordinator_reads_all_of_it_added_up_again(client: Any, shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    session.rollback()
    cents = session.scalars(select(RouteDecision)).one().explanation["billed_cents"]
    hub = session.get_one(Enterprise, shop.cycle.hub_id)
    page = page_of(client, session, hub, f"/hub/bestellingen/{order.public_id}")
    amount = f"€ {cents // 100},{cents % 100:02d}"
    assert f"Opnieuw opgeteld: {amount}. Bewaard: {amount}." in page
    for word in ("De weg", "Stuurt mee", "Zonder De Pakker:", "bij het plaatsen", "layers-1"):
        assert word in page


def test_customer_and_coordinator_read_whose_tariff_for_fetching_is_in_the_price(
    app: Flask, client: Any, shop: Market, session: Session
) -> None:
    let_fetch(shop, price_cents=100, km_cents=10, kg_cents=0, minimum_cents=0)
    fill(client, shop, 2, 1)
    page = priced(client, shop.window.public_id)
    assert "Het tarief van De Fiets, die hier ophaalt." in page
    assert "met het tarief van De Fiets voor ophalen" in page
    order = shop.order(2, 1)
    number, public_id = order.number, order.public_id
    session.rollback()
    hub = session.get_one(Enterprise, shop.cycle.hub_id)
    told = page_of(client, session, hub, f"/hub/bestellingen/{public_id}")
    assert "het tarief van De Fiets, die er ophaalt (€ 1,00 per bestelling + € 0,10 per km)" in told
    output = app.test_cli_runner().invoke(args=["routing", "explain", number]).output
    assert "tarief van De Fiets die er ophaalt" in output
