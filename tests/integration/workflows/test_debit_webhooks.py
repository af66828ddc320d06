"""What webhooks say of direct debits: late, lost, twice and in every order."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering.refusals import NotByDebit
from shortchain.payments import debits
from shortchain.payouts import ledger
from shortchain.workflows import direct_debits, payment_events, settlement
from tests.integration.workflows.test_direct_debits import (
    AFTER,
    breaches,
    deliver,
    look,
    order_of,
    payment_of,
    promised,
    provider,
    started,
    tasks,
)
from tests.support.factories import accounts
from tests.support.fake_gateways import signed
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=1000, capacity=900, stops=900, places=900)


@pytest.fixture
def nele(shop: Market, session: Session) -> int:
    """A customer who paid an order before."""
    person = accounts.user(session, email="nele@post.example")
    session.commit()
    shop.pay(shop.place(shop.basket(1, 1), user_id=person.id))
    return person.id


def test_follows_a_debit_that_the_bank_takes_back_weeks_later(
    client: Any, shop: Market, nele: int, session: Session, gateways: Gateways
) -> None:
    payment = promised(shop, nele)
    deliver(shop, payment)
    provider(shop).pay(payment.reference or "")
    look(shop, payment)
    settlement.settle_orders(session, now=shop.now + AFTER)
    settlement.send_payouts(session, gateways, now=shop.now + AFTER)
    name = provider(shop).dispute(payment.reference or "", state="lost")
    sent = signed("evt_late", "charge.dispute.closed", object="dispute", id=name)
    assert client.post("/webhooks/stripe", **sent, token=False).status_code == 200
    payment_events.process_inbox(session, gateways, now=shop.now + timedelta(days=50))
    assert [task.kind for task in tasks(shop)] == ["dispute_lost"]
    assert breaches(shop) == []
    with pytest.raises(NotByDebit):
        shop.place(shop.basket(1, 1), method="sepa_debit", user_id=nele)
    session.rollback()


def test_finds_a_debit_whose_answer_was_lost_by_its_webhook(
    client: Any, shop: Market, nele: int, session: Session, gateways: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised(shop, nele)
    placed = shop.place(shop.basket(1, 1), method="sepa_debit", user_id=nele)
    key = payment_of(shop, placed.payment_id).key
    mandate = debits.mandate_of(session, user_id=nele)
    assert mandate is not None
    lost = provider(shop).debit(
        key=key,
        amount=order_of(shop, payment_of(shop, placed.payment_id)).total,
        customer=mandate.customer,
        method=mandate.method,
    )
    sent = signed(
        "evt_1", "payment_intent.processing", object="payment_intent", id=lost, metadata={"shortchain_key": key}
    )
    session.rollback()
    assert client.post("/webhooks/stripe", **sent, token=False).status_code == 200
    payment_events.process_inbox(session, gateways, now=shop.now)
    assert payment_of(shop, placed.payment_id).is_promised


ENDINGS = {
    "arrives": ("pay", "confirmed", ()),
    "fails before work": ("fail", "cancelled", ()),
    "fails after delivery": ("fail", "delivered", ("debit_failed",)),
}


@pytest.mark.slow
@pytest.mark.sqlite_only
@pytest.mark.parametrize("ending", ENDINGS)
def test_ends_the_same_in_every_order_of_its_webhooks_with_each_twice(
    client: Any,
    shop: Market,
    nele: int,
    session: Session,
    gateways: Gateways,
    ending: str,
) -> None:
    deed, state, asked = ENDINGS[ending]
    ends = set()
    for number, places in enumerate(itertools.permutations(range(5))):
        payment = started(shop, nele)
        reference = payment.reference or ""
        if provider(shop).checkouts[reference].state == "open":
            provider(shop).agree(reference)
        if ending == "fails after delivery":
            look(shop, payment)
            deliver(shop, payment)
        intent = provider(shop).checkouts[reference].intent or ""
        about = {"object": "payment_intent", "id": intent, "metadata": {"shortchain_key": payment.key}}
        page = {"object": "checkout.session", "id": reference} if reference.startswith("cs") else about
        charge = {"object": "charge", "id": f"ch_{reference}", "payment_intent": intent}
        last = "succeeded" if deed == "pay" else "failed"
        events = [
            ("checkout.session.completed", page),
            ("payment_intent.processing", about),
            ("charge.pending", charge),
            (f"checkout.session.async_payment_{last}", page),
            ("charge.succeeded" if deed == "pay" else "charge.failed", charge),
        ]
        half = number % 3
        for turn, place in enumerate([*places, *places[::-1]]):
            if turn == half:
                look(shop, payment)
                provider(shop).pay(reference) if deed == "pay" else provider(shop).fail(reference)
            kind, thing = events[place]
            sent = signed(f"evt_{number}_{place}", kind, **thing)
            assert client.post("/webhooks/stripe", **sent, token=False).status_code == 200
            payment_events.process_inbox(session, gateways, now=shop.now)
        look(shop, payment)
        order = order_of(shop, payment)
        sums: dict[str, int] = {}
        for entry in ledger.entries_of(session, order_id=order.id):
            sums[entry.account.value] = sums.get(entry.account.value, 0) + entry.amount_cents
        kinds = tuple(task.kind for task in tasks(shop))
        for task in tasks(shop):
            direct_debits.bear(session, task_public_id=task.public_id, hub_id=task.hub_id, by=SYSTEM, now=shop.now)
        ends.add((order.state.value, payment_of(shop, payment.id).state.value, tuple(sorted(sums.items())), kinds))
    assert len(ends) == 1, ends
    ((end, _, _, kinds),) = ends
    assert (end, kinds) == (state, asked)
    assert breaches(shop) == []
