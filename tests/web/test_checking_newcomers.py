"""A new enterprise gets work only after a coordinator has looked at it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from shortchain.enterprises import directory
from shortchain.enterprises.models import Enterprise
from shortchain.notifications.models import Notice
from shortchain.routing import candidates
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import signed_in

WEDNESDAY = date(2026, 11, 25)


@pytest.fixture
def newcomer(session):
    made = enterprises.packer(session, name="Nieuw en Vlijtig", kbo="0100000070")
    made.verified_at = None
    session.commit()
    enterprises.member(session, accounts.user(session, name="Lies"), made)
    return made


@pytest.fixture
def michael(client, session):
    person = accounts.user(session, name="Michael")
    enterprises.member(session, person, enterprises.hub(session))
    return signed_in(client, session, person)


def able(session):
    session.rollback()
    return {one.enterprise_id for one in candidates.read_candidates(session, days=[WEDNESDAY])}


def test_is_checked_told_and_then_gets_work(michael, session, newcomer):
    assert newcomer.id not in able(session)
    before = directory.number(session)
    page = michael.page("/onderneming/na-te-kijken")
    assert "Nieuw en Vlijtig" in page
    assert "0100.000.070" in page
    assert "Lies" in page
    michael.submit(page.form(f"/{newcomer.public_id}"))
    assert newcomer.id in able(session)
    assert directory.number(session) == before + 1
    assert session.scalars(select(Notice.template)).all() == ["enterprise_verified"]
    assert "Niemand wacht" in michael.page("/onderneming/na-te-kijken")


def test_is_told_once(michael, session, newcomer):
    for _ in range(2):
        michael.post(f"/onderneming/na-te-kijken/{newcomer.public_id}")
    session.rollback()
    assert len(session.scalars(select(Notice)).all()) == 1
    assert session.get(Enterprise, newcomer.id, populate_existing=True).verified_at is not None


def test_knows_nobody_by_another_name(michael):
    assert michael.post("/onderneming/na-te-kijken/niemand").status_code == 404
