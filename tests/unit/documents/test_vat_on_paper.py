"""VAT on documents: taken per rate on the sum, base times rate exact to the cent, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.documents import vat
from shortchain.documents.values import DocumentKind, Item, Party
from shortchain.kernel.money import Money, divide_rounded, vat_in

FARM = Party("Hof", "hof", kbo="0123456749", scheme="normal")


def item(cents: int, rate: int = 600) -> Item:
    return Item("Prei", 1000, "C62", cents, rate)


@given(st.integers(0, 3_000_000), st.sampled_from([0, 600, 1200, 2100]))
def test_takes_every_amount_apart_exactly(gross: int, rate: int) -> None:
    net, tax, rounding = vat.taken_apart(gross, rate)
    assert net + tax + rounding == gross
    assert tax == vat_in(Money(gross), rate).minor  # what domain and ledger say
    assert tax == divide_rounded(net * rate, 10_000)  # BR-CO-17
    assert abs(rounding) <= 1


def test_leaves_a_cent_of_rounding_where_no_base_fits() -> None:
    assert vat.taken_apart(9, 600) == (9, 1, -1)
    assert vat.taken_apart(106, 600) == (100, 6, 0)


def test_takes_vat_on_the_sum_and_not_line_by_line() -> None:
    _lines, totals, rounding = vat.totals(FARM, DocumentKind.INVOICE, [item(132)] * 3, language="nl")
    assert totals[0].vat_cents + totals[0].net_cents + rounding == 396
    assert totals[0].vat_cents == 22  # line by line it would be 3 × 7
    assert 3 * vat_in(Money(132), 600).minor == 21


@given(st.lists(st.builds(item, st.integers(1, 50_000), st.sampled_from([0, 600, 2100])), min_size=1, max_size=12))
def test_lines_add_up_to_the_base_of_their_rate(items: list[Item]) -> None:
    lines, totals, rounding = vat.totals(FARM, DocumentKind.INVOICE, items, language="nl")
    for total in totals:
        own = [line.net_cents for line in lines if line.rate_bp == total.rate_bp]
        assert sum(own) == total.net_cents
    assert sum(t.net_cents + t.vat_cents for t in totals) + rounding == sum(i.gross_cents for i in items)


@pytest.mark.parametrize(
    ("scheme", "kind", "category", "rate"),
    [
        ("normal", DocumentKind.TICKET, "S", 600),
        ("agri_flat", DocumentKind.TICKET, "E", 0),
        ("agri_flat", DocumentKind.PURCHASE_NOTE, "S", 600),
        ("small_exempt", DocumentKind.INVOICE, "E", 0),
        ("exempt_44", DocumentKind.TICKET, "E", 0),
        ("not_liable", DocumentKind.TICKET, "O", 0),
    ],
)
def test_follows_the_scheme_of_the_seller(scheme: str, kind: DocumentKind, category: str, rate: int) -> None:
    seller = Party("Hof", "hof", kbo="0123456749", scheme=scheme)
    found = vat.treatment(seller, kind, rate_bp=600, language="nl")
    assert (found.category, found.rate_bp) == (category, rate)
    assert bool(found.reason) == (category in "EO")


def test_charges_no_vat_without_a_number() -> None:
    assert (
        vat.treatment(Party("Hof", "hof", scheme="normal"), DocumentKind.TICKET, rate_bp=600, language="nl").rate_bp
        == 0
    )
