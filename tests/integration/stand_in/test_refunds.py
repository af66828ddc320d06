"""Money goes back, never more than came in."""

from __future__ import annotations

import pytest
import stripe

from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayRefused


def test_refunds_in_parts_and_never_more_than_was_paid(gateway, client, paid, key):
    status = paid()
    for part, cents in enumerate((1000, 200)):
        gateway.refund(key=f"{key}-{part}", intent=status.intent, amount=Money(cents), reason="short")
    with pytest.raises(GatewayRefused, match="amount_too_large"):
        gateway.refund(key=f"{key}-3", intent=status.intent, amount=Money(35), reason="short")
    gateway.refund(key=f"{key}-4", intent=status.intent, amount=Money(34), reason="short")
    with pytest.raises(GatewayRefused, match="charge_already_refunded"):
        gateway.refund(key=f"{key}-5", intent=status.intent, amount=Money(1), reason="short")
    charge = client.v1.charges.retrieve(status.charge)
    assert (charge.amount_refunded, charge.refunded) == (1234, True)


def test_keeps_our_reason_beside_stripes(gateway, client, paid, key):
    refund = gateway.refund(key=key, intent=paid().intent, amount=Money(10), reason="te weinig wortels")
    found = client.v1.refunds.retrieve(refund)
    assert found.reason == "requested_by_customer"
    assert found.metadata["reason"] == "te weinig wortels"


def test_refunds_a_card_at_once_and_a_bank_later(gateway, receiver, paid, key):
    by_card = paid("card", method="card")
    refund = gateway.refund(key=f"{key}-c", intent=by_card.intent, amount=Money(10), reason="x")
    assert gateway.refund_status(reference=refund).state == "succeeded"
    refund = gateway.refund(key=f"{key}-b", intent=paid().intent, amount=Money(10), reason="x")
    assert gateway.refund_status(reference=refund).state == "pending"
    receiver.wait_for_type("refund.updated", about=refund)
    assert gateway.refund_status(reference=refund).state == "succeeded"


def test_tells_of_a_refund_that_came_back(gateway, stand_in, client, receiver, paid, key):
    status = paid()
    stand_in.fault("refund_fails")
    refund = gateway.refund(key=key, intent=status.intent, amount=Money(500), reason="x")
    failed = receiver.wait_for_type("refund.failed", about=refund).event["data"]["object"]
    found = gateway.refund_status(reference=refund)
    assert (failed["id"], failed["status"]) == (refund, "failed")
    assert (found.state, found.amount, bool(found.reason)) == ("failed", Money(500), True)
    assert client.v1.charges.retrieve(status.charge).amount_refunded == 0


def test_lists_what_was_given_back_on_stripes_own_pages_beside_ours(gateway, stand_in, receiver, paid, key):
    status = paid()
    ours = gateway.refund(key=key, intent=status.intent, amount=Money(100), reason="x")
    theirs = stand_in.control(f"charges/{status.charge}/refund", {"amount": 30})["id"]
    receiver.wait_for_type("refund.created", about=theirs)
    found = gateway.refunds_of(intent=status.intent)
    assert [(one.reference, one.amount, one.key, one.intent) for one in found] == [
        (ours, Money(100), key, status.intent),
        (theirs, Money(30), "", status.intent),
    ]
    assert gateway.refund_status(reference=theirs).intent == status.intent


def test_refuses_to_refund_what_was_never_paid(client, gateway, key):
    intent = client.v1.payment_intents.create({"amount": 900, "currency": "eur"})
    with pytest.raises(GatewayRefused):
        gateway.refund(key=key, intent=intent.id, amount=Money(1), reason="x")
    with pytest.raises(GatewayRefused, match="resource_missing"):
        gateway.refund(key=f"{key}-2", intent="pi_nothing", amount=Money(1), reason="x")


def test_wants_a_charge_or_an_intent_and_one_only(client, paid):
    status = paid()
    for params in ({}, {"charge": status.charge, "payment_intent": status.intent}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create(params | {"amount": 1})
