"""The preview of a round is what the round then sends; a monthly statement leads every cent to its line."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.kernel.spreadsheet import Cents
from shortchain.kernel.window import local_day
from shortchain.payouts import exports, ledger, monthly, preview, schedules, statements, timing
from shortchain.payouts.models import Account, Payout
from shortchain.payouts.schedules import Interval, Schedule
from shortchain.transaction import transaction
from shortchain.workflows import payout_accounts, payout_holds, refunds, settlement
from tests.integration.workflows.test_settlement import delivered, settled
from tests.support.market import Market, market

LATER = timedelta(hours=50)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def look(shop: Market, *, later: timedelta = LATER) -> preview.Preview:
    shop.session.rollback()
    return preview.read(shop.session, hub_id=shop.cycle.hub_id, now=shop.now + later)


def give_back(shop: Market, order_id: int, cents: int, later: timedelta) -> None:
    refunds.give_back(
        shop.session,
        order_id=order_id,
        hub_id=shop.cycle.hub_id,
        amount_cents=cents,
        reason="short",
        by=SYSTEM,
        now=shop.now + later,
    )
    refunds.send_refunds(shop.session, shop.gateways, now=shop.now + later)


def test_says_what_the_round_then_sends(shop: Market, session: Session, gateways: Gateways) -> None:
    for amounts in ((2, 1), (0, 3)):
        settled(shop, delivered(shop, *amounts))
    seen = look(shop)
    assert seen.adds_up
    assert seen.to_send_cents == seen.ready_cents == seen.money.owed > 0
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    sent = gateways.payments.transfers  # type: ignore[attr-defined]
    assert sum(money.minor for money in sent.values()) == seen.to_send_cents
    assert (look(shop).parties, look(shop).adds_up) == ([], True)


def test_keeps_a_debt_in_the_preview_as_the_round_does(shop: Market, session: Session, gateways: Gateways) -> None:
    first = delivered(shop, 2, 2)
    settled(shop, first)
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    give_back(shop, first.id, 400, LATER)
    gateways.payments.refusals["reverse_transfer"] = "balance_insufficient"  # type: ignore[attr-defined]
    settlement.send_reversals(session, gateways, now=shop.now + LATER)
    settled(shop, delivered(shop, 3, 3))
    seen = look(shop)
    assert seen.adds_up
    assert seen.kept_cents == seen.debts_cents > 0
    before = sum(money.minor for money in gateways.payments.transfers.values())  # type: ignore[attr-defined]
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    after = sum(money.minor for money in gateways.payments.transfers.values())  # type: ignore[attr-defined]
    assert after - before == seen.to_send_cents
    assert (look(shop).debts_cents, look(shop).adds_up) == (0, True)


def test_holds_a_payout_with_a_reason_until_it_is_let_go(shop: Market, session: Session, gateways: Gateways) -> None:
    settled(shop, delivered(shop, 1, 0))
    payout = session.scalars(select(Payout).where(Payout.enterprise_id == shop.farms[0].id)).one().public_id
    hub = shop.cycle.hub_id
    session.rollback()

    def hold(reason: str, hub_id: int = hub) -> None:
        payout_holds.hold(
            session, payout_public_id=payout, hub_id=hub_id, reason=reason, by=SYSTEM, now=shop.now + LATER
        )

    with pytest.raises(payout_holds.NoReason):
        hold("  ")
    with pytest.raises(NotFound):
        hold("nakijken", hub + 1)
    hold("nakijken")
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    [party] = look(shop).parties
    assert [(line.state, line.reason) for line in party.lines] == [("held", "nakijken")]
    assert look(shop).adds_up
    [week] = statements.weeks(session, enterprise_id=shop.farms[0].id)
    assert (week.orders[0].state, week.orders[0].reason) == ("kept", "nakijken")
    session.rollback()
    payout_holds.release(session, payout_public_id=payout, hub_id=hub, by=SYSTEM, now=shop.now + LATER)
    with pytest.raises(AlreadyDone):
        payout_holds.release(session, payout_public_id=payout, hub_id=hub, by=SYSTEM, now=shop.now + LATER)
    assert settlement.send_payouts(session, gateways, now=shop.now + LATER) == 1
    with pytest.raises(payout_holds.AlreadyGone):
        hold("te laat")


def test_tells_who_can_not_be_paid(shop: Market, session: Session, gateways: Gateways) -> None:
    with transaction(session):
        session.get_one(Enterprise, shop.farms[0].id).payouts_enabled = False
    settled(shop, delivered(shop, 1, 0))
    states = {line.state for party in look(shop).parties for line in party.lines}
    assert states == {"no_account", "ready"}
    assert look(shop).adds_up


def test_leads_every_cent_of_a_month_to_its_line(shop: Market, session: Session, gateways: Gateways) -> None:
    order = delivered(shop, 2, 1)
    give_back(shop, order.id, 150, timedelta())
    settled(shop, order)
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    give_back(shop, order.id, 90, LATER)
    settlement.send_reversals(session, gateways, now=shop.now + LATER)
    session.rollback()
    for party in (*shop.farms, *shop.packers, *shop.bikes):
        found = monthly.read(session, enterprise_id=party.id, first=NOVEMBER)
        owed = -ledger.balance(session, account=Account.ENTERPRISE, enterprise_id=party.id)
        assert (found.before_cents, found.after_cents) == (0, owed)
        rows = exports.statement_rows(found, words={}, language="nl-BE")
        assert rows[-1][exports.STATEMENT_COLUMNS.index("bedrag")] == Cents(owed)
        vat = sum(line.vat_cents for line in found.lines)
        entries = [e for e in ledger.entries_of(session, order_id=order.id) if e.enterprise_id == party.id]
        assert vat == -sum(entry.vat_cents for entry in entries)
    farm = monthly.read(session, enterprise_id=shop.farms[0].id, first=NOVEMBER)
    goods = [line for line in farm.lines if line.kind == "goods" and line.transaction.startswith("settle:")]
    assert [(line.what, line.cents, line.number) for line in goods] == [("Prei", 480, order.number)]
    assert [line.source.partition(":")[0] for line in goods] == ["order_line"]
    assert farm.sum_of(monthly.EARLIER) < 0
    later = monthly.read(session, enterprise_id=shop.farms[0].id, first=date(2026, 12, 1))
    assert (later.before_cents, later.lines) == (farm.after_cents, [])


def test_gives_the_accountant_bookings_that_add_up(shop: Market, session: Session, gateways: Gateways) -> None:
    settled(shop, delivered(shop, 2, 1))
    session.rollback()
    rows = exports.bookings(session, hub_id=shop.cycle.hub_id, first=NOVEMBER)
    sums: dict[object, int] = {}
    for row in rows:
        assert isinstance(row[8], Cents)
        sums[row[2]] = sums.get(row[2], 0) + row[8].cents
    assert set(sums.values()) == {0}
    assert len(sums) == 2
    assert exports.bookings(session, hub_id=shop.cycle.hub_id + 1, first=NOVEMBER) == []
    assert exports.bookings(session, hub_id=shop.cycle.hub_id, first=date(2026, 10, 1)) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [("2026-10", date(2026, 10, 1)), ("", NOVEMBER), ("x", NOVEMBER), ("2027-05", NOVEMBER), ("2026-13", NOVEMBER)],
)
def test_reads_a_month_and_never_one_to_come(text: str, first: date) -> None:
    assert monthly.month_of(text, today=date(2026, 11, 23)) == first


def test_waits_for_the_day_that_an_enterprise_chose_and_says_which(
    shop: Market, session: Session, gateways: Gateways
) -> None:
    settled(shop, delivered(shop, 2, 1))
    farm = shop.farms[0].id
    now = shop.now + LATER
    session.rollback()
    today = local_day(now)
    tomorrow = Schedule(Interval.WEEKLY, (today.weekday() + 1) % 7)
    payout_accounts.choose_schedule(session, enterprise_id=farm, schedule=tomorrow, now=now, by=SYSTEM)
    seen = look(shop)
    assert seen.adds_up
    (party,) = [one for one in seen.parties if one.enterprise_id == farm]
    assert (party.leaves_on, party.to_send_cents) == (today + timedelta(days=1), 0)
    assert party.waiting_cents > 0
    settlement.send_payouts(session, gateways, now=now)
    session.rollback()
    waiting = session.scalars(select(Payout.enterprise_id).where(Payout.transfer.is_(None))).all()
    assert waiting == [farm]
    later = LATER + timedelta(days=1)
    assert look(shop, later=later).to_send_cents == party.waiting_cents
    settlement.send_payouts(session, gateways, now=shop.now + later)
    assert look(shop, later=later).parties == []


def test_waits_for_enough_and_never_longer_than_three_weeks(shop: Market, session: Session, gateways: Gateways) -> None:
    settled(shop, delivered(shop, 2, 1))
    farm = shop.farms[0].id
    session.rollback()
    much = Schedule(Interval.DAILY, 0, 50_000)
    payout_accounts.choose_schedule(session, enterprise_id=farm, schedule=much, now=shop.now, by=SYSTEM)
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    (party,) = look(shop).parties
    assert party.enterprise_id == farm
    made = session.scalars(select(Payout.created_at).where(Payout.enterprise_id == farm)).one()
    assert party.leaves_on == local_day(made + schedules.LONGEST)
    session.rollback()
    settlement.send_payouts(session, gateways, now=made + schedules.LONGEST)
    assert look(shop, later=schedules.LONGEST).parties == []


def test_refuses_a_schedule_that_can_not_be(shop: Market, session: Session) -> None:
    never = Schedule(Interval.MONTHLY, 32)
    with pytest.raises(timing.BadSchedule):
        payout_accounts.choose_schedule(
            session, enterprise_id=shop.farms[0].id, schedule=never, now=shop.now, by=SYSTEM
        )
