"""Reads what came in on our bank account from a statement of the bank: CAMT.053 or CODA. Pure.

CAMT.053 is ISO 20022 `BkToCstmrStmt`, any version; CODA is Febelfin's coded statement of account, 128 signs a line,
version 2. Only booked credits count. What is not a whole statement is refused: half a list would look like people who
did not pay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

from shortchain.kernel.errors import N_, Invalid
from shortchain.payments.transfer_message import NotAMessage, message_of_order, read_message, structured_message

MOST_BYTES = 5_000_000
CREDIT, STRUCTURED = "0", "1"
STRUCTURED_KINDS = ("101", "102")
"""CODA's kinds of structured communication that hold a message with check digits of 97."""
_TWELVE = re.compile(r"(?<!\d)\d{3}[ /.+*-]{0,3}\d{4}[ /.+*-]{0,3}\d{5}(?!\d)")
_EUROS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2}0*)?")
_ORDER = re.compile(r"\bSC[ -]?(\d{2})[ -]?(\d{5,7})\b", re.IGNORECASE)


class NotAStatement(Invalid):
    """The file is no statement that we can read, or a part of it is missing."""

    message = N_("Dit bestand kunnen we niet lezen. Vraag je bank een rekeningafschrift als CAMT.053 of CODA.")


class Incomplete(NotAStatement):
    """The sums in the file do not agree with its lines."""

    message = N_("Dit bestand is niet volledig: de bedragen kloppen niet met het totaal. Haal het opnieuw bij je bank.")


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that came in: the bank's reference, the day, cents, who paid, and what they wrote."""

    reference: str
    day: date
    cents: int
    name: str
    text: str

    @property
    def messages(self) -> tuple[str, ...]:
        """The structured messages that stand anywhere in the text, also as the number of an order."""
        found = []
        for one in _TWELVE.findall(self.text):
            try:
                found.append(structured_message(read_message(re.sub(r"\D", "", one))))
            except NotAMessage:
                continue
        found += [message_of_order(f"SC-{year}-{number}") for year, number in _ORDER.findall(self.text)]
        return tuple(dict.fromkeys(found))


def read(content: bytes) -> list[Credit]:
    """Read a statement, whichever of the two it is.

    :raises NotAStatement: when it is neither, or not whole
    """
    if not content or len(content) > MOST_BYTES:
        raise NotAStatement(fields=("file",))
    try:
        start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        return list(_camt(content) if start == b"<" else _coda(content))
    except (ValueError, etree.XMLSyntaxError) as problem:
        raise NotAStatement(fields=("file",)) from problem


def _camt(content: bytes) -> Iterator[Credit]:
    """Read ISO 20022; names of elements are taken without their namespace, which carries the version."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content.lstrip(), parser)
    if root.getroottree().docinfo.doctype or not _all(root, "BkToCstmrStmt"):
        raise NotAStatement(fields=("file",))
    for entry in _all(root, "Ntry"):
        if _text(entry, "CdtDbtInd") != "CRDT" or _text(entry, "RvslInd") == "true":
            continue
        if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) not in ("BOOK", ""):
            continue
        day = date.fromisoformat(_text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")[:10])
        reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
        parts = _all(entry, "TxDtls") or [entry]
        for place, part in enumerate(parts):
            yield Credit(
                reference=f"{_text(part, 'Refs', 'AcctSvcrRef') or reference}" + (f"/{place}" if place else ""),
                day=day,
                cents=_camt_cents(part, entry, alone=len(parts) == 1),
                name=_text(part, "RltdPties", "Dbtr", "Nm") or _text(part, "RltdPties", "Dbtr", "Pty", "Nm"),
                text=" ".join(_words(part)),
            )


def _camt_cents(part: etree._Element, entry: etree._Element, *, alone: bool) -> int:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        found = _first(part, *path)
        if found is not None:
            break
    else:
        found = _first(entry, "Amt") if alone else None
    if found is None or found.get("Ccy") != "EUR":
        raise NotAStatement(fields=("file",))
    written = (found.text or "").strip()
    if not _EUROS.fullmatch(written) or not (cents := int(Decimal(written) * 100)):
        raise NotAStatement(fields=("file",))
    return cents


def _words(part: etree._Element) -> Iterator[str]:
    for info in _all(part, "RmtInf"):
        for name in ("Ustrd", "Ref"):
            yield from ((one.text or "").strip() for one in _all(info, name))
    yield _text(part, "Refs", "EndToEndId")


def _all(node: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in node.iter() if isinstance(one.tag, str) and etree.QName(one).localname == name]


def _first(node: etree._Element, *path: str) -> etree._Element | None:
    """Walk down by names, each among the children of the one before."""
    for name in path:
        found = next((one for one in node if isinstance(one.tag, str) and etree.QName(one).localname == name), None)
        if found is None:
            return None
        node = found
    return node


def _text(node: etree._Element, *path: str) -> str:
    found = _first(node, *path)
    return (found.text or "").strip() if found is not None else ""


@dataclass(slots=True)
class _Movement:
    """A movement of CODA, gathered from its lines 21, 22 and 23."""

    sequence: str
    detail: str
    reference: str
    sign: str
    cents: int
    day: date
    kind: str
    text: str
    name: str = ""


def _coda(content: bytes) -> Iterator[Credit]:
    """Read the lines of CODA: header 0, movements 21–23, sums 9. Places are counted from 1 in the standard."""
    lines = [line.ljust(128) for line in content.decode("cp1252").splitlines() if line.strip()]
    if len(lines) < 2 or lines[0][0] != "0" or lines[-1][0] != "9" or any(len(line) != 128 for line in lines):
        raise NotAStatement(fields=("file",))
    movements: list[_Movement] = []
    for line in lines:
        if line.startswith("0"):  # one file may hold several statements, each with its own sums
            if movements:
                raise Incomplete(fields=("file",))
        elif line.startswith("21"):
            movements.append(_coda_movement(line))
        elif line.startswith(("22", "23")) and movements:
            movements[-1].text += line[10:63] if line[1] == "2" else line[82:125]
            movements[-1].name = movements[-1].name or (line[47:82].strip() if line[1] == "3" else "")
        elif line.startswith("9"):
            yield from _coda_credits(movements, debit=int(line[22:37]), credit=int(line[37:52]))
            movements = []


def _coda_movement(line: str) -> _Movement:
    thousandths = int(line[32:47])
    if thousandths % 10:
        raise NotAStatement(fields=("file",))
    return _Movement(
        sequence=line[2:6],
        detail=line[6:10],
        reference=line[10:31].strip(),
        sign=line[31],
        cents=thousandths // 10,
        day=date(2000 + int(line[119:121]), int(line[117:119]), int(line[115:117])),
        kind=line[62:65] if line[61] == STRUCTURED else "",
        text=line[65:115] if line[61] == STRUCTURED else line[62:115],
    )


def _coda_credits(movements: list[_Movement], *, debit: int, credit: int) -> Iterator[Credit]:
    """Give the credits of a statement once its sums agree; details stand in the place of their total."""
    whole = [one for one in movements if one.detail == "0000"]
    sums = {sign: sum(one.cents * 10 for one in whole if one.sign == sign) for sign in ("0", "1")}
    if (sums["0"], sums["1"]) != (credit, debit):
        raise Incomplete(fields=("file",))
    split = {one.sequence for one in movements if one.detail != "0000"}
    for one in movements:
        if one.sign == CREDIT and one.cents and (one.detail != "0000" or one.sequence not in split):
            words = one.text[:12] if one.kind in STRUCTURED_KINDS else one.text
            reference = f"{one.reference}/{one.sequence}{one.detail}"
            yield Credit(reference, one.day, one.cents, one.name, " ".join(words.split()))
