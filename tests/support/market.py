"""A small market in which an order can be placed: two farms, two packers, two bikes, one cycle."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue import shop_items
from shortchain.catalogue.models import DeliveryWindow, Offer, OrderCycle, WindowKind
from shortchain.containers import types
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import Job, Stage
from shortchain.journal import GUEST
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets
from shortchain.ordering.deposits import container_of
from shortchain.ordering.models import Order
from shortchain.ordering.orders import Customer, Destination
from shortchain.payments.models import Payment
from shortchain.routing import quotes
from shortchain.workflows import asking_payment, checkout, payment_events
from shortchain.workflows import basket as basket_deeds
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, stock
from tests.support.factories.saving import together

HOME = Destination("Kouter 1", "9000", "Gent", Point(51.05, 3.72))
NELE = Customer("Nele", "nele@post.example", "+32 470 00 00 00", "nl")


@dataclass
class Market:
    """What was made, and deeds on it in one line."""

    session: Session
    gateways: Gateways
    farms: list[Enterprise]
    packers: list[Enterprise]
    bikes: list[Enterprise]
    cycle: OrderCycle
    window: DeliveryWindow
    offers: list[Offer]
    now: datetime = field(default=MONDAY_MORNING)

    def basket(self, *amounts: int) -> str:
        """Fill a basket: so much of each offer, in their order."""
        name: str | None = None
        for offer, amount in zip(self.offers, amounts, strict=False):
            if amount:
                name = basket_deeds.put(
                    self.session, basket=name, offer=offer.public_id, amount=amount, user_id=None, now=self.now
                ).basket
        assert name is not None
        return name

    def total(self, basket: str) -> int:
        """Ask what the basket costs at home, in cents."""
        view = baskets.view(self.session, public_id=basket, now=self.now)
        assert view is not None
        found = quotes.quote(
            self.session,
            view=view,
            destination=HOME.point,
            is_pickup=self.window.kind is WindowKind.PICKUP,
            delivery_day=local_day(self.window.starts_at),
            closes_at=self.cycle.closes_at,
            distance=self.gateways.distance,
            crate=container_of(types.crate_of(self.session, hub_id=self.cycle.hub_id)),
        ).sheet.total_cents
        self.session.rollback()
        return found

    def place(
        self,
        basket: str,
        *,
        key: str | None = None,
        method: str = "bancontact",
        total: int | None = None,
        user_id: int | None = None,
        code: str = "",
        email: str = NELE.email,
    ) -> checkout.Placed:
        """Place the order of a basket, at home; with a discount code somebody says what the total is."""
        return checkout.place_order(
            self.session,
            self.gateways,
            key=key or secrets.token_hex(16),
            basket_public_id=basket,
            customer=replace(NELE, user_id=user_id, email=email),
            destination=HOME,
            window_public_id=self.window.public_id,
            remark="",
            method=method,
            accepted_total_cents=self.total(basket) if total is None else total,
            by=GUEST,
            now=self.now,
            code=code,
        )

    def pay(self, placed: checkout.Placed) -> None:
        """Pay a placed order at the provider, and hear of it."""
        asking_payment.start_payment(
            self.session,
            self.gateways,
            payment_id=placed.payment_id,
            token=placed.token,
            base_url="http://shop.example",
            now=self.now,
        )
        reference = self.session.get_one(Payment, placed.payment_id).reference
        self.gateways.payments.pay(reference)  # type: ignore[attr-defined]
        payment_events.look_up(self.session, self.gateways, payment_id=placed.payment_id, now=self.now)

    def order(self, *amounts: int) -> Order:
        """Have a paid order."""
        placed = self.place(self.basket(*amounts))
        self.pay(placed)
        return self.session.get_one(Order, placed.order_id, populate_existing=True)

    def jobs(self, order_id: int, stage: Stage) -> list[Job]:
        """List an order's jobs of a stage, oldest first."""
        self.session.rollback()
        return list(
            self.session.scalars(
                select(Job)
                .where(Job.order_id == order_id, Job.stage == stage)
                .order_by(Job.id)
                .execution_options(populate_existing=True)
            )
        )


def market(
    session: Session, gateways: Gateways, *, left: int = 100, capacity: int = 50, stops: int = 50, places: int = 100
) -> Market:
    """Make the market; the first packer is cheaper than the second, the bikes cost the same."""
    with together(session):
        farms = [
            enterprises.farm(session, name=name, at=at)
            for name, at in (("Hof", (51.00, 3.65)), ("Akker", (51.10, 3.80)))
        ]
        packers = [
            enterprises.packer(session, name=name, price_cents=cents, capacity=[capacity] * 7)
            for name, cents in (("De Pakker", 200), ("De Inpakker", 260))
        ]
        bikes = [
            enterprises.deliverer(session, name=name, capacity=[stops] * 7) for name in ("De Fiets", "De Bakfiets")
        ]
        cycle = catalogue.cycle(session)
        window = catalogue.window(session, cycle, places=places)
        offers = []
        for owner, name, cents in ((farms[0], "Prei", 240), (farms[1], "Kool", 185)):
            product = catalogue.product(session, owner, name=name)
            stock.lot(session, product, quantity=left)
            offers.append(catalogue.offer(session, product, cycle, price_cents=cents, shelved=False))
        shop_items.refresh_offers(session, offer_ids=[offer.id for offer in offers])
    for party in (*farms, *packers, *bikes):
        gateways.payments.enable(party.stripe_account)  # type: ignore[attr-defined]
    return Market(session, gateways, farms, packers, bikes, cycle, window, offers)
