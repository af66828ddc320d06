"""Writes a document as UBL 2.1: Peppol BIS Billing 3.0 between businesses, plain EN 16931 for a ticket.

The same document always gives the same bytes, so the archive's hash can be checked against its values.
"""

from __future__ import annotations

import re

from lxml import etree

from shortchain.documents import wording
from shortchain.documents.values import DocumentKind, Line, Paper, Party, VatTotal

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOTS = {
    "Invoice": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "CreditNote": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
}
CORE = ("urn:cen.eu:en16931:2017", "")
BILLING = (
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
    "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
)
SELF_BILLING = (
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0",
    "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
)
TYPES = {
    DocumentKind.TICKET: ("Invoice", "380", CORE),
    DocumentKind.TICKET_CREDIT: ("CreditNote", "381", CORE),
    DocumentKind.INVOICE: ("Invoice", "380", BILLING),
    DocumentKind.CREDIT_NOTE: ("CreditNote", "381", BILLING),
    DocumentKind.PURCHASE_NOTE: ("Invoice", "389", SELF_BILLING),
    DocumentKind.PURCHASE_CREDIT: ("CreditNote", "261", SELF_BILLING),
}
"""Per kind: root element, type code (UNCL 1001), customization and profile (domain.md 4.3)."""

DISCOUNT = "95"
"""The code of UNCL 5189 for a discount, one of those that BIS Billing 3.0 takes for an allowance."""

_UNWRITABLE = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""Everything that is no `Char` of XML 1.0."""


class _Writer:
    """Puts elements under one another; empty texts are left out (Peppol R008)."""

    def __init__(self, root: str, currency: str) -> None:
        self.currency = currency
        self.root = etree.Element(f"{{{ROOTS[root]}}}{root}", nsmap={None: ROOTS[root], "cac": CAC, "cbc": CBC})

    def put(self, parent: etree._Element, name: str, text: str, **attributes: str) -> None:
        """Add an element with a text, without the control characters that XML can not hold."""
        text = _UNWRITABLE.sub("", text)
        if text:
            etree.SubElement(parent, f"{{{CBC}}}{name}", attributes).text = text

    def group(self, parent: etree._Element, *names: str) -> etree._Element:
        """Add elements inside one another; returns the inmost."""
        for name in names:
            parent = etree.SubElement(parent, f"{{{CAC}}}{name}")
        return parent

    def money(self, parent: etree._Element, name: str, cents: int) -> None:
        """Add an amount with two decimals."""
        sign = "-" if cents < 0 else ""
        text = f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
        self.put(parent, name, text, currencyID=self.currency)


def write(paper: Paper) -> bytes:
    """Write the document as UTF-8 XML."""
    draft = paper.draft
    root, code, (customization, profile) = TYPES[draft.kind]
    writer = _Writer(root, draft.currency)
    top = writer.root
    writer.put(top, "CustomizationID", customization)
    writer.put(top, "ProfileID", profile)
    writer.put(top, "ID", paper.number)
    writer.put(top, "IssueDate", paper.issued_on.isoformat())
    writer.put(top, f"{root}TypeCode", code)
    writer.put(top, "Note", " – ".join(draft.notes))
    writer.put(top, "DocumentCurrencyCode", draft.currency)
    writer.put(top, "BuyerReference", draft.order_number)
    if paper.corrects:
        reference = writer.group(top, "BillingReference", "InvoiceDocumentReference")
        writer.put(reference, "ID", paper.corrects[0])
        writer.put(reference, "IssueDate", paper.corrects[1].isoformat())
    bare = any(total.category == "O" for total in draft.vat)  # BR-O-02: then no VAT number may stand anywhere
    register = wording.say(wording.REGISTER, draft.language)
    _party(writer, "AccountingSupplierParty", draft.seller, bare=bare, legal=draft.seller.legal_text(register))
    _party(writer, "AccountingCustomerParty", draft.buyer, bare=bare)
    writer.put(writer.group(top, "Delivery"), "ActualDeliveryDate", draft.supplied_on.isoformat())
    writer.put(writer.group(top, "PaymentMeans"), "PaymentMeansCode", draft.payment)
    _vat(writer, draft.vat)
    _sums(writer, paper)
    for position, line in enumerate(draft.lines, start=1):
        _line(writer, root, position, line, draft.language)
    written: bytes = etree.tostring(top, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written


def _party(writer: _Writer, role: str, party: Party, *, bare: bool, legal: str = "") -> None:
    """Write a party. `legal` is its legal form and register, which EN 16931 knows of the seller only (BT-33)."""
    place = writer.group(writer.root, role, "Party")
    if party.kbo:
        writer.put(place, "EndpointID", party.kbo, schemeID="0208")
    elif party.reference:
        writer.put(writer.group(place, "PartyIdentification"), "ID", party.reference)
    writer.put(writer.group(place, "PartyName"), "Name", party.name)
    address = writer.group(place, "PostalAddress")
    writer.put(address, "StreetName", party.street)
    writer.put(address, "CityName", party.municipality)
    writer.put(address, "PostalZone", party.postcode)
    writer.put(writer.group(address, "Country"), "IdentificationCode", "BE")
    if party.kbo and party.scheme != "not_liable" and not bare:
        tax = writer.group(place, "PartyTaxScheme")
        writer.put(tax, "CompanyID", f"BE{party.kbo}")
        writer.put(writer.group(tax, "TaxScheme"), "ID", "VAT")
    entity = writer.group(place, "PartyLegalEntity")
    writer.put(entity, "RegistrationName", party.name)
    if party.kbo:
        writer.put(entity, "CompanyID", party.kbo, schemeID="0208")
    writer.put(entity, "CompanyLegalForm", legal)
    if party.email:
        writer.put(writer.group(place, "Contact"), "ElectronicMail", party.email)


def _vat(writer: _Writer, totals: tuple[VatTotal, ...]) -> None:
    tax = writer.group(writer.root, "TaxTotal")
    writer.money(tax, "TaxAmount", sum(total.vat_cents for total in totals))
    for total in totals:
        one = writer.group(tax, "TaxSubtotal")
        writer.money(one, "TaxableAmount", total.net_cents)
        writer.money(one, "TaxAmount", total.vat_cents)
        _category(writer, writer.group(one, "TaxCategory"), total.category, total.rate_bp, total.reason)


def _category(writer: _Writer, place: etree._Element, category: str, rate_bp: int, reason: str = "") -> None:
    writer.put(place, "ID", category)
    if category != "O":  # BR-O-05: what is outside VAT has no rate
        writer.put(place, "Percent", _decimal(rate_bp, 2))
    writer.put(place, "TaxExemptionReason", reason)
    writer.put(writer.group(place, "TaxScheme"), "ID", "VAT")


def _sums(writer: _Writer, paper: Paper) -> None:
    """Write the sums. All is paid when the document is made, so the payable amount is nothing."""
    draft = paper.draft
    sums = writer.group(writer.root, "LegalMonetaryTotal")
    writer.money(sums, "LineExtensionAmount", sum(line.net_cents for line in draft.lines))
    writer.money(sums, "TaxExclusiveAmount", draft.net_cents)
    writer.money(sums, "TaxInclusiveAmount", draft.net_cents + draft.vat_cents)
    writer.money(sums, "PrepaidAmount", draft.payable_cents)
    if draft.rounding_cents:
        writer.money(sums, "PayableRoundingAmount", draft.rounding_cents)
    writer.money(sums, "PayableAmount", 0)


def _line(writer: _Writer, root: str, position: int, line: Line, language: str) -> None:
    place = writer.group(writer.root, f"{root}Line")
    writer.put(place, "ID", str(position))
    quantity = "InvoicedQuantity" if root == "Invoice" else "CreditedQuantity"
    writer.put(place, quantity, _decimal(line.thousandths, 3), unitCode=line.unit)
    writer.money(place, "LineExtensionAmount", line.net_cents)
    if line.allowance_cents:
        allowance = writer.group(place, "AllowanceCharge")
        writer.put(allowance, "ChargeIndicator", "false")
        writer.put(allowance, "AllowanceChargeReasonCode", DISCOUNT)
        writer.put(allowance, "AllowanceChargeReason", wording.say(wording.PAPER["discount"], language))
        writer.money(allowance, "Amount", line.allowance_cents)
    item = writer.group(place, "Item")
    writer.put(item, "Name", line.text)
    _category(writer, writer.group(item, "ClassifiedTaxCategory"), line.category, line.rate_bp)
    writer.put(writer.group(place, "Price"), "PriceAmount", price_text(line), currencyID=writer.currency)


def price_text(line: Line) -> str:
    """Give the price of one unit without VAT: times the quantity it is the line's amount and what came off it (rule R120).

    Six decimals: the error stays under half a cent up to ten thousand units.
    """
    whole = line.net_cents + line.allowance_cents
    millionths = (whole * 10_000_000 * 2 + line.thousandths) // (2 * line.thousandths)
    return _decimal(millionths, 6, least=2)


def _decimal(whole: int, places: int, *, least: int = 0) -> str:
    """Write a whole number of 10^-places as a decimal without useless zeros."""
    before, after = divmod(whole, 10**places)
    digits = f"{after:0{places}d}".rstrip("0").ljust(least, "0")
    return f"{before}.{digits}" if digits else str(before)
