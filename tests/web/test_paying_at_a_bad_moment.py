"""The payment provider misbehaves while somebody orders: one charge, one order, and a true sentence.

Through the pages, the real `stripe` library and the stand-in's HTTP server.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.gateways.stripe_payments import build_payments
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Refund, RefundState
from shortchain.stock.models import Lot
from shortchain.workflows import cancellation, refunds
from tests.support.clock import Clock
from tests.support.fake_gateways import RecordingPayments
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.support.stand_in import RunningStandIn, running_stand_in

GUEST = {
    "name": "Nele",
    "email": "nele@post.example",
    "phone": "0470 12 34 56",
    "postcode": "9000",
    "street": "Kouter 1",
}
CREATE = "POST /v1/checkout/sessions"
READ = "GET /v1/checkout/sessions/*"


@pytest.fixture(scope="module")
def _stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandIn]:
    options = ("--async-seconds", "0.1", "--refund-seconds", "0.1")
    with running_stand_in(tmp_path_factory.mktemp("bad_moment"), options=options) as running:
        yield running


@pytest.fixture
def stand_in(_stand_in: RunningStandIn) -> Iterator[RunningStandIn]:
    yield _stand_in
    _stand_in.behave()


@pytest.fixture
def gateways(gateways: Gateways, stand_in: RunningStandIn) -> Gateways:
    """The gateways with the real library, pointed at the stand-in."""
    payments = build_payments(
        secret_key=stand_in.secret_key, webhook_secret=stand_in.webhook_secret, api_base=stand_in.url, read_seconds=1.0
    )
    return dataclasses.replace(gateways, payments=payments)


@pytest.fixture
def clock() -> Clock:
    """The provider lives now, so the shop must too."""
    return Clock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def shop(session: Session, gateways: Gateways, clock: Clock) -> Market:
    made = market(session, dataclasses.replace(gateways, payments=RecordingPayments()))
    made.gateways, made.now = gateways, clock.now
    start = (clock.now + timedelta(days=4)).replace(hour=16, minute=0, second=0)
    made.cycle.opens_at, made.cycle.closes_at = clock.now - timedelta(days=1), clock.now + timedelta(days=2)
    made.window.starts_at, made.window.ends_at = start, start + timedelta(hours=2)
    for lot in session.scalars(select(Lot)):
        lot.best_before = start.date() + timedelta(days=10)
    session.commit()
    return made


def filled_in(client: Any, shop: Market) -> dict[str, Any]:
    for offer in shop.offers:
        client.post(f"/mandje/{offer.public_id}", data={"amount": "1"}, token=False)
    form = client.page("/afrekenen").form("/afrekenen")
    looked = client.post(
        "/afrekenen", data=form.filled(**GUEST) | {"window": shop.window.public_id, "doe": "bekijk"}, token=False
    )
    return Page(looked).form("/afrekenen").filled() | {"doe": "bestel"}


def charges(stand_in: RunningStandIn, order: Order) -> int:
    api = stripe.StripeClient(stand_in.secret_key, base_addresses={"api": stand_in.url})
    found = api.v1.payment_intents.list({"limit": 100}).data
    return sum(
        one.metadata["order_number"] == order.number
        and one.status == "succeeded"
        and one.transfer_group == order.public_id
        for one in found
    )


def the_order(session: Session) -> Order:
    session.rollback()
    return session.scalars(select(Order).execution_options(populate_existing=True)).one()


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "500_before", "500_after", "409", "429"])
def test_orders_once_when_the_payment_page_does_not_open_at_first(
    client: Any, shop: Market, session: Session, stand_in: RunningStandIn, fault: str
) -> None:
    form = filled_in(client, shop)
    stand_in.fault(fault, match=CREATE, seconds=2)
    first = client.post("/afrekenen", data=form, token=False)
    assert first.status_code == 303
    if not first.location.startswith(stand_in.url):
        assert "betaaldienst antwoordt niet" in client.page(first.location)
    stand_in.behave()
    again = client.post("/afrekenen", data=form, token=False)
    assert again.location.startswith(stand_in.url)
    stand_in.pay(again.location.rsplit("/", 1)[1])
    thanks = client.page(f"/bestelling/{tracking_token(form['key'][0])}/dank")
    assert "Dank je" in thanks.heading
    assert charges(stand_in, the_order(session)) == 1
    assert checks.check_all(session, now=shop.now) == []


@pytest.mark.parametrize("fault", ["timeout_before", "500_before", "429"])
def test_says_that_it_looks_while_the_provider_cannot_tell(
    client: Any, shop: Market, session: Session, stand_in: RunningStandIn, fault: str
) -> None:
    form = filled_in(client, shop)
    page = client.post("/afrekenen", data=form, token=False)
    stand_in.pay(page.location.rsplit("/", 1)[1])
    stand_in.fault(fault, match=READ, seconds=2, times=2)
    thanks = f"/bestelling/{tracking_token(form['key'][0])}/dank"
    assert "We kijken of je betaling gelukt is" in client.page(thanks).heading
    stand_in.behave()
    assert "Dank je" in client.page(thanks).heading
    assert the_order(session).state is OrderState.CONFIRMED


@pytest.mark.parametrize("fault", ["wrong_amount", "wrong_currency"])
def test_never_confirms_what_was_paid_wrongly(
    client: Any, shop: Market, session: Session, gateways: Gateways, stand_in: RunningStandIn, fault: str
) -> None:
    form = filled_in(client, shop)
    page = client.post("/afrekenen", data=form, token=False)
    stand_in.fault(fault)
    stand_in.pay(page.location.rsplit("/", 1)[1])
    client.get(f"/bestelling/{tracking_token(form['key'][0])}/dank")
    assert the_order(session).state is OrderState.AWAITING_PAYMENT
    refunds.send_refunds(session, gateways, now=shop.now)
    session.rollback()
    assert session.scalars(select(Refund)).one().state is RefundState.DONE


@pytest.mark.parametrize("fault", ["timeout_after", "500_after", "500_stored"])
def test_sends_the_money_back_once_though_the_answer_gets_lost(
    client: Any, shop: Market, session: Session, gateways: Gateways, stand_in: RunningStandIn, clock: Clock, fault: str
) -> None:
    form = filled_in(client, shop)
    page = client.post("/afrekenen", data=form, token=False)
    stand_in.pay(page.location.rsplit("/", 1)[1])
    token = tracking_token(form["key"][0])
    client.get(f"/bestelling/{token}/dank")
    cancellation.cancel_by_customer(session, gateways, token=token, by=SYSTEM, now=shop.now)
    stand_in.fault(fault, match="POST /v1/refunds", seconds=2)
    for _ in range(4):
        refunds.send_refunds(session, gateways, now=clock.move(hours=5))
    api = stripe.StripeClient(stand_in.secret_key, base_addresses={"api": stand_in.url})
    order = the_order(session)
    [intent] = [
        one for one in api.v1.payment_intents.list({"limit": 100}).data if one.transfer_group == order.public_id
    ]
    assert [one.amount for one in api.v1.refunds.list({"payment_intent": intent.id}).data] == [order.total_cents]
    assert session.scalars(select(Refund.state)).one() is RefundState.DONE
