"""What all processes share of a web geocoder: its answers, and one slot for the next question."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import JSON, Column, DateTime, Float, MetaData, String, Table, delete, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

KEEP = timedelta(days=180)


class Memory(Protocol):
    """What the geocoder needs of its shared memory."""

    def get(self, key: str) -> dict[str, Any] | None:
        """Give a kept answer."""

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer."""

    def may_ask(self, *, service: str, every_s: float) -> bool:
        """Take the right to ask now; False when somebody asked less than `every_s` ago."""


def tables(metadata: MetaData) -> tuple[Table, Table]:
    """Describe the two tables on the application's metadata, so that its migration makes them."""
    if "geocode_cache" in metadata.tables:
        return metadata.tables["geocode_cache"], metadata.tables["geocode_slot"]
    return (
        Table(
            "geocode_cache", metadata,
            Column("key", String(64), primary_key=True),
            Column("answer", JSON, nullable=False),
            Column("kept_at", DateTime(timezone=True), nullable=False, index=True),
        ),
        Table(
            "geocode_slot", metadata,
            Column("service", String(200), primary_key=True),
            Column("asked_at", Float, nullable=False),
        ),
    )


def key_of(service: str, text: str, language: str) -> str:
    """Name a question without keeping it in clear: an address is personal data."""
    return hashlib.sha256(f"{service}\n{language}\n{text}".encode()).hexdigest()


class DatabaseMemory:
    """The shared memory in the database; each call is one short transaction of its own.

    A fault of the database only means that nothing is remembered: geocoding falls back anyway.
    """

    def __init__(self, engine: Engine, metadata: MetaData) -> None:
        self._engine = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._reading = engine
        self._cache, self._slot = tables(metadata)

    def get(self, key: str) -> dict[str, Any] | None:
        oldest = datetime.now(UTC) - KEEP
        try:
            with self._reading.connect() as connection:
                found = connection.scalar(
                    select(self._cache.c.answer).where(self._cache.c.key == key, self._cache.c.kept_at > oldest)
                )
        except SQLAlchemyError:
            return None
        return found if isinstance(found, dict) else None

    def put(self, key: str, answer: dict[str, Any]) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(self._cache).where(self._cache.c.key == key))
                connection.execute(
                    insert(self._cache).values(key=key, answer=answer, kept_at=datetime.now(UTC))
                )
        except SQLAlchemyError:
            return

    def may_ask(self, *, service: str, every_s: float) -> bool:
        moment = datetime.now(UTC).timestamp()
        try:
            with self._engine.begin() as connection:
                taken = connection.execute(
                    update(self._slot)
                    .where(self._slot.c.service == service, self._slot.c.asked_at <= moment - every_s)
                    .values(asked_at=moment)
                ).rowcount
                if taken:
                    return True
                if connection.scalar(select(self._slot.c.service).where(self._slot.c.service == service)):
                    return False
                connection.execute(insert(self._slot).values(service=service, asked_at=moment))
                return True
        except SQLAlchemyError:
            return False
