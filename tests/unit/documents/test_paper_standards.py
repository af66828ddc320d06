"""Every kind of paper keeps PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), by a judge that did not draw it."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache

import pytest
import typst
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from shortchain.documents import building, pdf, ubl
from shortchain.documents.values import Draft, Item
from tests.support import paper_judges
from tests.unit.documents.test_building import BUSINESS, DAY, ITEMS, PERSON, PLATFORM, deal, paper, seller
from tests.unit.documents.test_pdf import MADE

LANGUAGES = ("nl", "fr", "en")


def draw(draft: Draft, corrects: tuple[str, date] | None = None) -> bytes:
    made = paper(draft, corrects)
    return pdf.draw(made, xml=ubl.write(made), made_at=MADE)


@cache
def good() -> bytes:
    return draw(building.sale(seller(), ITEMS, deal=deal(BUSINESS)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["normal", "agri_flat", "small_exempt", "exempt_44", "not_liable"])
@pytest.mark.parametrize("buyer", [PERSON, BUSINESS], ids=["person", "business"])
def test_every_document_of_a_sale(language: str, scheme: str, buyer: building.Party) -> None:
    terms = deal(buyer, language)
    sold = building.sale(seller(scheme), ITEMS, deal=terms)
    back = building.credit(sold.kind, seller(scheme), ITEMS[:1], deal=terms)
    assert paper_judges.faults(draw(sold)) == []
    assert paper_judges.faults(draw(back, ("F12-2026-00001", DAY))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_platforms_invoice(language: str) -> None:
    fee = building.fee(PLATFORM, seller(), gross_cents=1234, rate_bp=2100, last_day=DAY, language=language)
    assert paper_judges.faults(draw(fee)) == []


@pytest.mark.parametrize("text", ["漢字", "🥕 wortel", "a\x0bb", "ﬁ ﷽ é ő ẞ", "x" * 400, "الجزر"])
def test_whatever_somebody_typed(text: str) -> None:
    drawn = draw(building.sale(seller(), [Item(text, 1000, "C62", 106, 600)], deal=deal(PERSON)))
    assert paper_judges.faults(drawn) == []


def test_a_document_of_many_pages() -> None:
    items = [Item(f"Product {number}", 1000, "C62", 106, 600) for number in range(120)]
    drawn = draw(building.sale(seller(), items, deal=deal(BUSINESS)))
    assert len(PdfReader(io.BytesIO(drawn)).pages) > 2
    assert paper_judges.faults(drawn) == []


def test_the_judge_sees_a_paper_that_was_drawn_without_the_standards() -> None:
    made = paper(building.sale(seller(), ITEMS, deal=deal(BUSINESS)))
    shown = {"paper": json.dumps(pdf._shown(made)), "xml": ubl.write(made).decode()}
    plain = typst.compile(pdf.TEMPLATE, format="pdf", sys_inputs=shown, ignore_system_fonts=True, timestamp=MADE)
    found = " ".join(paper_judges.faults(plain))
    assert "PDFA3A-ID-SCHEMA-001" in found and "PDFUA1-ID-SCHEMA-001" in found


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("/StructTreeRoot", "PDFUA1"),
        ("/MarkInfo", "PDFUA1-TAGGED"),
        ("/Lang", "PDFUA1"),
        ("/Metadata", "PDFA3A"),
        ("/ViewerPreferences", "PDFUA1-VIEWER-PREFERENCES"),
    ],
)
def test_the_judge_sees_what_was_taken_out(key: str, rule: str) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(good()))
    del writer._root_object[NameObject(key)]
    out = io.BytesIO()
    writer.write(out)
    assert any(rule in fault for fault in paper_judges.faults(out.getvalue()))


def test_counts_the_bytes_of_streams_itself() -> None:
    drawn = good()
    assert paper_judges.lengths_are_right(drawn)
    assert not paper_judges.lengths_are_right(drawn.replace(b"/Length 1", b"/Length 2", 1))
    assert not paper_judges.lengths_are_right(drawn.replace(b"\nendstream", b"\n\nendstream", 1))
