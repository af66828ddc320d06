"""The hosted checkout through our gateway and through the bare library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import stripe

from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayRefused
from tests.integration.stand_in.conftest import HOLD_ENDS, open_checkout

LINE = {
    "price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "x"}},
    "quantity": 1,
}
SESSION = {"mode": "payment", "line_items": [LINE], "success_url": "http://127.0.0.1:8129/ok"}


def test_opens_a_page_of_our_own_amount(gateway, key):
    checkout = open_checkout(gateway, key)
    status = gateway.status(reference=checkout.reference)
    assert checkout.url.endswith(f"/pay/{checkout.reference}")
    assert (status.state, status.amount, status.charge) == ("open", Money(1234), None)


def test_tells_the_charge_once_it_is_paid(gateway, stand_in, key):
    checkout = open_checkout(gateway, key)
    stand_in.pay(checkout.reference)
    status = gateway.status(reference=checkout.reference)
    assert (status.state, status.amount) == ("captured", Money(1234))
    assert status.intent.startswith("pi_")
    assert status.charge.startswith("py_")


def test_stays_open_after_a_refusal_and_can_then_be_paid(gateway, stand_in, key):
    checkout = open_checkout(gateway, key, method="card")
    stand_in.pay(checkout.reference, outcome="insufficient_funds")
    refused = gateway.status(reference=checkout.reference)
    assert (refused.state, refused.reason) == ("open", "insufficient_funds")
    stand_in.pay(checkout.reference)
    assert gateway.status(reference=checkout.reference).state == "captured"


def test_charges_once_however_often_is_paid(gateway, stand_in, client, key):
    checkout = open_checkout(gateway, key)
    for _ in range(3):
        stand_in.pay(checkout.reference)
    intent = gateway.status(reference=checkout.reference).intent
    assert len(client.v1.charges.list({"payment_intent": intent}).data) == 1


def test_closes_a_page_and_then_takes_no_money(gateway, stand_in, key):
    checkout = open_checkout(gateway, key)
    gateway.expire(reference=checkout.reference)
    gateway.expire(reference=checkout.reference)
    stand_in.pay(checkout.reference)
    assert gateway.status(reference=checkout.reference).state == "expired"


def test_leaves_a_paid_page_alone_when_asked_to_close(gateway, stand_in, key):
    checkout = open_checkout(gateway, key)
    stand_in.pay(checkout.reference)
    gateway.expire(reference=checkout.reference)
    assert gateway.status(reference=checkout.reference).state == "captured"


def test_refuses_to_tell_about_an_unknown_checkout(gateway):
    with pytest.raises(GatewayRefused, match="resource_missing"):
        gateway.status(reference="cs_test_nothing")
    with pytest.raises(GatewayRefused, match="resource_missing"):
        gateway.expire(reference="cs_test_nothing")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": Money(49)}, "amount_too_small"),
        ({"amount": Money(100_000_000)}, "amount_too_large"),
        ({"method": "cash"}, "unknown_method"),
        ({"amount": Money(1000, "USD")}, "bancontact"),
        ({"email": "nobody"}, "email_invalid"),
        ({"success_url": "javascript:alert(1)"}, "url_invalid"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "30 minutes"),
        ({"expires_at": HOLD_ENDS + timedelta(days=2)}, "24 hours"),
    ],
)
def test_refuses_what_stripe_refuses(gateway, key, changes, reason):
    with pytest.raises(GatewayRefused, match=reason):
        open_checkout(gateway, key, **changes)


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        (SESSION | {"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        (SESSION | {"idempotency_key": "x"}, "idempotency_key", "parameter_unknown"),
        (
            SESSION | {"line_items": [LINE | {"colour": "red"}]},
            "line_items[0][colour]",
            "parameter_unknown",
        ),
        (SESSION | {"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
        (SESSION | {"customer_email": ""}, "customer_email", "parameter_invalid_empty"),
        (SESSION | {"mode": "subscription"}, "mode", None),
    ],
)
def test_refuses_parameters_that_are_not_the_librarys(client, params, param, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(params)
    assert (refusal.value.param, refusal.value.code) == (param, code)


def test_names_a_missing_parameter(client):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.transfers.create({"amount": 5, "currency": "eur"})
    assert (refusal.value.param, refusal.value.code) == ("destination", "parameter_missing")


def test_expands_what_is_asked_and_refuses_nonsense(client, paid):
    status = paid()
    session = client.v1.checkout.sessions.list(
        {"payment_intent": status.intent, "expand": ["data.payment_intent.latest_charge"]}
    ).data[0]
    assert session.payment_intent.latest_charge.amount == 1234
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.checkout.sessions.retrieve(session.id, {"expand": ["horse"]})


def test_lists_in_pages_newest_first(client, gateway, key):
    made = [open_checkout(gateway, f"{key}-{n}", email="lijst@demo.example").reference for n in range(5)]
    listed = client.v1.checkout.sessions.list({"customer_details": {"email": "lijst@demo.example"}, "limit": 2})
    assert [one.id for one in listed.data] == made[:2:-1]
    assert [one.id for one in listed.auto_paging_iter()] == made[::-1]


def test_answers_an_unknown_address_as_stripe_does(client):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.products.list()
    assert refusal.value.http_status == 404
    assert "Unrecognized request URL" in refusal.value.user_message


@pytest.mark.parametrize("secret", ["sk_live_never", "nonsense"])
def test_takes_no_key_but_a_test_key(stand_in, secret):
    client = stripe.StripeClient(secret, base_addresses={"api": stand_in.url})
    with pytest.raises(stripe.AuthenticationError):
        client.v1.balance.retrieve()


def test_keeps_the_objects_of_accounts_apart(client, paid, account):
    intent = paid().intent
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.retrieve(intent, options={"stripe_account": account})
    assert refusal.value.http_status == 404


def test_pays_and_declines_an_intent_with_test_cards(client):
    good = client.v1.payment_intents.create(
        {"amount": 900, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
    )
    assert (good.status, good.amount_received) == ("succeeded", 900)
    with pytest.raises(stripe.CardError) as refusal:
        client.v1.payment_intents.create(
            {
                "amount": 900,
                "currency": "eur",
                "confirm": True,
                "payment_method": "pm_card_chargeDeclined",
            }
        )
    intent = refusal.value.json_body["error"]["payment_intent"]
    assert refusal.value.code == "card_declined"
    canceled = client.v1.payment_intents.cancel(intent["id"])
    assert canceled.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(good.id)


def test_lets_a_direct_debit_arrive_later(client, stand_in, receiver):
    session = client.v1.checkout.sessions.create(SESSION | {"allowed_payment_method_types": ["sepa_debit"]})
    body = stand_in.pay(session.id)
    assert (body["status"], body["payment_status"]) == ("complete", "unpaid")
    receiver.wait_for_type("checkout.session.async_payment_succeeded", about=session.id)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_tells_of_a_direct_debit_that_failed_later(client, gateway, stand_in, receiver):
    session = client.v1.checkout.sessions.create(SESSION | {"allowed_payment_method_types": ["sepa_debit"]})
    stand_in.pay(session.id, outcome="fails_later")
    assert gateway.status(reference=session.id).state == "processing"
    receiver.wait_for_type("checkout.session.async_payment_failed", about=session.id)
    status = gateway.status(reference=session.id)
    assert (status.state, status.reason) == ("failed", "debit_not_authorized")


def test_acts_for_no_account_that_is_not_connected(client):
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve(options={"stripe_account": "acct_nobody"})
