"""Empties come back: the deposit goes to the customer, comes from the owner, and the count follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.containers import moves
from shortchain.containers.models import ContainerType, PackagingMove
from shortchain.containers.moves import BadMove
from shortchain.delivery import partners
from shortchain.documents.models import Document
from shortchain.documents.values import DocumentKind, Paper
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import empties as reading
from shortchain.ordering.empties import MoreThanOut
from shortchain.ordering.models import Order, OrderDeposit
from shortchain.payments import debits
from shortchain.payments.models import Payment, Refund
from shortchain.payouts.models import LedgerEntry, PayoutReversal
from shortchain.workflows import documents, empties, refunds, settlement
from shortchain.workflows.empties import HowMany
from tests.support import debits as owing
from tests.support import invoices, paperwork
from tests.support.empties import CRATE_CENTS, JAR_CENTS, deliver, deposits_of, given_back, in_crates, in_jars
from tests.support.market import Market, market

AFTER = timedelta(hours=49)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = paperwork.numbered(market(session, gateways))
    in_jars(made)
    in_crates(made)
    return made


def named(shop: Market, kind: str) -> str:
    return shop.session.scalars(select(ContainerType).where(ContainerType.kind == kind)).one().public_id


def bring(shop: Market, order: Order, key: str = "", **counts: int) -> int:
    """Bring empties to the hub of an order, by their kind."""
    wanted = {named(shop, kind): count for kind, count in counts.items()}
    shop.session.rollback()
    back = empties.take_back(
        shop.session,
        number=order.number,
        enterprise_id=order.hub_id,
        counts=wanted,
        key=key or f"{order.number}-{sorted(counts.items())}-{shop.session.query(PackagingMove).count()}",
        by=SYSTEM,
        now=shop.now,
    )
    shop.session.rollback()
    return back.cents


def settle(shop: Market) -> None:
    settlement.settle_orders(shop.session, now=shop.now + AFTER)
    shop.session.rollback()


def breaches(shop: Market) -> list[str]:
    refunds.send_refunds(shop.session, shop.gateways, now=shop.now + AFTER)
    found = checks.check_all(shop.session, now=shop.now + AFTER)
    return [breach.what for breach in found if breach.promise.startswith("P1")]


def held_by(shop: Market, enterprise_id: int) -> dict[tuple[str, str], int]:
    return {
        (one.container.kind.value, one.holder or "klanten"): one.count
        for one in moves.standings(shop.session, enterprise_id=enterprise_id)
    }


@pytest.mark.parametrize("is_divided", [True, False])
def test_what_comes_back_is_paid_back_by_its_owner(shop: Market, session: Session, is_divided: bool) -> None:
    order = shop.order(2, 3)
    deliver(shop, order)
    if is_divided:
        settle(shop)
    assert bring(shop, order, jar=2, pool_crate=1) == 2 * JAR_CENTS + CRATE_CENTS
    assert sorted(given_back(shop, order)) == [2 * JAR_CENTS, CRATE_CENTS]
    assert [row.out for row in deposits_of(shop, order)] == [1, 0]
    assert breaches(shop) == []
    if not is_divided:
        settle(shop)
    owed = {
        (row.enterprise_id, row.kind): 0
        for row in session.scalars(select(LedgerEntry).where(LedgerEntry.order_id == order.id))
    }
    for row in session.scalars(select(LedgerEntry).where(LedgerEntry.order_id == order.id)):
        owed[row.enterprise_id, row.kind] -= row.amount_cents
    assert owed[shop.farms[1].id, "deposit"] == JAR_CENTS
    assert owed.get((shop.cycle.hub_id, "deposit"), 0) == 0
    assert breaches(shop) == []


def test_the_farm_that_was_paid_already_owes_it(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(0, 3)
    deliver(shop, order)
    settle(shop)
    settlement.send_payouts(session, gateways, now=shop.now + AFTER)
    bring(shop, order, jar=3)
    assert breaches(shop) == []
    debts = session.scalars(select(PayoutReversal)).all()
    assert [debt.amount_cents for debt in debts] == [3 * JAR_CENTS]
    settlement.send_reversals(session, gateways, now=shop.now + AFTER)
    assert breaches(shop) == []


def test_jars_are_alike_so_the_oldest_order_counts_first(shop: Market, session: Session) -> None:
    first, second = shop.order(0, 2), shop.order(0, 3)
    for order in (first, second):
        deliver(shop, order)
    assert bring(shop, second, jar=4) == 4 * JAR_CENTS
    assert [row.returned for order in (first, second) for row in deposits_of(shop, order)] == [2, 0, 2, 0]
    assert [given_back(shop, order) for order in (first, second)] == [[2 * JAR_CENTS], [2 * JAR_CENTS]]
    assert breaches(shop) == []


def test_an_older_deposit_goes_back_as_it_was_paid(shop: Market, session: Session) -> None:
    first = shop.order(0, 1)
    deliver(shop, first)
    session.execute(update(ContainerType).where(ContainerType.kind == "jar").values(deposit_cents=75))
    session.commit()
    second = shop.order(0, 1)
    deliver(shop, second)
    assert bring(shop, second, jar=2) == JAR_CENTS + 75
    assert breaches(shop) == []


def test_nothing_more_comes_back_than_is_out(shop: Market, session: Session) -> None:
    order = shop.order(0, 2)
    with pytest.raises(MoreThanOut):  # not delivered yet
        bring(shop, order, jar=1)
    deliver(shop, order)
    for counts in ({"jar": 3}, {"jar": 1, "pool_crate": 2}):
        with pytest.raises(MoreThanOut):
            bring(shop, order, **counts)
    for nothing in ({}, {"jar": 0}, {"jar": -1}):
        with pytest.raises((HowMany, MoreThanOut)):
            bring(shop, order, **nothing)
    session.rollback()
    assert given_back(shop, order) == []
    assert breaches(shop) == []


def test_the_same_press_again_books_nothing(shop: Market, session: Session) -> None:
    order = shop.order(0, 4)
    deliver(shop, order)
    assert bring(shop, order, key="once", jar=2) == 2 * JAR_CENTS
    assert bring(shop, order, key="once", jar=2) == 0
    assert given_back(shop, order) == [2 * JAR_CENTS]
    mails = session.scalars(select(Notice).where(Notice.template == "empties_back")).all()
    assert [mail.context["back_cents"] for mail in mails] == [2 * JAR_CENTS]


def owed_order(shop: Market) -> Order:
    """Have a delivered order of two jars whose direct debit the bank did not take."""
    person_id = owing.known_customer(shop)
    order, reference = owing.promised(shop, shop.place(shop.basket(0, 2), method="sepa_debit", user_id=person_id))
    deliver(shop, order)
    owing.never_came(shop, reference)
    return order


SAID = {
    "nl": ("€ 0,60 minder te betalen", "nog moet betalen, is € 0,60 waarborg minder", "Je krijgt"),
    "fr": ("0,60 € de moins à payer", "est diminué de 0,60 € de consigne", "remboursons"),
    "en": ("€0.60 less to pay", "is €0.60 of deposit less", "You get"),
}


@pytest.mark.parametrize("language", sorted(SAID))
def test_of_an_order_that_is_owed_the_mail_says_that_so_much_less_is(shop: Market, language: str) -> None:
    order = owed_order(shop)
    assert bring(shop, order, jar=2) == 2 * JAR_CENTS
    (mail,) = shop.session.scalars(select(Notice).where(Notice.template == "empties_back")).all()
    assert (mail.context["back_cents"], mail.context["less_owed_cents"]) == (0, 2 * JAR_CENTS)
    owed = debits.owed(shop.session, order_id=order.id)
    assert owed is not None
    assert owed.left_cents == owed.amount_cents - 2 * JAR_CENTS
    subject, text, html = shop.gateways.render_mail(mail.template, language=language, context=mail.context)
    in_subject, in_body, never = SAID[language]
    plain = [one.replace("\xa0", " ").replace("\u202f", " ") for one in (subject, text, html)]
    assert in_subject in plain[0]
    for body in plain[1:]:
        assert in_body in body
        assert never not in body
    assert breaches(shop) == []


def test_who_got_nearly_everything_back_has_the_deposit_in_it(shop: Market, session: Session) -> None:
    order = shop.order(0, 2)
    deliver(shop, order)
    settle(shop)
    refunds.give_back(
        session,
        order_id=order.id,
        hub_id=order.hub_id,
        amount_cents=order.total_cents - 50,
        reason="alles stuk",
        by=SYSTEM,
        now=shop.now,
    )
    assert bring(shop, order, jar=2) == 50
    assert [row.returned for row in deposits_of(shop, order)] == [2, 0]
    assert breaches(shop) == []


class TestWhoMayTakeThem:
    """Only the hub of the order, and who owns the containers, takes empties at its desk."""

    def test_a_farm_takes_its_own_jars_and_no_crate(self, shop: Market, session: Session) -> None:
        order = shop.order(1, 2)
        deliver(shop, order)
        jar, crate = named(shop, "jar"), named(shop, "pool_crate")
        values = {"enterprise_id": shop.farms[1].id, "by": SYSTEM, "now": shop.now}
        with pytest.raises(MoreThanOut):
            empties.take_back(session, number=order.number, counts={crate: 1}, key="a", **values)
        assert (
            empties.take_back(session, number=order.number, counts={jar: 2}, key="b", **values).cents == 2 * JAR_CENTS
        )

    def test_another_knows_no_such_order(self, shop: Market, session: Session) -> None:
        order = shop.order(1, 2)
        deliver(shop, order)
        for party in (shop.farms[0], shop.packers[0]):
            with pytest.raises(NotFound):
                reading.find_for(session, number=order.number, enterprise_id=party.id)

    def test_another_customers_jars_stay_theirs(self, shop: Market, session: Session) -> None:
        mine, theirs = shop.order(0, 1), shop.order(0, 2)
        session.execute(update(Order).where(Order.id == theirs.id).values(email="ann@post.example"))
        session.commit()
        for order in (mine, theirs):
            deliver(shop, order)
        with pytest.raises(MoreThanOut):
            bring(shop, mine, jar=2)


class TestWhereTheyAre:
    """The count of containers per party."""

    def test_follows_them_out_and_back(self, shop: Market, session: Session) -> None:
        order = shop.order(1, 3)
        deliver(shop, order)
        assert held_by(shop, shop.farms[1].id) == {("jar", "klanten"): 3}
        # Crates came from the packer, who had none booked: that shows.
        assert held_by(shop, order.hub_id) == {("pool_crate", "De Pakker"): -1, ("pool_crate", "klanten"): 1}
        bring(shop, order, jar=2, pool_crate=1)
        standing = {one.holder_id: one.count for one in moves.standings(session, enterprise_id=shop.farms[1].id)}
        assert standing == {None: 1, order.hub_id: 2}

    def test_the_owner_hands_out_any_number_and_others_what_they_have(self, shop: Market, session: Session) -> None:
        hub, packer = shop.cycle.hub_id, shop.packers[0]
        crate, party = named(shop, "pool_crate"), packer.public_id
        home = session.get_one(Enterprise, hub).public_id
        values = {"container": crate, "by": SYSTEM, "now": shop.now}
        session.rollback()
        empties.hand(session, enterprise_id=hub, party=party, gives=True, count=20, key="1", **values)
        empties.hand(session, enterprise_id=hub, party=party, gives=True, count=20, key="1", **values)  # same press
        assert held_by(shop, hub) == {("pool_crate", "De Pakker"): 20}
        session.rollback()
        for wrong in (0, 21):
            with pytest.raises(BadMove):
                empties.hand(
                    session, enterprise_id=packer.id, party=home, gives=True, count=wrong, key=f"2-{wrong}", **values
                )
        with pytest.raises(BadMove):
            empties.hand(session, enterprise_id=packer.id, party=party, gives=True, count=1, key="3", **values)
        empties.hand(session, enterprise_id=hub, party=party, gives=False, count=5, key="4", **values)
        assert held_by(shop, packer.id) == {("pool_crate", "De Pakker"): 15}

    def test_nobody_changes_what_was_booked(self, shop: Market, session: Session) -> None:
        deliver(shop, shop.order(0, 1))
        for change in (update(PackagingMove).values(count=9), delete(PackagingMove)):
            with pytest.raises(DatabaseError), session.begin_nested():
                session.execute(change)
            session.rollback()

    def test_a_lost_move_is_noticed(self, shop: Market, session: Session) -> None:
        order = shop.order(0, 2)
        deliver(shop, order)
        session.execute(update(OrderDeposit).where(OrderDeposit.order_id == order.id).values(returned=1))
        session.commit()
        assert len(breaches(shop)) == 4  # both deposits: the count, and the money

    def test_knows_with_whom_one_works(self, shop: Market, session: Session) -> None:
        shop.order(1, 1)
        names = {name for _public_id, name in partners.of_enterprise(session, enterprise_id=shop.cycle.hub_id)}
        assert {"Hof", "Akker", "De Pakker"} <= names
        assert partners.of_enterprise(session, enterprise_id=shop.packers[1].id) == []


def test_a_credit_takes_the_deposit_back_on_paper(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(0, 3)
    paperwork.finish(shop, order)
    bring(shop, order, jar=3)
    refunds.send_refunds(session, gateways, now=shop.now + AFTER)
    documents.make_due(session, gateways, now=shop.now + AFTER)
    session.rollback()
    [credit] = session.scalars(select(Document).where(Document.kind == DocumentKind.TICKET_CREDIT)).all()
    assert credit.payable_cents == 3 * JAR_CENTS
    [line] = Paper.from_json(credit.content).draft.lines
    assert (line.text, line.category) == ("Waarborg voor leeggoed", "E")
    assert invoices.faults(credit.xml) == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4), st.booleans()), min_size=1, max_size=3))
def test_whatever_comes_back_and_when_every_cent_is_somewhere(
    shop: Market, session: Session, deeds: list[tuple[int, int, bool]]
) -> None:
    for jars, back, is_divided in deeds:
        order = shop.order(0, jars)
        deliver(shop, order)
        if is_divided:
            settle(shop)
        out = sum(one.count for one in reading.out_of(session, order=order) if one.kind == "jar")
        if back and back <= out:
            assert bring(shop, order, jar=back) == back * JAR_CENTS
        assert breaches(shop) == []
    settle(shop)
    assert breaches(shop) == []
    taken = sum(row.amount_cents for row in session.scalars(select(Refund)))
    assert sum(row.refunded_cents for row in session.scalars(select(Payment))) == taken
