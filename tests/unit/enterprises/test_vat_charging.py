"""Who charges VAT: the same answer as on paper, for every scheme, with and without a number."""

from __future__ import annotations

import pytest

from shortchain.documents.values import DocumentKind, Party
from shortchain.documents.vat import treatment
from shortchain.enterprises.models import VatScheme
from shortchain.enterprises.vat_charging import is_charged


@pytest.mark.parametrize("kbo", ["", "0123456749"])
@pytest.mark.parametrize("scheme", list(VatScheme))
def test_is_charged_where_a_ticket_holds_vat(scheme: VatScheme, kbo: str) -> None:
    seller = Party("Hof", "hof", kbo, scheme=scheme.value)
    on_paper = treatment(seller, DocumentKind.TICKET, rate_bp=600, language="nl").rate_bp
    assert is_charged(scheme, kbo=kbo) is (on_paper == 600)
    assert is_charged(scheme, kbo=kbo or None) is (on_paper == 600)
