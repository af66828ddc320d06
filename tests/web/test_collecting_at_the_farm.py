"""A farm opens its gate; who buys from it alone collects there, and the farm sets ready, weighs and hands over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue.models import DeliveryWindow
from shortchain.delivery import batches
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises.models import PickupPoint
from shortchain.fulfilment.models import CoordinatorTask, Job
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.ordering.orders import tracking_token
from shortchain.ordering.refusals import NoSuchWindow
from shortchain.payments.models import Payment, Refund
from shortchain.payouts.models import Payout
from shortchain.workflows import checkout, payment_events, settlement, supply
from shortchain.workflows.checkout import Destination
from tests.support.client import Browser
from tests.support.clock import Clock
from tests.support.market import NELE, Market, market
from tests.support.pages import Page
from tests.support.scales import add_chicken
from tests.web.test_buying_as_a_guest import fill, lies_in, order, priced
from tests.web.test_complaining import enter

HOURS = {"weekday": "4", "opens": "16:00", "closes": "18:00", "places": "2"}


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def farmer(client: Browser, session: Session, shop: Market) -> Browser:
    """The farmer of the first farm, whose gate is open on Friday from four to six, for two orders."""
    browser = enter(client, session, shop.farms[0].id)
    form = browser.page("/onderneming/afhaalpunten/nieuw").form("/onderneming/afhaalpunten/nieuw")
    assert form.values["name"] == ["Hof"]  # its own name and address are proposed
    data = form.filled() | {"municipality": "Nazareth", "postcode": "9810", "street": "Dorp", "house_number": "1"}
    rows = {name: [value] for name, value in HOURS.items()}
    answer = browser.post("/onderneming/afhaalpunten/nieuw", data=data | rows)
    assert answer.status_code == 303, Page(answer).text[:800]
    session.rollback()
    return browser


def gate_window(session: Session) -> str:
    session.rollback()
    query = select(DeliveryWindow.public_id).join(PickupPoint).where(PickupPoint.is_gate)
    return session.scalars(query).one()


def bought(session: Session) -> Order:
    session.rollback()
    return session.scalars(select(Order).execution_options(populate_existing=True)).one()


def buy(client: Any, shop: Market, gateways: Gateways, *amounts: int) -> Order:
    """Buy of the first farm alone and pay; gives the order."""
    fill(client, shop, *amounts)
    answer = order(client, priced(client, gate_window(shop.session)))
    assert answer.status_code == 303, Page(answer).text[:800]
    placed = bought(shop.session)
    payment = shop.session.scalars(select(Payment).where(Payment.order_id == placed.id)).one()
    gateways.payments.pay(payment.reference)  # type: ignore[attr-defined]
    number = payment.id
    shop.session.rollback()
    payment_events.look_up(shop.session, gateways, payment_id=number, now=shop.now)
    return bought(shop.session)


def step(farmer: Browser, page: Page, deed: str, **typed: str) -> Any:
    return farmer.submit(page.form(f"/{deed}"), **typed)


def test_from_the_gate_to_the_money(
    client: Browser, farmer: Browser, session: Session, shop: Market, gateways: Gateways, clock: Clock
) -> None:
    assert "Zelf ophalen op de boerderij" in client.page(f"/boer/{shop.farms[0].slug}")
    mine = buy(client, shop, gateways, 2, 0)
    assert mine.at_gate
    assert (mine.services_cents, mine.total_cents) == (0, 480)
    assert mine.state is OrderState.CONFIRMED
    assert session.scalars(select(Job)).all() == []
    follow = f"/volg/{tracking_token(mine.key)}"
    page = client.page(follow)
    assert "Staat klaar op de boerderij" in page
    assert "Je haalt dit op waar het groeide" in page
    clock.move(hours=96)  # Friday morning, the cycle is closed
    picking = farmer.page(f"/boer/plukken?dag={(mine.starts_at).date()}")
    assert "Blijft hier: klanten halen het op" in picking
    gate = farmer.page("/boer/ophalen")
    assert "Nele Peeters" in gate
    gate = farmer.page(step(farmer, gate, "klaar").location)
    assert "staat klaar" in gate
    gate = farmer.page(step(farmer, gate, "mee").location)
    assert "meegegeven" in gate
    assert bought(session).state is OrderState.DELIVERED
    gate = farmer.page(step(farmer, gate, "terug").location)  # the wrong bag
    assert bought(session).state is OrderState.CONFIRMED
    step(farmer, gate, "mee")
    assert "Door jou opgehaald" in client.page(follow)
    session.rollback()
    later = clock.move(hours=49)
    assert settlement.settle_orders(session, now=later) == 1
    [payout] = session.scalars(select(Payout)).all()
    assert (payout.enterprise_id, payout.amount_cents) == (shop.farms[0].id, 480 - 24)
    session.rollback()
    assert checks.check_all(session, now=later) == []


def test_only_a_basket_of_that_farm_alone_can_be_collected_there(
    client: Browser, farmer: Browser, session: Session, shop: Market, gateways: Gateways
) -> None:
    window = gate_window(session)
    fill(client, shop, 1, 0)
    assert "op de boerderij zelf" in priced(client)
    fill(client, shop, 1, 1)
    assert "op de boerderij zelf" not in priced(client)
    point = session.scalars(select(PickupPoint)).one()
    there = Destination("Dorp 1", "9810", "Nazareth", point.point, point.id)
    basket = shop.basket(1, 1)
    with pytest.raises(NoSuchWindow):  # whatever a form says
        checkout.place_order(
            session,
            gateways,
            key="k" * 32,
            basket_public_id=basket,
            customer=NELE,
            destination=there,
            window_public_id=window,
            remark="",
            method="bancontact",
            accepted_total_cents=425,
            by=SYSTEM,
            now=shop.now,
        )


def test_a_gate_takes_as_many_orders_as_it_has_places(
    client: Browser, farmer: Browser, session: Session, shop: Market, gateways: Gateways
) -> None:
    window = gate_window(session)
    for _ in range(2):
        order(client, (fill(client, shop, 1, 0), priced(client, window))[1])
    fill(client, shop, 1, 0)
    assert lies_in(client, shop.offers[0].public_id) == "1"
    assert "Volzet" in priced(client)


def test_weighs_what_is_paid_by_weight(
    client: Browser, farmer: Browser, session: Session, shop: Market, gateways: Gateways, clock: Clock
) -> None:
    add_chicken(shop)
    mine = buy(client, shop, gateways, 0, 0, 1)
    clock.move(hours=96)
    page = farmer.page("/boer/ophalen")
    empty = step(farmer, page, "klaar")
    assert "Nog niet alles is gewogen." in farmer.page(empty.location)
    field = f"{mine.public_id}-weight-1"
    heavy = step(farmer, page, "klaar", **{field: "2,5"})
    assert heavy.status_code == 422
    assert 'value="2,5"' in heavy.get_data(as_text=True)
    step(farmer, page, "klaar", **{field: "1,8"})
    session.rollback()
    [line] = session.scalars(select(OrderLine)).all()
    assert (line.true_weight_g, line.less_cents) == (1800, 234)
    assert [refund.amount_cents for refund in session.scalars(select(Refund))] == [234]


def test_who_does_not_come_becomes_a_task(
    client: Browser, farmer: Browser, session: Session, shop: Market, gateways: Gateways, clock: Clock
) -> None:
    mine = buy(client, shop, gateways, 1, 0)
    clock.move(hours=96)
    gate = farmer.page(step(farmer, farmer.page("/boer/ophalen"), "klaar").location)
    assert "Niemand kwam" not in gate
    early = farmer.post(f"/boer/ophalen/{mine.public_id}/blijft", data={"dag": mine.starts_at.date().isoformat()})
    assert "mag nog komen" in farmer.page(early.location)
    clock.move(hours=9)
    gate = farmer.page(f"/boer/ophalen?dag={mine.starts_at.date()}")
    gate = farmer.page(step(farmer, gate, "blijft").location)
    assert "niet opgehaald" in gate
    session.rollback()
    [task] = session.scalars(select(CoordinatorTask)).all()
    assert (task.kind, task.data["outcome"], task.done_at) == ("failed_stop", "not_collected", None)
    session.rollback()
    step(farmer, gate, "mee")  # an hour later after all
    session.rollback()
    assert bought(session).state is OrderState.DELIVERED
    assert session.scalars(select(CoordinatorTask.done_at)).one() is not None


def test_no_other_farm_hands_it_over_and_no_batch_looks_at_it(
    client: Browser, farmer: Browser, session: Session, shop: Market, gateways: Gateways, clock: Clock
) -> None:
    mine = buy(client, shop, gateways, 1, 0)
    other = enter(client, session, shop.farms[1].id)
    day = mine.starts_at.date().isoformat()
    for deed in ("klaar", "mee", "terug"):
        assert other.post(f"/boer/ophalen/{mine.public_id}/{deed}", data={"dag": day}).status_code == 404
    session.rollback()
    [leg] = session.scalars(select(Leg)).all()
    assert leg.state is LegState.PLANNED
    leg_id, farm_id = leg.public_id, leg.carrier_id
    session.rollback()
    with pytest.raises(NotFound):  # it is not brought anywhere
        supply.hand_over(session, farm_id=farm_id, leg_public_ids=[leg_id], by=SYSTEM, now=shop.now)
    session.rollback()
    found = batches.read_cycle(session, cycle_id=shop.cycle.id, now=clock.move(hours=72))
    assert (found.orders, found.staying) == ((), 0)


def test_new_hours_open_at_once_and_old_promises_stay(session: Session, farmer: Browser, shop: Market) -> None:
    session.rollback()
    [first] = session.scalars(select(DeliveryWindow).join(PickupPoint).where(PickupPoint.is_gate)).all()
    assert (first.starts_at - shop.cycle.closes_at) < timedelta(days=6)
    point = session.scalars(select(PickupPoint)).one().public_id
    session.rollback()
    form = farmer.page(f"/onderneming/afhaalpunten/{point}").form(f"/afhaalpunten/{point}")
    data = form.filled() | {"weekday": ["4", "5"], "opens": ["16:00", "09:00"], "closes": ["18:00", "12:00"]}
    answer = farmer.post(f"/onderneming/afhaalpunten/{point}", data=data | {"places": ["2", "5"]})
    assert answer.status_code == 303
    session.rollback()
    found = session.scalars(select(DeliveryWindow).join(PickupPoint).where(PickupPoint.is_gate)).all()
    assert len(found) == 2
