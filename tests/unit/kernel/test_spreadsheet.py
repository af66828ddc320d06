"""No text in a file for a spreadsheet can act as a formula, and what was written can be read back."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.kernel import spreadsheet
from shortchain.kernel.spreadsheet import Cents

CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells_of(content: bytes) -> list[list[tuple[str, str]]]:
    """Read a sheet as rows of (type, text)."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        for name in file.namelist():
            ElementTree.fromstring(file.read(name))
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    return [[(cell.get("t", "n"), "".join(cell.itertext())) for cell in row] for row in sheet.iter(f"{CELL}row")]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+32 470", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u00a0=1", "\n=1", "\uff1d1", "=cmd|' /C calc'!A0"],
)
def test_takes_the_power_from_formulas(text: str) -> None:
    assert spreadsheet.harmless(text).startswith("'")
    assert spreadsheet.as_csv(["kop"], [[text]]).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")
    [_head, [(kind, shown)]] = cells_of(spreadsheet.as_xlsx("x", ["kop"], [[text]]))
    assert (kind, shown[0]) == ("inlineStr", "'")


@pytest.mark.parametrize("plain", ["Hof", "3-5", "a=b", ""])
def test_leaves_the_rest_as_it_is(plain: str) -> None:
    assert spreadsheet.harmless(plain) == plain


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_writes_any_text_so_that_it_can_be_read(texts: list[str]) -> None:
    content = spreadsheet.as_csv(["a"] * len(texts), [texts]).decode("utf-8-sig")
    [_head, row] = list(csv.reader(io.StringIO(content, newline=""), delimiter=";")) if any(texts) else [[], texts]
    assert row == [spreadsheet.harmless(text) for text in texts]
    assert not any(text.lstrip().startswith(spreadsheet.FORMULA_STARTS) for text in row)
    [_first, cells] = cells_of(spreadsheet.as_xlsx("Blad", ["a"] * len(texts), [texts]))
    assert [kind for kind, _text in cells] == ["inlineStr"] * len(texts)


@pytest.mark.parametrize(
    ("cents", "in_csv", "in_xlsx"),
    [(0, "0,00", "0.00"), (5, "0,05", "0.05"), (-5, "-0,05", "-0.05"), (-123456, "-1234,56", "-1234.56")],
)
def test_writes_money_as_a_number(cents: int, in_csv: str, in_xlsx: str) -> None:
    assert spreadsheet.as_csv(["k"], [[Cents(cents)]]).decode("utf-8-sig").split() == ["k", in_csv]
    assert cells_of(spreadsheet.as_xlsx("x", ["k"], [[Cents(cents)]]))[1] == [("n", in_xlsx)]


def test_gives_the_same_bytes_for_the_same_rows_and_names_columns_beyond_z() -> None:
    rows = [[None, 3, "é"] * 10]
    assert spreadsheet.as_xlsx("x", ["k"], rows) == spreadsheet.as_xlsx("x", ["k"], rows)
    assert spreadsheet._column(25) + spreadsheet._column(26) + spreadsheet._column(701) == "ZAAZZ"
