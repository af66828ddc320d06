"""Structured messages and QR texts of bank transfers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel.money import Money
from shortchain.payments.transfer_message import (
    NotAMessage,
    NotForTransfer,
    message_of_order,
    qr_payload,
    read_message,
    structured_message,
)

IBAN = "BE49999000000171"


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (1234567890, "+++123/4567/89002+++"),
        (97, "+++000/0000/09797+++"),
        (2026000042, "+++202/6000/04236+++"),
        (909337554, "+++090/9337/55493+++"),
        (0, "+++000/0000/00097+++"),
    ],
)
def test_writes_the_known_examples(number, message):
    assert structured_message(number) == message
    assert read_message(message) == number


@pytest.mark.parametrize("number", [-1, 10**10])
def test_refuses_numbers_that_do_not_fit(number):
    with pytest.raises(ValueError, match="digits"):
        structured_message(number)


@given(st.integers(0, 10**10 - 1))
def test_reads_back_what_it_wrote(number):
    message = structured_message(number)
    digits = "".join(filter(str.isdigit, message))
    assert read_message(message) == read_message(digits) == number
    assert read_message(f" {message.replace('+', '*')} ") == number


@given(st.integers(0, 10**10 - 1), st.integers(0, 11), st.integers(1, 9))
def test_notices_one_wrong_digit(number, place, change):
    digits = list("".join(filter(str.isdigit, structured_message(number))))
    digits[place] = str((int(digits[place]) + change) % 10)
    with pytest.raises(NotAMessage):
        read_message("".join(digits))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+++123/4567/89012+++",
        "123",
        "+++123/4567/890+++",
        "١٢٣٤٥٦٧٨٩٠٠٢",
        "+++123/4567/89002",
        "betaling 123456789002",
    ],
)
def test_refuses_what_is_no_message(text):
    with pytest.raises(NotAMessage):
        read_message(text)


def test_takes_the_digits_of_an_order_number():
    assert message_of_order("SC-26-04821") == structured_message(2604821)
    assert message_of_order("SC-26-00001") != message_of_order("SC-26-00002")


@pytest.mark.parametrize("order_number", ["SC", "", "SC-12345-678901", "SC-٢٦-1"])
def test_refuses_an_order_number_that_gives_no_message(order_number):
    with pytest.raises(ValueError, match="digits"):
        message_of_order(order_number)


def test_writes_the_qr_text_line_by_line():
    text = qr_payload(
        name="Test  Winkel\ncv",
        iban="BE49 9990 0000 0171",
        amount=Money(1230),
        message="+++202/6000/04236+++",
    )
    assert text.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "Test Winkel cv",
        IBAN,
        "EUR12.30",
        "",
        "",
        "+++202/6000/04236+++",
    ]


@pytest.mark.parametrize(("cents", "written"), [(1, "EUR0.01"), (100, "EUR1.00"), (99_999_999_999, "EUR999999999.99")])
def test_writes_amounts_with_two_decimals(cents, written):
    text = qr_payload(name="T", iban=IBAN, amount=Money(cents), message="")
    assert written in text.split("\n")


@pytest.mark.parametrize(
    "change",
    [
        {"iban": "BE49999000000172"},
        {"iban": ""},
        {"amount": Money(0)},
        {"amount": Money(-5)},
        {"amount": Money(100_000_000_000)},
        {"amount": Money(5, "USD")},
        {"name": ""},
        {"name": "x" * 71},
        {"message": "x" * 141},
        {"bic": "ABC"},
        {"name": "é" * 70, "message": "é" * 140},
    ],
)
def test_refuses_what_banks_cannot_read(change):
    values = {"name": "Test", "iban": IBAN, "amount": Money(5), "message": "m"} | change
    with pytest.raises(NotForTransfer):
        qr_payload(**values)
