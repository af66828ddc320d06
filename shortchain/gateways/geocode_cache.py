"""What all processes share of a web geocoder: its answers, and one slot for the next question."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Float,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from shortchain.gateways.impatient import impatient_engine

KEEP = timedelta(days=180)
KEEP_NOTHING = timedelta(days=7)  # a new street appears on the map one day


class Memory(Protocol):
    """What the geocoder needs of its shared memory."""

    def get(self, key: str) -> dict[str, Any] | None:
        """Give a kept answer."""

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer."""

    def may_ask(self, *, service: str, every_s: float) -> bool:
        """Take the right to ask now; False when somebody asked less than `every_s` ago."""

    def close(self) -> None:
        """Let go of what it holds open."""


def tables(metadata: MetaData) -> tuple[Table, Table]:
    """Describe the two tables on the application's metadata, so that its migration makes them."""
    if "geocode_cache" in metadata.tables:
        return metadata.tables["geocode_cache"], metadata.tables["geocode_slot"]
    return (
        Table(
            "geocode_cache",
            metadata,
            Column("key", String(64), primary_key=True),
            Column("answer", JSON, nullable=False),
            Column("kept_at", DateTime(timezone=True), nullable=False, index=True),
        ),
        Table(
            "geocode_slot",
            metadata,
            Column("service", String(200), primary_key=True),
            Column("asked_at", Float, nullable=False),
        ),
    )


def key_of(service: str, text: str, language: str) -> str:
    """Name a question without keeping it in clear: an address is personal data."""
    return hashlib.sha256(f"{service}\n{language}\n{text}".encode()).hexdigest()


class DatabaseMemory:
    """The shared memory in the database; each call is one short transaction of its own.

    It has its own few connections, which wait for 0.3 s at most: never in the caller's transaction,
    never behind it for long. A fault of the database only means that nothing is remembered and
    nobody is asked; the geocoder falls back on its table.
    """

    def __init__(self, engine: Engine, metadata: MetaData) -> None:
        self._url = engine.url
        self._cache, self._slot = tables(metadata)

    @cached_property
    def _engine(self) -> Engine:
        """Open the connections at the first question, in the process that asks it."""
        return impatient_engine(self._url)

    def close(self) -> None:
        """Give the connections back to the database."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def get(self, key: str) -> dict[str, Any] | None:
        """Give a kept answer; one that nothing was found only for a week."""
        now = datetime.now(UTC)
        try:
            with self._engine.connect().execution_options(sqlite_begin="") as connection:
                row = connection.execute(
                    select(self._cache.c.answer, self._cache.c.kept_at).where(
                        self._cache.c.key == key, self._cache.c.kept_at > now - KEEP
                    )
                ).one_or_none()
        except SQLAlchemyError:
            return None
        if row is None or not isinstance(row.answer, dict):
            return None
        kept_at = row.kept_at.replace(tzinfo=UTC) if row.kept_at.tzinfo is None else row.kept_at
        if not row.answer.get("found") and kept_at < now - KEEP_NOTHING:
            return None
        return row.answer

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer, and throw away the ones that are too old."""
        now = datetime.now(UTC)
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    delete(self._cache).where((self._cache.c.key == key) | (self._cache.c.kept_at <= now - KEEP))
                )
                connection.execute(insert(self._cache).values(key=key, answer=answer, kept_at=now))
        except SQLAlchemyError:
            return

    def may_ask(self, *, service: str, every_s: float) -> bool:
        """Take the right to ask now; one statement decides who of many gets it.

        A time in the future, from a clock that was set back since, does not count.
        """
        moment = datetime.now(UTC).timestamp()
        asked_at = self._slot.c.asked_at
        try:
            with self._engine.begin() as connection:
                taken = connection.execute(
                    update(self._slot)
                    .where(
                        self._slot.c.service == service,
                        (asked_at <= moment - every_s) | (asked_at > moment + every_s),
                    )
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
