"""The paper: PDF/A-3 with the UBL inside, in three languages, whatever somebody typed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from shortchain.documents import building, pdf, ubl
from shortchain.documents.building import Deal
from shortchain.documents.values import Item, Paper, Party

DAY = date(2026, 11, 26)
MADE = datetime(2026, 11, 26, 10, tzinfo=UTC)
FARM = Party("Hof ter Linde", "hof", "0202239951", "Dorp 3", "9230", "Wetteren", "hof@post.example", "normal")


def paper(text: str = "Prei", language: str = "nl") -> Paper:
    items = [Item(text, 1500, "KGM", 123_456, 600), Item("Kool", 1000, "C62", 9, 2100)]
    draft = building.sale(FARM, items, deal=Deal(Party("Nele", ""), "SC-26-04821", DAY, language, "shortchain"))
    return Paper("T12-2026-00001", DAY, draft)


def drawn(made: Paper) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.draw(made, xml=ubl.write(made), made_at=MADE)))


def test_holds_the_ubl_as_it_is_archived() -> None:
    found = drawn(paper())
    assert found.attachments == {"T12-2026-00001.xml": [ubl.write(paper())]}
    meta = found.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in meta and "<pdfaid:conformance>A</pdfaid:conformance>" in meta
    assert "<pdfuaid:part>1</pdfuaid:part>" in meta


@pytest.mark.parametrize(
    ("language", "title", "amount"),
    [
        ("nl", "Aankoopbewijs", "€\u00a01.234,65"),
        ("fr", "Ticket", "1\u202f234,65\u00a0€"),
        ("en", "Receipt", "€\u00a01,234.65"),
    ],
)
def test_speaks_the_language_of_the_document(language: str, title: str, amount: str) -> None:
    found = drawn(paper(language=language))
    text = found.pages[0].extract_text()
    assert f"{title} T12-2026-00001" in text
    assert amount.replace("\u202f", "").replace("\u00a0", "") in "".join(text.split())
    assert found.trailer["/Root"]["/Lang"] == language


@pytest.mark.parametrize("text", ['#import "x"', "*vet* $x$", "漢字", "🥕 wortel", "a\x0bb", '\\ " { }'])
def test_draws_whatever_somebody_typed(text: str) -> None:
    shown = drawn(paper(text)).pages[0].extract_text()
    if text.startswith(("#", "*")):
        assert text in shown


def test_is_the_same_each_time() -> None:
    first = pdf.draw(paper(), xml=ubl.write(paper()), made_at=MADE)
    assert first == pdf.draw(paper(), xml=ubl.write(paper()), made_at=MADE)


@pytest.mark.parametrize(
    ("whole", "places", "language", "expected"),
    [(1500, 3, "nl", "1,5"), (123456, 2, "nl", "1.234,56"), (-5, 2, "en", "−0.05"), (2000, 3, "fr", "2")],
)
def test_writes_numbers_as_people_do(whole: int, places: int, language: str, expected: str) -> None:
    assert pdf.decimal_text(whole, places, language) == expected
