"""Statements of a bank: what came in, and the message of an order wherever it stands in the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.payments.bank_statements import Incomplete, NotAStatement, read
from shortchain.payments.transfer_message import message_of_order
from tests.support.bank import DAY, OURS, Paid, camt, coda

MESSAGE = message_of_order("SC-26-04821")
DIGITS = "".join(sign for sign in MESSAGE if sign.isdigit())
Writer = Callable[[Sequence[Paid]], bytes]
BOTH = pytest.mark.parametrize("write", [camt, coda])
FILLERS = st.text("abcdefghij ,.", max_size=20)


@BOTH
def test_reads_what_came_in_and_nothing_else(write: Writer) -> None:
    found = read(
        write(
            [Paid(1234, "groenten"), Paid(99, "kosten", is_debit=True), Paid(5, DIGITS, "J. Vos", is_structured=True)]
        )
    )
    assert [(one.cents, one.name, one.day) for one in found] == [(1234, "Nele Peeters", DAY), (5, "J. Vos", DAY)]
    assert [one.messages for one in found] == [(), (MESSAGE,)]
    assert len({one.reference for one in found}) == 2


@BOTH
@given(
    before=FILLERS, after=FILLERS, written=st.sampled_from([MESSAGE, DIGITS, MESSAGE.replace("+", "*"), "SC-26-04821"])
)
def test_finds_the_message_inside_free_text(write: Writer, before: str, after: str, written: str) -> None:
    [found] = read(write([Paid(100, f"{before} {written} {after}")]))
    assert found.messages == (MESSAGE,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "260482100000",
        DIGITS[:-1],
        f"1{DIGITS}",
        DIGITS[:-2] + f"{(int(DIGITS[-2:]) + 1) % 97:02}",
        "BE68 5390 0754 7034",
    ],
)
def test_takes_nothing_for_a_message_that_is_none(text: str) -> None:
    assert read(camt([Paid(100, text)]))[0].messages == ()


def test_names_every_order_of_a_text() -> None:
    other = message_of_order("SC-26-00007")
    assert read(camt([Paid(100, f"{MESSAGE} en SC-26-00007")]))[0].messages == (MESSAGE, other)


@BOTH
@given(cents=st.lists(st.integers(1, 10_000_000), min_size=1, max_size=6))
def test_keeps_every_cent(write: Writer, cents: list[int]) -> None:
    assert [one.cents for one in read(write([Paid(amount, "x") for amount in cents]))] == cents


@pytest.mark.parametrize("version", ["02", "08", "13"])
def test_reads_every_version(version: str) -> None:
    assert len(read(camt([Paid(1, "x")], version=version))) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"niets",
        b"<html></html>",
        b"<Document><BkToCstmrStmt>",
        camt([Paid(100, "x")]).replace(b"EUR", b"USD"),
        camt([Paid(100, "x")]).replace(b"1.00", b"1.005"),
        camt([Paid(100, "x")]).replace(b"<Document", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Document"),
        *(
            camt([Paid(100, "x")]).replace(b"1.00", bad)
            for bad in (b"Infinity", b"NaN", b"1E9999", b"-1.00", b"0.00", b"")
        ),
        coda([Paid(100, "x")])[:-128],
        b"\xff" * 300,
        b"x" * 5_000_001,
    ],
)
def test_refuses_what_it_can_not_read(content: bytes) -> None:
    with pytest.raises(NotAStatement):
        read(content)


def test_refuses_half_a_statement() -> None:
    whole = coda([Paid(100, "a"), Paid(200, "b")]).split(b"\r\n")
    with pytest.raises(Incomplete):
        read(b"\r\n".join(line for line in whole if not line.startswith((b"210002", b"220002", b"230002"))))


def test_refuses_a_statement_whose_balances_do_not_agree() -> None:
    content = camt([Paid(100, "a"), Paid(250, "b")])
    start = content.index(b"<Ntry>")
    with pytest.raises(Incomplete):
        read(content[:start] + content[content.index(b"<Ntry>", start + 1) :])
    with pytest.raises(Incomplete):
        read(coda([Paid(100, "a")]).replace(b"EUR0000000000001000", b"EUR0000000000002000"))


def test_takes_what_arrived_and_not_what_was_sent_in_other_money() -> None:
    content = camt([Paid(100, "x")]).replace(b"<TxDtls>", b"<TxDtls><Amt Ccy='USD'>1.08</Amt>")
    assert [one.cents for one in read(content)] == [100]


@BOTH
def test_says_on_which_account_it_came(write: Writer) -> None:
    assert [one.account for one in read(write([Paid(100, "x")]))] == [OURS]


def test_reads_several_statements_of_one_file_each_whole() -> None:
    first, second = coda([Paid(100, "a")]), coda([Paid(200, "b")])
    assert [one.cents for one in read(first + b"\r\n" + second)] == [100, 200]
    without_sums = b"\r\n".join(first.split(b"\r\n")[:-1])
    with pytest.raises(Incomplete):
        read(without_sums + b"\r\n" + second)


def test_takes_the_details_of_a_sum_and_not_the_sum() -> None:
    lines = coda([Paid(300, "samen")]).decode("cp1252").split("\r\n")
    main = lines[2]
    details = [
        f"21000100{place:02}" + main[10:32] + f"{cents * 10:015}" + main[47:] for place, cents in ((1, 100), (2, 200))
    ]
    content = "\r\n".join([*lines[:5], *details, lines[-1]]).encode("cp1252")
    assert [one.cents for one in read(content)] == [100, 200]
