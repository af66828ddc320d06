"""The rules of Peppol BIS Billing 3.0 about amounts: allowances and charges, currencies, VAT, lines, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from lxml import etree

from shortchain.peppol.reading import CAC, CBC, Fault, all_lines, amount, is_credit, text

CENT = Decimal("0.01")
SLACK = Decimal("0.02")
_AMOUNTS = (
    *("Amount", "BaseAmount", "PriceAmount", "TaxableAmount", "LineExtensionAmount", "TaxExclusiveAmount"),
    *("TaxInclusiveAmount", "AllowanceTotalAmount", "ChargeTotalAmount", "PrepaidAmount", "PayableRoundingAmount"),
    "PayableAmount",
)
"""Amounts in the currency of the document; the VAT in another currency stands apart."""


def _allowances(top: etree._Element) -> Iterator[Fault]:
    for place in (top, *all_lines(top)):
        for one in place.findall(f"{CAC}AllowanceCharge"):
            yield from _allowance(one)


def _allowance(one: etree._Element) -> Iterator[Fault]:
    has_base, has_percent = bool(text(one, "BaseAmount")), bool(text(one, "MultiplierFactorNumeric"))
    if has_percent and not has_base:
        yield "PEPPOL-EN16931-R041", "an allowance or charge has a percentage and no base"
    if has_base and not has_percent:
        yield "PEPPOL-EN16931-R042", "an allowance or charge has a base and no percentage"
    if has_base and has_percent:
        should = amount(one, "BaseAmount") * amount(one, "MultiplierFactorNumeric") / 100
        if abs(amount(one, "Amount", "0") - should) > SLACK:
            yield "PEPPOL-EN16931-R040", f"{text(one, 'Amount')} stands where {should} should"
    if text(one, "ChargeIndicator") not in ("true", "false"):
        yield "PEPPOL-EN16931-R043", "nothing says whether it is an allowance or a charge"


def _prices(top: etree._Element) -> Iterator[Fault]:
    for price in top.iter(f"{CAC}Price"):
        for one in price.findall(f"{CAC}AllowanceCharge"):
            if text(one, "ChargeIndicator") != "false":
                yield "PEPPOL-EN16931-R044", "a price has a charge"
            is_off = text(one, "BaseAmount") and amount(price, "PriceAmount") != amount(one, "BaseAmount") - amount(
                one, "Amount"
            )
            if is_off:
                yield "PEPPOL-EN16931-R046", "the price is not the gross price less its allowance"


def _currencies(top: etree._Element) -> Iterator[Fault]:
    currency, other = text(top, "DocumentCurrencyCode"), text(top, "TaxCurrencyCode")
    if other and other == currency:
        yield "PEPPOL-EN16931-R005", "the currency of VAT is that of the document"
    totals = top.findall(f"{CAC}TaxTotal")
    places = list(top.iter(*(CBC + name for name in _AMOUNTS)))
    places += [one for total in _with_parts(totals) for one in total.findall(f"{CBC}TaxAmount")]
    if any(one.get("currencyID") != currency for one in places):
        yield "PEPPOL-EN16931-R051", f"an amount is not in {currency}"


def _with_parts(totals: list[etree._Element]) -> list[etree._Element]:
    return [one for one in totals if one.find(f"{CAC}TaxSubtotal") is not None]


def _vat_totals(top: etree._Element) -> Iterator[Fault]:
    totals, other = top.findall(f"{CAC}TaxTotal"), text(top, "TaxCurrencyCode")
    full = _with_parts(totals)
    bare = [one for one in totals if one not in full]
    if len(full) != 1:
        yield "PEPPOL-EN16931-R053", "there must be one total of VAT with its parts"
    if len(bare) != (1 if other else 0):
        yield "PEPPOL-EN16931-R054", "there must be one total without parts for a second currency, and else none"
    if other and full and bare and amount(full[0], "TaxAmount") * amount(bare[0], "TaxAmount") < 0:
        yield "PEPPOL-EN16931-R055", "the VAT in two currencies has two signs"


def _vat(top: etree._Element) -> Iterator[Fault]:
    for total in _with_parts(top.findall(f"{CAC}TaxTotal")):
        parts = total.findall(f"{CAC}TaxSubtotal")
        if amount(total, "TaxAmount") != sum((amount(part, "TaxAmount") for part in parts), Decimal()):
            yield "BR-CO-14", "the VAT is not the sum of its parts"
        for part in parts:
            rate = amount(part, "TaxCategory/Percent", "0")
            should = (amount(part, "TaxableAmount") * rate / 100).quantize(CENT, ROUND_HALF_UP)
            if amount(part, "TaxAmount") != should:
                yield "BR-CO-17", f"{text(part, 'TaxAmount')} stands where {should} should"
            if text(part, "TaxCategory/ID") in ("E", "O", "AE") and not text(part, "TaxCategory/TaxExemptionReason"):
                yield "BR-E-10", "nothing says why there is no VAT"


def _sums(top: etree._Element) -> Iterator[Fault]:
    sums = top.find(f"{CAC}LegalMonetaryTotal")
    vat = _with_parts(top.findall(f"{CAC}TaxTotal"))
    if sums is None or not vat:
        yield "BR-13", "there are no sums"
        return
    lines = sum((amount(line, "LineExtensionAmount") for line in all_lines(top)), Decimal())
    off, on = _charged(top, "false"), _charged(top, "true")
    with_vat, without = amount(sums, "TaxInclusiveAmount"), amount(sums, "TaxExclusiveAmount")
    payable = with_vat - amount(sums, "PrepaidAmount", "0") + amount(sums, "PayableRoundingAmount", "0")
    checks: tuple[tuple[str, Decimal, Decimal], ...] = (
        ("BR-CO-10", amount(sums, "LineExtensionAmount"), lines),
        ("BR-CO-11", amount(sums, "AllowanceTotalAmount", "0"), off),
        ("BR-CO-12", amount(sums, "ChargeTotalAmount", "0"), on),
        ("BR-CO-13", without, lines - off + on),
        ("BR-CO-15", with_vat, without + amount(vat[0], "TaxAmount")),
        ("BR-CO-16", amount(sums, "PayableAmount"), payable),
    )
    for rule, stands, should in checks:
        if stands != should:
            yield rule, f"{stands} stands where {should} should"


def _charged(place: etree._Element, indicator: str) -> Decimal:
    """Add up the allowances ('false') or charges ('true') of a document or a line."""
    found = [one for one in place.findall(f"{CAC}AllowanceCharge") if text(one, "ChargeIndicator") == indicator]
    return sum((amount(one, "Amount") for one in found), Decimal())


def _lines(top: etree._Element) -> Iterator[Fault]:
    quantity = "CreditedQuantity" if is_credit(top) else "InvoicedQuantity"
    for line in all_lines(top):
        number, base = text(line, "ID"), amount(line, "Price/BaseQuantity", "1")
        if base <= 0:
            yield "PEPPOL-EN16931-R121", f"the price of line {number} is for no quantity"
        price = amount(line, "Price/PriceAmount", "0") / (base or 1)
        should = amount(line, quantity, "1") * price + _charged(line, "true") - _charged(line, "false")
        if abs(amount(line, "LineExtensionAmount", "0") - should) > SLACK:
            yield "PEPPOL-EN16931-R120", f"line {number} is not its quantity times its price"
        references = line.findall(f"{CAC}DocumentReference")
        if len(references) > 1:
            yield "PEPPOL-EN16931-R100", f"line {number} is about more than one object"
        if any(text(one, "DocumentTypeCode") != "130" for one in references):
            yield "PEPPOL-EN16931-R101", f"line {number} refers to a document that is no object"
        yield from _unit(line, quantity)


def _unit(line: etree._Element, quantity: str) -> Iterator[Fault]:
    base, own = line.find(f"{CAC}Price/{CBC}BaseQuantity"), line.find(f"{CBC}{quantity}")
    has_units = base is not None and base.get("unitCode") and own is not None
    if has_units and base.get("unitCode") != own.get("unitCode"):
        yield "PEPPOL-EN16931-R130", f"the price of line {text(line, 'ID')} is for another unit"


def faults(document: bytes) -> list[str]:
    """List what is wrong with the amounts of a document, each with a sentence.

    :raises etree.XMLSyntaxError: when it is no XML
    """
    return broken(etree.fromstring(document), RULES)


def broken(top: etree._Element, rules: Sequence[Callable[[etree._Element], Iterator[Fault]]]) -> list[str]:
    """List the rules that a document breaks, each with a sentence."""
    found: list[str] = []
    for rule in rules:
        try:
            found += [f"{name}: {sentence}" for name, sentence in rule(top)]
        except InvalidOperation:
            found.append("XML: an amount is missing or is no number")
    return found


RULES = (_allowances, _prices, _currencies, _vat_totals, _vat, _sums, _lines)
