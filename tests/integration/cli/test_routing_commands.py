"""`routing explain` and `tours plan` in a terminal."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from shortchain.delivery import run_sheets
from shortchain.ordering.models import Order
from shortchain.routing.explain import recompute
from tests.support.factories import catalogue, enterprises, fulfilment, ordering
from tests.support.factories.fulfilment import THURSDAY


@pytest.fixture
def order(session: Session) -> Order:
    """An order of a kilo of leek that two packers can pack and one carrier can bring."""
    farm = enterprises.farm(session, name="Hof ten Akker", at=enterprises.WETTEREN)
    enterprises.packer(session, name="De Inpakkers")
    enterprises.packer(session, name="Ver Weg", at=(51.12, 3.65))
    enterprises.packer(session, name="Aan zee", at=(51.2, 2.9))
    enterprises.deliverer(session, name="Trappers")
    cycle = catalogue.cycle(session)
    product = catalogue.product(session, farm)
    made = ordering.order(session, cycle, catalogue.window(session, cycle))
    ordering.order_line(session, made, catalogue.offer(session, product, cycle), product, amount=4)
    fulfilment.laid_order(session, made)
    return made


def test_explains_why_this_packer(app: Flask, order: Order) -> None:
    told = app.test_cli_runner().invoke(args=["routing", "explain", order.number]).output
    assert "inpakken   De Inpakkers" in told
    assert "Zonder De Inpakkers: + € " in told
    assert "(Ver Weg" in told
    assert "Zonder Trappers: geen keten mogelijk." in told
    assert "inpakken: 3 bekeken, 2 kunnen het; 1 te ver." in told


def test_prints_what_is_stored_and_it_adds_up(app: Flask, session: Session, order: Order) -> None:
    output = app.test_cli_runner().invoke(args=["routing", "explain", order.public_id, "--json"]).output
    [stored] = json.loads(output)
    assert recompute(stored) == (stored["billed_cents"], stored["steering_millicents"])


def test_says_that_there_is_no_such_order(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["routing", "explain", "SC-26-00000"])
    assert result.exit_code == 1
    assert "bestaat niet" in result.output


def test_plans_the_tours_of_a_day(app: Flask, session: Session) -> None:
    carrier, packer = enterprises.deliverer(session), enterprises.packer(session)
    fulfilment.courier(session, carrier)
    cycle = catalogue.cycle(session)
    made = ordering.order(session, cycle, catalogue.window(session, cycle))
    fulfilment.packed_order(session, made, packer=packer, deliverer=carrier)
    for _ in range(2):  # safe to run twice
        result = app.test_cli_runner().invoke(args=["tours", "plan", "--day", THURSDAY.isoformat()])
        assert "ritten 1, bestellingen 1" in result.output
    assert len(run_sheets.tours_of(session, enterprise_id=carrier.id, day=THURSDAY)) == 1
