"""Addresses and numbers, written in one way."""

from __future__ import annotations

import pytest

from shortchain.accounts.operations import BadEmail, BadPhone, normal_email, normal_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Nele@Post.Example ", "nele@post.example"),
        ("bart.peeters+hoeve@voorbeeld.be", "bart.peeters+hoeve@voorbeeld.be"),
        ("BOER@BÜCHER.example", "boer@bücher.example"),
    ],
)
def test_writes_an_address_in_one_way(typed, kept):
    assert normal_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nele",
        "nele@",
        "@post.example",
        "nele@post",
        "a b@post.example",
        "nele@post..example",
        "Nele <nele@post.example>",
        "nele@post.example\r\nBcc: x@y.example",
        "x" * 250 + "@post.example",
    ],
)
def test_refuses_what_is_no_address(typed):
    with pytest.raises(BadEmail):
        normal_email(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0470 12 34 56", "+32470123456"),
        ("+32 (0)9/123.45.67".replace("(0)", ""), "+3291234567"),
        ("0031 6 12345678", "+31612345678"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_writes_a_number_with_its_country(typed, kept):
    assert normal_phone(typed) == kept


@pytest.mark.parametrize("typed", ["12", "bel me", "0470 12 34 56 of 57", "++32470123456"])
def test_refuses_what_is_no_number(typed):
    with pytest.raises(BadPhone):
        normal_phone(typed)
