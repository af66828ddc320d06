"""A farm tells the payment provider who it is, loses its payouts, gets them back, and begins anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises import payout_accounts
from shortchain.enterprises.models import Enterprise, PayoutAccount
from shortchain.enterprises.payout_needs import Need
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.gateways.stripe_payments import build_payments
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.notifications.models import Notice
from shortchain.payouts import accounts_desk
from shortchain.payouts.models import Payout, PayoutState
from shortchain.transaction import transaction
from shortchain.workflows import payment_events, settlement
from shortchain.workflows import payout_accounts as deeds
from tests.integration.workflows.test_settlement import delivered, settled
from tests.support.fake_gateways import RecordingPayments, signed
from tests.support.market import Market, market
from tests.support.stand_in import RunningStandIn, running_stand_in

SHOP = "http://127.0.0.1:8129"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[RunningStandIn]:
    with running_stand_in(tmp_path, options=("--onboarding", "page", "--async-seconds", "0.2")) as running:
        yield running


@pytest.fixture
def real(gateways: Gateways, stand_in: RunningStandIn) -> Gateways:
    payments = build_payments(
        secret_key=stand_in.secret_key, webhook_secret=stand_in.webhook_secret, api_base=stand_in.url
    )
    return replace(gateways, payments=payments)


@pytest.fixture
def farm_id(shop: Market, session: Session) -> int:
    """A farm of the market that has no account yet."""
    with transaction(session):
        farm = session.get_one(Enterprise, shop.farms[0].id)
        farm.stripe_account, farm.payouts_enabled, farm.language = None, False, "nl"
        farm.email = "boer@post.example"
        return farm.id


def lead(session: Session, gateways: Gateways, farm_id: int) -> str:
    return deeds.lead_to_provider(
        session, gateways, enterprise_id=farm_id, return_url=SHOP, refresh_url=SHOP, now=NOW, by=SYSTEM
    )


def look(session: Session, gateways: Gateways, farm_id: int) -> payout_accounts.Change:
    return deeds.refresh(session, gateways, enterprise_id=farm_id, now=NOW, by=SYSTEM)


def account_of(session: Session, farm_id: int) -> PayoutAccount:
    session.rollback()
    return session.get_one(PayoutAccount, farm_id, populate_existing=True)


def mails(session: Session) -> list[str]:
    session.rollback()
    query = select(Notice).where(Notice.template == "payout_account").order_by(Notice.id)
    return [notice.context["news"] for notice in session.scalars(query)]


def tasks(session: Session) -> list[str]:
    session.rollback()
    query = select(CoordinatorTask.kind).where(CoordinatorTask.done_at.is_(None)).order_by(CoordinatorTask.id)
    return list(session.scalars(query))


def test_follows_a_seller_through_everything_that_the_provider_may_say(
    session: Session, real: Gateways, stand_in: RunningStandIn, farm_id: int
) -> None:
    lead(session, real, farm_id)
    change = look(session, real, farm_id)
    assert (change.news, change.is_ready) == ("", False)
    assert {need.urgency for need in change.needs} == {"overdue"}
    row = account_of(session, farm_id)
    account = row.account
    assert (row.submitted, row.bank_end, row.stopped) == (False, "", "requirements.past_due")

    stand_in.control(f"accounts/{account}/press", {"outcome": "unreadable"})
    change = look(session, real, farm_id)
    assert change.needs == (Need("document", "refused", "unreadable"),)
    assert account_of(session, farm_id).bank_end == "7034"
    assert mails(session) == [], "who is still filling in is not mailed about each step"

    stand_in.control(f"accounts/{account}/press", {"outcome": "confirm"})
    assert look(session, real, farm_id).is_ready
    assert mails(session) == ["ready"]

    fields = ["company.verification.document"]
    stand_in.control(f"accounts/{account}/ask", {"fields": fields, "seconds": 3600})
    change = look(session, real, farm_id)
    assert (change.news, change.is_ready, change.needs) == ("needs", True, (Need("document", "now"),))
    assert change.due_by is not None
    assert look(session, real, farm_id).news == "", "the same is told once"
    assert mails(session) == ["ready", "needs"]

    stand_in.control("clock", {"ahead": 3700})
    change = look(session, real, farm_id)
    assert (change.news, change.needs) == ("stopped", (Need("document", "overdue"),))
    session.rollback()
    assert not session.get_one(Enterprise, farm_id, populate_existing=True).payouts_enabled
    assert mails(session) == ["ready", "needs", "stopped"]

    stand_in.control(f"accounts/{account}/press", {"outcome": "confirm"})
    assert look(session, real, farm_id).is_ready


def test_waits_while_the_provider_looks_at_a_document(
    session: Session, real: Gateways, stand_in: RunningStandIn, farm_id: int
) -> None:
    lead(session, real, farm_id)
    look(session, real, farm_id)
    account = account_of(session, farm_id).account
    stand_in.control(f"accounts/{account}/press", {"outcome": "check"})
    change = look(session, real, farm_id)
    assert change.needs == (Need("document", "checking"),)
    stand_in.control("clock", {"ahead": 60})
    assert look(session, real, farm_id).is_ready


def test_leaves_out_a_bank_account_and_changes_one(
    session: Session, real: Gateways, stand_in: RunningStandIn, farm_id: int
) -> None:
    lead(session, real, farm_id)
    look(session, real, farm_id)
    account = account_of(session, farm_id).account
    with pytest.raises(GatewayRefused):
        deeds.lead_to_desk(session, real, enterprise_id=farm_id)
    stand_in.control(f"accounts/{account}/press", {"outcome": "no_bank"})
    assert look(session, real, farm_id).needs == (Need("bank", "overdue"),)
    stand_in.control(f"accounts/{account}/press", {"outcome": "confirm"})
    stand_in.control(f"accounts/{account}/change_bank", {"last4": "0171"})
    look(session, real, farm_id)
    assert account_of(session, farm_id).bank_end == "0171"
    assert deeds.lead_to_desk(session, real, enterprise_id=farm_id).startswith(f"{stand_in.url}/express/")


def test_begins_anew_after_an_account_was_closed_and_never_before(
    session: Session, real: Gateways, stand_in: RunningStandIn, farm_id: int
) -> None:
    lead(session, real, farm_id)
    first = session.get_one(Enterprise, farm_id, populate_existing=True).stripe_account
    stand_in.control(f"accounts/{first}/press", {"outcome": "confirm"})
    look(session, real, farm_id)
    lead(session, real, farm_id)
    assert account_of(session, farm_id).number == 1
    stand_in.control(f"accounts/{first}/close", {})
    assert look(session, real, farm_id).news == "closed"
    assert look(session, real, farm_id).news == "", "closed once"
    assert "/connect/" in lead(session, real, farm_id)
    lead(session, real, farm_id)
    row = account_of(session, farm_id)
    assert row.account != first
    assert (row.number, row.closed_at) == (2, None)
    assert session.get_one(Enterprise, farm_id, populate_existing=True).stripe_account == row.account
    listed = real.payments._api.accounts.list({"limit": 100})  # type: ignore[attr-defined]
    assert len(listed.data) == 1, "the first is not ours to see any more, and there is no third"


def test_shows_a_coordinator_who_waits_and_why(
    shop: Market, session: Session, real: Gateways, stand_in: RunningStandIn, farm_id: int
) -> None:
    settled(shop, delivered(shop, 1, 1))
    session.rollback()
    (row,) = [one for one in accounts_desk.read(session, hub_id=shop.cycle.hub_id) if one.waiting_cents]
    assert (row.state, row.email) == (accounts_desk.NO_ACCOUNT, "boer@post.example")
    lead(session, real, farm_id)
    account = session.get_one(Enterprise, farm_id, populate_existing=True).stripe_account
    for deed, values, state in (
        ("press", {"outcome": "check"}, accounts_desk.CHECKING),
        ("press", {"outcome": "unreadable"}, accounts_desk.WAITS),
        ("reject", {"reason": "rejected.fraud"}, accounts_desk.REJECTED),
    ):
        stand_in.control(f"accounts/{account}/{deed}", values)
        look(session, real, farm_id)
        session.rollback()
        assert accounts_desk.read(session, hub_id=shop.cycle.hub_id)[0].state == state
    stand_in.control(f"accounts/{account}/press", {"outcome": "confirm"})
    look(session, real, farm_id)
    session.rollback()
    assert all(one.name != row.name for one in accounts_desk.read(session, hub_id=shop.cycle.hub_id))


def test_hears_of_a_capability_and_a_bank_account_by_webhook(
    client: Any, shop: Market, session: Session, gateways: Gateways, farm_id: int
) -> None:
    settled(shop, delivered(shop, 1, 1))
    payments = gateways.payments
    assert isinstance(payments, RecordingPayments)
    lead(session, gateways, farm_id)
    account = session.get_one(Enterprise, farm_id, populate_existing=True).stripe_account
    assert account is not None

    def hear(event_id: str, kind: str, **thing: Any) -> None:
        sent = signed(event_id, kind, of_account=account, **thing)
        assert client.post("/webhooks/stripe", **sent, token=False).status_code == 200
        payment_events.process_inbox(session, gateways, now=shop.now)

    payments.enable(account)
    hear("evt_1", "capability.updated", object="capability", id="transfers", account=account)
    assert (mails(session), tasks(session)) == (["ready"], [])
    payments.accounts[account] = replace(
        payments.accounts[account], paid_out=False, missing=("external_account",), overdue=("external_account",)
    )
    hear("evt_2", "account.external_account.deleted", object="bank_account", id="ba_1", account=account)
    assert (mails(session), tasks(session)) == (["ready", "stopped"], ["payouts_stopped"])
    payments.enable(account)
    hear("evt_3", "account.external_account.created", object="bank_account", id="ba_2", account=account)
    assert tasks(session) == []
    payments.close_account(account)
    hear("evt_4", "account.application.deauthorized", object="application", id="ca_1")
    assert (mails(session)[-1], tasks(session)) == ("closed", ["account_closed"])


def test_repeats_a_payout_to_the_account_to_which_it_may_have_gone(
    shop: Market, session: Session, gateways: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost, the farm closes its account and opens another: the same transfer is asked again."""
    settled(shop, delivered(shop, 1, 1))
    payments = gateways.payments
    later = shop.now + timedelta(hours=49)

    def lose(**values: Any) -> str:
        RecordingPayments.transfer(payments, **values)
        raise GatewayDown("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(payments, "transfer", lose)
        settlement.send_payouts(session, gateways, now=later)
    session.rollback()
    asked = {payout.public_id: payout.sent_to for payout in session.scalars(select(Payout))}
    assert all(asked.values())
    with transaction(session):
        for party in session.scalars(select(Enterprise).where(Enterprise.stripe_account.is_not(None))):
            party.stripe_account = f"{party.stripe_account}_next"
    sent = dict(payments.transfers)
    settlement.send_payouts(session, gateways, now=later + timedelta(hours=5))
    session.rollback()
    assert payments.transfers == sent, "nothing was sent a second time"
    assert {p.state for p in session.scalars(select(Payout))} == {PayoutState.PAID}
    assert {p.public_id: p.sent_to for p in session.scalars(select(Payout))} == asked
