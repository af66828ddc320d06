"""Events arrive signed, again and again until they are taken, and badly when a test wants it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import BadSignature
from tests.integration.stand_in.conftest import open_checkout


def now() -> datetime:
    return datetime.now(UTC)


def completed(received, reference):
    return [
        one
        for one in received
        if one.event["type"] == "checkout.session.completed" and one.event["data"]["object"]["id"] == reference
    ]


def is_good(gateway, one) -> bool:
    try:
        gateway.verify(payload=one.payload, signature=one.signature, now=now())
    except BadSignature:
        return False
    return True


def pay(gateway, stand_in, key, **changes):
    checkout = open_checkout(gateway, key, **changes)
    stand_in.pay(checkout.reference)
    return checkout.reference


def test_tells_of_a_payment_with_a_signature_that_our_gateway_takes(gateway, stand_in, receiver, key):
    reference = pay(gateway, stand_in, key)
    one = receiver.wait_for_type("checkout.session.completed", about=reference)
    event = gateway.verify(payload=one.payload, signature=one.signature, now=now())
    assert (event.type, event.object["id"]) == ("checkout.session.completed", reference)
    assert event.object["metadata"]["order_number"] == "SC-26-00042"
    assert abs(event.created_at - now()) < timedelta(seconds=30)
    receiver.wait_for_type("payment_intent.succeeded")


def test_refuses_a_signature_that_is_old_or_of_tomorrow_or_of_another_text(gateway, stand_in, receiver, key):
    reference = pay(gateway, stand_in, key)
    one = receiver.wait_for_type("checkout.session.completed", about=reference)
    for moment in (now() + timedelta(seconds=310), now() - timedelta(seconds=310)):
        with pytest.raises(BadSignature):
            gateway.verify(payload=one.payload, signature=one.signature, now=moment)
    changed = one.payload.replace(b"1234", b"9999")
    for payload, signature in (
        (changed, one.signature),
        (one.payload, ""),
        (one.payload, "t=1"),
        (b"\xff", one.signature),
        (one.payload, "nonsense"),
    ):
        with pytest.raises(BadSignature):
            gateway.verify(payload=payload, signature=signature, now=now())


def test_tells_of_every_deed(gateway, stand_in, receiver, paid, account, key):
    status = paid()
    group = f"group-{key}-paid"
    gateway.refund(key=f"{key}-f", intent=status.intent, amount=Money(5), reason="x")
    made = gateway.transfer(key=key, account=account, amount=Money(10), charge=status.charge, transfer_group=group)
    gateway.reverse_transfer(key=f"{key}-r", transfer=made, amount=Money(10))
    gateway.expire(reference=open_checkout(gateway, f"{key}-e").reference)
    stand_in.pay(open_checkout(gateway, f"{key}-d").reference, outcome="generic_decline")
    for event_type in (
        "charge.refunded",
        "transfer.created",
        "transfer.reversed",
        "checkout.session.expired",
        "payment_intent.payment_failed",
        "account.updated",
        "refund.updated",
    ):
        assert is_good(gateway, receiver.wait_for_type(event_type))


def test_tries_again_until_it_is_taken(gateway, stand_in, receiver, key):
    answers = iter([500, 404, 302])
    receiver.answer = lambda one: next(answers, 200) if one.event["type"] == "checkout.session.completed" else 200
    reference = pay(gateway, stand_in, key)
    receiver.wait_for(lambda received: len(completed(received, reference)) == 4)
    time.sleep(0.5)
    ids = {one.event["id"] for one in completed(receiver.received, reference)}
    assert (len(completed(receiver.received, reference)), len(ids)) == (4, 1)


def test_sends_the_same_event_five_times_when_asked(gateway, stand_in, receiver, key):
    stand_in.webhook_fault("dup", n=5, match="checkout.session.completed")
    reference = pay(gateway, stand_in, key)
    receiver.wait_for(lambda received: len(completed(received, reference)) == 5)
    assert len({one.event["id"] for one in completed(receiver.received, reference)}) == 1


def test_drops_an_event_but_keeps_it_to_be_asked_for(gateway, stand_in, client, receiver, key):
    stand_in.webhook_fault("drop", match="checkout.session.completed")
    reference = pay(gateway, stand_in, key)
    intent = gateway.status(reference=reference).intent
    receiver.wait_for_type("payment_intent.succeeded", about=intent)
    time.sleep(0.4)
    assert completed(receiver.received, reference) == []
    events = client.v1.events.list({"type": "checkout.session.completed", "limit": 5}).data
    event = next(one for one in events if one.data.object["id"] == reference)
    assert client.v1.events.retrieve(event.id).id == event.id
    assert stand_in.control(f"events/{event.id}/resend", {}) == {"queued": True}
    receiver.wait_for(lambda received: len(completed(received, reference)) == 1)


def test_delays_an_event(gateway, stand_in, receiver, key):
    stand_in.webhook_fault("delay", seconds=1, match="checkout.session.completed")
    began = time.monotonic()
    reference = pay(gateway, stand_in, key)
    receiver.wait_for(lambda received: completed(received, reference))
    assert time.monotonic() - began >= 0.9


def test_shuffles_events(gateway, stand_in, receiver, key):
    stand_in.webhook_fault("shuffle", seconds=1.5, times=20, match="checkout.session.completed")
    references = [pay(gateway, stand_in, f"{key}-{number}") for number in range(10)]
    for reference in references:
        receiver.wait_for_type("checkout.session.completed", about=reference)
    came = [
        one.event["data"]["object"]["id"]
        for one in receiver.received
        if one.event["data"]["object"]["id"] in references
    ]
    assert sorted(came) == sorted(references)
    assert came != references


@pytest.mark.parametrize("name", ["bad_sig", "replay"])
def test_sends_what_must_be_refused_beside_the_real_one(gateway, stand_in, receiver, key, name):
    stand_in.webhook_fault(name, match="checkout.session.completed")
    receiver.answer = lambda one: 200 if is_good(gateway, one) else 400
    reference = pay(gateway, stand_in, key)
    receiver.wait_for(lambda received: len(completed(received, reference)) == 2)
    time.sleep(0.4)
    good = [is_good(gateway, one) for one in completed(receiver.received, reference)]
    assert sorted(good) == [False, True]


@pytest.mark.parametrize(
    ("name", "field", "wrong"),
    [
        ("wrong_amount", "amount_total", 1235),
        ("wrong_currency", "currency", "usd"),
    ],
)
def test_sends_a_well_signed_lie_beside_the_truth(gateway, stand_in, receiver, key, name, field, wrong):
    stand_in.webhook_fault(name, match="checkout.session.completed")
    reference = pay(gateway, stand_in, key)
    receiver.wait_for(lambda received: len(completed(received, reference)) == 2)
    both = completed(receiver.received, reference)
    assert all(is_good(gateway, one) for one in both)
    assert wrong in {one.event["data"]["object"][field] for one in both}
    assert len({one.event["id"] for one in both}) == 2
    assert gateway.status(reference=reference).amount == Money(1234)


def test_shows_its_deliveries(gateway, stand_in, receiver, key):
    reference = pay(gateway, stand_in, key)
    receiver.wait_for_type("checkout.session.completed", about=reference)
    deadline = time.monotonic() + 5
    while True:
        newest = stand_in.control("deliveries?type=checkout.session.completed")["deliveries"][0]
        if newest["state"] == "done" or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert (newest["state"], newest["attempts"], newest["last_status"]) == ("done", 1, 200)
