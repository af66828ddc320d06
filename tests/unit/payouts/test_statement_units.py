"""The statement's file says of each line how many of what: an accountant reads it without the program."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from shortchain.kernel.quantity import SellUnit
from shortchain.payouts import exports
from shortchain.payouts.monthly import About, Line, Statement
from tests.support.clock import MONDAY_MORNING

NAME = {"nl": "Iets"}
CASES = [
    (About(NAME, 500, SellUnit.G100), 500, "g"),
    (About(NAME, 1500, SellUnit.KG), 1500, "g"),
    (About(NAME, 750, SellUnit.LITRE), 750, "ml"),
    (About(NAME, 1, SellUnit.BUNCH), 1, "bussel"),
    (About(NAME, 3, SellUnit.BUNCH), 3, "bussels"),
    (About(NAME, 2, SellUnit.JAR), 2, "potten"),
    (About(amount=4), 4, "stuks"),
    (About(metres=12_300), 12_300, "m"),
    (About(service="pack", day=date(2026, 11, 5)), None, None),
    (None, None, None),
]


@pytest.mark.parametrize(("about", "count", "unit"), CASES)
def test_each_line_has_its_number_and_unit(about: About | None, count: int | None, unit: str | None) -> None:
    found = Statement(date(2026, 11, 1), 0, [line(MONDAY_MORNING, about)])
    first, row, last = read(found, language="nl")
    assert (row["aantal"], row["eenheid"]) == (count, unit)
    assert {first["aantal"], first["eenheid"], last["aantal"], last["eenheid"]} == {None}


def read(found: Statement, *, language: str) -> list[dict[str, Any]]:
    rows = exports.statement_rows(found, words={"goods": "Vendu", exports.AFTER: "Reste"}, language=language)
    return [dict(zip(exports.STATEMENT_COLUMNS, cells, strict=True)) for cells in rows]


def test_each_kind_stands_there_as_a_code_and_in_the_words_of_who_reads() -> None:
    found = Statement(date(2026, 11, 1), 0, [line(MONDAY_MORNING, About(NAME, 3, SellUnit.BUNCH))])
    told = [(row["soort"], row["soort-in-woorden"], row["eenheid"]) for row in read(found, language="fr")]
    assert told == [("beginsaldo", None, None), ("goods", "Vendu", "bottes"), ("eindsaldo", "Reste", None)]


@pytest.mark.parametrize(("first", "last"), [("2026-11-01", "2026-11-30"), ("2026-12-01", "2026-12-31")])
def test_both_balances_lie_in_their_month(first: str, last: str) -> None:
    rows = read(Statement(date.fromisoformat(first), 0, []), language="nl")
    assert [row["datum"] for row in rows] == [first, last]


def line(at: datetime, about: About | None) -> Line:
    return Line(at, "SC-1", "goods", "Iets", 100, 600, 6, "settle:x", "order_line:1", about)
