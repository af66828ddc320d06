"""A real stand-in process, the real `stripe` library and our gateway on top of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from shortchain.gateways.stripe_payments import build_payments
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import CheckoutStart, PaymentGateway, PaymentStatus
from tests.support.stand_in import RunningStandIn, running_stand_in
from tests.support.webhook_receiver import WebhookReceiver, running_webhook_receiver

SHOP = "http://127.0.0.1:8129"


@pytest.fixture(scope="session")
def _receiver() -> Iterator[WebhookReceiver]:
    with running_webhook_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def _stand_in(tmp_path_factory: pytest.TempPathFactory, _receiver: WebhookReceiver) -> Iterator[RunningStandIn]:
    folder = tmp_path_factory.mktemp("stand_in")
    options = ("--async-seconds", "0.3", "--refund-seconds", "0.1")
    with running_stand_in(folder, webhook_url=_receiver.url, options=options) as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(_stand_in: RunningStandIn) -> Iterator[RunningStandIn]:
    """A well-behaved stand-in, shared by the tests; each uses keys of its own."""
    yield _stand_in
    _stand_in.behave()
    _stand_in.rest()


@pytest.fixture
def receiver(_receiver: WebhookReceiver) -> Iterator[WebhookReceiver]:
    """The receiver of the shared stand-in's webhooks, empty."""
    _receiver.received.clear()
    yield _receiver
    _receiver.answer = lambda received: 200


@pytest.fixture
def gateway(stand_in: RunningStandIn) -> PaymentGateway:
    return gateway_to(stand_in)


@pytest.fixture
def client(stand_in: RunningStandIn) -> stripe.StripeClient:
    """The bare library, for calls that our gateway does not make."""
    return stripe.StripeClient(stand_in.secret_key, base_addresses={"api": stand_in.url}, max_network_retries=0)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """An idempotency key of this test."""
    return f"test-{request.node.name}"


def gateway_to(stand_in: RunningStandIn, *, read_seconds: float = 5) -> PaymentGateway:
    """Build our gateway to a stand-in."""
    return build_payments(
        secret_key=stand_in.secret_key,
        webhook_secret=stand_in.webhook_secret,
        api_base=stand_in.url,
        read_seconds=read_seconds,
    )


HOLD_ENDS = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=8)
"""The same for all: a repeat must ask the same. The whole suite takes longer than the quarter that a hold lasts."""


def open_checkout(gateway: PaymentGateway, key: str, **changes: Any) -> CheckoutStart:
    """Open a checkout of € 12,34 with Bancontact, with whatever a test is about changed."""
    values: dict[str, Any] = {
        "amount": Money(1234),
        "order_number": "SC-26-00042",
        "transfer_group": f"group-{key}",
        "method": "bancontact",
        "email": "koper@demo.example",
        "success_url": SHOP + "/dank?sessie={CHECKOUT_SESSION_ID}",
        "cancel_url": SHOP + "/mandje",
        "language": "nl",
        "expires_at": HOLD_ENDS,
    }
    return gateway.start_checkout(key=key, **(values | changes))


@pytest.fixture
def paid(gateway: PaymentGateway, stand_in: RunningStandIn, key: str) -> Callable[..., PaymentStatus]:
    """Make a checkout that is paid; returns its status."""

    def make(name: str = "", **changes: Any) -> PaymentStatus:
        checkout = open_checkout(gateway, f"{key}-paid{name}", **changes)
        stand_in.pay(checkout.reference)
        return gateway.status(reference=checkout.reference)

    return make


@pytest.fixture
def account(gateway: PaymentGateway, key: str) -> str:
    """A connected account that can be paid."""
    return gateway.open_account(key=f"{key}-account", email="boer@demo.example", name="De Testhoeve", kbo="0909337554")
