"""Certificates and the days on which they count."""

from __future__ import annotations

from datetime import date

import pytest

from shortchain.enterprises import certificates
from shortchain.enterprises.certificates import BadCertificate, certified, find_valid, standing
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises

TODAY = date(2026, 11, 23)


def add(session, farm, **values):
    values = {
        "kind": "organic",
        "body": "be-bio-01",
        "number": "123",
        "scope": "groenten",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 11, 30),
        **values,
    }
    with transaction(session):
        return certificates.add(session, enterprise_id=farm.id, now=NOW, by=SYSTEM, **values)


def test_counts_from_the_first_day_to_the_last(session):
    farm = enterprises.farm(session)
    made = add(session, farm)
    assert made.body == "BE-BIO-01"
    for day, counts in (
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ):
        assert (find_valid(session, enterprise_id=farm.id, on_day=day) is not None) is counts
        assert (farm.id in certified(session, enterprise_ids=[farm.id], on_day=day)) is counts


def test_is_not_organic_because_of_another_certificate(session):
    farm = enterprises.farm(session)
    add(session, farm, kind="favv", body="FAVV", number="AER/OVL/000123")
    assert certified(session, enterprise_ids=[farm.id], on_day=TODAY) == set()
    assert certified(session, enterprise_ids=[farm.id], on_day=TODAY, kind="favv") == {farm.id}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gezellig"},
        {"body": "Certisys"},
        {"number": " "},
        {"valid_to": date(2025, 12, 31)},
    ],
)
def test_refuses_what_cannot_be_right(session, wrong):
    with pytest.raises(BadCertificate):
        add(session, enterprises.farm(session), **wrong)


@pytest.mark.parametrize(
    ("day", "word"),
    [
        (date(2025, 12, 1), "later"),
        (date(2026, 6, 1), "valid"),
        (date(2026, 10, 31), "valid"),
        (date(2026, 11, 1), "soon"),
        (date(2026, 11, 30), "soon"),
        (date(2026, 12, 1), "over"),
    ],
)
def test_says_how_it_stands(session, day, word):
    assert standing(add(session, enterprises.farm(session)), on_day=day) == word


def test_removes_its_own_only(session):
    made = add(session, enterprises.farm(session))
    other = enterprises.farm(session)
    with pytest.raises(NotFound), transaction(session):
        certificates.remove(session, enterprise_id=other.id, certificate_id=made.id, now=NOW, by=SYSTEM)
    with transaction(session):
        certificates.remove(session, enterprise_id=made.enterprise_id, certificate_id=made.id, now=NOW, by=SYSTEM)
    assert certificates.list_of(session, enterprise_id=made.enterprise_id) == []
