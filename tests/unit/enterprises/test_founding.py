"""Numbers and names of enterprises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.enterprises.founding import BadKbo, normal_kbo, slug_of, written_kbo


@pytest.mark.parametrize(
    "typed",
    [
        "0123456749",
        "0123.456.749",
        "BE 0123.456.749",
        "be0123456749",
        "123456749",
        " 0123 456 749 ",
    ],
)
def test_writes_a_number_in_ten_digits(typed):
    assert normal_kbo(typed) == "0123456749"


@pytest.mark.parametrize("typed", ["", "0123456748", "0123.456", "9123456749", "abc", "0000000000", "0123456749012345"])
def test_refuses_what_is_no_number(typed):
    with pytest.raises(BadKbo):
        normal_kbo(typed)


@given(st.integers(min_value=1_000_000, max_value=19_999_999))
def test_knows_the_check_digits(first):
    right = 97 - first % 97
    assert normal_kbo(f"{first:08}{right:02}")
    with pytest.raises(BadKbo):
        normal_kbo(f"{first:08}{(right % 97) + 1:02}")


def test_writes_it_as_people_read_it():
    assert written_kbo("0123456749") == "0123.456.749"
    assert written_kbo(None) == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Hoeve ’t Ganzenveld", "hoeve-t-ganzenveld"),
        ("Écluse & Co.", "ecluse-co"),
        ("!!!", "x"),
        ("a" * 200, "a" * 60),
    ],
)
def test_makes_a_web_address_of_a_name(name, slug):
    assert slug_of(name) == slug
