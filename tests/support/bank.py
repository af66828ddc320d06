"""Statements as a bank makes them, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

DAY = date(2026, 11, 24)
OURS = "BE49999000000171"
"""The account to which customers pay, outside production."""


@dataclass(frozen=True)
class Paid:
    """One movement: cents, what was written, by whom; `is_debit` for money that went out."""

    cents: int
    text: str
    name: str = "Nele Peeters"
    iban: str = "BE68539007547034"
    is_debit: bool = False
    is_structured: bool = False


def camt(movements: Sequence[Paid], *, version: str = "08", account: str = OURS) -> bytes:
    """Write a CAMT.053 statement with an entry for each movement."""
    entries = "".join(
        f"<Ntry><Amt Ccy='EUR'>{one.cents / 100:.2f}</Amt><CdtDbtInd>{'DBIT' if one.is_debit else 'CRDT'}</CdtDbtInd>"
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{DAY}</Dt></BookgDt><AcctSvcrRef>REF{place}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"<RltdPties><Dbtr><Pty><Nm>{escape(one.name)}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{one.iban}</IBAN></Id></DbtrAcct></RltdPties><RmtInf>"
        + (
            f"<Strd><CdtrRefInf><Ref>{one.text}</Ref></CdtrRefInf></Strd>"
            if one.is_structured
            else f"<Ustrd>{escape(one.text)}</Ustrd>"
        )
        + "</RmtInf></TxDtls></NtryDtls></Ntry>"
        for place, one in enumerate(movements)
    )
    after = sum(-one.cents if one.is_debit else one.cents for one in movements)
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{abs(cents) / 100:.2f}</Amt>"
        f"<CdtDbtInd>{'DBIT' if cents < 0 else 'CRDT'}</CdtDbtInd></Bal>"
        for code, cents in (("OPBD", 0), ("CLBD", after))
    )
    head = f"<Acct><Id><IBAN>{account}</IBAN></Id></Acct>{balances}"
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return f"<?xml version='1.0'?><Document xmlns='{space}'><BkToCstmrStmt><Stmt>{head}{entries}</Stmt></BkToCstmrStmt></Document>".encode()


def coda(movements: Sequence[Paid], *, account: str = OURS) -> bytes:
    """Write a CODA file: header, old balance, the lines of each movement, new balance, sums."""
    lines = ["0000024112672505        00000001  SHORTCHAIN", f"12001{account:<34}EUR0{0:015}231126"]
    for place, one in enumerate(movements, start=1):
        head = f"{place:04}0000"
        sign, kind = "1" if one.is_debit else "0", "1" if one.is_structured else "0"
        words = f"101{one.text}" if one.is_structured else one.text
        lines.append(
            f"21{head}{f'REF{place}':<21}{sign}{one.cents * 10:015}{DAY:%d%m%y}00150000{kind}{words[:53]:<53}{DAY:%d%m%y}0010"
        )
        lines.append(f"22{head}{words[53:106]:<53}")
        lines.append(f"23{head}{one.iban:<37}{one.name[:35]:<35}{words[106:149]:<43}")
    sums = {flag: sum(one.cents * 10 for one in movements if one.is_debit is flag) for flag in (True, False)}
    after = sums[False] - sums[True]
    lines.append(f"8001{account:<34}EUR{'1' if after < 0 else '0'}{abs(after):015}{DAY:%d%m%y}")
    lines.append(f"9{'':15}{len(lines):06}{sums[True]:015}{sums[False]:015}")
    return "\r\n".join(line.ljust(128) for line in lines).encode("cp1252")
