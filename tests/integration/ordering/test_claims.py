"""Guest orders find their owner."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shortchain.journal import Actor
from shortchain.ordering import claims
from shortchain.ordering.models import Order
from shortchain.workflows import accounts as deeds
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts, catalogue, ordering


@pytest.fixture
def guest_order(session):
    cycle = catalogue.cycle(session)
    return ordering.order(session, cycle, catalogue.window(session, cycle), email="nele@post.example")


def owner(session):
    session.rollback()
    return session.scalar(select(Order.user_id))


def test_counts_and_claims_orders_of_the_confirmed_address(session, guest_order):
    nele = accounts.user(session, email="nele@post.example")
    assert claims.count_unclaimed(session, email=nele.email, is_confirmed=True) == 1
    assert deeds.claim_orders(session, user_id=nele.id, now=NOW, by=Actor("user", nele.id)) == 1
    assert owner(session) == nele.id
    assert deeds.claim_orders(session, user_id=nele.id, now=NOW, by=Actor("user", nele.id)) == 0


def test_leaves_orders_of_other_addresses(session, guest_order):
    bart = accounts.user(session, email="bart@post.example")
    assert deeds.claim_orders(session, user_id=bart.id, now=NOW, by=Actor("user", bart.id)) == 0
    assert owner(session) is None


def test_leaves_orders_that_somebody_has(session, guest_order):
    first = accounts.user(session)
    guest_order.user_id = first.id
    session.commit()
    nele = accounts.user(session, email="nele@post.example")
    assert deeds.claim_orders(session, user_id=nele.id, now=NOW, by=Actor("user", nele.id)) == 0
    assert owner(session) == first.id


def test_proves_nothing_with_an_unconfirmed_address(session, guest_order):
    nele = accounts.user(session, email="nele@post.example", confirmed=False)
    assert claims.count_unclaimed(session, email=nele.email, is_confirmed=False) == 0
    with pytest.raises(claims.NotConfirmed):
        deeds.claim_orders(session, user_id=nele.id, now=NOW, by=Actor("user", nele.id))
    assert owner(session) is None
