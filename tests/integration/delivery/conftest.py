"""A small world: one packer, one carrier with a trike, and orders for Thursday evening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shortchain.catalogue.models import DeliveryWindow, OrderCycle
from shortchain.delivery.models import Leg
from shortchain.enterprises.models import Enterprise
from shortchain.ordering.models import Order
from tests.support.factories import catalogue, enterprises, fulfilment, ordering


@dataclass
class World:
    """Who is there. `order()` adds an order that is packed and that the carrier has accepted."""

    session: Session
    packer: Enterprise
    carrier: Enterprise
    cycle: OrderCycle
    window: DeliveryWindow

    def order(self, *, north: float = 0.0, packed: bool = True, **values: Any) -> tuple[Order, Leg]:
        made = ordering.order(self.session, self.cycle, self.window)
        leg = fulfilment.packed_order(
            self.session,
            made,
            packer=self.packer,
            deliverer=self.carrier,
            packed=packed,
            to_lat=51.05 + north,
            **values,
        )
        return made, leg


@pytest.fixture
def world(session: Session) -> World:
    carrier = enterprises.deliverer(session)
    fulfilment.courier(session, carrier)
    cycle = catalogue.cycle(session)
    return World(
        session,
        enterprises.packer(session, at=(51.06, 3.70)),
        carrier,
        cycle,
        catalogue.window(session, cycle),
    )
