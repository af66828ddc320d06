"""Writes a file of credit transfers for a bank: ISO 20022 pain.001.001.09, SEPA. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
"""The signs that every bank in SEPA must take (EPC217-08)."""

ALIKE = str.maketrans(
    {
        **{"ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ł": "l", "Ł": "L"},
        **{"đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i"},
        **{"‘": "'", "’": "'", "–": "-", "—": "-", "&": "+"},
    }
)
"""What stands for letters and signs that no rule of Unicode takes apart; "&" becomes "+" as in EPC217-08."""

LONGEST_NAME, LONGEST_TEXT, LONGEST_ID = 70, 140, 35


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit transfer; `reference` comes back on both statements."""

    name: str
    iban: str
    cents: int
    reference: str
    text: str


def latin(text: str, longest: int) -> str:
    """Write a text in the signs that every bank takes: é becomes e, ø o, & +, what has no likeness a space.

    The payer's bank compares the name with that of the account before it pays (Regulation (EU) 2024/886), so a name
    keeps as much of itself as it can. A text of which nothing is left becomes a dash: the schema wants at least one sign everywhere.
    """
    plain = unicodedata.normalize("NFKD", text.translate(ALIKE))
    kept = "".join(sign if sign in ALLOWED else "" if unicodedata.combining(sign) else " " for sign in plain)
    return " ".join(kept.split())[:longest].strip() or "-"


def document(
    transfers: Sequence[Transfer], *, number: str, made_at: datetime, on_day: date, debtor: str, debtor_iban: str
) -> bytes:
    """Write the file: one group, one batch, its count and sum on both.

    :raises ValueError: without transfers, for an amount of nothing, or a number that is too long
    """
    if not transfers or any(not 0 < one.cents <= 99_999_999_999 for one in transfers) or len(number) > LONGEST_ID:
        raise ValueError("a bank file holds at least one transfer of at least a cent")
    ElementTree.register_namespace("", NAMESPACE)
    root = Element(f"{{{NAMESPACE}}}Document")
    order = _in(root, "CstmrCdtTrfInitn")
    count, total = str(len(transfers)), _euros(sum(one.cents for one in transfers))
    head = _in(order, "GrpHdr")
    _in(head, "MsgId", number)
    _in(head, "CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _in(head, "NbOfTxs", count)
    _in(head, "CtrlSum", total)
    _in(_in(head, "InitgPty"), "Nm", latin(debtor, LONGEST_NAME))
    batch = _in(order, "PmtInf")
    _in(batch, "PmtInfId", number)
    _in(batch, "PmtMtd", "TRF")
    _in(batch, "BtchBookg", "false")
    _in(batch, "NbOfTxs", count)
    _in(batch, "CtrlSum", total)
    _in(_in(_in(batch, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _in(_in(batch, "ReqdExctnDt"), "Dt", on_day.isoformat())
    _in(_in(batch, "Dbtr"), "Nm", latin(debtor, LONGEST_NAME))
    _in(_in(_in(batch, "DbtrAcct"), "Id"), "IBAN", debtor_iban)
    _in(_in(_in(_in(batch, "DbtrAgt"), "FinInstnId"), "Othr"), "Id", "NOTPROVIDED")
    _in(batch, "ChrgBr", "SLEV")
    for one in transfers:
        _transfer(batch, one)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _transfer(batch: Element, one: Transfer) -> None:
    row = _in(batch, "CdtTrfTxInf")
    _in(_in(row, "PmtId"), "EndToEndId", latin(one.reference, LONGEST_ID))
    _in(_in(row, "Amt"), "InstdAmt", _euros(one.cents)).set("Ccy", "EUR")
    _in(_in(row, "Cdtr"), "Nm", latin(one.name, LONGEST_NAME))
    _in(_in(_in(row, "CdtrAcct"), "Id"), "IBAN", one.iban)
    _in(_in(row, "RmtInf"), "Ustrd", latin(one.text, LONGEST_TEXT))


def _in(parent: Element, name: str, text: str | None = None) -> Element:
    made = SubElement(parent, f"{{{NAMESPACE}}}{name}")
    made.text = text
    return made


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
