"""A farm lists while somebody buys, and twice at once: nothing is lost, sold twice or listed twice."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.stock.models import Lot
from shortchain.workflows import supply
from shortchain.workflows.supply import Row
from tests.race.test_checkout import at_once, own_pairs, presser
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises
from tests.support.market import market

pytestmark = pytest.mark.race
BART = Actor("user", 1)
TODAY = date(2026, 11, 23)


def a_farm(session: Session) -> tuple[Enterprise, Product]:
    farm = enterprises.farm(session)
    catalogue.cycle(session)
    return farm, catalogue.product(session, farm)


@pytest.mark.parametrize("same_form", [True, False])
def test_lists_a_form_once_and_two_forms_apart(app: Flask, session: Session, same_form: bool) -> None:
    farm, leek = a_farm(session)
    farm_id, product = farm.id, leek.public_id
    session.rollback()

    def list_it(own: Session, number: int) -> str:
        supply.list_harvest(
            own,
            farm_id=farm_id,
            key="k" * 12 if same_form else f"key-number-{number}",
            by=BART,
            rows=[Row(10, 240, product=product)],
            harvested_on=TODAY,
            now=MONDAY_MORNING,
        )
        return "listed"

    assert at_once(app, 4, list_it) == {"listed": 4}
    session.rollback()
    lots = session.scalars(select(Lot)).all()
    assert len(lots) == (1 if same_form else 4)
    assert len({lot.code for lot in lots}) == len(lots)


def test_never_takes_back_what_is_being_sold(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, left=1)
    farm_id = shop.farms[0].id
    product = session.get_one(Product, shop.offers[0].product_id).public_id
    key = "abcdefghijkl"
    supply.list_harvest(
        session,
        farm_id=farm_id,
        key=key,
        rows=[Row(10, 240, product=product)],
        harvested_on=TODAY,
        by=BART,
        now=MONDAY_MORNING,
    )
    buy = presser(shop, own_pairs(shop, 3, 5))

    def race(own: Session, number: int) -> str:
        if number < 3:
            return buy(own, number)
        supply.undo_harvest(own, farm_id=farm_id, key=key, by=BART, now=MONDAY_MORNING)
        return "undone"

    answers = at_once(app, 4, race)
    session.rollback()
    lot = session.scalars(select(Lot).where(Lot.public_id == f"{key}.00")).one()
    assert sum(answers.values()) == 4
    if answers["undone"]:
        assert (lot.quantity, lot.allocated, answers["placed"]) == (0, 0, 0)
    else:
        sold = sum(session.scalars(select(Lot.allocated).where(Lot.product_id == lot.product_id)))
        assert (lot.quantity, answers["AlreadySold"], sold) == (10, 1, 5 * answers["placed"])
