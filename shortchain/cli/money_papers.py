"""The papers of `flask money simulate`: who buys for a business, documents made and sent, and each of them judged."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from shortchain.cli import exports
from shortchain.documents import reading, sending
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.peppol import amounts, rules
from shortchain.workflows import documents

BUSINESSES = 0.3
"""How many of the customers buy for a business."""


def name_buyer(session: Session, dice: random.Random, *, token: str, now: datetime) -> None:
    """Let some customers say for which enterprise they order; some of these are not liable for VAT.

    The dice are the order's own, so that the rest of the month is thrown the same with and without papers.
    """
    if dice.random() >= BUSINESSES:
        return
    number = dice.randint(2_100_000, 2_100_040)
    documents.name_buyer(
        session,
        token=token,
        kbo=f"{number:08d}{97 - number % 97:02d}",
        company=f"Keuken {number}",
        street="Straat 1",
        postcode="9000",
        municipality="Gent",
        is_vat_liable=dice.random() < 0.8,
        by=GUEST,
        now=now,
    )


def file(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Make what is due and send it, until nothing is left; returns how many were made."""
    made = 0
    while new := documents.make_due(session, gateways, now=now):
        made += new
    for moment in (now, now + timedelta(minutes=6)):  # sent, then asked after
        while documents.send_due(session, gateways, now=moment):
            pass
    return made


def judge(session: Session) -> dict[str, Any]:
    """Judge every document by the rules of Peppol, and say how many there are of each kind and where each got to.

    A ticket goes to a person and not over Peppol: of it the sums are judged.
    """
    kinds: Counter[str] = Counter()
    faults: list[str] = []
    sent: Counter[str] = Counter()
    for one in reading.since(session, day=date.min):
        row = one.row
        kinds[row.kind] += 1
        sent.update([row.sending] if row.sending else [])
        found = rules.faults(one.xml) if row.kind in sending.ELECTRONIC else amounts.faults(one.xml)
        faults += [f"{row.number} {fault}" for fault in found]
    return {"made": dict(sorted(kinds.items())), "sent": dict(sorted(sent.items())), "faults": faults}


def keep(session: Session, folder: Path) -> int:
    """Write every document of the month into a folder, as `documents export` does; returns how many."""
    return exports.write_documents(session, since=date.min, out=folder)
