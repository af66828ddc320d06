"""Charged = paid out + fees + refunded + held, per order; a missing side shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.payments import operations as payments
from shortchain.payouts import ledger, totals
from shortchain.payouts.models import Account, LedgerEntry
from shortchain.transaction import transaction
from shortchain.workflows import refunds, settlement
from tests.integration.workflows.test_settlement import delivered, money_breaches, settled
from tests.support.market import Market, market

LATER = timedelta(hours=50)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def money_of(session: Session) -> totals.OrderMoney:
    session.rollback()
    [row] = totals.per_order(session)
    return row


def test_follows_an_order_from_charge_to_payout(shop: Market, session: Session, gateways: Gateways) -> None:
    order = delivered(shop, 2, 1)
    total = order.total_cents
    assert (money_of(session).held, money_of(session).charged) == (total, total)
    settled(shop, order)
    fees = money_of(session).fees
    assert (money_of(session).held, fees > 0) == (total - fees, True)
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    row = money_of(session)
    assert (row.paid_out, row.fees, row.held) == (total - fees, fees, 0)
    assert row.adds_up


@pytest.mark.parametrize("is_sent_first", [True, False])
def test_takes_a_refund_off_the_shares_once_whenever_it_is_sent(
    shop: Market, session: Session, gateways: Gateways, is_sent_first: bool
) -> None:
    order = delivered(shop, 2, 1)
    refunds.give_back(
        session, order_id=order.id, hub_id=order.hub_id, amount_cents=300, reason="short", by=SYSTEM, now=shop.now
    )
    if is_sent_first:
        refunds.send_refunds(session, gateways, now=shop.now)
    settled(shop, order)
    refunds.send_refunds(session, gateways, now=shop.now + LATER)
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    row = money_of(session)
    assert (row.refunded, row.held, row.paid_out + row.fees) == (300, 0, order.total_cents - 300)
    assert money_breaches(shop, shop.now + LATER) == []


def test_gives_back_no_more_than_is_left_and_only_by_its_own_hub(
    shop: Market, session: Session, gateways: Gateways
) -> None:
    order = shop.order(1, 1)

    def give(cents: int, hub_id: int) -> int:
        return refunds.give_back(
            session, order_id=order.id, hub_id=hub_id, amount_cents=cents, reason="short", by=SYSTEM, now=shop.now
        )

    with pytest.raises(NotFound):
        give(1, order.hub_id + 1)
    for cents in (0, -5, order.total_cents + 1):
        with pytest.raises(refunds.NothingLeft):
            give(cents, order.hub_id)
    assert give(order.total_cents, order.hub_id) == order.total_cents
    with pytest.raises(refunds.NothingLeft):
        give(1, order.hub_id)


def test_shows_a_side_that_is_missing(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    assert money_of(session).adds_up
    with transaction(session):
        session.add(
            LedgerEntry(
                transaction="odd:1",
                position=0,
                order_id=order.id,
                account=Account.BANK,
                kind="odd",
                amount_cents=7,
                at=shop.now,
            )
        )
    assert not money_of(session).adds_up
    assert totals.total(totals.per_order(session)).adds_up is False


def test_never_takes_money_that_nobody_owed_off_a_share(shop: Market, session: Session, gateways: Gateways) -> None:
    order = delivered(shop, 1, 1)
    settled(shop, order)
    before = money_of(session)
    with transaction(session):
        second = payments.open_payment(
            session, order=session.get_one(type(order), order.id), method="card", expires_at=shop.now, now=shop.now
        )
        second.move("return")
        ledger.book_capture(
            session,
            payment_public_id=second.public_id,
            order_id=order.id,
            amount_cents=second.amount_cents,
            now=shop.now,
        )
        second.intent, second.charge, second.captured_at = "pi_second", "ch_second", shop.now
        payments.request_refund(
            session, payment=second, amount_cents=second.amount_cents, reason="not_owed", now=shop.now
        )
    refunds.send_refunds(session, gateways, now=shop.now + LATER)
    after = money_of(session)
    assert (after.held, after.fees, after.refunded) == (before.held, before.fees, order.total_cents)
    assert money_breaches(shop, shop.now + LATER) == []
