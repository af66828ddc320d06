"""Draws a document as PDF/A-3 with its UBL inside, in the language of the document.

The UBL is the original; the paper is made out of the same archived values whenever somebody asks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import typst

from shortchain.documents import wording
from shortchain.documents.building import SET_OFF
from shortchain.documents.values import CREDITS, DocumentKind, Draft, Line, Paper, Party
from shortchain.documents.vat import OUTSIDE, REASONS
from shortchain.documents.wording import decimal_text, in_currency, money_text, say
from shortchain.kernel.money import divide_rounded

TEMPLATE = Path(__file__).with_name("paper.typ")
TICKETS = (DocumentKind.TICKET, DocumentKind.TICKET_CREDIT)
"""Papers for people, who know prices with VAT."""
PURCHASES = (DocumentKind.PURCHASE_NOTE, DocumentKind.PURCHASE_CREDIT)
WITH_VAT_NUMBER = ("normal", "agri_flat", "small_exempt")
_HARD = "\u00a0"
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
        timestamp=made_at.replace(microsecond=0),  # a PDF counts in seconds, and typst refuses more
    )
    assert isinstance(drawn, bytes)
    return drawn


def _shown(paper: Paper) -> dict[str, Any]:
    """Put every value in the reader's words."""
    draft, language = paper.draft, paper.draft.language
    word = partial(_word, language=language)
    kind = say(wording.KINDS[draft.kind.value], language)
    as_paid = draft.kind in TICKETS and all(line.gross_cents is not None for line in draft.lines)
    return {
        "title": f"{kind} {paper.number}",
        "number": paper.number,
        "file": f"{paper.number}.xml",
        "attached": word("attached"),
        "language": language,
        "seller": [draft.seller.name],
        "parties": [
            {"role": word("seller"), "lines": _party(draft.seller, language, is_seller=True)},
            {"role": word("buyer"), "lines": _party(draft.buyer, language)},
        ],
        "facts": _facts(paper),
        "columns": [
            word("what"),
            word("quantity"),
            word("each"),
            word("compensation_short" if draft.kind in PURCHASES else "vat"),
            word("gross" if as_paid else "net"),
        ],
        "lines": [_row(line, draft, as_paid=as_paid) for line in draft.lines],
        **_sums(draft, as_paid=as_paid),
        "notes": [*_reasons(draft), *draft.notes, _settled(paper)],
    }


def _reasons(draft: Draft) -> Iterable[str]:
    """Give why there is no VAT, each reason once; a category holds all of its own in one text (BR-E-01)."""
    return dict.fromkeys(part for total in draft.vat if total.reason for part in total.reason.split(REASONS))


def _word(key: str, *, language: str) -> str:
    return say(wording.PAPER[key], language)


def _facts(paper: Paper) -> list[list[str]]:
    draft, word = paper.draft, partial(_word, language=paper.draft.language)
    facts = [
        [word("issued"), day_text(paper.issued_on)],
        [word("supplied"), day_text(draft.supplied_on)],
        [word("order"), draft.order_number],
    ]
    if paper.corrects:
        facts.append([word("corrects"), f"{paper.corrects[0]} ({day_text(paper.corrects[1])})"])
    return facts


def _row(line: Line, draft: Draft, *, as_paid: bool) -> list[str]:
    """Write a line: a ticket shows what was paid, all else what it is without VAT (Royal Decree no. 1, art. 5).

    A discount stands beside the name, and the price of one is that of before it.
    """
    language = draft.language
    cents, off = line.net_cents, line.allowance_cents
    if as_paid and line.gross_cents is not None:
        cents, off = line.gross_cents, line.discount_cents
    each = divide_rounded((cents + off) * 100 * 1000, line.thousandths)  # hundredths of a cent, before a discount
    less = f" ({_word('discount', language=language)} {money_text(-off, draft.currency, language)})" if off else ""
    return [
        line.text + less,
        _quantity(line, language),
        in_currency(decimal_text(abs(each), 4, language, least=2), each, draft.currency, language),
        "–" if line.category == OUTSIDE else percent_text(line.rate_bp, language),
        money_text(cents, draft.currency, language),
    ]


def _sums(draft: Draft, *, as_paid: bool) -> dict[str, list[Any]]:
    """Write what stands above the total, the total, and what stands below it."""
    word = partial(_word, language=draft.language)

    def money(cents: int) -> str:
        return money_text(cents, draft.currency, draft.language)

    name = word("compensation" if draft.kind in PURCHASES else "of_which" if as_paid else "vat")
    taxes = [
        [
            f"{f'{name} {percent_text(total.rate_bp, draft.language)}' if total.rate_bp else word('untaxed')} "
            f"({word('on')} {money(total.net_cents)})",
            money(total.vat_cents),
        ]
        for total in draft.vat
        if total.category != OUTSIDE
    ]
    rounding = [[word("rounding"), money(draft.rounding_cents)]] if draft.rounding_cents else []
    total = [word("total"), money(draft.payable_cents)]
    if as_paid:
        return {"sums": [], "total": total, "below": [*taxes, *rounding]}
    paid = (
        [] if draft.kind in CREDITS.values() else [[word("paid"), money(-draft.payable_cents)], [word("due"), money(0)]]
    )
    return {"sums": [[word("net"), money(draft.net_cents)], *taxes, *rounding], "total": total, "below": paid}


def _settled(paper: Paper) -> str:
    """Say why nothing is left to pay: paid or given back by the platform, or set off against payouts.

    A credit that takes nothing back is what the work cost more than its buyer paid: nobody gets money for it.
    """
    draft = paper.draft
    is_back = draft.kind in CREDITS.values()
    if draft.payment == SET_OFF:
        return _word("kept_less" if is_back else "kept", language=draft.language)
    if is_back and paper.corrects is None:
        return _word("borne", language=draft.language)
    return _word("given_back" if is_back else "settled", language=draft.language)


def _party(party: Party, language: str, *, is_seller: bool = False) -> list[str]:
    """Write who a party is. A seller that is a legal person names form, register and account too."""
    place = " ".join(part for part in (party.postcode, party.municipality) if part)
    groups = _HARD.join(party.iban[start : start + 4] for start in range(0, len(party.iban), 4))
    legal = party.legal_text(say(wording.REGISTER, language)) if is_seller else ""
    account = f"IBAN{_HARD}{groups}" if is_seller and groups else ""
    lines = (party.name, party.street, place, _number(party, language), legal, account, party.email)
    return [text for text in lines if text]


def _number(party: Party, language: str) -> str:
    """Write the number as what it is: a VAT number, or an enterprise number of who has none."""
    if not party.kbo:
        return ""
    label = _word("vat_number" if party.scheme in WITH_VAT_NUMBER else "enterprise_number", language=language)
    return f"{label}{_HARD}{party.kbo[:4]}.{party.kbo[4:7]}.{party.kbo[7:]}"


def _quantity(line: Line, language: str) -> str:
    unit = {"KGM": f"{_HARD}kg", "LTR": f"{_HARD}l"}.get(line.unit, "")
    return decimal_text(line.thousandths, 3, language) + unit


def percent_text(rate_bp: int, language: str) -> str:
    """Write a rate in per cent."""
    return f"{decimal_text(rate_bp, 2, language)}{_HARD}%"


def day_text(day: date) -> str:
    """Write a day in figures; the order is the same in our three languages."""
    return f"{day:%d/%m/%Y}"
