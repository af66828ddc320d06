"""Who has no account at the provider is paid by a file for the bank: once, and never both ways."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.payouts import bank_files, ledger, preview, reconciling
from shortchain.payouts.models import Account, Payout, PayoutState
from shortchain.transaction import transaction
from shortchain.workflows import bookkeeping, paying_by_file, payout_accounts, settlement
from tests.integration.workflows.test_settlement import delivered, money_breaches, settled
from tests.support.market import Market, market

IBAN = "BE68 5390 0754 7034"
LATER = timedelta(hours=50)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """A market whose first farm has a bank account only."""
    shop = market(session, gateways)
    farm_id = shop.farms[0].id
    with transaction(session):
        farm = session.get_one(Enterprise, farm_id)
        farm.payouts_enabled, farm.stripe_account = False, None
    payout_accounts.set_bank_account(session, enterprise_id=farm_id, text=IBAN, now=shop.now, by=SYSTEM)
    return shop


def test_pays_by_file_once_and_never_through_the_provider(shop: Market, session: Session, gateways: Gateways) -> None:
    for _ in range(2):
        settled(shop, delivered(shop, 1, 1))
    hub, now = shop.cycle.hub_id, shop.now + LATER
    session.rollback()
    file = paying_by_file.make(session, hub_id=hub, by=SYSTEM, now=now)
    with pytest.raises(paying_by_file.NothingToPay):
        paying_by_file.make(session, hub_id=hub, by=SYSTEM, now=now)
    kept = bank_files.own(session, public_id=file, hub_id=hub)
    own = session.scalars(select(Payout).where(Payout.enterprise_id == shop.farms[0].id)).all()
    assert [(row["iban"], row["cents"]) for row in kept.payments] == [
        ("BE68539007547034", sum(p.amount_cents for p in own))
    ]
    with transaction(session):  # also when it opens an account at the provider meanwhile
        farm = session.get_one(Enterprise, shop.farms[0].id)
        farm.stripe_account, farm.payouts_enabled = "acct_late", True
    gateways.payments.enable("acct_late")  # type: ignore[attr-defined]
    settlement.send_payouts(session, gateways, now=now)
    assert "acct_late" not in {v.get("account") for _n, v in gateways.payments.calls if _n == "transfer"}  # type: ignore[attr-defined]
    assert preview.read(session, hub_id=hub, now=shop.now).adds_up
    session.rollback()
    with pytest.raises(NotFound):
        paying_by_file.confirm(session, public_id=file, hub_id=hub + 1, by=SYSTEM, now=now)
    assert paying_by_file.confirm(session, public_id=file, hub_id=hub, by=SYSTEM, now=now) == 2
    for deed in (paying_by_file.confirm, paying_by_file.withdraw):
        with pytest.raises(AlreadyDone):
            deed(session, public_id=file, hub_id=hub, by=SYSTEM, now=now)
    assert ledger.balance(session, account=Account.ENTERPRISE, enterprise_id=shop.farms[0].id) == 0
    assert money_breaches(shop, now) == []
    assert bookkeeping.compare_books(session, gateways, now=now + timedelta(hours=1)) == 0
    last = reconciling.latest(session)
    assert last is not None
    assert last.provider_cents == last.books_cents


def test_takes_a_file_back(shop: Market, session: Session) -> None:
    settled(shop, delivered(shop, 1, 0))
    hub, now = shop.cycle.hub_id, shop.now + LATER
    session.rollback()
    first = paying_by_file.make(session, hub_id=hub, by=SYSTEM, now=now)
    assert paying_by_file.withdraw(session, public_id=first, hub_id=hub, by=SYSTEM, now=now) == 1
    second = paying_by_file.make(session, hub_id=hub, by=SYSTEM, now=now)
    assert first != second
    paying_by_file.confirm(session, public_id=second, hub_id=hub, by=SYSTEM, now=now)
    payout = session.scalars(select(Payout).where(Payout.enterprise_id == shop.farms[0].id)).one()
    assert (payout.state, payout.transfer) == (PayoutState.PAID, f"sepa:{second}")
    assert money_breaches(shop, now) == []


def test_refuses_a_number_that_is_none(shop: Market, session: Session) -> None:
    farm_id = shop.farms[0].id
    with pytest.raises(payout_accounts.NotAnIban):
        payout_accounts.set_bank_account(
            session, enterprise_id=farm_id, text="BE68 5390 0754 7035", now=shop.now, by=SYSTEM
        )
    payout_accounts.set_bank_account(session, enterprise_id=farm_id, text=" ", now=shop.now, by=SYSTEM)
    assert session.get_one(Enterprise, farm_id, populate_existing=True).iban == ""
