"""What somebody does on the payment provider's own pages is booked onto the order, once, and a person is told."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments import giving_back
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment, Refund
from shortchain.payments.spending import Spend
from shortchain.payouts import ledger, reconciling, totals
from shortchain.payouts.models import Account, LedgerEntry, Payout, PayoutReversal
from shortchain.transaction import transaction
from shortchain.workflows import bookkeeping, payment_events, payout_holds, refunds, settlement
from tests.integration.workflows.test_gift_cards import placed_with
from tests.integration.workflows.test_settlement import AFTER, delivered, money_breaches, settled
from tests.support.fake_gateways import RecordingPayments
from tests.support.giving import bought_card, card_now
from tests.support.market import Market, market

ROOT = Path(__file__).resolve().parents[3]
LATER = timedelta(hours=60)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=1000, capacity=900, stops=900, places=900)


def provider(shop: Market) -> RecordingPayments:
    assert isinstance(shop.gateways.payments, RecordingPayments)
    return shop.gateways.payments


def hear(shop: Market, number: object, kind: str, /, **thing: Any) -> None:
    """Take one webhook in and work on it."""
    body = {"id": f"evt_{number}", "type": kind, "data": {"object": thing}}
    now = shop.now + LATER
    payment_events.receive(shop.session, shop.gateways, payload=json.dumps(body).encode(), signature="good", now=now)
    while payment_events.process_inbox(shop.session, shop.gateways, now=now):
        pass


def intent_of(shop: Market, order: Order) -> str:
    shop.session.rollback()
    return str(shop.session.scalar(select(Payment.intent).where(Payment.order_id == order.id)))


def refund_of(reference: str) -> dict[str, Any]:
    return {"object": "refund", "id": reference, "metadata": {}}


def back_of(shop: Market, order: Order) -> list[tuple[int, str, str, bool]]:
    """List what went back of an order: cents, why, state, and whether the bank gave it back."""
    shop.session.rollback()
    rows = shop.session.scalars(
        select(Refund).where(Refund.order_id == order.id).order_by(Refund.id).execution_options(populate_existing=True)
    )
    return [(one.amount_cents, one.reason, one.state.value, one.returned_at is not None) for one in rows]


def tasks(shop: Market) -> list[tuple[str, int, int]]:
    shop.session.rollback()
    found = shop.session.scalars(
        select(CoordinatorTask).where(CoordinatorTask.done_at.is_(None)).order_by(CoordinatorTask.id)
    )
    return [(one.kind, one.data.get("cents", 0), one.data.get("over", 0)) for one in found]


def agree(shop: Market) -> bool:
    """Compare with the provider: not a difference, and every order adds up."""
    shop.session.rollback()
    now = shop.now + LATER + timedelta(hours=1)
    bookkeeping.compare_books(shop.session, shop.gateways, now=now)
    last = reconciling.latest(shop.session)
    assert last is not None
    assert (last.differences, last.provider_cents) == ([], last.books_cents)
    assert money_breaches(shop, now) == []
    return all(row.adds_up for row in totals.per_order(shop.session))


def owe(shop: Market, order: Order, cents: int) -> None:
    shop.session.rollback()
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        giving_back.owe(shop.session, order=row, amount_cents=cents, reason="complaint", now=shop.now)


def test_books_a_refund_that_nobody_asked_for_here(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    name = provider(shop).refund_at_desk(intent_of(shop, order), 100)
    hear(shop, 1, "refund.created", **refund_of(name))
    assert back_of(shop, order) == [(100, "at_provider", "done", False)]
    assert tasks(shop) == [("refund_at_provider", 100, 0)]
    assert giving_back.left_of(session, order_id=order.id) == order.total_cents - 100
    assert agree(shop)


def test_takes_a_refund_after_dividing_back_from_everybody(shop: Market, session: Session) -> None:
    order = delivered(shop, 1, 1)
    settled(shop, order)
    settlement.send_payouts(session, shop.gateways, now=shop.now + AFTER)
    name = provider(shop).refund_at_desk(intent_of(shop, order), 200)
    hear(shop, 1, "charge.refunded", object="charge", id="ch", payment_intent=intent_of(shop, order))
    assert name in {one.reference for one in session.scalars(select(Refund))}
    session.rollback()
    assert settlement.send_reversals(session, shop.gateways, now=shop.now + LATER) == 4
    assert agree(shop)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("comes_back", [False, True])
def test_ends_the_same_in_every_order_with_every_event_twice(shop: Market, session: Session, comes_back: bool) -> None:
    ends = set()
    for number, places in enumerate(itertools.permutations(range(4))):
        order = shop.order(1, 1)
        intent = intent_of(shop, order)
        about = refund_of(provider(shop).refund_at_desk(intent, 150))
        events = [
            ("refund.created", about),
            ("charge.refunded", {"object": "charge", "id": "ch", "payment_intent": intent}),
            ("refund.updated", about),
            ("refund.failed" if comes_back else "refund.updated", about),
        ]
        when = number % 5  # the bank gives it back before, between or after what we hear
        for step, place in enumerate([*places, *places[::-1]]):
            if comes_back and step == when:
                provider(shop).finish_refund(about["id"], "failed")
            kind, thing = events[place]
            hear(shop, f"{number}_{place}_{'again' if step > 3 and place == 3 else ''}", kind, **thing)
        session.rollback()
        ends.add((tuple(back_of(shop, order)), ledger.balance(session, account=Account.CUSTOMER, order_id=order.id)))
    kept = shop.order(1, 1).total_cents
    assert ends == {(((150, "at_provider", "done", comes_back),), -kept if comes_back else 150 - kept)}
    assert agree(shop)


def test_knows_what_somebody_sent_by_hand_for_what_waited(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    owe(shop, order, 120)
    owe(shop, order, 80)
    provider(shop).refusals["refund"] = "charge_disputed"
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    assert [kind for kind, _cents, _over in tasks(shop)] == ["refund_by_hand", "refund_by_hand"]
    name = provider(shop).refund_at_desk(intent_of(shop, order), 80)
    for number in range(2):
        hear(shop, number, "refund.created", **refund_of(name))
    assert back_of(shop, order) == [(120, "complaint", "failed", False), (80, "complaint", "done", False)]
    assert tasks(shop) == [("refund_by_hand", 120, 0), ("refund_at_provider", 80, 0)]
    provider(shop).refusals.clear()
    assert refunds.send_refunds(session, shop.gateways, now=shop.now + LATER) == 1, "what waits is sent, once"
    assert agree(shop)


def test_lets_what_waits_pay_for_what_the_payment_has_no_room_for(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    owe(shop, order, 300)
    total = order.total_cents
    name = provider(shop).refund_at_desk(intent_of(shop, order), total - 100)
    hear(shop, 1, "refund.created", **refund_of(name))
    assert back_of(shop, order) == [
        (100, "complaint", "requested", False),
        (total - 300, "at_provider", "done", False),
        (200, "complaint", "done", False),
    ]
    assert refunds.send_refunds(session, shop.gateways, now=shop.now + LATER) == 1
    assert giving_back.left_of(session, order_id=order.id) == 0
    assert agree(shop)


def documented() -> list[tuple[list[int], int, dict[str, int], int]]:
    """Read the table of docs/money.md: what waits, what is given back there, what is booked as new or waited, what waits after."""
    text = (ROOT / "docs" / "money.md").read_text(encoding="utf-8").split("| Waits to go back | Given back there |")[1]
    found = []
    for line in text.split("\n\n")[0].splitlines()[2:]:
        waits, given, booked, after = (cell.strip() for cell in line.strip("| ").split("|"))
        parts = {words: int(cents) for cents, words in (part.strip().split(" ", 1) for part in booked.split(","))}
        found.append(([int(cents) for cents in waits.split("+") if int(cents)], int(given), parts, int(after)))
    return found


@pytest.mark.parametrize(("waits", "given", "booked", "after"), documented())
def test_books_as_the_table_says(
    shop: Market, session: Session, waits: list[int], given: int, booked: dict[str, int], after: int
) -> None:
    order = shop.order(2, 3)
    owe(shop, order, order.total_cents - 1000)
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    for cents in waits:
        owe(shop, order, cents)
    before = len(back_of(shop, order)) - len(waits)
    hear(shop, 1, "refund.created", **refund_of(provider(shop).refund_at_desk(intent_of(shop, order), given)))
    rows = back_of(shop, order)[before:]
    assert sum(cents for cents, reason, _state, _back in rows if reason == "at_provider") == booked.get("new", 0)
    waited = [cents for cents, reason, state, _back in rows if reason == "complaint" and state == "done"]
    assert sum(waited) == booked.get("that waited", 0)
    assert sum(cents for cents, _reason, state, _back in rows if state == "requested") == after
    assert agree(shop)


def test_waits_for_the_answer_to_our_own_call(shop: Market, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    order = shop.order(1, 1)
    owe(shop, order, 120)
    intent, fake = intent_of(shop, order), provider(shop)
    original = fake.refund

    def told_first(**values: Any) -> str:
        """The webhook is faster than the answer to the call."""
        reference = original(**values)
        hear(shop, "early", "charge.refunded", object="charge", id="ch", payment_intent=intent)
        return reference

    monkeypatch.setattr(fake, "refund", told_first)
    assert refunds.send_refunds(session, shop.gateways, now=shop.now) == 1
    assert back_of(shop, order) == [(120, "complaint", "done", False)]
    payment_events.process_inbox(session, shop.gateways, now=shop.now + LATER + timedelta(hours=9))
    assert (back_of(shop, order), tasks(shop)) == ([(120, "complaint", "done", False)], [])
    assert agree(shop)


def test_tells_of_money_that_went_back_twice(shop: Market, session: Session) -> None:
    """Paid over the bank, and then on the provider's pages as well: a person must ask it back."""
    order = shop.order(1, 1)
    hub_id, total = order.hub_id, order.total_cents
    owe(shop, order, total)
    provider(shop).refusals["refund"] = "charge_disputed"
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    session.rollback()
    task = session.scalars(select(CoordinatorTask)).one().public_id
    refunds.note_paid_by_hand(session, task_public_id=task, hub_id=hub_id, by=SYSTEM, now=shop.now)
    hear(shop, 1, "refund.created", **refund_of(provider(shop).refund_at_desk(intent_of(shop, order), 500)))
    assert tasks(shop) == [("refund_at_provider", 500, 500)]
    assert bookkeeping.compare_books(session, shop.gateways, now=shop.now + LATER) > 0, "and it stands as a difference"


def paid_out(shop: Market) -> tuple[Order, Payout]:
    """Have an order of which everybody has the money; gives the payout of its first farm."""
    order = delivered(shop, 1, 1)
    settled(shop, order)
    settlement.send_payouts(shop.session, shop.gateways, now=shop.now + AFTER)
    return order, payout_of(shop, order)[0]


def payout_of(shop: Market, order: Order) -> list[Payout]:
    shop.session.rollback()
    return list(
        shop.session.scalars(
            select(Payout)
            .where(Payout.order_id == order.id, Payout.enterprise_id == shop.farms[0].id)
            .order_by(Payout.id)
            .execution_options(populate_existing=True)
        )
    )


def take_back(shop: Market, payout: Payout, cents: int, number: object = 1) -> None:
    """Take money of a payout back on the provider's pages, and hear of it twice."""
    transfer = payout.transfer or ""
    provider(shop).reverse_at_desk(transfer, cents)
    for again in range(2):
        hear(shop, f"{number}_{again}", "transfer.reversed", object="transfer", id=transfer, metadata={})


def test_owes_again_what_was_taken_back_without_a_debt(shop: Market, session: Session) -> None:
    order, payout = paid_out(shop)
    take_back(shop, payout, 50)
    first, again = payout_of(shop, order)
    assert (first.reversed_cents, again.amount_cents, again.part, again.state.value) == (50, 50, 2, "due")
    assert again.held_at is not None
    assert tasks(shop) == [("reversal_at_provider", 50, 50)]
    assert agree(shop)
    assert settlement.send_payouts(session, shop.gateways, now=shop.now + LATER) == 0, "a person lets it go first"
    payout_holds.release(
        session, payout_public_id=again.public_id, hub_id=order.hub_id, by=SYSTEM, now=shop.now + LATER
    )
    assert settlement.send_payouts(session, shop.gateways, now=shop.now + LATER) == 1
    assert agree(shop)
    owe(shop, order, order.total_cents)
    refunds.send_refunds(session, shop.gateways, now=shop.now + LATER)
    assert [one.amount_cents - one.reversed_cents for one in payout_of(shop, order)] == [0, 0], (
        "each cent is taken once"
    )
    settlement.send_reversals(session, shop.gateways, now=shop.now + LATER)
    assert agree(shop)


def test_a_refund_lowers_what_is_owed_again_before_it_asks_money_back(shop: Market, session: Session) -> None:
    order, payout = paid_out(shop)
    take_back(shop, payout, 120)
    owe(shop, order, 100)
    refunds.send_refunds(session, shop.gateways, now=shop.now + LATER)
    first, again = payout_of(shop, order)
    assert first.reversed_cents == 120, "nothing is asked back while as much is still to be sent"
    assert 0 < again.reversed_cents < 120
    assert agree(shop)


def test_settles_a_debt_first_and_keeps_the_rest_for_its_farm(shop: Market, session: Session) -> None:
    order, payout = paid_out(shop)
    owe(shop, order, 300)
    provider(shop).refusals["reverse_transfer"] = "balance_insufficient"
    refunds.send_refunds(session, shop.gateways, now=shop.now + LATER)
    settlement.send_reversals(session, shop.gateways, now=shop.now + LATER)
    session.rollback()
    debt = session.scalars(select(PayoutReversal).where(PayoutReversal.payout_id == payout.id)).one().left_cents
    payout = payout_of(shop, order)[0]
    take_back(shop, payout, debt - 10, 1)
    assert len(payout_of(shop, order)) == 1, "a part of the debt, so nothing is owed again"
    assert tasks(shop) == [("reversal_at_provider", debt - 10, 0)]
    take_back(shop, payout_of(shop, order)[0], 25, 2)
    assert [one.amount_cents for one in payout_of(shop, order)][1:] == [15]
    provider(shop).refusals.clear()
    settlement.send_reversals(session, shop.gateways, now=shop.now + LATER + timedelta(days=1))
    assert agree(shop)


def test_says_nothing_of_what_we_took_back_ourselves(shop: Market, session: Session) -> None:
    order, payout = paid_out(shop)
    owe(shop, order, 300)
    refunds.send_refunds(session, shop.gateways, now=shop.now + LATER)
    settlement.send_reversals(session, shop.gateways, now=shop.now + LATER)
    payout = payout_of(shop, order)[0]
    hear(shop, 1, "transfer.reversed", object="transfer", id=payout.transfer, metadata={})
    hear(shop, 2, "transfer.created", object="transfer", id=payout.transfer, metadata={})
    hear(shop, 3, "charge.refunded", object="charge", id="ch", payment_intent=intent_of(shop, order))
    hear(shop, 4, "transfer.reversed", object="transfer", id="tr_of_somebody_else", metadata={})
    assert (tasks(shop), len(payout_of(shop, order))) == ([], 1)
    assert payments.captured_of(session, order_id=order.id)[0].refunded_cents == 300
    assert agree(shop)


@pytest.mark.parametrize(("spent", "given", "left", "borne"), [(0, 400, 600, 0), (700, 400, 0, 100)])
def test_lowers_a_gift_card_whose_price_went_back(
    shop: Market, session: Session, spent: int, given: int, left: int, borne: int
) -> None:
    card, code = bought_card(shop, 1000)
    card_id, intent = card.id, str(card.intent)
    if spent:
        placed_with(shop, Spend(code, spent))
    name = provider(shop).refund_at_desk(intent, given)
    hear(shop, 1, "refund.created", **refund_of(name))
    hear(shop, 2, "charge.refunded", object="charge", id="ch", payment_intent=intent)
    assert card_now(shop, card_id).balance_cents == left
    rows = list(session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "card_refund")))
    assert sum(row.amount_cents for row in rows if row.account is Account.PLATFORM) == borne
    assert agree(shop)
    provider(shop).finish_refund(name, "failed")
    hear(shop, 3, "refund.failed", **refund_of(name))
    assert card_now(shop, card_id).balance_cents == 1000 - spent
    assert agree(shop)
