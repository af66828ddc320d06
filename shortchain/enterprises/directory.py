"""The version of what routing knows of enterprises.

Routing decides on a snapshot of places, capabilities, certificates and closed days. Whoever changes
one of those calls `touch` in the same transaction, so that a decision made on an older snapshot is
noticed before it is written down.
"""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shortchain.enterprises.models import DirectoryVersion

NAME = "routing"


def touch(session: Session) -> None:
    """Raise the number by one; one statement, so that two changes at once count twice."""
    session.execute(
        text(
            "INSERT INTO directory_version (name, number) VALUES (:name, 2) "
            "ON CONFLICT (name) DO UPDATE SET number = directory_version.number + 1"
        ),
        {"name": NAME},
    )


def number(session: Session) -> int:
    """Give the present number; 1 when nothing has changed yet."""
    found = session.scalar(select(DirectoryVersion.number).where(DirectoryVersion.name == NAME))
    return found or 1
