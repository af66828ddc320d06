"""What an access point checks before it takes an invoice: rules of Peppol BIS Billing 3.0, coded by us.

The published rule set of Peppol is in no package, so the rules that our documents can break are written out
here (domain.md 4.3): identifiers, references, empty elements, sums. The rules of EN 16931 are for the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from lxml import etree

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
PROCESSES = {
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0": (
        "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        {"380", "381"},
    ),
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0": (
        "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
        {"389", "261"},
    ),
}
"""Per customization: its profile and the types of document that it allows."""
CENT = Decimal("0.01")
SLACK = Decimal("0.02")

Fault = tuple[str, str]


def faults(document: bytes) -> list[str]:
    """List the rules that a document breaks, each with a sentence; none means that it may be sent.

    Documents come from us, yet are parsed without entities and network like those of strangers.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        top = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        return [f"XML: {error}"]
    found: list[str] = []
    for rule in (_process, _references, _parties, _elements, _sums, _vat, _lines):
        try:
            found += [f"{name}: {text}" for name, text in rule(top)]
        except InvalidOperation:
            found.append("XML: an amount is missing or is no number")
    return found


def parties(document: bytes) -> tuple[str, str]:
    """Read the electronic addresses of supplier and customer, each `scheme:number`."""
    top = etree.fromstring(document)
    supplier, customer = (_endpoint(top, role) for role in ("AccountingSupplierParty", "AccountingCustomerParty"))
    return supplier, customer


def _text(place: etree._Element, path: str) -> str:
    """Read the text at a path: groups, then the element that holds it."""
    *groups, last = path.split("/")
    return (place.findtext("/".join([*(CAC + group for group in groups), CBC + last])) or "").strip()


def _amount(place: etree._Element, path: str, default: str | None = None) -> Decimal:
    return Decimal(_text(place, path) or default or "")


def _endpoint(top: etree._Element, role: str) -> str:
    place = top.find(f"{CAC}{role}/{CAC}Party/{CBC}EndpointID")
    return "" if place is None else f"{place.get('schemeID') or ''}:{(place.text or '').strip()}"


def _is_credit(top: etree._Element) -> bool:
    return bool(etree.QName(top).localname == "CreditNote")


def _process(top: etree._Element) -> Iterator[Fault]:
    customization, profile = _text(top, "CustomizationID"), _text(top, "ProfileID")
    kind = _text(top, "CreditNoteTypeCode" if _is_credit(top) else "InvoiceTypeCode")
    if not profile:
        yield "PEPPOL-EN16931-R001", "there is no profile"
    if customization not in PROCESSES:
        yield "PEPPOL-EN16931-R004", "the customization is not one of Peppol BIS Billing"
    else:
        wanted, kinds = PROCESSES[customization]
        if profile != wanted:
            yield "PEPPOL-EN16931-R007", "the profile does not fit the customization"
        if kind not in kinds:
            yield "PEPPOL-EN16931-P0100", f"type {kind} is not allowed in this process"


def _references(top: etree._Element) -> Iterator[Fault]:
    if len(top.findall(f"{CBC}Note")) > 1:
        yield "PEPPOL-EN16931-R002", "there is more than one note"
    if not _text(top, "BuyerReference") and not _text(top, "OrderReference/ID"):
        yield "PEPPOL-EN16931-R003", "there is neither a buyer reference nor an order reference"


def _parties(top: etree._Element) -> Iterator[Fault]:
    for role, rule in (("AccountingCustomerParty", "R010"), ("AccountingSupplierParty", "R020")):
        address = _endpoint(top, role)
        if not address:
            yield f"PEPPOL-EN16931-{rule}", f"{role} has no electronic address"
    for place in top.iter(f"{CBC}EndpointID", f"{CBC}CompanyID"):
        if place.get("schemeID") == "0208" and not _is_kbo((place.text or "").strip()):
            yield "PEPPOL-COMMON-R043", f"{place.text} is not a Belgian enterprise number"


def _is_kbo(number: str) -> bool:
    return len(number) == 10 and number.isdecimal() and int(number[8:]) == 97 - int(number[:8]) % 97


def _elements(top: etree._Element) -> Iterator[Fault]:
    for place in top.iter(etree.Element):
        if len(place) == 0 and not (place.text or "").strip():
            yield "PEPPOL-EN16931-R008", f"{etree.QName(place).localname} is empty"


def _sums(top: etree._Element) -> Iterator[Fault]:
    sums = top.find(f"{CAC}LegalMonetaryTotal")
    if sums is None or len(top.findall(f"{CAC}TaxTotal")) != 1:
        yield "PEPPOL-EN16931-R053", "there must be one set of sums and one total of VAT"
        return
    lines = sum((_amount(line, "LineExtensionAmount") for line in _all_lines(top)), Decimal())
    with_vat = _amount(sums, "TaxInclusiveAmount")
    without = _amount(sums, "TaxExclusiveAmount")
    payable = with_vat - _amount(sums, "PrepaidAmount", "0") + _amount(sums, "PayableRoundingAmount", "0")
    checks: tuple[tuple[str, Decimal, Decimal], ...] = (
        ("BR-CO-10", _amount(sums, "LineExtensionAmount"), lines),
        ("BR-CO-13", without, lines),
        ("BR-CO-15", with_vat, without + _amount(top, "TaxTotal/TaxAmount")),
        ("BR-CO-16", _amount(sums, "PayableAmount"), payable),
    )
    for rule, stands, should in checks:
        if stands != should:
            yield rule, f"{stands} stands where {should} should"


def _vat(top: etree._Element) -> Iterator[Fault]:
    parts = top.findall(f"{CAC}TaxTotal/{CAC}TaxSubtotal")
    if _amount(top, "TaxTotal/TaxAmount") != sum((_amount(part, "TaxAmount") for part in parts), Decimal()):
        yield "BR-CO-14", "the VAT is not the sum of its parts"
    for part in parts:
        rate = _amount(part, "TaxCategory/Percent", "0")
        should = (_amount(part, "TaxableAmount") * rate / 100).quantize(CENT, ROUND_HALF_UP)
        if _amount(part, "TaxAmount") != should:
            yield "BR-CO-17", f"{_text(part, 'TaxAmount')} stands where {should} should"
        if _text(part, "TaxCategory/ID") in ("E", "O", "AE") and not _text(part, "TaxCategory/TaxExemptionReason"):
            yield "BR-E-10", "nothing says why there is no VAT"


def _lines(top: etree._Element) -> Iterator[Fault]:
    quantity = "CreditedQuantity" if _is_credit(top) else "InvoicedQuantity"
    for line in _all_lines(top):
        should = _amount(line, quantity) * _amount(line, "Price/PriceAmount")
        if abs(_amount(line, "LineExtensionAmount") - should) > SLACK:
            yield "PEPPOL-EN16931-R120", f"line {_text(line, 'ID')} is not its quantity times its price"


def _all_lines(top: etree._Element) -> list[etree._Element]:
    found: list[etree._Element] = top.findall(f"{CAC}{'CreditNoteLine' if _is_credit(top) else 'InvoiceLine'}")
    return found
