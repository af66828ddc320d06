"""The paper: PDF/A-3 with the UBL inside, in three languages, whatever somebody typed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from shortchain.documents import building, pdf, ubl, wording
from shortchain.documents.building import Deal
from shortchain.documents.values import DocumentKind, Draft, Item, Paper, Party

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


BUSINESS = Party("Resto", "", "0909337584", "Markt 1", "9000", "Gent", "resto@post.example", "normal")
FLAT = replace(FARM, scheme="agri_flat")
SMALL = replace(FARM, scheme="small_exempt")
OURS = Party(
    "shortchain", "", "0123456749", "Kouter 1", "9000", "Gent", "post@shortchain.example", "normal", "CV", "Gent"
)
CARE = replace(FARM, scheme="exempt_44", name="Zorghoeve")
CLUB = replace(FARM, scheme="not_liable", name="De Kring")
JAR = building.deposit_item("jar", count=2, gross_cents=60, language="nl")


def face(draft: Draft) -> str:
    made = Paper("F12-2026-00001", DAY, draft)
    return " ".join(drawn(made).pages[0].extract_text().split()).replace("\u00a0", " ")


def sold(seller: Party, buyer: Party, *more: Item, language: str = "nl") -> str:
    items = [Item("Prei", 1500, "KGM", 330, 600), Item("Kool", 2000, "C62", 370, 600), *more]
    return face(building.sale(seller, items, deal=Deal(buyer, "SC-26-04821", DAY, language, "shortchain")))


PERSON = Party("Nele", "")


@pytest.mark.parametrize(
    ("text", "has", "has_not"),
    [
        # a person reads prices with VAT, and the VAT in them per rate
        (
            sold(FARM, PERSON, JAR),
            ["Prei 1,5 kg € 2,20 6 % € 3,30", "Totaal € 7,60", "waarvan btw 6 % (op € 6,60) € 0,40"],
            [],
        ),
        (
            sold(FARM, PERSON, Item("Soep", 2000, "C62", 900, 600, discount_cents=100)),
            ["Soep (Korting −€ 1,00) 2 € 5,00 6 % € 9,00"],
            [],
        ),
        # a business reads the price of one without VAT (Royal Decree no. 1, art. 5), VAT per rate, and that nothing is left
        (
            sold(FARM, BUSINESS),
            [
                "1,5 kg € 2,0733 6 % € 3,11",
                "Btw 6 % (op € 6,60) € 0,40",
                "Nog te betalen € 0,00",
                "btw BE 0202.239.951",
            ],
            ["waarvan"],
        ),
        # the buyer of a flat-rate farmer pays a compensation and no VAT, and makes the note itself
        (
            sold(FLAT, BUSINESS, JAR),
            [
                "Forfaitaire compensatie 6 % (op € 6,60) € 0,40",
                "Zonder btw-heffing (op € 0,60)",
                "Factuur uitgereikt door afnemer",
                "in naam en voor rekening van de koper",
            ],
            ["Btw 6 %", "rekening van de verkoper"],
        ),
        (
            sold(SMALL, PERSON, JAR),
            ["Bijzondere vrijstellingsregeling kleine ondernemingen", "Leeggoed – art. 28, 5° W.BTW", "btw BE"],
            ["btw 6 %", "btw 0 %", ";"],
        ),
        (
            sold(FLAT, PERSON),
            ["Bijzondere landbouwregeling, artikel 57", "Zonder btw-heffing (op € 7,00)"],
            ["btw 6 %"],
        ),
        (sold(CARE, BUSINESS), ["artikel 44", "ondernemingsnummer 0202.239.951"], ["Btw 6 %"]),
        (sold(CLUB, PERSON), ["Verkoper is niet btw-plichtig", "Prei 1,5 kg € 2,20 – € 3,30"], ["waarvan", "heffing"]),
        (
            sold(FARM, BUSINESS, language="fr"),
            ["TVA 6 % (sur 6,60 €) 0,40 €", "Reste à payer 0,00 €", "TVA BE 0202"],
            [],
        ),
        (sold(FLAT, BUSINESS, language="en"), ["Flat-rate compensation 6 %", "on behalf of the buyer"], []),
        (
            face(building.fee(OURS, FARM, gross_cents=12345, rate_bp=2100, last_day=DAY, language="nl")),
            ["CV, RPR Gent", "Afronding −€ 0,01", "al ingehouden op uitbetalingen", "Btw 21 % (op € 102,03) € 21,43"],
            ["in naam en voor rekening"],
        ),
        (
            face(building.fee(OURS, FARM, gross_cents=-12345, rate_bp=2100, last_day=DAY, language="nl")),
            ["Creditnota", "verrekend met uitbetalingen", "Btw terug te storten aan de Staat"],
            ["Nog te betalen"],
        ),
    ],
    ids=[
        "ticket",
        "discount",
        "invoice",
        "purchase",
        "small",
        "flat",
        "exempt",
        "outside",
        "french",
        "english",
        "fee",
        "less fee",
    ],
)
def test_says_what_an_accountant_looks_for(text: str, has: list[str], has_not: list[str]) -> None:
    for words in has:
        assert words in text, (words, text)
    for words in has_not:
        assert words not in text, (words, text)


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
    assert wording.decimal_text(whole, places, language) == expected


def test_draws_what_a_clock_made_with_a_part_of_a_second() -> None:
    """Every clock but a test's tells microseconds; a PDF counts in seconds."""
    exact = pdf.draw(paper(), xml=ubl.write(paper()), made_at=MADE.replace(microsecond=123456))
    assert exact == pdf.draw(paper(), xml=ubl.write(paper()), made_at=MADE)


@pytest.mark.parametrize(
    ("corrects", "words"),
    [(("T0-2026-00001", DAY), "gaat terug via het platform"), (None, "Het platform draagt dit")],
)
def test_promises_money_back_only_where_something_is_taken_back(corrects: tuple[str, date] | None, words: str) -> None:
    """The margin of a dearer chain is a credit of the platform of which the customer sees no cent."""
    deal = Deal(Party("Nele", ""), "SC-26-04821", DAY, "nl", "shortchain")
    draft = building.credit(
        DocumentKind.TICKET, FARM, [Item("Organisatie van de keten", 1000, "C62", 75, 0)], deal=deal
    )
    text = " ".join(drawn(Paper("U0-2026-00001", DAY, draft, corrects)).pages[0].extract_text().split())
    assert words in text
    assert ("zoals er betaald is" in text) is (corrects is not None)
