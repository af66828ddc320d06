"""What an access point checks before it takes an invoice: rules of Peppol BIS Billing 3.0, coded by us.

The published rule set of Peppol is in no package, so the rules of its billing and self-billing profiles that a
Belgian document can meet are written out here and in `amounts`, each under its published name: identifiers,
references, codes, allowances, currencies, periods, lines, sums. National rules of other countries are left out. The
rules of EN 16931 as CEN publishes them are for the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml import etree

from shortchain.peppol import amounts
from shortchain.peppol.reading import CAC, CBC, Fault, all_lines, is_credit, text

INVOICE_TYPES = frozenset(
    [
        "71",
        "80",
        "82",
        "84",
        "102",
        "218",
        "219",
        "326",
        "331",
        "380",
        "382",
        "383",
        "384",
        "386",
        "388",
        "393",
        "395",
        "553",
        "575",
        "623",
        "780",
        "817",
        "870",
        "875",
        "876",
        "877",
    ]
)
"""Codes of UNCL 1001 that process 01 of the billing profile allows for an invoice (P0100)."""
PROCESSES = {
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0": (
        "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        INVOICE_TYPES,
        frozenset(["81", "83", "381", "396", "532"]),
    ),
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0": (
        "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
        frozenset({"389", "527"}),
        frozenset({"261"}),
    ),
}
"""Per customization: its profile, and the types of invoices and of credit notes that it allows."""
GERMAN_ONLY = ("326", "384")
EXEMPTION_CODES = {
    "VATEX-EU-G": ("G", "P0104"),
    "VATEX-EU-O": ("O", "P0105"),
    "VATEX-EU-IC": ("K", "P0106"),
    "VATEX-EU-AE": ("AE", "P0107"),
    "VATEX-EU-D": ("E", "P0108"),
    "VATEX-EU-F": ("E", "P0109"),
    "VATEX-EU-I": ("E", "P0110"),
    "VATEX-EU-J": ("E", "P0111"),
}
"""Codes of the list VATEX with the category that goes with each, and the rule that says so."""
ATTACHED = frozenset(
    {
        "application/pdf",
        "image/png",
        "image/jpeg",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)
DIRECT_DEBIT = ("49", "59")
_DATES = ("IssueDate", "DueDate", "TaxPointDate", "StartDate", "EndDate", "ActualDeliveryDate")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def faults(document: bytes) -> list[str]:
    """List the rules that a document breaks, each with a sentence; none means that it may be sent.

    Documents come from us, yet are parsed without entities and network like those of strangers.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        top = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        return [f"XML: {error}"]
    return amounts.broken(top, (*RULES, *amounts.RULES))


def parties(document: bytes) -> tuple[str, str]:
    """Read the electronic addresses of supplier and customer, each `scheme:number`."""
    top = etree.fromstring(document)
    supplier, customer = (_endpoint(top, role) for role in ("AccountingSupplierParty", "AccountingCustomerParty"))
    return supplier, customer


def _endpoint(top: etree._Element, role: str) -> str:
    place = top.find(f"{CAC}{role}/{CAC}Party/{CBC}EndpointID")
    return "" if place is None else f"{place.get('schemeID') or ''}:{(place.text or '').strip()}"


def _country(top: etree._Element, role: str) -> str:
    return text(top, f"{role}/Party/PostalAddress/Country/IdentificationCode").upper()


def _are_german(top: etree._Element) -> bool:
    return {_country(top, role) for role in ("AccountingSupplierParty", "AccountingCustomerParty")} == {"DE"}


def _process(top: etree._Element) -> Iterator[Fault]:
    customization, profile = text(top, "CustomizationID"), text(top, "ProfileID")
    kind = text(top, "CreditNoteTypeCode" if is_credit(top) else "InvoiceTypeCode")
    if not profile:
        yield "PEPPOL-EN16931-R001", "there is no profile"
    if customization not in PROCESSES:
        yield "PEPPOL-EN16931-R004", "the customization is not one of Peppol BIS Billing"
    else:
        wanted, invoices, credits = PROCESSES[customization]
        if profile != wanted:
            yield "PEPPOL-EN16931-R007", "the profile does not fit the customization"
        if kind not in (credits if is_credit(top) else invoices):
            rule = "P0101" if is_credit(top) else "P0100"
            yield f"PEPPOL-EN16931-{rule}", f"type {kind} is not allowed in this process"
    if kind in GERMAN_ONLY and not _are_german(top):
        yield "PEPPOL-EN16931-P0112", f"type {kind} is for documents between German parties"


def _references(top: etree._Element) -> Iterator[Fault]:
    if len(top.findall(f"{CBC}Note")) > 1 and not _are_german(top):
        yield "PEPPOL-EN16931-R002", "there is more than one note"
    if not text(top, "BuyerReference") and not text(top, "OrderReference/ID"):
        yield "PEPPOL-EN16931-R003", "there is neither a buyer reference nor an order reference"
    kinds = [text(one, "DocumentTypeCode") for one in top.findall(f"{CAC}AdditionalDocumentReference")]
    if kinds.count("50") > 1:
        yield "PEPPOL-EN16931-R080", "there is more than one reference of a project"
    for one in top.iter(f"{CBC}EmbeddedDocumentBinaryObject"):
        if one.get("mimeCode") not in ATTACHED:
            yield "PEPPOL-EN16931-CL001", f"{one.get('mimeCode')} is no type of attachment"


def _parties(top: etree._Element) -> Iterator[Fault]:
    for role, rule in (("AccountingCustomerParty", "R010"), ("AccountingSupplierParty", "R020")):
        if not _endpoint(top, role):
            yield f"PEPPOL-EN16931-{rule}", f"{role} has no electronic address"
    for place in top.iter(f"{CBC}EndpointID", f"{CBC}CompanyID", f"{CBC}ID"):
        if place.get("schemeID") == "0208" and not _is_kbo((place.text or "").strip()):
            yield "PEPPOL-COMMON-R043", f"{place.text} is not a Belgian enterprise number"


def _is_kbo(number: str) -> bool:
    is_number = len(number) == 10 and number.isascii() and number.isdecimal()
    return is_number and int(number[8:]) == 97 - int(number[:8]) % 97


def _elements(top: etree._Element) -> Iterator[Fault]:
    for place in top.iter(etree.Element):
        if len(place) == 0 and not (place.text or "").strip():
            yield "PEPPOL-EN16931-R008", f"{etree.QName(place).localname} is empty"
    for place in top.iter(*(f"{CBC}{name}" for name in _DATES)):
        if _day(place.text or "") is None:
            yield "PEPPOL-EN16931-F001", f"{place.text} is no day written as 2026-11-30"


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None


def _exemptions(top: etree._Element) -> Iterator[Fault]:
    for place in top.iter(f"{CAC}TaxCategory"):
        wanted, rule = EXEMPTION_CODES.get(text(place, "TaxExemptionReasonCode").upper(), ("", ""))
        if wanted and text(place, "ID") != wanted:
            yield f"PEPPOL-EN16931-{rule}", f"this reason is for category {wanted}, not {text(place, 'ID')}"


def _payment(top: etree._Element) -> Iterator[Fault]:
    for means in top.findall(f"{CAC}PaymentMeans"):
        if text(means, "PaymentMeansCode") in DIRECT_DEBIT and not text(means, "PaymentMandate/ID"):
            yield "PEPPOL-EN16931-R061", "a direct debit names no mandate"


def _periods(top: etree._Element) -> Iterator[Fault]:
    for name, rule in (("StartDate", "R110"), ("EndDate", "R111")):
        whole = _day(text(top, f"InvoicePeriod/{name}"))
        for line in all_lines(top):
            own = _day(text(line, f"InvoicePeriod/{name}"))
            is_outside = own and whole and (own < whole if name == "StartDate" else own > whole)
            if is_outside:
                yield (
                    f"PEPPOL-EN16931-{rule}",
                    f"the period of line {text(line, 'ID')} is not within that of the document",
                )


RULES = (_process, _references, _parties, _elements, _exemptions, _payment, _periods)
