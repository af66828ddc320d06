"""The rules before sending: our documents keep them, and each broken one is named."""

from __future__ import annotations

import re

import pytest

from access_point_stand_in.outbox import Outbox, Refused
from shortchain.documents import building, ubl
from shortchain.documents.values import DocumentKind
from shortchain.peppol import rules
from tests.unit.documents.test_building import BUSINESS, DAY, ITEMS, PERSON, deal, paper, seller

GOOD = ubl.write(paper(building.sale(seller(), ITEMS, deal=deal(BUSINESS)))).decode()


@pytest.mark.parametrize("scheme", ["normal", "agri_flat", "small_exempt", "exempt_44"])
def test_our_documents_keep_the_rules(scheme: str) -> None:
    sold = building.sale(seller(scheme), ITEMS, deal=deal(BUSINESS))
    back = building.credit(sold.kind, seller(scheme), ITEMS[:1], deal=deal(BUSINESS))
    assert rules.faults(ubl.write(paper(sold))) == []
    assert rules.faults(ubl.write(paper(back, ("F12-2026-00001", DAY)))) == []


BREAKS = {
    "R001": ("<cbc:ProfileID>.*?</cbc:ProfileID>", ""),
    "R002": ("(<cbc:Note>.*?</cbc:Note>)", r"\1\1"),
    "R003": ("<cbc:BuyerReference>.*?</cbc:BuyerReference>", ""),
    "R004": ("poacc:billing:3.0", "poacc:other:3.0"),
    "R007": ("billing:01:1.0", "selfbilling:01:1.0"),
    "R008": (">Markt 1<", "><"),
    "R010": ('<cbc:EndpointID schemeID="0208">0909337584</cbc:EndpointID>', ""),
    "R020": ('<cbc:EndpointID schemeID="0208">0202239951</cbc:EndpointID>', ""),
    "R051": ('(<cbc:PayableAmount currencyID=)"EUR"', r'\1"USD"'),
    "R053": ("(?s)<cac:TaxTotal>.*</cac:TaxTotal>", ""),
    "R120": ("<cbc:PriceAmount([^>]*)>", r"<cbc:PriceAmount\1>9"),
    "F001": ("(<cbc:IssueDate>)2026-", r"\g<1>26-"),
    "P0100": (">380<", ">389<"),
    "COMMON-R043": (">0909337584<", ">0909337585<"),
    "BR-CO-10": (r"(<cac:LegalMonetaryTotal>\s*<cbc:LineExtensionAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-13": ("(<cbc:TaxExclusiveAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-14": (r"(<cac:TaxTotal>\s*<cbc:TaxAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-15": ("(<cbc:TaxInclusiveAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-16": ("(<cbc:PayableAmount[^>]*>)", r"\g<1>1"),
    "BR-CO-17": ("(<cbc:TaxableAmount[^>]*>)", r"\g<1>1"),
    "BR-13": ("(?s)<cac:LegalMonetaryTotal>.*</cac:LegalMonetaryTotal>", ""),
    "XML: an amount": ("(?s)<cbc:PayableAmount.*?</cbc:PayableAmount>", ""),
    "XML: ": ("</Invoice>", ""),
}
"""What breaks a rule that our own invoice keeps."""


@pytest.mark.parametrize("rule", BREAKS)
def test_names_the_rule_that_is_broken(rule: str) -> None:
    pattern, instead = BREAKS[rule]
    broken = re.sub(pattern, instead, GOOD, count=1)
    assert broken != GOOD
    assert not _breaks(GOOD, rule)
    assert _breaks(broken, rule)


def _breaks(document: str, rule: str) -> bool:
    return any(rule in fault for fault in rules.faults(document.encode()))


def _euros(name: str, text: str) -> str:
    return f'<cbc:{name} currencyID="EUR">{text}</cbc:{name}>'


def _allowance(amount: str, base: str = "", percent: str = "", indicator: str = "false") -> str:
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>"
        + (f"<cbc:MultiplierFactorNumeric>{percent}</cbc:MultiplierFactorNumeric>" if percent else "")
        + _euros("Amount", amount)
        + (_euros("BaseAmount", base) if base else "")
        + "</cac:AllowanceCharge>"
    )


def _period(start: str, end: str) -> str:
    inside = f"<cbc:StartDate>{start}</cbc:StartDate><cbc:EndDate>{end}</cbc:EndDate>"
    return f"<cac:InvoicePeriod>{inside}</cac:InvoicePeriod>"


MONTH = _period("2026-11-01", "2026-11-30")


def _in_month(own: str) -> str:
    return GOOD.replace("<cac:AccountingSupplierParty>", MONTH + "<cac:AccountingSupplierParty>").replace(
        "<cac:Item>", own + "<cac:Item>", 1
    )


def _top(snippet: str) -> str:
    """Put something before the total of VAT."""
    return GOOD.replace("<cac:TaxTotal>", snippet + "<cac:TaxTotal>", 1)


def _line(snippet: str) -> str:
    """Put something into the first line, before what was sold."""
    return GOOD.replace("<cac:Item>", snippet + "<cac:Item>", 1)


def _price(snippet: str, price: str = "2.00") -> str:
    return re.sub(
        r"(?s)<cac:Price>.*?</cac:Price>",
        f"<cac:Price>{_euros('PriceAmount', price)}{snippet}</cac:Price>",
        GOOD,
        count=1,
    )


def _second_currency(total: str, currency: str = "USD") -> str:
    named = GOOD.replace(
        "<cbc:BuyerReference>", f"<cbc:TaxCurrencyCode>{currency}</cbc:TaxCurrencyCode><cbc:BuyerReference>"
    )
    return named.replace("<cac:TaxTotal>", total + "<cac:TaxTotal>", 1)


def _bare(amount: str) -> str:
    return f'<cac:TaxTotal><cbc:TaxAmount currencyID="USD">{amount}</cbc:TaxAmount></cac:TaxTotal>'


def _paid(code: str, mandate: str = "") -> str:
    inside = f"<cbc:PaymentMeansCode>{code}</cbc:PaymentMeansCode>{mandate}"
    return re.sub(
        r"(?s)<cac:PaymentMeans>.*?</cac:PaymentMeans>", f"<cac:PaymentMeans>{inside}</cac:PaymentMeans>", GOOD
    )


def _typed(code: str, country: str = "BE") -> str:
    return GOOD.replace(">380<", f">{code}<").replace(
        ">BE</cbc:IdentificationCode>", f">{country}</cbc:IdentificationCode>"
    )


def _reference(code: str, times: int = 1) -> str:
    one = f"<cac:DocumentReference><cbc:ID>a</cbc:ID><cbc:DocumentTypeCode>{code}</cbc:DocumentTypeCode></cac:DocumentReference>"
    return _line(one * times)


def _attached(kind: str) -> str:
    inside = f'<cbc:EmbeddedDocumentBinaryObject mimeCode="{kind}" filename="a">AA==</cbc:EmbeddedDocumentBinaryObject>'
    return _top(
        f"<cac:AdditionalDocumentReference><cbc:ID>a</cbc:ID><cac:Attachment>{inside}</cac:Attachment></cac:AdditionalDocumentReference>"
    )


def _project(times: int) -> str:
    one = "<cac:AdditionalDocumentReference><cbc:ID>a</cbc:ID><cbc:DocumentTypeCode>50</cbc:DocumentTypeCode></cac:AdditionalDocumentReference>"
    return _top(one * times)


def _base(quantity: str, unit: str = "KGM") -> str:
    return _price(f'<cbc:BaseQuantity unitCode="{unit}">{quantity}</cbc:BaseQuantity>')


PAIRS = {
    "EN16931-R040": (_top(_allowance("1.50", "30.00", "5")), _top(_allowance("1.53", "30.00", "5"))),
    "EN16931-R041": (_top(_allowance("1.50", "30.00", "5")), _top(_allowance("1.50", percent="5"))),
    "EN16931-R042": (_line(_allowance("1.50", "30.00", "5")), _line(_allowance("1.50", "30.00"))),
    "EN16931-R043": (_top(_allowance("1.50", indicator="true")), _top(_allowance("1.50", indicator="yes"))),
    "EN16931-R044": (_price(_allowance("0.50")), _price(_allowance("0.50", indicator="true"))),
    "EN16931-R046": (_price(_allowance("0.50", "2.50")), _price(_allowance("0.50", "2.40"))),
    "EN16931-R005": (_second_currency(_bare("0.20")), _second_currency(_bare("0.20"), "EUR")),
    "EN16931-R054": (_second_currency(_bare("0.20")), _second_currency("")),
    "EN16931-R055": (_second_currency(_bare("0.20")), _second_currency(_bare("-0.20"))),
    "EN16931-R061": (_paid("59", "<cac:PaymentMandate><cbc:ID>m</cbc:ID></cac:PaymentMandate>"), _paid("59")),
    "EN16931-R080": (_project(1), _project(2)),
    "EN16931-R100": (_reference("130"), _reference("130", 2)),
    "EN16931-R101": (_reference("130"), _reference("50")),
    "EN16931-R110": (_in_month(_period("2026-11-01", "2026-11-30")), _in_month(_period("2026-10-31", "2026-11-30"))),
    "EN16931-R111": (_in_month(_period("2026-11-01", "2026-11-30")), _in_month(_period("2026-11-01", "2026-12-01"))),
    "EN16931-R121": (_base("1"), _base("0")),
    "EN16931-R130": (_base("1"), _base("1", "LTR")),
    "EN16931-CL001": (_attached("application/pdf"), _attached("text/html")),
    "EN16931-P0112": (_typed("384", "DE"), _typed("384")),
    "BR-CO-11": (GOOD, _top(_allowance("1.50"))),
    "BR-CO-12": (GOOD, _top(_allowance("1.50", indicator="true"))),
    **{
        f"EN16931-{rule}": tuple(
            GOOD.replace(
                "<cac:TaxScheme>", f"<cbc:TaxExemptionReasonCode>{code}</cbc:TaxExemptionReasonCode><cac:TaxScheme>"
            ).replace("<cbc:ID>S</cbc:ID>", f"<cbc:ID>{category}</cbc:ID>")
            for category in (right, "Z")
        )
        for code, (right, rule) in rules.EXEMPTION_CODES.items()
    },
}
"""A document that meets a rule and keeps it, and one that breaks it."""


@pytest.mark.parametrize("rule", PAIRS)
def test_tells_what_keeps_a_rule_from_what_breaks_it(rule: str) -> None:
    kept, broken = PAIRS[rule]
    assert not _breaks(kept, rule)
    assert _breaks(broken, rule)


def test_judges_every_rule_that_we_say_we_judge() -> None:
    """The list of the design, plus what the published set has besides for documents like ours."""
    tried = {rule.removeprefix("EN16931-") for rule in (*BREAKS, *PAIRS, "P0101")}
    wanted = {
        f"R{number:03}" for number in (1, 2, 3, 8, 10, 20, 40, 41, 42, 43, 44, 46, 53, 54, 55, 61, 110, 111, 120, 121)
    }
    assert wanted | {f"P{number:04}" for number in (100, 101, *range(104, 113))} | {"COMMON-R043"} <= tried


def _document(scheme: str, *, is_credit: bool) -> str:
    sold = building.sale(seller(scheme), ITEMS, deal=deal(BUSINESS))
    back = building.credit(sold.kind, seller(scheme), ITEMS[:1], deal=deal(BUSINESS))
    return ubl.write(paper(back, ("F12-2026-00001", DAY)) if is_credit else paper(sold)).decode()


@pytest.mark.parametrize(
    ("scheme", "is_credit", "own", "other", "rule"),
    [
        ("normal", True, "381", "261", "P0101"),
        ("normal", False, "380", "389", "P0100"),
        ("agri_flat", True, "261", "381", "P0101"),
        ("agri_flat", False, "389", "380", "P0100"),
    ],
)
def test_billing_and_self_billing_have_types_of_their_own(
    scheme: str, is_credit: bool, own: str, other: str, rule: str
) -> None:
    document = _document(scheme, is_credit=is_credit)
    assert not _breaks(document, rule)
    assert _breaks(document.replace(f">{own}<", f">{other}<"), rule)


def test_counts_allowances_in_the_sums() -> None:
    """3.30 + 3.70 + 0.18 with VAT, less one euro of the goods: lines stay, the base falls."""
    plain = GOOD
    lines = re.search(r"<cac:LegalMonetaryTotal>\s*<cbc:LineExtensionAmount[^>]*>([0-9.]+)", plain)
    assert lines is not None
    net = f"{float(lines[1]) - 1:.2f}"
    less = re.sub(r"(<cbc:TaxExclusiveAmount[^>]*>)[0-9.]+", rf"\g<1>{net}", _top(_allowance("1.00")))
    less = less.replace("<cbc:PrepaidAmount", _euros("AllowanceTotalAmount", "1.00") + "<cbc:PrepaidAmount")
    assert not any(_breaks(less, rule) for rule in ("BR-CO-10", "BR-CO-11", "BR-CO-13"))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1,5"])
def test_takes_no_amount_that_is_no_number(amount: str) -> None:
    assert _breaks(re.sub("(<cbc:PayableAmount[^>]*>)[^<]*", rf"\g<1>{amount}", GOOD), "XML: an amount")


def test_wants_a_reason_where_there_is_no_vat() -> None:
    exempt = ubl.write(paper(building.sale(seller("small_exempt"), ITEMS, deal=deal(BUSINESS)))).decode()
    broken = re.sub("<cbc:TaxExemptionReason>.*?</cbc:TaxExemptionReason>", "", exempt)
    assert any("BR-E-10" in fault for fault in rules.faults(broken.encode()))


def test_reads_no_entity() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><Invoice>&x;</Invoice>'
    assert all("hostname" not in fault for fault in rules.faults(bomb))


def test_the_stand_in_takes_what_is_sound_and_addressed_right() -> None:
    outbox = Outbox()
    addressed = {"sender": "0208:0202239951", "receiver": "0208:0909337584"}
    first = outbox.take("a", document=GOOD.encode(), **addressed)
    assert outbox.take("a", document=GOOD.encode(), **addressed) is first
    assert (len(outbox.taken), first.calls) == (1, 2)
    assert outbox.status(first.id)["state"] == "delivered"
    with pytest.raises(Refused, match="nobody sent"):
        outbox.status("else")
    with pytest.raises(Refused, match="another document"):
        outbox.take("a", document=GOOD.encode() + b" ", **addressed)
    with pytest.raises(Refused, match="envelope"):
        outbox.take("c", document=GOOD.encode(), sender="0208:0202239951", receiver="0208:0123456749")
    ticket = building.sale(seller(), ITEMS, deal=deal(PERSON))
    assert ticket.kind is DocumentKind.TICKET
    with pytest.raises(Refused, match="R010"):
        outbox.take("b", document=ubl.write(paper(ticket)), **addressed)
