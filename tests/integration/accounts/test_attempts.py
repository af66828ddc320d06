"""Counting tries."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from shortchain.accounts import attempts
from shortchain.accounts.attempts import Limit, TooManyTries
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW

THREE = Limit("test", 3, timedelta(minutes=15))


def count(session, of="nele@post.example", now=NOW, limit=THREE):
    with transaction(session):
        attempts.count(session, limit, of=of, now=now)


def test_allows_as_many_as_the_limit(session):
    for _ in range(3):
        count(session)


def test_refuses_one_more_and_says_how_long(session):
    for _ in range(3):
        count(session, now=NOW + timedelta(minutes=3))
    with pytest.raises(TooManyTries) as refusal:
        count(session, now=NOW + timedelta(minutes=3))
    assert refusal.value.for_people == "Te veel pogingen. Probeer het over 12 minuten opnieuw."
    assert refusal.value.retry_after == 12 * 60


def test_says_a_minute_in_words(session):
    for _ in range(3):
        count(session)
    with pytest.raises(TooManyTries) as refusal:
        count(session, now=NOW + timedelta(minutes=14, seconds=10))
    assert "over een minuut" in refusal.value.for_people


def test_starts_anew_in_the_next_span(session):
    for _ in range(3):
        count(session)
    count(session, now=NOW + timedelta(minutes=15))


def test_counts_each_account_apart(session):
    for _ in range(3):
        count(session)
    count(session, of="bart@post.example")


def test_forgets_after_a_right_try(session):
    for _ in range(3):
        count(session)
    with transaction(session):
        attempts.forget(session, THREE, of="nele@post.example")
    count(session)


def test_checks_without_counting(session):
    for _ in range(2):
        count(session)
    for _ in range(5):
        attempts.check(session, THREE, of="nele@post.example", now=NOW)
    session.rollback()
    count(session)
    with pytest.raises(TooManyTries):
        attempts.check(session, THREE, of="nele@post.example", now=NOW)


def test_keeps_no_address_in_the_table(session):
    from sqlalchemy import select

    from shortchain.accounts.models import Attempts

    count(session)
    assert "nele" not in session.scalar(select(Attempts.key))


def test_removes_old_counts(session):
    count(session, now=NOW - timedelta(days=2))
    count(session)
    with transaction(session):
        assert attempts.sweep(session, now=NOW) == 1


def test_counts_tries_at_the_same_moment(app, session):
    from sqlalchemy import select

    from shortchain.accounts.models import Attempts
    from shortchain.database import db

    session.rollback()
    many = Limit("many", 1000, timedelta(minutes=15))

    def work():
        with app.app_context():
            for _ in range(5):
                count(db.session(), limit=many)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.scalar(select(Attempts.count)) == 20
