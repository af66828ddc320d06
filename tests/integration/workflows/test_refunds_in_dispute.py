"""What goes back of a payment that its customer disputes waits for the bank, and goes back once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.payments.models import Refund, RefundState
from shortchain.payouts import corrections, totals
from shortchain.workflows import cancellation, payment_events, refunds
from tests.integration.workflows.test_webhooks import Bought, bought, paid_events, provider
from tests.support.fake_gateways import signed
from tests.support.market import Market, market

FEE = 1500


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def hears(shop: Market, name: str, kind: str, about: dict[str, Any]) -> None:
    sent = signed(f"evt_{name}", kind, **about)
    payment_events.receive(shop.session, shop.gateways, payload=sent["data"].encode(), signature="good", now=shop.now)
    payment_events.process_inbox(shop.session, shop.gateways, now=shop.now)
    shop.session.rollback()


def paid(shop: Market) -> Bought:
    one = bought(shop)
    provider(shop).pay(one.reference)
    for kind, thing in paid_events(one):
        hears(shop, kind, kind, thing)
    return one


def disputed(shop: Market) -> Bought:
    """An order that was paid, and whose customer then went to the bank."""
    one = paid(shop)
    decide(shop, one, "open")
    return one


def decide(shop: Market, one: Bought, state: str) -> None:
    name = provider(shop).dispute(one.reference, state=state, fee_cents=FEE)
    hears(shop, f"dispute_{state}", "charge.dispute.updated", {"object": "dispute", "id": name})


def cancel(shop: Market, one: Bought) -> Refund:
    order = shop.session.get_one(Order, one.order_id)
    cancellation.cancel_by_hub(
        shop.session, shop.gateways, order_id=order.id, hub_id=order.hub_id, why="ziek", by=SYSTEM, now=shop.now
    )
    return refund_of(shop)


def refund_of(shop: Market) -> Refund:
    shop.session.rollback()
    return shop.session.scalars(select(Refund).execution_options(populate_existing=True)).one()


def tasks(shop: Market) -> set[str]:
    shop.session.rollback()
    return set(shop.session.scalars(select(CoordinatorTask.kind).where(CoordinatorTask.done_at.is_(None))))


def sweep(shop: Market, *, days: int = 1) -> int:
    return refunds.send_refunds(shop.session, shop.gateways, now=shop.now + timedelta(days=days))


def test_waits_while_the_bank_decides_and_asks_nobody_to_pay(shop: Market) -> None:
    one = disputed(shop)
    cancel(shop, one)
    provider(shop).refusals["refund"] = "charge_disputed"
    assert sweep(shop) == 0
    assert refund_of(shop).state is RefundState.REQUESTED
    assert tasks(shop) == {"dispute_opened"}
    assert checks.check_all(shop.session, now=shop.now) == []


def test_is_sent_when_the_dispute_is_won(shop: Market) -> None:
    one = disputed(shop)
    cancel(shop, one)
    decide(shop, one, "won")
    assert sweep(shop) == 1
    assert refund_of(shop).reference is not None
    assert checks.check_all(shop.session, now=shop.now) == []


def test_is_the_banks_when_the_dispute_is_lost(shop: Market) -> None:
    one = disputed(shop)
    refund = cancel(shop, one)
    cents = refund.amount_cents
    decide(shop, one, "lost")
    asked = len(provider(shop).calls)
    assert sweep(shop) == 0
    assert len(provider(shop).calls) == asked, "the customer has the money: nothing is sent"
    refund = refund_of(shop)
    assert (refund.state, refund.reference, refund.repaid_at) == (RefundState.DONE, None, None)
    assert tasks(shop) == {"dispute_lost"}
    (money,) = totals.per_order(shop.session)
    assert (money.charged, money.refunded, money.disputed, money.held) == (cents, cents, FEE, 0)
    assert money.adds_up
    assert checks.check_all(shop.session, now=shop.now) == []


def test_pays_nothing_by_hand_that_a_bank_pays(shop: Market) -> None:
    """The provider refuses before we hear of the dispute: the task is there, and pressing it is refused."""
    one = paid(shop)
    cancel(shop, one)
    provider(shop).refusals["refund"] = "charge_disputed"
    sweep(shop, days=0)
    assert tasks(shop) == {"refund_by_hand"}
    decide(shop, one, "open")
    task = shop.session.scalars(select(CoordinatorTask).where(CoordinatorTask.kind == "refund_by_hand")).one()
    key, hub = task.public_id, task.hub_id
    shop.session.rollback()
    with pytest.raises(refunds.BankDecides):
        refunds.note_paid_by_hand(shop.session, task_public_id=key, hub_id=hub, by=SYSTEM, now=shop.now)
    decide(shop, one, "lost")
    sweep(shop)
    assert tasks(shop) == {"dispute_lost"}
    assert refund_of(shop).state is RefundState.DONE
    assert checks.check_all(shop.session, now=shop.now) == []


def test_gives_back_what_the_bank_did_not_take(shop: Market) -> None:
    """A dispute pays refunds up to what it took: a second refund of the same money is no bank's."""
    one = disputed(shop)
    refund = cancel(shop, one)
    decide(shop, one, "lost")
    assert corrections.bank_gave_back(shop.session, refund=refund)
    sweep(shop)
    assert not corrections.bank_gave_back(shop.session, refund=refund_of(shop))
