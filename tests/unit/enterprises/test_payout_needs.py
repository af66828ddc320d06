"""What a payment provider wants, in the groups that people read."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
import stripe

from shortchain.enterprises import payout_needs
from shortchain.enterprises.payout_needs import GROUPS, Need, group_of, listed, mistake_of, news
from stripe_stand_in.requiring import ASKED

NOTHING = payout_needs.as_needs(now=(), overdue=(), later=(), checking=(), refused=())
BANK = payout_needs.as_needs(now=["external_account"], overdue=(), later=(), checking=(), refused=())


@pytest.mark.parametrize(
    ("field", "group"),
    [
        ("external_account", "bank"),
        ("person_1abc.verification.document", "document"),
        ("company.verification.document", "document"),
        ("documents.company_registration_verification.files", "document"),
        ("representative.dob.day", "person"),
        ("individual.first_name", "person"),
        ("person_1abc.address.city", "person"),
        ("owners.first_name", "owners"),
        ("company.owners_provided", "owners"),
        ("directors.last_name", "owners"),
        ("company.tax_id", "company"),
        ("business_type", "company"),
        ("company.address.line1", "address"),
        ("company.phone", "address"),
        ("business_profile.mcc", "activity"),
        ("tos_acceptance.date", "terms"),
        ("something.of.next.year", "other"),
    ],
)
def test_puts_each_field_into_a_group(field: str, group: str) -> None:
    assert group_of(field) == group


def test_knows_a_group_for_all_that_a_newcomer_is_asked() -> None:
    assert {group_of(field) for field in ASKED} <= set(GROUPS) - {"other"}


def test_has_words_for_every_mistake_that_the_library_knows() -> None:
    codes = get_args(stripe.Account.Requirements.Error.__annotations__["code"])
    assert len(codes) > 50
    named = {code: mistake_of(code) for code in codes if mistake_of(code) != "other"}
    assert named["verification_document_not_readable"] == "unreadable"
    assert named["verification_document_missing_back"] == "incomplete"
    assert named["verification_document_expired"] == "expired"
    assert named["verification_document_name_mismatch"] == named["verification_failed_keyed_identity"] == "differs"
    assert named["invalid_tax_id"] == "number"
    assert len(named) > len(codes) / 2, "most mistakes are told in words"


def test_shows_a_group_once_and_the_most_urgent_first() -> None:
    needs = payout_needs.as_needs(
        now=["representative.dob.day", "person_1.verification.document", "company.phone"],
        overdue=["company.phone"],
        later=["company.address.city", "external_account"],
        checking=["company.tax_id"],
        refused=[("person_1.verification.document", "verification_document_expired")],
    )
    assert listed(needs) == [
        Need("address", "overdue"),
        Need("document", "refused", "expired"),
        Need("person", "now"),
        Need("company", "checking"),
        Need("bank", "later"),
    ]


def test_tells_what_is_new_and_nothing_twice() -> None:
    assert news(was_ready=False, is_ready=True, is_closed=False, before={}, after=NOTHING) == "ready"
    assert news(was_ready=True, is_ready=False, is_closed=False, before=NOTHING, after=BANK) == "stopped"
    assert news(was_ready=True, is_ready=True, is_closed=False, before=NOTHING, after=BANK) == "needs"
    assert news(was_ready=True, is_ready=True, is_closed=False, before=BANK, after=BANK) == ""
    assert news(was_ready=True, is_ready=True, is_closed=False, before=BANK, after=NOTHING) == ""
    assert news(was_ready=False, is_ready=False, is_closed=False, before={}, after=BANK) == "", "still filling in"
    assert news(was_ready=True, is_ready=False, is_closed=True, before=NOTHING, after=NOTHING) == "closed"


def test_says_one_thing_of_every_combination() -> None:
    for was, now, closed, before, after in product(*[(True, False)] * 3, (NOTHING, BANK, {}), (NOTHING, BANK)):
        found = news(was_ready=was, is_ready=now, is_closed=closed, before=before, after=after)
        assert found in ("", "ready", "stopped", "needs", "closed")
        assert not (found == "ready" and was) and not (found == "stopped" and not was)
