"""The same key gives the same answer, whatever happens in between."""

from __future__ import annotations

import threading
import time

import pytest
import stripe

from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from tests.integration.stand_in.conftest import open_checkout

INTENT = {"amount": 700, "currency": "eur"}


def test_gives_the_same_page_for_the_same_key(gateway, key):
    first = open_checkout(gateway, key)
    assert open_checkout(gateway, key) == first
    assert open_checkout(gateway, key + "-other") != first


def test_says_that_an_answer_is_a_replay(client, key):
    options = {"idempotency_key": key}
    first = client.v1.payment_intents.create(INTENT, options)
    again = client.v1.payment_intents.create(INTENT, options)
    assert first.id == again.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"


def test_refuses_the_same_key_with_other_words(client, gateway, key):
    client.v1.payment_intents.create(INTENT, {"idempotency_key": key})
    with pytest.raises(stripe.IdempotencyError):
        client.v1.payment_intents.create(INTENT | {"amount": 701}, {"idempotency_key": key})
    open_checkout(gateway, key + "-page")
    with pytest.raises(GatewayRefused):
        open_checkout(gateway, key + "-page", amount=Money(99_00))


def test_replays_a_refusal_too(client, key):
    params = INTENT | {"confirm": True, "payment_method": "pm_card_chargeDeclined"}
    charges = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            client.v1.payment_intents.create(params, {"idempotency_key": key})
        charges.add(refusal.value.json_body["error"]["charge"])
    assert len(charges) == 1


def test_does_not_keep_a_key_whose_words_were_wrong(client, key):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"amount": "much"}, {"idempotency_key": key})
    assert client.v1.payment_intents.create(INTENT, {"idempotency_key": key}).amount == 700


def test_refuses_a_key_that_is_in_use(client, stand_in, key):
    stand_in.fault("slow", seconds=1, match="POST /v1/payment_intents")
    made = []
    options = {"idempotency_key": key}
    first = threading.Thread(target=lambda: made.append(client.v1.payment_intents.create(INTENT, options)))
    first.start()
    time.sleep(0.4)
    with pytest.raises(stripe.APIError) as refusal:
        client.v1.payment_intents.create(INTENT, options)
    first.join()
    assert (refusal.value.http_status, refusal.value.json_body["error"]["code"]) == (
        409,
        "idempotency_key_in_use",
    )
    assert client.v1.payment_intents.create(INTENT, options).id == made[0].id


def test_makes_one_of_many_at_the_same_moment(client, key):
    made, busy = [], []

    def create():
        try:
            made.append(client.v1.payment_intents.create(INTENT, {"idempotency_key": key}).id)
        except stripe.APIError as problem:
            busy.append(problem.http_status)

    threads = [threading.Thread(target=create) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) + len(busy) == 12
    assert len(set(made)) == 1
    assert set(busy) <= {409}


def test_finds_the_page_again_that_was_made_before_stripe_failed(gateway, stand_in, client, key):
    stand_in.fault("500_after", match="POST /v1/checkout/sessions")
    email = f"{key}@demo.example"
    first = open_checkout(gateway, key, email=email)
    assert open_checkout(gateway, key, email=email) == first
    sessions = client.v1.checkout.sessions.list({"customer_details": {"email": email}}).data
    assert [session.id for session in sessions] == [first.reference]


def test_refunds_once_when_stripe_fails_after_the_refund(gateway, stand_in, client, paid, key):
    status = paid()
    stand_in.fault("500_after", match="POST /v1/refunds")
    made = {gateway.refund(key=key, intent=status.intent, amount=Money(200), reason="short") for _ in range(3)}
    refunds = client.v1.refunds.list({"payment_intent": status.intent}).data
    assert made == {refund.id for refund in refunds}
    assert len(refunds) == 1


def test_makes_it_later_when_stripe_failed_before_the_deed(gateway, stand_in, paid, key):
    status = paid()
    stand_in.fault("500_before", match="POST /v1/refunds")
    with pytest.raises(GatewayDown):
        gateway.refund(key=key, intent=status.intent, amount=Money(200), reason="short")
    assert gateway.refund(key=key, intent=status.intent, amount=Money(200), reason="short")


def test_gives_up_a_key_whose_failure_is_repeated_and_made_nothing(stand_in, gateway, key):
    """Stripe stores a failure of its own under the key; the deed must still be possible."""
    stand_in.fault("500_stored", match="POST /v1/checkout/sessions")
    with pytest.raises(GatewayDown):
        open_checkout(gateway, key)
    made = open_checkout(gateway, key)
    assert open_checkout(gateway, key) == made
