"""Which document a sale needs, and that each is a good electronic invoice."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from shortchain.documents import building, ubl
from shortchain.documents.building import Deal
from shortchain.documents.values import DocumentKind, Draft, Item, Paper, Party
from shortchain.kernel.quantity import SellUnit
from tests.support import invoices

PERSON = Party("Nele", "")
BUSINESS = Party("Resto Het Plein", "", "0909337584", "Markt 1", "9000", "Gent", "resto@post.example", "normal")
UNLIABLE = Party("vzw De Kring", "", "0909337584", "Markt 1", "9000", "Gent", "kring@post.example", "not_liable")
PLATFORM = Party("shortchain", "", "0123456749", "Kouter 1", "9000", "Gent", "post@shortchain.example", "normal")
DAY = date(2026, 11, 26)
SCHEMES = ["normal", "agri_flat", "small_exempt", "exempt_44", "not_liable"]
KINDS = DocumentKind


def seller(scheme: str = "normal", kbo: str = "0202239951") -> Party:
    return Party("Hof ter Linde", "hof-ter-linde", kbo, "Dorp 3", "9230", "Wetteren", "hof@post.example", scheme)


def deal(buyer: Party, language: str = "nl") -> Deal:
    return Deal(buyer, "SC-26-04821", DAY, language, PLATFORM.name)


ITEMS = [
    Item("Prei & <selder>", 1500, "KGM", 330, 600),
    Item("Kool", 2000, "C62", 370, 600),
    Item("Vervoer", 1000, "C62", 18, 2100),
]


def paper(draft: Draft, corrects: tuple[str, date] | None = None) -> Paper:
    return Paper("F12-2026-00001", DAY, draft, corrects)


@pytest.mark.parametrize(
    ("scheme", "kbo", "buyer", "kind"),
    [
        ("normal", "0202239951", PERSON, KINDS.TICKET),
        ("normal", "0202239951", BUSINESS, KINDS.INVOICE),
        ("normal", "", BUSINESS, KINDS.TICKET),
        ("agri_flat", "0202239951", PERSON, KINDS.TICKET),
        ("agri_flat", "0202239951", BUSINESS, KINDS.PURCHASE_NOTE),
        ("agri_flat", "0202239951", UNLIABLE, KINDS.TICKET),
        ("small_exempt", "0202239951", BUSINESS, KINDS.INVOICE),
    ],
)
def test_makes_the_document_that_the_law_wants(scheme: str, kbo: str, buyer: Party, kind: DocumentKind) -> None:
    assert building.sale(seller(scheme, kbo), ITEMS, deal=deal(buyer)).kind is kind


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("buyer", [PERSON, BUSINESS, UNLIABLE], ids=["person", "business", "unliable"])
@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_every_document_is_valid(scheme: str, buyer: Party, language: str) -> None:
    sold = building.sale(seller(scheme), ITEMS, deal=deal(buyer, language))
    assert invoices.faults(ubl.write(paper(sold))) == []
    back = building.credit(sold.kind, seller(scheme), ITEMS[:1], deal=deal(buyer, language))
    assert invoices.faults(ubl.write(paper(back, ("F12-2026-00001", DAY)))) == []


def test_is_valid_without_a_number_of_the_seller() -> None:
    for buyer in (PERSON, BUSINESS):
        assert invoices.faults(ubl.write(paper(building.sale(seller(kbo=""), ITEMS, deal=deal(buyer))))) == []


@pytest.mark.parametrize("cents", [1234, -1234])
def test_invoices_the_fee_of_a_month(cents: int) -> None:
    draft = building.fee(
        PLATFORM, seller(), gross_cents=cents, rate_bp=2100, last_day=date(2026, 11, 30), language="nl"
    )
    assert draft.kind is (KINDS.INVOICE if cents > 0 else KINDS.CREDIT_NOTE)
    assert (draft.net_cents, draft.vat_cents, draft.payable_cents) == (1020, 214, 1234)
    assert invoices.faults(ubl.write(paper(draft))) == []


items = st.builds(
    Item,
    st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=20).filter(lambda text: text.strip()),
    st.integers(1, 200_000),
    st.sampled_from(["KGM", "LTR", "C62"]),
    st.integers(1, 90_000),
    st.sampled_from([0, 600, 1200, 2100]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(items, min_size=1, max_size=6), st.sampled_from(SCHEMES), st.sampled_from([PERSON, BUSINESS]))
def test_any_sale_is_valid_and_adds_up(sold: list[Item], scheme: str, buyer: Party) -> None:
    draft = building.sale(seller(scheme), sold, deal=deal(buyer))
    assert draft.payable_cents == sum(item.gross_cents for item in sold)
    assert invoices.faults(ubl.write(paper(draft))) == []


def test_price_times_quantity_is_the_line() -> None:
    """Rule R120 of Peppol allows two cents; ours stays under one."""
    for line in building.sale(seller(), ITEMS, deal=deal(BUSINESS)).lines:
        assert abs(float(ubl.price_text(line)) * line.thousandths / 1000 - line.net_cents / 100) < 0.005


def test_says_what_the_law_wants_said() -> None:
    note = building.sale(seller("agri_flat"), ITEMS, deal=deal(BUSINESS))
    xml = ubl.write(paper(note)).decode()
    assert "Factuur uitgereikt door afnemer" in xml and "selfbilling:01:1.0" in xml and ">389<" in xml
    back = building.credit(KINDS.INVOICE, seller(), ITEMS, deal=deal(BUSINESS))
    assert "terug te storten aan de Staat" in ubl.write(paper(back)).decode()
    small = building.sale(seller("small_exempt"), ITEMS, deal=deal(BUSINESS))
    assert "vrijstellingsregeling" in ubl.write(paper(small)).decode()


def test_comes_back_from_the_archive_as_it_was() -> None:
    made = paper(building.sale(seller(), ITEMS, deal=deal(BUSINESS)), ("F12-2026-00001", DAY))
    assert Paper.from_json(made.to_json()) == made
    assert ubl.write(Paper.from_json(made.to_json())) == ubl.write(made)


def test_has_one_note_and_no_empty_element() -> None:
    """Peppol R002 and R008."""
    top = etree.fromstring(ubl.write(paper(building.sale(seller("agri_flat"), ITEMS, deal=deal(BUSINESS)))))
    assert len(top.findall(f"{{{ubl.CBC}}}Note")) == 1
    assert not [one.tag for one in top.iter() if len(one) == 0 and not (one.text or "").strip()]


@pytest.mark.parametrize(
    ("unit", "amount", "expected"),
    [
        (SellUnit.KG, 1500, (1500, "KGM")),
        (SellUnit.G100, 250, (250, "KGM")),
        (SellUnit.LITRE, 750, (750, "LTR")),
        (SellUnit.BUNCH, 3, (3000, "C62")),
    ],
)
def test_counts_in_units_that_the_standard_knows(unit: SellUnit, amount: int, expected: tuple[int, str]) -> None:
    item = building.item_of("x", sell_unit=unit, amount=amount, gross_cents=1, rate_bp=600)
    assert (item.thousandths, item.unit) == expected


def test_the_judge_sees_a_wrong_sum() -> None:
    good = ubl.write(paper(building.sale(seller(), ITEMS, deal=deal(BUSINESS)))).decode()
    assert any(
        "BR-CO-16" in fault
        for fault in invoices.faults(good.replace(">0.00</cbc:PayableAmount", ">5.00</cbc:PayableAmount").encode())
    )
