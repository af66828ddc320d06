"""Draws a document as PDF/A-3 with its UBL inside, in the language of the document.

The UBL is the original; the paper is made out of the same archived values whenever somebody asks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst

from shortchain.documents import wording
from shortchain.documents.values import Line, Paper, Party
from shortchain.documents.wording import say

TEMPLATE = Path(__file__).with_name("paper.typ")
_THIN, _HARD = "\u202f", "\u00a0"
_UNDRAWN = re.compile("[^\u0020-\u024f\u0370-\u052f\u1e00-\u1fff\u2010-\u2027\u202f-\u203a\u20ac\u2212]")
"""Signs outside Latin, Greek, Cyrillic and punctuation, which the font may lack."""


def draw(paper: Paper, *, xml: bytes, made_at: datetime) -> bytes:
    """Draw the paper with `xml` attached. The same document gives the same bytes with one version of typst.

    PDF/A wants every sign drawn. Our font has no Chinese and no pictures: such a sign becomes a question
    mark on paper, and stays what it is in the UBL.
    """
    shown = json.dumps(_shown(paper), ensure_ascii=False)
    try:
        return _compile(shown, xml, made_at)
    except typst.TypstError:
        return _compile(_UNDRAWN.sub("?", shown), xml, made_at)


def _compile(shown: str, xml: bytes, made_at: datetime) -> bytes:
    drawn = typst.compile(
        TEMPLATE,
        format="pdf",
        pdf_standards=["a-3a", "ua-1"],
        sys_inputs={"paper": shown, "xml": xml.decode()},
        ignore_system_fonts=True,
        timestamp=made_at,
    )
    assert isinstance(drawn, bytes)
    return drawn


def _shown(paper: Paper) -> dict[str, Any]:
    """Put every value in the reader's words."""
    draft, language = paper.draft, paper.draft.language

    def word(key: str) -> str:
        return say(wording.PAPER[key], language)

    def money(cents: int) -> str:
        return money_text(cents, draft.currency, language)

    facts = [
        [word("issued"), day_text(paper.issued_on)],
        [word("supplied"), day_text(draft.supplied_on)],
        [word("order"), draft.order_number],
    ]
    if paper.corrects:
        facts.append([word("corrects"), f"{paper.corrects[0]} ({day_text(paper.corrects[1])})"])
    sums = [[word("net"), money(draft.net_cents)]]
    for total in draft.vat:
        text = f"{word('vat')} {percent_text(total.rate_bp, language)} ({word('on')} {money(total.net_cents)})"
        sums.append([text, money(total.vat_cents)])
    if draft.rounding_cents:
        sums.append([word("rounding"), money(draft.rounding_cents)])
    kind = say(wording.KINDS[draft.kind.value], language)
    return {
        "title": f"{kind} {paper.number}",
        "number": paper.number,
        "file": f"{paper.number}.xml",
        "attached": word("attached"),
        "language": language,
        "seller": [draft.seller.name],
        "parties": [
            {"role": word("seller"), "lines": [*_address(draft.seller), *_legal(draft.seller, language)]},
            {"role": word("buyer"), "lines": _address(draft.buyer)},
        ],
        "facts": facts,
        "columns": [word("what"), word("quantity"), word("vat"), word("net")],
        "lines": [
            [
                _text(line, word("discount"), money),
                _quantity(line, language),
                percent_text(line.rate_bp, language),
                money(line.net_cents),
            ]
            for line in draft.lines
        ],
        "sums": sums,
        "total": [word("total"), money(draft.payable_cents)],
        "notes": [*dict.fromkeys(total.reason for total in draft.vat if total.reason), *draft.notes, word("settled")],
    }


def _text(line: Line, discount: str, money: Callable[[int], str]) -> str:
    """Name what was sold, and what a discount took off it, without VAT as its amount is."""
    return f"{line.text} ({discount} −{money(line.allowance_cents)})" if line.allowance_cents else line.text


def _address(party: Party) -> list[str]:
    place = " ".join(part for part in (party.postcode, party.municipality) if part)
    number = f"BE{_HARD}{party.kbo[:4]}.{party.kbo[4:7]}.{party.kbo[7:]}" if party.kbo else ""
    return [text for text in (party.name, party.street, place, number, party.email) if text]


def _legal(seller: Party, language: str) -> list[str]:
    """Say what a legal person must say of itself: form, register and account."""
    groups = _HARD.join(seller.iban[start : start + 4] for start in range(0, len(seller.iban), 4))
    return [
        text
        for text in (seller.legal_text(say(wording.REGISTER, language)), f"IBAN{_HARD}{groups}" if groups else "")
        if text
    ]


def _quantity(line: Line, language: str) -> str:
    unit = {"KGM": f"{_HARD}kg", "LTR": f"{_HARD}l"}.get(line.unit, "")
    return decimal_text(line.thousandths, 3, language) + unit


def decimal_text(whole: int, places: int, language: str, *, least: int = 0) -> str:
    """Write a whole number of 10^-places as people of a language write it."""
    point, thousands = {"nl": (",", "."), "fr": (",", _THIN)}.get(language, (".", ","))
    before, after = divmod(abs(whole), 10**places)
    digits = f"{after:0{places}d}".rstrip("0").ljust(least, "0")
    text = f"{before:,}".replace(",", thousands) + (point + digits if digits else "")
    return f"−{text}" if whole < 0 else text


def money_text(cents: int, currency: str, language: str) -> str:
    """Write an amount as people of a language write it."""
    sign = "€" if currency == "EUR" else currency
    text = decimal_text(cents, 2, language, least=2)
    return f"{text}{_HARD}{sign}" if language == "fr" else f"{sign}{_HARD}{text}"


def percent_text(rate_bp: int, language: str) -> str:
    """Write a rate in per cent."""
    return f"{decimal_text(rate_bp, 2, language)}{_HARD}%"


def day_text(day: date) -> str:
    """Write a day in figures; the order is the same in our three languages."""
    return f"{day:%d/%m/%Y}"
