"""Whatever happens in whatever order, every cent is found again (promises P1 and P2 of the money).

A state machine plays the shop's own workflows on PostgreSQL against the payment stand-in: people order and pay or
do not, providers say yes and no, weigh, pack and drive, customers complain, banks take money back, payouts fail and
webhooks come late, twice and in any order. After each step the books must add up, per order and in total; at the end
the provider's own balance must say the same.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue import shelf
from shortchain.cli import demo_data, money_codes, money_sellers, money_tenders, money_world
from shortchain.cli.money_buying import BY_DEBIT, BY_VOUCHERS
from shortchain.cli.money_play import Play, Provider
from shortchain.cli.money_stage import Bought, Issuer
from shortchain.database import db
from shortchain.fulfilment.models import Job
from shortchain.gateways.stripe_payments import build_payments
from shortchain.journal import GUEST
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderLine
from shortchain.payouts import corrections, monthly, reconciling, statements, totals
from shortchain.payouts.models import Account, LedgerEntry
from shortchain.routing import candidates
from shortchain.workflows import bookkeeping, cancellation, cycles, refunds
from tests.support.issuer import running_issuer
from tests.support.stand_in import running_stand_in

DICE = st.integers(0, 2**16)
PATIENT = 30.0
"""Seconds within which the stand-in answers: how busy the machine is must not choose the sequence."""
OF_MONEY = ("P1", "P2", "P3", "P4")
FUNDS = (
    "--fee-bp",
    "140",
    "--fee-fixed",
    "25",
    "--dispute-fee",
    "1500",
    "--funds",
    "500000",
    "--async-seconds",
    "36000",
)


def resolves(session: Session, line: monthly.Line, party: int) -> bool:
    """Say whether a line of a statement names a row of its order that is this enterprise's."""
    table, _, number = line.source.partition(":")
    owners = {"order_line": (OrderLine, OrderLine.farm_id), "job": (Job, Job.enterprise_id)}
    if table not in owners:
        return False
    row, owner = owners[table]
    query = select(Order.number).join(row, row.order_id == Order.id).where(row.id == int(number), owner == party)
    return session.scalar(query) == line.number


class MoneyMachine(RuleBasedStateMachine):
    """One week of a small region. Every rule takes the dice of its own, so that a sequence can be shortened."""

    open_play: Callable[[], Any]

    def __init__(self) -> None:
        super().__init__()
        self.stage = type(self).open_play()
        self.play: Play = self.stage.__enter__()
        self.placed: list[Bought] = []
        self.is_closed = False
        self.play.open_accounts()
        money_codes.make(self.play)

    def throw(self, dice: int) -> None:
        self.play.dice = random.Random(dice)

    def pick(self) -> Bought:
        return self.play.dice.choice(self.placed)

    @rule(dice=DICE, paid_by=st.sampled_from(("", BY_DEBIT, BY_VOUCHERS)))
    @precondition(lambda self: not self.is_closed and len(self.placed) < 12)
    def order(self, dice: int, paid_by: str) -> None:
        """Let somebody order and pay; a debit comes ten hours later or never, and its customer paid one order before."""
        self.throw(dice)
        one = self.play.order(0, len(self.placed) * 1000 + dice % 1000, paid_by=paid_by)
        if one is not None:
            self.placed.append(one)
            self.play.bought.append(one)

    @rule(dice=DICE)
    def hear(self, dice: int) -> None:
        self.throw(dice)
        self.play.hear()

    @rule(dice=DICE)
    @precondition(lambda self: self.placed)
    def answer(self, dice: int) -> None:
        self.throw(dice)
        self.play.answer(self.placed)

    @rule(dice=DICE)
    @precondition(lambda self: self.placed)
    def cancel(self, dice: int) -> None:
        self.throw(dice)
        try:
            cancellation.cancel_by_customer(
                self.play.session, self.play.gateways, token=self.pick().token, by=GUEST, now=self.play.now
            )
        except DomainError:
            self.play.session.rollback()

    @rule(dice=DICE)
    @precondition(lambda self: self.placed)
    def take_off(self, dice: int) -> None:
        self.throw(dice)
        self.play.take_off(self.pick())

    @rule(dice=DICE)
    @precondition(lambda self: self.placed and not self.is_closed)
    def add_to_an_order(self, dice: int) -> None:
        self.throw(dice)
        self.play.add(0, self.pick())

    @rule(dice=DICE)
    @precondition(lambda self: not self.is_closed)
    def buy_a_gift_card(self, dice: int) -> None:
        self.throw(dice)
        money_tenders.buy_card(self.play)

    @rule(dice=DICE)
    @precondition(lambda self: self.play.card_pages)
    def give_a_gift_card_back(self, dice: int) -> None:
        self.throw(dice)
        money_tenders.give_card_back(self.play)

    @rule()
    @precondition(lambda self: not self.is_closed)
    def stop_or_resume_a_code(self) -> None:
        money_codes.stop_one(self.play)

    @rule(hours=st.sampled_from((1, 5)))
    @precondition(lambda self: not self.is_closed)
    def wait(self, hours: int) -> None:
        self.play.to(self.play.now + timedelta(hours=hours))
        self.play.expire()

    @rule(dice=DICE)
    @precondition(lambda self: self.placed and not self.is_closed)
    def close_and_deliver(self, dice: int) -> None:
        self.throw(dice)
        self.play.to(self.play.rows.tables["order_cycle"][0]["closes_at"])
        self.play.expire()
        cycles.close_due(self.play.session, now=self.play.now)
        self.is_closed = True
        self.play.answer(self.placed)
        self.play.deliver(0, self.placed)

    @rule(dice=DICE)
    @precondition(lambda self: self.placed)
    def bring_empties(self, dice: int) -> None:
        self.throw(dice)
        self.play.bring_empties(self.pick())

    @rule(dice=DICE)
    @precondition(lambda self: self.placed)
    def give_back(self, dice: int) -> None:
        self.throw(dice)
        self.play.give_back(self.pick())

    @rule(dice=DICE)
    @precondition(lambda self: self.is_closed)
    def complain(self, dice: int) -> None:
        self.throw(dice)
        self.play.report(self.pick())

    @rule(dice=DICE)
    @precondition(lambda self: self.is_closed)
    def withdraw(self, dice: int) -> None:
        self.throw(dice)
        self.play.withdraw(self.pick())

    @rule(dice=DICE)
    @precondition(lambda self: any(one.reference for one in self.placed))
    def dispute(self, dice: int) -> None:
        self.throw(dice)
        self.play.go_to_the_bank(self.play.dice.choice([one for one in self.placed if one.reference]))

    @rule(dice=DICE)
    @precondition(lambda self: self.play.disputes)
    def decide(self, dice: int) -> None:
        self.throw(dice)
        self.play.decide_disputes()
        self.play.disputes.clear()

    @rule(dice=DICE)
    @precondition(lambda self: self.placed)
    def settle_failed_debits(self, dice: int) -> None:
        self.throw(dice)
        self.play.settle_failed_debits()

    @rule(dice=DICE)
    @precondition(lambda self: self.is_closed)
    def pay_out(self, dice: int) -> None:
        self.throw(dice)
        self.play.pay_everybody("paying out")

    @rule(party=st.sampled_from((money_sellers.CLOSES, money_sellers.FALLS)))
    @precondition(lambda self: self.is_closed)
    def close_an_account(self, party: int) -> None:
        money_sellers.close(self.play, party)

    @rule()
    @precondition(lambda self: self.is_closed)
    def open_accounts_anew(self) -> None:
        money_sellers.open_all(self.play)

    @rule(dice=DICE)
    @precondition(lambda self: self.is_closed)
    def let_an_account_fall_below_zero(self, dice: int) -> None:
        self.throw(dice)
        money_sellers.fall_below_zero(self.play, self.play.dice.choice(money_sellers.accounts(self.play)))

    @rule(dice=DICE)
    @precondition(lambda self: self.is_closed)
    def let_a_bank_refuse_a_payout(self, dice: int) -> None:
        self.throw(dice)
        money_sellers.empty(self.play, self.play.dice.choice(money_sellers.accounts(self.play)))

    @rule(dice=DICE)
    @precondition(lambda self: self.placed)
    def work_at_the_desk(self, dice: int) -> None:
        self.throw(dice)
        self.play.work_at_the_desk()

    @rule()
    @precondition(lambda self: self.is_closed)
    def let_the_hub_pay_for_its_codes(self) -> None:
        money_codes.hub_pays(self.play)

    @rule()
    @precondition(lambda self: self.is_closed)
    def pay_by_hand(self) -> None:
        self.play.pay_by_hand()

    @invariant()
    def every_order_adds_up(self) -> None:
        session = self.play.session
        session.rollback()
        assert [row for row in totals.per_order(session) if not row.adds_up] == []
        found = checks.check_all(session, now=self.play.now)
        session.rollback()
        assert [breach for breach in found if breach.promise.startswith(OF_MONEY)] == []

    def every_cent_leads_to_its_line(self) -> None:
        """The months of each enterprise follow each other, add up to the ledger, and every line names what it stands for."""
        session = self.play.session
        own = select(LedgerEntry.enterprise_id, func.min(LedgerEntry.at), func.max(LedgerEntry.at)).where(
            LedgerEntry.account == Account.ENTERPRISE
        )
        for party, first_at, last_at in session.execute(own.group_by(LedgerEntry.enterprise_id)).all():
            month, carried = local_day(first_at).replace(day=1), 0
            while month <= local_day(last_at):
                found = monthly.read(session, enterprise_id=party, first=month)
                assert found.before_cents == carried
                for line in found.lines:
                    assert line.transaction and (line.number or line.kind in statements.MOVED), line
                    if line.transaction.startswith("settle:") and line.kind in (monthly.GOODS, *monthly.WORK):
                        assert resolves(session, line, party), line
                carried, month = found.after_cents, monthly.next_month(month)
            assert carried == statements.balance(session, enterprise_id=party)
        session.rollback()

    def teardown(self) -> None:
        """Let everything come to rest; then the provider must hold what our books say."""
        try:
            self.play.hear()
            self.play.pay_everybody("the end")
            while refunds.send_refunds(self.play.session, self.play.gateways, now=self.play.now):
                pass
            self.play.hear()
            bookkeeping.compare_books(
                self.play.session, self.play.gateways, now=self.play.now + timedelta(hours=1), since=self.play.started
            )
            self.play.session.rollback()
            last = reconciling.latest(self.play.session)
            assert last is not None
            assert (last.differences, last.provider_cents) == ([], last.books_cents)
            self.every_order_adds_up()
            self.every_cent_leads_to_its_line()
        finally:
            self.stage.__exit__(None, None, None)


@pytest.fixture
def machine(
    app: Flask, gateways: Gateways, database_kind: str, _databases: Callable[[str], Any], tmp_path: Path
) -> Callable[[], MoneyMachine]:
    """A state machine whose every run has a clean database and a stand-in of its own."""
    runs = iter(range(10_000))

    @contextmanager
    def open_play() -> Iterator[Play]:
        db.session.rollback()
        db.session.remove()
        _databases(database_kind).clean(db.engine)
        candidates.forget()
        shelf.forget()
        folder = tmp_path / str(next(runs))
        folder.mkdir()
        started = datetime.now(UTC).replace(microsecond=0)
        first = started + timedelta(days=7 - started.weekday())
        rows = money_world.build(seed=1, orders=1, now=first.replace(hour=8, minute=0, second=0))
        demo_data.write(db.engine, rows, password="not-for-signing-in", step=lambda *_: None)
        with running_stand_in(folder, options=FUNDS) as stand_in, running_issuer() as issuer:
            outside = dataclasses.replace(
                gateways,
                payments=build_payments(
                    secret_key=stand_in.secret_key,
                    webhook_secret=stand_in.webhook_secret,
                    api_base=stand_in.url,
                    read_seconds=PATIENT,
                ),
                vouchers=issuer.gateway(),
            )
            yield Play(
                session=db.session(),
                gateways=outside,
                provider=Provider(stand_in.url, stand_in.secret_key, stand_in.webhook_secret),
                rows=rows,
                started=started,
                orders=1,
                step=lambda *_: None,
                issuer=Issuer(issuer.url),
            )

    return type("Machine", (MoneyMachine,), {"open_play": staticmethod(open_play)})


def run(machine: Callable[[], MoneyMachine], *, examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
@pytest.mark.postgresql_only
def test_finds_every_cent_again_after_any_sequence(machine: Callable[[], MoneyMachine]) -> None:
    run(machine, examples=8)


@pytest.mark.slow
@pytest.mark.postgresql_only
def test_notices_money_that_nobody_wrote_down(
    machine: Callable[[], MoneyMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "book_dispute", lambda *_, **__: None)
    played = machine()
    for dice in range(6):
        played.order(dice, "")
    played.hear(1)
    played.dispute(1)
    with pytest.raises(AssertionError):
        played.teardown()
