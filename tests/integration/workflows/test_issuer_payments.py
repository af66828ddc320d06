"""What an issuer of vouchers owes us is told, comes in on the bank account and is booked; what it counts otherwise is seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.kernel.voucher_port import IssuerStatement
from shortchain.ordering.models import Order
from shortchain.payments import issuer_payments, matching, operations
from shortchain.payments.bank_statements import Credit, read
from shortchain.payments.spending import Spend
from shortchain.payouts import ledger, reconciling, totals
from shortchain.payouts.models import Account, LedgerEntry
from shortchain.transaction import transaction
from shortchain.workflows import bookkeeping, payment_events, refunds, vouchers
from shortchain.workflows import issuer_payments as deeds
from tests.integration.workflows.test_gift_cards import placed_with
from tests.support.bank import Paid, camt, coda
from tests.support.clock import MONDAY_MORNING
from tests.support.issuer import Issuer, running_issuer
from tests.support.market import Market, market
from tests.support.splitting import open_page

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        running.ahead((MONDAY_MORNING - datetime.now(UTC)).total_seconds())
        yield running


@pytest.fixture
def gateways(gateways: Gateways, issuer: Issuer) -> Gateways:
    return dataclasses.replace(gateways, vouchers=issuer.gateway())


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def paid(shop: Market, issuer: Issuer, cents: int) -> Order:
    """Have an order of which so much is paid with meal vouchers."""
    placed = placed_with(shop, Spend("", cents, "meal_voucher"))
    for payment in standing_payments(shop, placed.order_id):
        reference = open_page(shop, placed, payment)
        if reference.startswith("vch_"):
            issuer.answer(reference)
        else:
            shop.gateways.payments.pay(reference)  # type: ignore[attr-defined]
            payment_events.look_up(shop.session, shop.gateways, payment_id=payment, now=shop.now)
    vouchers.sweep(shop.session, shop.gateways, now=shop.now)
    vouchers.sweep(shop.session, shop.gateways, now=shop.now)
    shop.session.rollback()
    return shop.session.get_one(Order, placed.order_id, populate_existing=True)


def standing_payments(shop: Market, order_id: int) -> list[int]:
    found = [one.id for one in operations.payments_of(shop.session, order_id=order_id)]
    shop.session.rollback()
    return found


def tell(shop: Market) -> None:
    """What happens every night."""
    bookkeeping.compare_books(shop.session, shop.gateways, now=shop.now)


def page(shop: Market, order: Order, *, later: timedelta = timedelta()) -> issuer_payments.Page:
    shop.session.rollback()
    return issuer_payments.page(shop.session, hub_id=order.hub_id, now=shop.now + later)


def clean(shop: Market) -> bool:
    shop.session.rollback()
    found = checks.check_all(shop.session, now=shop.now)
    assert [one for one in found if one.promise.startswith(("P1", "P2"))] == []
    return all(row.adds_up for row in totals.per_order(shop.session))


def balances(session: Session) -> tuple[int, int, int]:
    """Give what issuers owe, what lies on our own bank account, and the fees of issuers that we bore."""
    session.rollback()
    rows = [row for row in session.scalars(select(LedgerEntry)) if row.kind in (reconciling.OWN_BANK, "issuer_fee")]
    return (
        ledger.balance(session, account=Account.ISSUER),
        sum(row.amount_cents for row in rows if row.kind == reconciling.OWN_BANK),
        sum(row.amount_cents for row in rows if row.kind == "issuer_fee"),
    )


def documented() -> list[tuple[list[int], int, list[int], int, int, int, int]]:
    """Read the table of docs/money.md: taken, back, brought, fee, on the bank, owed after, difference."""
    text = (ROOT / "docs" / "money.md").read_text(encoding="utf-8").split("| Taken | Back onto vouchers |")[1]
    found = []
    for line in text.split("\n\n")[0].splitlines()[2:]:
        taken, back, brought, *rest = (cell.strip() for cell in line.strip("| ").split("|"))
        fee, bank, owed, difference = map(int, rest)
        found.append((sums(taken), int(back), sums(brought), fee, bank, owed, difference))
    return found


def sums(cell: str) -> list[int]:
    return [int(part) for part in cell.split("+")]


@pytest.mark.parametrize(("taken", "back", "brought", "fee", "bank", "owed", "difference"), documented())
def test_ends_as_the_table_says(
    shop: Market,
    session: Session,
    gateways: Gateways,
    issuer: Issuer,
    taken: list[int],
    back: int,
    brought: list[int],
    fee: int,
    bank: int,
    owed: int,
    difference: int,
) -> None:
    orders = [paid(shop, issuer, cents) for cents in taken]
    order = orders[0]
    if back:
        given = order.total_cents - taken[0] + back
        refunds.give_back(
            session, order_id=order.id, hub_id=order.hub_id, amount_cents=given, reason="x", by=SYSTEM, now=shop.now
        )
        refunds.send_refunds(session, gateways, now=shop.now)
    session.rollback()
    known = [[one.reference, one.ours_cents] for one in issuer_payments.items(session)]
    left = brought[0] - sum(cents for _name, cents in known)
    known[0][1] += left  # what the issuer counts otherwise, it does for the first
    announced = [known, *([[known[0][0], cents]] for cents in brought[1:])]
    for number, parts in enumerate(announced):
        gross = sum(cents for _name, cents in parts)
        told = IssuerStatement(f"S{number}", "meal_voucher", shop.now.date(), gross, fee, tuple(map(tuple, parts)))
        with transaction(session):
            row = issuer_payments.take(session, told=told, now=shop.now)
            assert row is not None
            public_id = row.public_id
        deeds.note_received(session, public_id=public_id, by=SYSTEM, now=shop.now)
    assert balances(session)[:2] == (owed, bank)
    assert sum(one.ours_cents - one.theirs_cents for one, _id, _number in page(shop, order).wrong) == difference
    assert clean(shop)


def test_books_what_came_and_the_fee_and_owes_nothing_after(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    first, second = paid(shop, issuer, 400), paid(shop, issuer, 250)
    refunds.give_back(
        session, order_id=second.id, hub_id=second.hub_id, amount_cents=1, reason="x", by=SYSTEM, now=shop.now
    )
    refunds.send_refunds(session, gateways, now=shop.now)
    (told,) = issuer.pay(fee_bp=190)
    assert (told["gross"], told["fee"]) == (650, 12)
    assert page(shop, first).announced == []
    for _ in range(2):  # hearing of it twice is hearing of it once
        tell(shop)
    shown = page(shop, first)
    (row,) = shown.announced
    assert (row.reference, row.net_cents, shown.owed_cents, shown.wrong) == (told["id"], 638, 650, ())
    assert balances(session) == (650, 0, 0), "announced is not received"
    public_id = row.public_id
    with pytest.raises(NotFound):
        deeds.note_received(session, public_id="nothing", by=SYSTEM, now=shop.now)
    assert deeds.note_received(session, public_id=public_id, by=SYSTEM, now=shop.now, credit="REF7") == 638
    with pytest.raises(AlreadyDone):
        deeds.note_received(session, public_id=public_id, by=SYSTEM, now=shop.now)
    assert balances(session) == (0, 638, 12)
    assert [one.cents for one in page(shop, first).open] == [0, 0]
    tell(shop)
    last = reconciling.latest(session)
    assert last is not None
    assert (last.differences, last.provider_cents) == ([], last.books_cents)
    assert clean(shop)


def test_keeps_refunds_of_vouchers_off_what_it_expects(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    order = paid(shop, issuer, 400)
    issuer.pay()
    tell(shop)
    refunds.give_back(
        session,
        order_id=order.id,
        hub_id=order.hub_id,
        amount_cents=order.total_cents - 150,
        reason="x",
        by=SYSTEM,
        now=shop.now,
    )
    refunds.send_refunds(session, gateways, now=shop.now)
    meal = page(shop, order).open[0]
    assert (meal.method, meal.cents, meal.count) == ("meal_voucher", -250, 1)
    assert issuer.pay() == [], "more went back than came: that waits"
    paid(shop, issuer, 300)
    (told,) = issuer.pay()
    assert [one["amount"] for one in told["items"]] == [-250, 300]
    tell(shop)
    for row in page(shop, order).announced:
        deeds.note_received(session, public_id=row.public_id, by=SYSTEM, now=shop.now)
    assert balances(session)[:2] == (0, 450)
    assert clean(shop)


def test_pays_the_bill_of_an_issuer_that_waits_for_no_later_takings(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    order = paid(shop, issuer, 400)
    hub_id, most = order.hub_id, order.total_cents - 150
    issuer.pay()
    tell(shop)
    for row in page(shop, order).announced:
        deeds.note_received(session, public_id=row.public_id, by=SYSTEM, now=shop.now)
    refunds.give_back(session, order_id=order.id, hub_id=hub_id, amount_cents=most, reason="x", by=SYSTEM, now=shop.now)
    refunds.send_refunds(session, gateways, now=shop.now)
    assert len(page(shop, order, later=issuer_payments.LATE).wrong) == 1, "it never counts what went back"
    (told,) = issuer.pay(fee_bp=190, settles=True)
    assert (told["gross"], told["fee"]) == (-250, 0)
    for _ in range(2):
        tell(shop)
    (bill,) = page(shop, order).announced
    public_id = bill.public_id
    assert bill.net_cents == -250
    assert balances(session)[:2] == (-250, 400), "a bill is not a payment"
    assert deeds.note_received(session, public_id=public_id, by=SYSTEM, now=shop.now) == -250
    with pytest.raises(AlreadyDone):
        deeds.note_received(session, public_id=public_id, by=SYSTEM, now=shop.now)
    assert balances(session) == (0, 150, 0)
    assert page(shop, order, later=issuer_payments.LATE).wrong == ()
    assert issuer.pay(settles=True) == [], "once"
    tell(shop)
    last = reconciling.latest(session)
    assert last is not None
    assert (last.differences, last.provider_cents) == ([], last.books_cents)
    assert clean(shop)


def test_shows_what_the_issuer_counts_otherwise_until_it_puts_that_right(
    shop: Market, session: Session, issuer: Issuer
) -> None:
    order = paid(shop, issuer, 400)
    number, public_id = order.number, order.public_id
    issuer.pay(short=30)
    tell(shop)
    ((item, shown_id, shown_number),) = page(shop, order).wrong
    assert (item.ours_cents, item.theirs_cents, shown_id, shown_number) == (400, 370, public_id, number)
    session.rollback()
    last = reconciling.latest(session)
    assert last is not None
    assert [(one["what"], one["kind"], one["number"]) for one in last.differences] == [("amount", "issuer", number)]
    (row,) = page(shop, order).announced
    deeds.note_received(session, public_id=row.public_id, by=SYSTEM, now=shop.now)
    assert balances(session)[:2] == (30, 370), "what it did not bring stays owed"
    assert page(shop, order).owed_cents == 30
    found = [one for one in checks.check_all(session, now=shop.now) if one.promise.startswith("P1")]
    assert [one.promise for one in found] == ["P1 the books agree with the provider"]


def test_misses_what_no_issuer_counted_for_weeks(shop: Market, session: Session, issuer: Issuer) -> None:
    order = paid(shop, issuer, 400)
    assert page(shop, order, later=issuer_payments.LATE - timedelta(days=1)).wrong == ()
    ((item, _public_id, _number),) = page(shop, order, later=issuer_payments.LATE).wrong
    assert (item.ours_cents, item.theirs_cents) == (400, 0)


def test_misses_nothing_of_what_went_back_whole_before_it_was_counted(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    order = paid(shop, issuer, 400)
    give = {"order_id": order.id, "hub_id": order.hub_id, "reason": "x", "by": SYSTEM, "now": shop.now}
    refunds.give_back(session, amount_cents=order.total_cents - 1, **give)
    refunds.send_refunds(session, gateways, now=shop.now)
    assert len(page(shop, order, later=issuer_payments.LATE).wrong) == 2, "a cent of it should come"
    refunds.give_back(session, amount_cents=1, **give)
    refunds.send_refunds(session, gateways, now=shop.now)
    assert page(shop, order, later=issuer_payments.LATE).wrong == ()


def test_goes_on_comparing_when_the_issuer_does_not_answer(shop: Market, session: Session, issuer: Issuer) -> None:
    order = paid(shop, issuer, 400)
    issuer.pay()
    issuer.fault("down", "GET /v1/statements")
    tell(shop)
    assert page(shop, order).announced == []
    tell(shop)
    assert len(page(shop, order).announced) == 1


@pytest.mark.parametrize("write", [camt, coda])
def test_finds_what_an_issuer_paid_on_a_statement_of_the_bank(
    shop: Market, session: Session, issuer: Issuer, write: Callable[[Sequence[Paid]], bytes]
) -> None:
    order = paid(shop, issuer, 400)
    (told,) = issuer.pay(fee_bp=200)
    tell(shop)
    hub_id = order.hub_id
    session.rollback()
    text = f"UITBETALING {told['id'].replace('-', ' ').lower()} dank"
    credits = read(write([Paid(392, text, "Uitgever"), Paid(392, text, "Uitgever"), Paid(391, text, "Uitgever")]))
    found = matching.match(session, hub_id=hub_id, credits=credits)
    assert [one.state for one in found] == [matching.ISSUER, matching.TWICE, matching.TWICE]
    session.rollback()
    deeds.note_received(
        session, public_id=found[0].issuer_public_id, by=SYSTEM, now=shop.now, credit=found[0].credit.reference
    )
    again = matching.match(session, hub_id=hub_id, credits=[*credits[:1], other(credits[0])])
    assert [one.state for one in again] == [matching.BOOKED, matching.AGAIN]


def test_books_no_other_amount_than_was_announced(shop: Market, session: Session, issuer: Issuer) -> None:
    order = paid(shop, issuer, 400)
    (told,) = issuer.pay()
    tell(shop)
    hub_id = order.hub_id
    session.rollback()
    credits = read(camt([Paid(399, told["id"]), Paid(400, "gewone overschrijving")]))
    assert [one.state for one in matching.match(session, hub_id=hub_id, credits=credits)] == [
        matching.ISSUER_OTHER,
        matching.UNKNOWN,
    ]


def other(credit: Credit) -> Credit:
    return dataclasses.replace(credit, reference="ANOTHER")
