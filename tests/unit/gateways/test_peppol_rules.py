"""The rules before sending: our documents keep them, and each broken one is named."""

from __future__ import annotations

import re

import pytest

from shortchain.documents import building, ubl
from shortchain.documents.values import DocumentKind
from shortchain.gateways import peppol_rules
from shortchain.gateways.access_point_stand_in import StandInAccessPoint
from shortchain.kernel.ports import GatewayRefused
from tests.unit.documents.test_building import BUSINESS, DAY, ITEMS, PERSON, deal, paper, seller

GOOD = ubl.write(paper(building.sale(seller(), ITEMS, deal=deal(BUSINESS)))).decode()


@pytest.mark.parametrize("scheme", ["normal", "agri_flat", "small_exempt", "exempt_44"])
def test_our_documents_keep_the_rules(scheme: str) -> None:
    sold = building.sale(seller(scheme), ITEMS, deal=deal(BUSINESS))
    back = building.credit(sold.kind, seller(scheme), ITEMS[:1], deal=deal(BUSINESS))
    assert peppol_rules.faults(ubl.write(paper(sold))) == []
    assert peppol_rules.faults(ubl.write(paper(back, ("F12-2026-00001", DAY)))) == []


BREAKS = {
    "R001": ("<cbc:ProfileID>.*?</cbc:ProfileID>", ""),
    "R002": ("(<cbc:Note>.*?</cbc:Note>)", r"\1\1"),
    "R003": ("<cbc:BuyerReference>.*?</cbc:BuyerReference>", ""),
    "R004": ("poacc:billing:3.0", "poacc:other:3.0"),
    "R007": ("billing:01:1.0", "selfbilling:01:1.0"),
    "P0100": (">380<", ">389<"),
    "R008": (">Markt 1<", "><"),
    "R010": ('<cbc:EndpointID schemeID="0208">0909337584</cbc:EndpointID>', ""),
    "R020": ('<cbc:EndpointID schemeID="0208">0202239951</cbc:EndpointID>', ""),
    "COMMON-R043": (">0909337584<", ">0909337585<"),
    "R120": ("<cbc:PriceAmount([^>]*)>", r"<cbc:PriceAmount\1>9"),
    "BR-CO-10": (r"(<cac:LegalMonetaryTotal>\s*<cbc:LineExtensionAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-13": ("(<cbc:TaxExclusiveAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-14": (r"(<cac:TaxTotal>\s*<cbc:TaxAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-15": ("(<cbc:TaxInclusiveAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-16": ("(<cbc:PayableAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-17": ("(<cbc:TaxableAmount[^>]*>)", r"\g<1>1"),
    "R053": ("(?s)<cac:TaxTotal>.*</cac:TaxTotal>", ""),
    "XML: an amount": ("(?s)<cbc:PayableAmount.*?</cbc:PayableAmount>", ""),
    "XML: ": ("</Invoice>", ""),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_names_the_rule_that_is_broken(rule: str) -> None:
    pattern, instead = BREAKS[rule]
    broken = re.sub(pattern, instead, GOOD, count=1)
    assert broken != GOOD
    assert any(rule in fault for fault in peppol_rules.faults(broken.encode()))


def test_wants_a_reason_where_there_is_no_vat() -> None:
    exempt = ubl.write(paper(building.sale(seller("small_exempt"), ITEMS, deal=deal(BUSINESS)))).decode()
    broken = re.sub("<cbc:TaxExemptionReason>.*?</cbc:TaxExemptionReason>", "", exempt)
    assert any("BR-E-10" in fault for fault in peppol_rules.faults(broken.encode()))


def test_reads_no_entity() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><Invoice>&x;</Invoice>'
    assert all("hostname" not in fault for fault in peppol_rules.faults(bomb))


def test_the_stand_in_takes_what_is_sound_and_addressed_right() -> None:
    point = StandInAccessPoint()
    addressed = {"sender": "0208:0202239951", "receiver": "0208:0909337584"}
    first = point.send(key="a", document=GOOD.encode(), **addressed)
    assert first == point.send(key="a", document=GOOD.encode(), **addressed)
    assert point.status(reference=first).state == "delivered"
    assert point.status(reference="else").state == "refused"
    with pytest.raises(GatewayRefused, match="envelope"):
        point.send(key="a", document=GOOD.encode(), sender="0208:0202239951", receiver="0208:0123456749")
    ticket = building.sale(seller(), ITEMS, deal=deal(PERSON))
    assert ticket.kind is DocumentKind.TICKET
    with pytest.raises(GatewayRefused, match="R010"):
        point.send(key="b", document=ubl.write(paper(ticket)), **addressed)
