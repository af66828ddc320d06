"""The worked examples of VAT, as docs/money.md states them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from shortchain import data
from shortchain.documents import vat
from shortchain.documents.building import kind_for
from shortchain.documents.values import DocumentKind, Item, Party
from shortchain.enterprises import social_rate
from shortchain.kernel.money import Money, split, vat_in
from shortchain.ordering.levies import Basis, Levy, Load, charge

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
TODAY = date(2026, 11, 23)


def tables() -> list[list[list[str]]]:
    """Read the tables of the chapter, each without its head."""
    chapter = DOCS.read_text(encoding="utf-8").split("## VAT\n")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^\|.*\n)+", chapter, re.M)
    return [[re.split(r"\s*\|\s*", line.strip("| ")) for line in block.strip().splitlines()][2:] for block in blocks]


RATES, RECOGNISED, PAPERS, SUMS, SPLITS = tables()


def cents(text: str) -> int:
    return round(float(text) * 100)


def basis_points(text: str) -> int:
    return int(text.removesuffix(" %")) * 100


def party(scheme: str) -> Party:
    """Make somebody of a scheme; a person has no number."""
    return Party("Iemand", "iemand") if scheme == "person" else Party("Hof", "hof", kbo="0123456749", scheme=scheme)


def test_reads_the_whole_chapter() -> None:
    assert [len(table) for table in (RATES, RECOGNISED, PAPERS, SUMS, SPLITS)] == [11, 9, 11, 4, 3]


@pytest.mark.parametrize(("what", "code", "rate"), RATES)
def test_knows_every_rate(what: str, code: str, rate: str) -> None:
    group, _, service = code.rpartition(":")
    found = {
        "": lambda: data.vat_rate(code, TODAY),
        "service": lambda: data.service_vat_rate(service, TODAY),
        "social": lambda: data.service_vat_rate(service, TODAY, social_purpose=True),
        "fee": lambda: data.platform_vat_rate(TODAY),
    }[group]()
    assert found == basis_points(rate), what


@pytest.mark.parametrize(("valid", "checked", "supplied", "rate"), RECOGNISED)
def test_six_percent_only_while_recognised(valid: str, checked: str, supplied: str, rate: str) -> None:
    counts = None
    if valid != "none":
        first, last = (date.fromisoformat(day) for day in valid.split(" – "))
        counts = social_rate.span(first, last, None if checked == "never" else date.fromisoformat(checked))
    found = social_rate.service_rate("PACK_WEIGH", [counts] if counts else [], day=date.fromisoformat(supplied))
    assert found == basis_points(rate)


@pytest.mark.parametrize(("seller", "buyer", "document", "category", "rate"), PAPERS)
def test_chooses_document_and_category(seller: str, buyer: str, document: str, category: str, rate: str) -> None:
    kind = kind_for(party(seller), party(buyer))
    how = vat.treatment(party(seller), kind, rate_bp=data.vat_rate("VEG", TODAY), language="nl")
    assert (kind.value, how.category, how.rate_bp) == (document, category, basis_points(rate))


@pytest.mark.parametrize(("amounts", "rate", "base", "tax", "lines"), SUMS)
def test_takes_vat_on_the_sum(amounts: str, rate: str, base: str, tax: str, lines: str) -> None:
    gross = [cents(one) for one in amounts.split(" + ")]
    items = [Item("Prei", 1000, "C62", one, basis_points(rate)) for one in gross]
    _lines, [found], rounding = vat.totals(party("normal"), DocumentKind.INVOICE, items, language="nl")
    assert (found.net_cents, found.vat_cents, rounding) == (cents(base), cents(tax), 0)
    assert sum(vat_in(Money(one), basis_points(rate)).minor for one in gross) == cents(lines)


@pytest.mark.parametrize(("low", "high", "asked", "at_low", "at_high"), SPLITS)
def test_divides_what_is_asked_for_bringing(low: str, high: str, asked: str, at_low: str, at_high: str) -> None:
    want = [cents(at_low), cents(at_high)]
    weights = [cents(low), cents(high)]
    assert [part.minor for part in split(Money(cents(asked)), weights)] == want
    loads = [Load(7, goods, 1000, rate) for goods, rate in zip(weights, (600, 2100), strict=True) if goods]
    fees = charge([Levy(7, Basis.ORDER, cents(asked), of_farm=True)], loads, is_home=True, vat_rate_bp=2100)
    assert {fee.vat_rate_bp: fee.amount_cents for fee in fees} == {
        rate: amount for rate, amount in zip((600, 2100), want, strict=True) if amount
    }
