"""Stock is set aside whole or not at all, and nothing is ever made or lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import SYSTEM
from shortchain.payouts import ledger
from shortchain.payouts.models import Account
from shortchain.stock import allocations, availability, lots
from shortchain.stock.allocations import SoldOut, Wanted
from shortchain.stock.lots import AlreadySold
from shortchain.stock.models import Allocation, AllocationState, Lot, StockMovement
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import catalogue, enterprises, stock

THURSDAY = date(2026, 11, 26)
LATER = NOW + timedelta(minutes=30)


def product_of(session: Session, *quantities: int) -> int:
    made = catalogue.product(session, enterprises.farm(session))
    for quantity in quantities:
        stock.lot(session, made, quantity=quantity)
    return made.id


def hold(session: Session, *wanted: tuple[str, int, int]) -> None:
    with transaction(session):
        allocations.hold(
            session,
            wanted=[Wanted(claim, product, amount, THURSDAY) for claim, product, amount in wanted],
            until=LATER,
            now=NOW,
        )


def left(session: Session, product: int) -> int:
    session.rollback()
    return availability.left_of(session, product_ids=[product], on_day=THURSDAY)[product]


def test_tells_every_line_that_falls_short_and_holds_none(session: Session) -> None:
    plenty, few, none = product_of(session, 9), product_of(session, 2), product_of(session)
    with pytest.raises(SoldOut) as refusal:
        hold(session, ("a", plenty, 5), ("b", few, 3), ("c", none, 1))
    assert [(short.claim, short.asked, short.left) for short in refusal.value.short] == [("b", 3, 2), ("c", 1, 0)]
    assert left(session, plenty) == 9


def test_serves_a_line_from_several_lots(session: Session) -> None:
    product = product_of(session, 3, 4)
    hold(session, ("a", product, 6))
    assert left(session, product) == 1
    assert sum(amount for _code, amount in allocations.lots_of_claims(session, claims=["a"])["a"]) == 6


def test_frees_a_hold_once(session: Session) -> None:
    product = product_of(session, 5)
    hold(session, ("a", product, 5))
    for freed in (1, 0):
        with transaction(session):
            assert allocations.release(session, claims=["a"], now=NOW) == freed
    assert left(session, product) == 5


def test_lets_a_hold_go_that_nobody_paid(session: Session) -> None:
    product = product_of(session, 5)
    hold(session, ("a", product, 5))
    with transaction(session):
        allocations.hold(
            session, wanted=[Wanted("b", product, 5, THURSDAY)], until=LATER + timedelta(hours=1), now=LATER
        )
    assert set(allocations.lots_of_claims(session, claims=["a", "b"])) == {"b"}


def test_never_frees_what_is_packed(session: Session) -> None:
    product = product_of(session, 5)
    hold(session, ("a", product, 2))
    with transaction(session):
        allocations.commit(session, claims=["a"], now=NOW)
        allocations.pick(session, claims=["a"], now=NOW)
    with transaction(session):
        assert allocations.release(session, claims=["a"], now=NOW) == 0
    assert left(session, product) == 3


def test_keeps_what_a_lot_has_sold(session: Session) -> None:
    product = product_of(session, 5)
    hold(session, ("a", product, 4))
    lot = session.scalars(select(Lot)).one()
    session.rollback()
    with pytest.raises(AlreadySold), transaction(session):
        lots.correct(session, lot=lot, quantity=3, kind="corrected", by=SYSTEM, now=NOW)


@pytest.mark.parametrize("table", ["stock_movement", "journal_entry", "ledger_entry"])
def test_refuses_to_rewrite_the_books(session: Session, table: str) -> None:
    product_of(session, 5)
    with transaction(session):
        journal.record(session, "test.done", by=SYSTEM, now=NOW)
        ledger.post(
            session,
            transaction="capture:test",
            order_id=None,
            now=NOW,
            entries=[
                ledger.Entry(Account.BANK, "capture", 100),
                ledger.Entry(Account.CUSTOMER, "capture", -100),
            ],
        )
    for change in (f"UPDATE {table} SET id = id + 1000", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(session):
            session.execute(text(change))


class Stock(RuleBasedStateMachine):
    """Whatever happens in whatever order: listed is left, held, sold and packed together."""

    session: Session

    @initialize()
    def start(self) -> None:
        self.product = product_of(self.session, 10, 7)
        self.claims = 0

    @rule(amount=st.integers(1, 8))
    def hold(self, amount: int) -> None:
        self.claims += 1
        before = left(self.session, self.product)
        try:
            hold(self.session, (f"{self.product}-{self.claims}", self.product, amount))
        except SoldOut:
            assert before < amount
        else:
            assert left(self.session, self.product) == before - amount

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), deed=st.sampled_from(["commit", "pick", "release"]))
    def move(self, data: st.DataObject, deed: str) -> None:
        claim = f"{self.product}-{data.draw(st.integers(1, self.claims))}"
        with transaction(self.session):
            getattr(allocations, deed)(self.session, claims=[claim], now=NOW)

    @rule(quantity=st.integers(0, 20))
    def correct(self, quantity: int) -> None:
        lot = self.session.scalars(select(Lot).where(Lot.product_id == self.product)).first()
        self.session.rollback()
        try:
            with transaction(self.session):
                lots.correct(self.session, lot=lot, quantity=quantity, kind="corrected", by=SYSTEM, now=NOW)
        except AlreadySold:
            assert quantity < lot.allocated

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        if not hasattr(self, "product"):
            return
        self.session.rollback()
        for lot in self.session.scalars(
            select(Lot).where(Lot.product_id == self.product).execution_options(populate_existing=True)
        ):
            aside = self.session.scalar(
                select(func.coalesce(func.sum(Allocation.amount), 0)).where(
                    Allocation.lot_id == lot.id, Allocation.state != AllocationState.RELEASED
                )
            )
            moved = self.session.scalar(select(func.sum(StockMovement.amount)).where(StockMovement.lot_id == lot.id))
            assert lot.allocated == aside
            assert lot.quantity == moved
            assert lot.left >= 0
        self.session.rollback()


def test_makes_and_loses_nothing_whatever_happens(session: Session) -> None:
    Stock.session = session
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Stock,
        settings=settings(
            max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
