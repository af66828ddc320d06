"""Who stands below zero at the provider is told, until it is above again; a closed account loses nothing that is owed to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM, JournalEntry
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import Movement
from shortchain.kernel.ports import GatewayRefused, Gateways
from shortchain.payouts import bank_files, below_zero, ledger, money_desk, preview, reconciling
from shortchain.payouts.models import Account, Payout, PayoutState
from shortchain.workflows import bookkeeping, paying_by_file, payment_events, payout_accounts, settlement
from tests.integration.workflows.test_paying_by_file import IBAN
from tests.integration.workflows.test_payout_accounts import real, stand_in
from tests.integration.workflows.test_settlement import delivered, money_breaches, settled
from tests.support.fake_gateways import RecordingPayments, signed
from tests.support.market import Market, market
from tests.support.stand_in import RunningStandIn

LATER = timedelta(hours=50)
__all__ = ["real", "stand_in"]


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def provider(shop: Market) -> RecordingPayments:
    assert isinstance(shop.gateways.payments, RecordingPayments)
    return shop.gateways.payments


def low(shop: Market, hub_id: int, *, hours: int) -> list[tuple[str, int]]:
    """Compare the books some hours later; gives who is said to be below zero to a hub."""
    bookkeeping.compare_books(shop.session, shop.gateways, now=shop.now + LATER + timedelta(hours=hours))
    page = money_desk.read(shop.session, hub_id=hub_id, asked=bookkeeping.ASKED)
    shop.session.rollback()
    return [(one.name, one.cents) for one in page.below_zero]


def told(shop: Market) -> list[tuple[str, int | None]]:
    rows = shop.session.scalars(
        select(JournalEntry).where(JournalEntry.what.startswith("balance.")).order_by(JournalEntry.id)
    )
    found = [(row.what.removeprefix("balance."), row.enterprise_id) for row in rows]
    shop.session.rollback()
    return found


def test_tells_of_an_account_below_zero_until_it_is_above(shop: Market, session: Session) -> None:
    settled(shop, delivered(shop, 1, 1))
    hub_id, farm, account = shop.cycle.hub_id, shop.farms[0].id, shop.farms[0].stripe_account or ""
    session.rollback()
    assert low(shop, hub_id, hours=1) == []
    provider(shop).balances[account] = -250
    for hours in (2, 3):
        assert low(shop, hub_id, hours=hours) == [("Hof", -250)]
    assert low(shop, shop.packers[0].id, hours=4) == [], "another hub has nothing to do with it"
    closed = provider(shop).accounts.pop(account)  # we may not see it any more: what we knew stays
    assert low(shop, hub_id, hours=5) == [("Hof", -250)]
    provider(shop).accounts[account] = closed
    provider(shop).balances[account] = 0
    assert low(shop, hub_id, hours=6) == []
    assert told(shop) == [("below_zero", farm), ("recovered", farm)]


def test_tells_every_hub_of_the_platforms_own_balance(shop: Market, session: Session) -> None:
    at = shop.now + LATER
    provider(shop).moved.append(Movement("txn_low", "payout", Money(-900), 0, "po_1", at))
    for hub_id in (shop.cycle.hub_id, shop.packers[0].id):
        assert low(shop, hub_id, hours=1) == [("", -900)]
    provider(shop).moved.append(Movement("txn_up", "topup", Money(900), 0, "tu_1", at))
    assert low(shop, shop.cycle.hub_id, hours=2) == []
    assert told(shop) == [("below_zero", None), ("recovered", None)]


def test_reads_the_balance_of_an_account_at_the_stand_in(real: Gateways, stand_in: RunningStandIn) -> None:
    account = real.payments.open_account(key="k", email="a@b.example", name="Hof", kbo="0123456749")
    assert real.payments.balance_of(account=account) == Money(0)
    stand_in.control(f"accounts/{account}/take", {"amount": 500})
    assert real.payments.balance_of(account=account) == Money(-500)
    stand_in.control(f"accounts/{account}/take", {"amount": -700})
    assert real.payments.balance_of(account=account) == Money(200)
    stand_in.control(f"accounts/{account}/close", {})
    with pytest.raises(GatewayRefused):
        real.payments.balance_of(account=account)


def test_an_account_that_is_closed_while_we_owe_it_money_loses_nothing(
    shop: Market, session: Session, gateways: Gateways
) -> None:
    settled(shop, delivered(shop, 1, 1))
    hub_id, farm_id, account = shop.cycle.hub_id, shop.farms[0].id, shop.farms[0].stripe_account or ""
    now = shop.now + LATER
    session.rollback()
    provider(shop).accounts.pop(account)
    event = signed("evt_gone", "account.application.deauthorized", of_account=account, id="ca_1", object="application")
    payment_events.receive(
        session, gateways, payload=event["data"].encode(), signature=event["headers"]["Stripe-Signature"], now=now
    )
    payment_events.process_inbox(session, gateways, now=now)
    settlement.send_payouts(session, gateways, now=now)
    session.rollback()
    owed = -ledger.balance(session, account=Account.ENTERPRISE, enterprise_id=farm_id)
    waits = list(session.scalars(select(Payout).where(Payout.enterprise_id == farm_id)))
    assert owed == sum(row.amount_cents for row in waits) > 0
    assert {row.state for row in waits} == {PayoutState.DUE}
    seen = preview.read(session, hub_id=hub_id, now=now)
    assert seen.adds_up
    (party,) = [one for one in seen.parties if one.name == "Hof"]
    assert {line.state for line in party.lines} == {preview.NO_ACCOUNT}
    kinds = session.scalars(select(CoordinatorTask.kind).where(CoordinatorTask.done_at.is_(None))).all()
    assert kinds == ["account_closed"]
    session.rollback()

    payout_accounts.set_bank_account(session, enterprise_id=farm_id, text=IBAN, now=now, by=SYSTEM)
    file = paying_by_file.make(session, hub_id=hub_id, by=SYSTEM, now=now)
    kept = bank_files.own(session, public_id=file, hub_id=hub_id)
    assert [row["cents"] for row in kept.payments] == [owed]
    paying_by_file.confirm(session, public_id=file, hub_id=hub_id, by=SYSTEM, now=now)
    assert ledger.balance(session, account=Account.ENTERPRISE, enterprise_id=farm_id) == 0
    assert money_breaches(shop, now) == []
    session.rollback()
    assert bookkeeping.compare_books(session, gateways, now=now + timedelta(hours=1)) == 0
    assert below_zero.of(reconciling.latest(session)) == []
    assert session.get_one(Enterprise, farm_id).payouts_enabled is False
