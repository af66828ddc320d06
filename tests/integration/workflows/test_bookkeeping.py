"""Our books are compared with the provider's; what does not agree is found, shown and mailed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import Movement
from shortchain.kernel.ports import GatewayDown, Gateways
from shortchain.notifications.models import Notice
from shortchain.payments import operations as payments
from shortchain.payouts import reconciling
from shortchain.payouts.models import Reconciliation
from shortchain.transaction import transaction
from shortchain.workflows import bank_credits, bookkeeping, payment_events, refunds, settlement
from tests.integration.workflows.test_settlement import delivered, settled
from tests.support.clock import Clock
from tests.support.fake_gateways import RecordingPayments
from tests.support.market import Market, market

LATER = timedelta(hours=50)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def fake(gateways: Gateways) -> RecordingPayments:
    assert isinstance(gateways.payments, RecordingPayments)
    return gateways.payments


def played(shop: Market) -> None:
    """Have an order paid, divided, partly refunded and taken back, and one by bank transfer."""
    session, gateways, now = shop.session, shop.gateways, shop.now + LATER
    order = delivered(shop, 1, 1)
    settled(shop, order)
    settlement.send_payouts(session, gateways, now=now)
    with transaction(session):
        (payment,) = payments.captured_of(session, order_id=order.id)
        payments.request_refund(session, payment=payment, amount_cents=200, reason="short", now=now)
    refunds.send_refunds(session, gateways, now=now)
    settlement.send_reversals(session, gateways, now=now)
    placed = shop.place(shop.basket(1, 0), method="transfer")
    hub_id = shop.cycle.hub_id
    bank_credits.mark_transfer_received(
        session, gateways, order_id=placed.order_id, hub_id=hub_id, by=payment_events.SYSTEM, now=shop.now
    )


def compared(shop: Market) -> list[dict[str, Any]]:
    bookkeeping.compare_books(shop.session, shop.gateways, now=shop.now + LATER + timedelta(hours=1))
    shop.session.rollback()
    last = reconciling.latest(shop.session)
    assert last is not None
    return last.differences


def test_finds_nothing_when_all_is_well(shop: Market, fake: RecordingPayments) -> None:
    played(shop)
    assert compared(shop) == []
    assert compared(shop) == []  # and books the provider's own movements once
    assert [b for b in checks.check_all(shop.session, now=shop.now) if "agree" in b.promise] == []


def test_takes_over_what_only_the_provider_knows(shop: Market, fake: RecordingPayments) -> None:
    played(shop)
    fake.moved[0] = replace(fake.moved[0], fee_cents=35)
    fake._move("topup", 10_000, "tu_1")
    fake._move("payout", -2_500, "po_1")
    for _ in range(2):
        assert compared(shop) == []
    last = reconciling.latest(shop.session)
    assert last is not None
    assert last.provider_cents == last.books_cents == fake.balance().minor


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: rows.pop(0), {("missing_there", "charge"), ("balance", "balance")}),
        (
            lambda rows: rows.append(rows[0].__class__("txn_x", "charge", Money(500), 0, "ch_x", rows[0].at)),
            {("missing_here", "charge")},
        ),
        (
            lambda rows: rows.append(replace(rows[-1], id="txn_y", kind="adjustment", source="adj_1")),
            {("missing_here", "adjustment")},
        ),
        (
            lambda rows: rows.__setitem__(0, replace(rows[0], amount=rows[0].amount + Money(1))),
            {("amount", "charge"), ("balance", "balance")},
        ),
        (
            lambda rows: rows.__setitem__(1, replace(rows[1], amount=rows[1].amount - Money(1))),
            {("amount", "transfer"), ("balance", "balance")},
        ),
    ],
)
def test_finds_what_does_not_agree_and_raises_the_alarm(
    shop: Market, fake: RecordingPayments, change: Any, expected: set[tuple[str, str]]
) -> None:
    with transaction(shop.session):
        shop.session.get_one(Enterprise, shop.cycle.hub_id).email = "hub@post.example"
    played(shop)
    change(fake.moved)
    found = compared(shop)
    assert {(one["what"], one["kind"]) for one in found} == expected
    breaches = [b.what for b in checks.check_all(shop.session, now=shop.now) if "agree" in b.promise]
    assert len(breaches) == len(expected)
    mail = shop.session.scalars(select(Notice).where(Notice.template == "books_differ")).one()
    assert mail.context["count"] == len(expected)


def test_waits_a_moment_before_it_misses_something(shop: Market, fake: RecordingPayments) -> None:
    played(shop)
    at = shop.now + LATER + timedelta(minutes=55)
    fake.moved.append(Movement("txn_young", "charge", Money(700), 0, "ch_young", at))
    assert compared(shop) == []


def test_compares_nothing_and_says_so_without_a_provider(
    shop: Market, session: Session, gateways: Gateways, caplog: pytest.LogCaptureFixture
) -> None:
    alone = replace(gateways, has_provider=False)
    assert bookkeeping.compare_nightly(session, alone, now=shop.now + timedelta(hours=20)) is False
    assert len([one for one in caplog.messages if "no payment provider is set" in one]) == 1
    assert session.scalars(select(Reconciliation)).all() == []


def test_compares_once_a_night_and_when_asked(
    shop: Market, session: Session, gateways: Gateways, fake: RecordingPayments, clock: Clock
) -> None:
    played(shop)
    assert bookkeeping.compare_nightly(session, gateways, now=shop.now) is True
    assert bookkeeping.compare_nightly(session, gateways, now=shop.now + timedelta(hours=5)) is False
    assert bookkeeping.compare_nightly(session, gateways, now=shop.now + timedelta(hours=15, minutes=30)) is False
    assert bookkeeping.compare_nightly(session, gateways, now=shop.now + timedelta(hours=20)) is True
    for _ in range(2):
        bookkeeping.ask(session, hub_id=shop.cycle.hub_id, now=clock.now)
    assert bookkeeping.compare_asked(session, gateways, now=clock.now) == 1
    assert bookkeeping.compare_asked(session, gateways, now=clock.now) == 0
    session.rollback()
    assert len(session.scalars(select(Reconciliation)).all()) == 3
    fake.down = True
    with pytest.raises(GatewayDown):
        bookkeeping.compare_books(session, gateways, now=clock.now)
    bookkeeping.ask(session, hub_id=shop.cycle.hub_id, now=clock.now)
    assert bookkeeping.compare_asked(session, gateways, now=clock.now) == 1
