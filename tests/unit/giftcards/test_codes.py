"""Codes of gift cards: what is typed is read, whatever stands between the signs."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.data import terms
from shortchain.giftcards import codes, operations

KEYS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(KEYS)
def test_a_code_is_four_times_four_signs_that_nobody_mixes_up(key: str) -> None:
    code = codes.code_of(key)
    assert len(code) == 19
    assert set(code) <= set(codes.ALPHABET) | {"-"}
    assert not set(codes.ALPHABET) & set("01IO")
    assert codes.hash_of(code) == codes.hash_of(code.lower().replace("-", " "))


@given(KEYS, KEYS)
def test_other_keys_give_other_secrets(one: str, other: str) -> None:
    assert (one == other) == (codes.code_of(one) == codes.code_of(other))
    assert codes.page_token(one) != codes.code_of(one)


@given(st.lists(KEYS, max_size=4, unique=True), st.sampled_from((" ", ", ", "\n", " ; ")))
def test_reads_several_codes_from_one_field(keys: list[str], between: str) -> None:
    typed = between.join(codes.code_of(key) for key in keys)
    assert codes.read_many(typed) == [codes.plain(codes.code_of(key)) for key in keys]
    assert codes.read_many(f"{typed}{between}{typed}") == codes.read_many(typed)  # each once


@pytest.mark.parametrize("typed", ["ABCD EFGH JKLM NPQR", "abcd-efgh-jklm-npqr", "ABCDEFGHJKLMNPQR"])
def test_joins_groups_of_four(typed: str) -> None:
    assert codes.read_many(typed) == ["ABCDEFGHJKLMNPQR"]


def test_keeps_what_is_too_short_so_that_it_can_be_refused() -> None:
    assert codes.read_many("ABCD") == ["ABCD"]
    assert codes.read_many("") == []


@pytest.mark.parametrize(
    ("bought", "last"),
    [
        (date(2026, 11, 30), date(2029, 11, 30)),
        (date(2028, 2, 29), date(2031, 2, 28)),
        (date(2026, 12, 31), date(2029, 12, 31)),
    ],
)
def test_a_card_is_good_for_three_years(bought: date, last: date) -> None:
    assert operations.last_day(bought) == last


def test_every_term_is_longer_than_a_year() -> None:
    assert all(row.months >= 12 and row.least_cents < row.most_cents for row in terms.all_gift_card_terms())
