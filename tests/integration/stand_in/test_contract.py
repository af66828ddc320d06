"""What we rely on of Stripe, asked of the stand-in and, with a test key, of Stripe itself.

`STRIPE_TEST_SECRET_KEY` in the environment adds Stripe's test mode to the list; without it nothing is skipped, there is
only one provider to ask. `STRIPE_TEST_ACCOUNT` names a connected account of that test mode which can be paid; without
it the tests about transfers ask the stand-in alone. A live key is refused.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import stripe

from shortchain.gateways.stripe_payments import build_payments
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import BadSignature, PaymentGateway
from shortchain.kernel.ports import GatewayRefused
from tests.support.stand_in import RunningStandIn
from tests.support.stripe_shapes import faults

SECRET = os.environ.get("STRIPE_TEST_SECRET_KEY", "")
ACCOUNT = os.environ.get("STRIPE_TEST_ACCOUNT", "")
PROVIDERS = ["stand-in", *(["stripe"] if SECRET else [])]
PAYING = ["stand-in", *(["stripe"] if SECRET and ACCOUNT else [])]
WEBHOOK_SECRET = "whsec_of_the_contract"
SHOP = "https://shop.example"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who is asked: our gateway to it, the bare library, and keys that no other run used."""

    gateway: PaymentGateway
    api: Any
    run: str

    def key(self, name: str) -> str:
        return f"contract-{self.run}-{name}"

    def charge(self, cents: int = 2000, *, name: str = "charge", method: str = "pm_card_visa") -> Any:
        """Take a payment by a test card; gives the intent with its charge."""
        return self.api.payment_intents.create(
            {
                "amount": cents,
                "currency": "eur",
                "allowed_payment_method_types": ["card"],
                "payment_method": method,
                "confirm": True,
                "transfer_group": self.key("group"),
                "expand": ["latest_charge"],
            },
            {"idempotency_key": self.key(name)},
        )


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> Provider:
    """The provider that the test is told to ask."""
    if request.param == "stripe":
        assert SECRET.startswith(("sk_test_", "rk_test_")), "the contract is never tried with a live key"
        secret, base = SECRET, None
    else:
        stand_in: RunningStandIn = request.getfixturevalue("stand_in")
        secret, base = stand_in.secret_key, stand_in.url
    client = stripe.StripeClient(secret, base_addresses={"api": base} if base else None, max_network_retries=0)
    gateway = build_payments(secret_key=secret, webhook_secret=WEBHOOK_SECRET, api_base=base)
    return Provider(gateway, client.v1, uuid4().hex[:12])


@pytest.fixture
def payable(request: pytest.FixtureRequest, provider: Provider) -> str:
    """A connected account that can be paid."""
    if "stripe" in request.node.callspec.params.values():
        return ACCOUNT
    return provider.gateway.open_account(
        key=provider.key("account"), email="boer@demo.example", name="De Hoeve", kbo="0909337554"
    )


everywhere: Callable[..., Any] = pytest.mark.parametrize("provider", PROVIDERS, indirect=True)
where_sellers_are: Callable[..., Any] = pytest.mark.parametrize("provider", PAYING, indirect=True)


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(GatewayRefused) as problem:
        deed()
    return problem.value.reason


@everywhere
def test_opens_a_page_once_and_closes_it(provider: Provider) -> None:
    ends = (datetime.now(UTC) + timedelta(minutes=15)).replace(microsecond=0)

    def start(key: str, cents: int = 1234) -> str:
        return provider.gateway.start_checkout(
            key=key,
            amount=Money(cents),
            order_number="SC-26-1",
            transfer_group=provider.key("group"),
            method="bancontact",
            email=f"{provider.run}@demo.example",
            success_url=f"{SHOP}/dank",
            cancel_url=f"{SHOP}/mandje",
            language="nl",
            expires_at=ends,
        ).reference

    first = start(provider.key("page"))
    assert start(provider.key("page")) == first
    with pytest.raises(GatewayRefused):
        start(provider.key("page"), cents=1235)
    status = provider.gateway.status(reference=first)
    assert (status.state, status.amount, status.charge) == ("open", Money(1234), None)
    assert faults(provider.api.checkout.sessions.retrieve(first).to_dict()) == []
    provider.gateway.expire(reference=first)
    provider.gateway.expire(reference=first)
    assert provider.gateway.status(reference=first).state == "expired"
    assert refused(lambda: start(provider.key("little"), cents=49)) == "amount_too_small"


@everywhere
def test_captures_at_once_with_a_card(provider: Provider) -> None:
    intent = provider.charge()
    assert (intent.status, intent.amount_received) == ("succeeded", 2000)
    charge = intent.latest_charge
    assert (charge.captured, charge.transfer_group) == (True, provider.key("group"))
    assert faults(intent.to_dict()) == []
    with pytest.raises(stripe.CardError) as problem:
        provider.charge(name="declined", method="pm_card_visa_chargeDeclined")
    assert problem.value.http_status == 402
    assert problem.value.code == "card_declined"
    assert problem.value.error is not None
    assert problem.value.error.decline_code == "generic_decline"


@everywhere
def test_gives_back_a_part_and_the_rest_and_never_too_much(provider: Provider) -> None:
    intent = provider.charge().id
    give: Callable[[str, int], str] = lambda name, cents: provider.gateway.refund(  # noqa: E731 - one deed, three times
        key=provider.key(name), intent=intent, amount=Money(cents), reason="complaint"
    )
    part = give("part", 700)
    assert give("part", 700) == part
    assert provider.gateway.refund_status(reference=part).amount == Money(700)
    assert faults(provider.api.refunds.retrieve(part).to_dict()) == []
    assert refused(lambda: give("too much", 1301))
    give("rest", 1300)
    assert refused(lambda: give("again", 1)) == "charge_already_refunded"
    assert provider.api.payment_intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge.refunded


@everywhere
def test_refuses_a_key_with_other_words_and_repeats_its_answer(provider: Provider) -> None:
    first = provider.charge(name="same")
    assert provider.charge(name="same").id == first.id
    with pytest.raises(stripe.IdempotencyError):
        provider.charge(2001, name="same")


@where_sellers_are
def test_moves_money_out_of_its_charge_and_takes_it_back(provider: Provider, payable: str) -> None:
    charge = provider.charge(3000).latest_charge.id

    def move(name: str, cents: int, source: str | None = charge) -> str:
        return provider.gateway.transfer(
            key=provider.key(name),
            account=payable,
            amount=Money(cents),
            charge=source,
            transfer_group=provider.key("group"),
        )

    transfer = move("first", 1000)
    assert move("first", 1000) == transfer
    kept = provider.api.transfers.retrieve(transfer)
    assert (kept.source_transaction, kept.transfer_group) == (charge, provider.key("group"))
    assert faults(kept.to_dict()) == []
    assert refused(lambda: move("too much", 2001))
    back = provider.gateway.reverse_transfer(key=provider.key("back"), transfer=transfer, amount=Money(400))
    assert faults(provider.api.transfers.reversals.retrieve(transfer, back).to_dict()) == []
    assert refused(
        lambda: provider.gateway.reverse_transfer(key=provider.key("more"), transfer=transfer, amount=Money(601))
    )
    assert refused(lambda: move("without a charge", 99_999_900, source=None)) == "balance_insufficient"


@everywhere
def test_opens_an_account_once_and_leads_to_its_page(provider: Provider) -> None:
    open_it: Callable[[], str] = lambda: provider.gateway.open_account(  # noqa: E731 - twice the same words
        key=provider.key("seller"), email="boer@demo.example", name="De Hoeve", kbo="0909337554"
    )
    account = open_it()
    assert open_it() == account
    link = provider.gateway.onboarding_link(account=account, return_url=f"{SHOP}/a", refresh_url=f"{SHOP}/b")
    assert link.startswith("http")
    assert faults(provider.api.accounts.retrieve(account).to_dict()) == []
    status = provider.gateway.account_status(account=account)
    assert status.is_ready or status.missing
    with pytest.raises(GatewayRefused):
        provider.gateway.account_status(account="acct_1NothingNothing00")


@everywhere
def test_shows_its_balance_and_each_movement(provider: Provider) -> None:
    started = datetime.now(UTC) - timedelta(minutes=5)
    charge = provider.charge().latest_charge.id
    assert faults(provider.api.balance.retrieve().to_dict()) == []
    moved = next(one for one in provider.gateway.movements(since=started) if one.source == charge)
    assert (moved.kind, moved.amount) == ("charge", Money(2000))


@everywhere
def test_opens_a_dispute_of_a_card_that_is_known_for_it(provider: Provider, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["provider"] == "stripe":
        charge = provider.charge(method="pm_card_createDispute").latest_charge.id
    else:
        charge = provider.charge().latest_charge.id
        request.getfixturevalue("stand_in").control(f"charges/{charge}/dispute", {"reason": "fraudulent"})
    found: list[Any] = []
    for _ in range(20):
        found = provider.api.disputes.list({"charge": charge}).data
        if found:
            break
        time.sleep(1)
    assert faults(found[0].to_dict()) == []
    status = provider.gateway.dispute_status(reference=found[0].id)
    assert (status.state, status.amount, status.charge) == ("open", Money(2000), charge)
    assert status.taken_cents == 2000


@everywhere
def test_words_its_refusals_alike(provider: Provider) -> None:
    cases: list[tuple[type[stripe.StripeError], Callable[[], Any], str | None]] = [
        (stripe.InvalidRequestError, lambda: provider.api.charges.retrieve("ch_nothing"), "resource_missing"),
        (
            stripe.InvalidRequestError,
            lambda: provider.api.payment_intents.create({"amount": 100, "currency": "eur", "colour": "red"}),
            "parameter_unknown",
        ),
        (
            stripe.InvalidRequestError,
            lambda: provider.api.payment_intents.create({"currency": "eur"}),
            "parameter_missing",
        ),
    ]
    for kind, deed, code in cases:
        with pytest.raises(kind) as problem:
            deed()
        assert problem.value.code == code
        assert problem.value.request_id, "each answer can be named in a question to support"


@everywhere
def test_believes_a_signature_of_its_own_making_only(provider: Provider) -> None:
    now = datetime.now(UTC)
    body = b'{"id": "evt_1", "type": "charge.succeeded", "created": 1, "data": {"object": {"object": "charge"}}}'
    signed = f"{int(now.timestamp())}.{body.decode()}"
    mark = stripe.WebhookSignature._compute_signature(signed, WEBHOOK_SECRET)
    header = f"t={int(now.timestamp())},v1={mark}"
    assert provider.gateway.verify(payload=body, signature=header, now=now).id == "evt_1"
    with pytest.raises(BadSignature):
        provider.gateway.verify(payload=body + b" ", signature=header, now=now)
    with pytest.raises(BadSignature):
        provider.gateway.verify(payload=body, signature=header, now=now + timedelta(minutes=6))
