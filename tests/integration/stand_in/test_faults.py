"""Each fault of a call reaches our gateway as 'down' or 'refused', and nobody is charged twice."""

from __future__ import annotations

import time

import pytest

from shortchain.gateways.stripe_payments import build_payments
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from tests.integration.stand_in.conftest import gateway_to, open_checkout
from tests.support.ports import free_port


@pytest.mark.parametrize("name", ["409", "429", "500_before"])
def test_is_down_for_a_moment_and_then_works(gateway, stand_in, key, name):
    stand_in.fault(name, match="POST /v1/checkout/sessions")
    with pytest.raises(GatewayDown):
        open_checkout(gateway, key)
    assert open_checkout(gateway, key).reference


@pytest.mark.parametrize(("name", "made"), [("timeout_before", 0), ("timeout_after", 1)])
def test_gives_up_waiting_and_makes_one_thing(stand_in, client, key, name, made):
    gateway = gateway_to(stand_in, read_seconds=0.4)
    email = f"{key.replace('[', '-').replace(']', '')}@demo.example"
    stand_in.fault(name, seconds=2, match="POST /v1/checkout/sessions")
    began = time.monotonic()
    with pytest.raises(GatewayDown):
        open_checkout(gateway, key, email=email)
    assert time.monotonic() - began < 1.5

    def sessions():
        return client.v1.checkout.sessions.list({"customer_details": {"email": email}}).data

    assert len(sessions()) == made
    reference = open_checkout(gateway, key, email=email).reference
    assert [session.id for session in sessions()] == [reference]


def test_waits_for_a_slow_answer(gateway, stand_in, key):
    stand_in.fault("slow", seconds=1, match="POST /v1/checkout/sessions")
    began = time.monotonic()
    assert open_checkout(gateway, key).reference
    assert time.monotonic() - began >= 1


def test_can_be_told_by_a_header(client, key):
    options = {"headers": {"Stripe-Stand-In": "429"}}
    intent = {"amount": 600, "currency": "eur"}
    with pytest.raises(Exception, match="too quickly"):
        client.v1.payment_intents.create(intent, options)
    assert client.v1.payment_intents.create(intent).amount == 600


def test_declines_the_next_payment(gateway, stand_in, key):
    stand_in.fault("decline")
    checkout = open_checkout(gateway, key)
    stand_in.pay(checkout.reference)
    assert gateway.status(reference=checkout.reference).reason == "generic_decline"
    stand_in.pay(checkout.reference)
    assert gateway.status(reference=checkout.reference).state == "captured"


def test_takes_another_sum_than_was_asked(gateway, stand_in, key):
    stand_in.fault("wrong_amount")
    checkout = open_checkout(gateway, key)
    stand_in.pay(checkout.reference)
    assert gateway.status(reference=checkout.reference).amount == Money(1235)


def test_takes_another_currency_than_was_asked(gateway, stand_in, key):
    stand_in.fault("wrong_currency")
    checkout = open_checkout(gateway, key)
    stand_in.pay(checkout.reference)
    assert gateway.status(reference=checkout.reference).amount == Money(1234, "USD")


def test_is_down_when_nobody_listens(key):
    nobody = f"http://127.0.0.1:{free_port()}"
    gateway = build_payments(secret_key="sk_test_x", webhook_secret="x", api_base=nobody)
    with pytest.raises(GatewayDown):
        open_checkout(gateway, key)


def test_counts_a_wrong_key_of_ours_as_down_and_not_as_a_no(stand_in, key):
    gateway = build_payments(secret_key="sk_wrong", webhook_secret="x", api_base=stand_in.url)
    with pytest.raises(GatewayDown):
        open_checkout(gateway, key)


def test_refuses_a_switch_that_does_not_exist(stand_in):
    with pytest.raises(AssertionError, match="unknown switch"):
        stand_in.fault("explode")
    with pytest.raises(AssertionError, match="no control"):
        stand_in.control("nothing")


def test_forgets_its_switches_when_asked_to_behave(gateway, stand_in, key):
    stand_in.fault("429", times=-1)
    with pytest.raises(GatewayDown):
        open_checkout(gateway, key)
    stand_in.behave()
    assert open_checkout(gateway, key)


def test_refuses_for_good_what_is_refused_for_good(gateway, key):
    for _ in range(2):
        with pytest.raises(GatewayRefused, match="amount_too_small"):
            open_checkout(gateway, key, amount=Money(1))


def test_fails_at_once_while_nobody_answers(key):
    nobody = f"http://127.0.0.1:{free_port()}"
    gateway = build_payments(secret_key="sk_test_x", webhook_secret="x", api_base=nobody)
    for _ in range(3):
        with pytest.raises(GatewayDown):
            open_checkout(gateway, key)
    began = time.monotonic()
    with pytest.raises(GatewayDown):
        open_checkout(gateway, key)
    assert time.monotonic() - began < 0.2
