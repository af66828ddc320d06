"""Checks of `flask check --all` on documents: numbers without a gap, bytes as they were hashed, sums as booked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from shortchain.documents import agreeing
from shortchain.documents.models import Document, DocumentSeries

Check = Callable[[Session, datetime], list[str]]


def numbers_have_no_gap(session: Session, now: datetime) -> list[str]:
    """Per series: as many documents as its counter says, and none above it (no number is there twice)."""
    rows = session.execute(
        select(
            DocumentSeries.letter,
            DocumentSeries.owner,
            DocumentSeries.year,
            DocumentSeries.last,
            func.count(Document.id),
            func.coalesce(func.max(Document.sequence), 0),
        )
        .outerjoin(Document, Document.series_id == DocumentSeries.id)
        .group_by(DocumentSeries.id)
    )
    return [
        f"series {letter}{owner}-{year} counts to {last} and has {count} documents up to {highest}"
        for letter, owner, year, last, count, highest in rows
        if not last == count == highest
    ]


def archive_is_intact(session: Session, now: datetime) -> list[str]:
    """Every document is still the bytes that were hashed when it was made.

    The bytes are read as they lie there: SQLite lets text stand in their place, and that must be named, not fail.
    """
    raw: Any = NullType()
    as_stored: ColumnElement[bytes | str] = type_coerce(Document.xml, raw)
    rows = session.execute(select(Document.number, as_stored, Document.sha256).execution_options(yield_per=200))
    return [
        f"document {number} is not what was archived"
        for number, xml, kept in rows
        if isinstance(xml, str) or hashlib.sha256(xml).hexdigest() != kept
    ]


def documents_are_what_is_booked(session: Session, now: datetime) -> list[str]:
    """What each seller's documents of a booking say is what the ledger booked, and every booking has its documents."""
    return [
        f"documents of {one.source} say {one.theirs_cents} cents, the ledger {one.ours_cents}"
        for one in agreeing.differences(session, now=now)
    ]


CHECKS: tuple[tuple[str, Check], ...] = (
    ("P1 documents have no gap", numbers_have_no_gap),
    ("P1 documents are as archived", archive_is_intact),
    ("P1 documents are what is booked", documents_are_what_is_booked),
)
