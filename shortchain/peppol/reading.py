"""Small ways to read a UBL document."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from lxml import etree

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"

Fault = tuple[str, str]
"""The name of a rule, and what is wrong."""


def text(place: etree._Element, path: str) -> str:
    """Read the text at a path: groups, then the element that holds it; empty when it is not there."""
    *groups, last = path.split("/")
    return (place.findtext("/".join([*(CAC + group for group in groups), CBC + last])) or "").strip()


def amount(place: etree._Element, path: str, default: str | None = None) -> Decimal:
    """Read a number at a path.

    :raises InvalidOperation: when there is none and no default, or it is no finite number
    """
    found = Decimal(text(place, path) or default or "")
    if not found.is_finite():
        raise InvalidOperation
    return found


def is_credit(top: etree._Element) -> bool:
    """Say whether the document is a credit note."""
    return bool(etree.QName(top).localname == "CreditNote")


def all_lines(top: etree._Element) -> list[etree._Element]:
    """Give the lines of an invoice or a credit note."""
    found: list[etree._Element] = top.findall(f"{CAC}{'CreditNoteLine' if is_credit(top) else 'InvoiceLine'}")
    return found
