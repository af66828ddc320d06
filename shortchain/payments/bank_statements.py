"""Reads what came in on our bank account from a statement of the bank: CAMT.053 or CODA. Pure.

CAMT.053 is ISO 20022 `BkToCstmrStmt`, any version; CODA is Febelfin's coded statement of account, 128 signs a line,
version 2. Only booked credits count. What is not a whole statement is refused: half a list would look like people who
did not pay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lxml import etree
from stdnum import iban as iban_numbers

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


class OtherAccount(Invalid):
    """The statement is of another account than the one to which customers pay."""

    message = N_("Dit afschrift is van een andere rekening dan die waarop klanten betalen.")


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that came in: on which of our accounts, the bank's reference, the day, cents, who paid, what they wrote, and
    from which account.

    `account` and `iban` are empty where the statement does not say; so is `reference`.
    """

    account: str
    reference: str
    day: date
    cents: int
    name: str
    text: str
    iban: str = ""

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


def read(content: bytes, *, own_account: str = "") -> list[Credit]:
    """Read a statement, whichever of the two it is; with `own_account` (an IBAN) it must be of that account.

    :raises NotAStatement: when it is neither, or not whole
    :raises OtherAccount: when it says another account
    """
    found = _read(content)
    own = own_account.replace(" ", "")
    if own and any(credit.account.replace(" ", "") not in ("", own) for credit in found):
        raise OtherAccount(fields=("file",))
    return found


def _read(content: bytes) -> list[Credit]:
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
    for statement in _all(root, "Stmt"):
        entries = [entry for entry in _all(statement, "Ntry") if _is_booked(entry)]
        _check_balances(statement, entries)
        account = _text(statement, "Acct", "Id", "IBAN")
        for entry in entries:
            yield from _camt_credits(entry, account)


def _is_booked(entry: etree._Element) -> bool:
    return (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) in ("BOOK", "")


def _check_balances(statement: etree._Element, entries: list[etree._Element]) -> None:
    """Compare the balances of a statement with its entries, where it has both."""
    found = {
        _text(one, "Tp", "CdOrPrtry", "Cd"): _signed(one) for one in statement if etree.QName(one).localname == "Bal"
    }
    before = found.get("OPBD", found.get("PRCD"))
    after = found.get("CLBD")
    if before is not None and after is not None and before + sum(_signed(one) for one in entries) != after:
        raise Incomplete(fields=("file",))


def _signed(node: etree._Element) -> int:
    """Read the cents of a balance or an entry, below zero for a debit."""
    cents = _cents(_first(node, "Amt"))
    return cents if _text(node, "CdtDbtInd") == "CRDT" else -cents


def _camt_credits(entry: etree._Element, account: str) -> Iterator[Credit]:
    if _text(entry, "CdtDbtInd") != "CRDT" or _text(entry, "RvslInd") == "true":
        return
    day = date.fromisoformat(_text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")[:10])
    reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    parts = _all(entry, "TxDtls") or [entry]
    for place, part in enumerate(parts):
        if _text(part, "CdtDbtInd") not in ("CRDT", ""):
            continue
        own = _text(part, "Refs", "AcctSvcrRef") or reference
        # Alone, a part is worth its entry; its own amount may be what was sent, in another currency.
        amount = _first(part, "Amt") if len(parts) > 1 else _first(entry, "Amt")
        if amount is None:
            amount = _first(part, "AmtDtls", "TxAmt", "Amt")
        cents = _cents(amount)
        if not cents:
            raise NotAStatement(fields=("file",))
        yield Credit(
            account=account,
            reference=f"{own}/{place}" if own and place else own,
            day=day,
            cents=cents,
            name=_text(part, "RltdPties", "Dbtr", "Nm") or _text(part, "RltdPties", "Dbtr", "Pty", "Nm"),
            text=" ".join(_words(part)),
            iban=_text(part, "RltdPties", "DbtrAcct", "Id", "IBAN"),
        )


def _cents(amount: etree._Element | None) -> int:
    written = (amount.text or "").strip() if amount is not None and amount.get("Ccy") == "EUR" else ""
    if not _EUROS.fullmatch(written):
        raise NotAStatement(fields=("file",))
    return int(Decimal(written) * 100)


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
    iban: str = ""


@dataclass(slots=True)
class _CodaStatement:
    """A statement of CODA as far as it is read; balances in thousandths."""

    account: str = ""
    before: int | None = None
    after: int | None = None
    movements: list[_Movement] = field(default_factory=list)


def _coda(content: bytes) -> Iterator[Credit]:
    """Read the lines of CODA: header 0, balances 1 and 8, movements 21–23, sums 9. Places are counted from 1 in the standard."""
    lines = [line.ljust(128) for line in content.decode("cp1252").splitlines() if line.strip()]
    if len(lines) < 2 or lines[0][0] != "0" or lines[-1][0] != "9" or any(len(line) != 128 for line in lines):
        raise NotAStatement(fields=("file",))
    one = _CodaStatement()
    for line in lines:
        if line.startswith("0"):  # one file may hold several statements, each with its own sums
            if one.movements:
                raise Incomplete(fields=("file",))
        elif line.startswith("1"):
            one = _CodaStatement(account=line[5:39].strip() if line[1] in "23" else "", before=_coda_balance(line, 42))
        elif line.startswith("21"):
            one.movements.append(_coda_movement(line))
        elif line.startswith(("22", "23")) and one.movements:
            last = one.movements[-1]
            last.text += line[10:63] if line[1] == "2" else line[82:125]
            last.iban = last.iban or (_iban(line[10:44]) if line[1] == "3" else "")
            last.name = last.name or (line[47:82].strip() if line[1] == "3" else "")
        elif line.startswith("8"):
            one.after = _coda_balance(line, 41)
        elif line.startswith("9"):
            yield from _coda_credits(one, debit=int(line[22:37]), credit=int(line[37:52]))
            one = _CodaStatement()


def _iban(written: str) -> str:
    """Read the account of the other side, where it is an international number."""
    found = written.split()[0] if written.split() else ""
    return found if iban_numbers.is_valid(found, check_country=False) else ""


def _coda_balance(line: str, place: int) -> int:
    """Read a balance, in thousandths: its sign, then fifteen digits."""
    thousandths = int(line[place + 1 : place + 16])
    return thousandths if line[place] == CREDIT else -thousandths


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


def _coda_credits(statement: _CodaStatement, *, debit: int, credit: int) -> Iterator[Credit]:
    """Give the credits of a statement once its sums agree; details stand in the place of their total."""
    movements = statement.movements
    whole = [one for one in movements if one.detail == "0000"]
    sums = {sign: sum(one.cents * 10 for one in whole if one.sign == sign) for sign in ("0", "1")}
    has_both = statement.before is not None and statement.after is not None
    if (sums["0"], sums["1"]) != (credit, debit) or (
        has_both and (statement.before or 0) + credit - debit != statement.after
    ):
        raise Incomplete(fields=("file",))
    split = {one.sequence for one in movements if one.detail != "0000"}
    for one in movements:
        if one.sign == CREDIT and one.cents and (one.detail != "0000" or one.sequence not in split):
            words = one.text[:12] if one.kind in STRUCTURED_KINDS else one.text
            yield Credit(
                account=statement.account,
                reference=f"{one.reference}/{one.sequence}{one.detail}",
                day=one.day,
                cents=one.cents,
                name=one.name,
                text=" ".join(words.split()),
                iban=one.iban,
            )
