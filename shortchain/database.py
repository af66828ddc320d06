"""The database: base class, column types, and how we speak to SQLite and PostgreSQL."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Engine, Enum, Insert, MetaData, event, insert, inspect, text
from sqlalchemy.dialects import registry as dialects
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from shortchain.config import ROOT

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


MIGRATIONS = ROOT / "migrations"
_REVISION = re.compile(r'^revision(?:: str)? = "(.+)"$', re.M)
_FOLLOWS = re.compile(r'^down_revision(?:: [^=]+)? = "(.+)"$', re.M)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; refuses naive values instead of guessing."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")
"""JSON that PostgreSQL keeps in binary form."""


def enum_column(kind: type[StrEnum], *, length: int = 24) -> Enum:
    """Give the column type for an enum: stored as its value, checked by the database."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=length,
        name=kind.__name__.lower(),
        validate_strings=True,
    )


class Base(DeclarativeBase):
    """The base of every table. The registry carries the types: Flask-SQLAlchemy derives its own
    base from this one, and SQLAlchemy 2.1 takes a type map from the first base only."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json},
    )


db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False, "autoflush": True},
)

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
else:
    Model = db.Model


def add_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that nobody needs as objects afterwards: one statement, without the unit of work.

    Whatever they point at must have been flushed; nothing else is. Costs about a tenth of adding objects.
    """
    if rows:
        session.connection().execute(_insert_into(table), list(rows))


@cache
def _insert_into(table: type[Base]) -> Insert:
    """Write the statement of a table once: made anew, it would be compared with the known ones word by word."""
    return insert(table.metadata.tables[table.__tablename__])


def newest_revisions(folder: Path = MIGRATIONS) -> set[str]:
    """Read from the migrations' files which revision nothing follows: what a migrated database has.

    Alembic says the same, but a web process would carry all of it for this one question.
    """
    files = [path.read_text(encoding="utf-8") for path in (folder / "versions").glob("*.py")]
    made = {found[1] for content in files if (found := _REVISION.search(content))}
    return made - {found[1] for content in files if (found := _FOLLOWS.search(content))}


def revisions_of(session: Session) -> set[str]:
    """Read which revision a database has; empty before the first migration."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return set()
    return set(session.scalars(text("SELECT version_num FROM alembic_version")))


def new_public_id() -> str:
    """Make an unguessable name for a row, for use in addresses (96 bits)."""
    return secrets.token_urlsafe(12)


def engine_options(url: str) -> dict[str, Any]:
    """Give the engine settings for a database URL.

    PostgreSQL sessions carry a statement and a lock time-out, so that one stuck statement can not
    pile up the others. SQLite waits for the writer for up to 15 s (`busy_timeout`).
    """
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 15, "check_same_thread": False}, "pool_size": 16}
    return {
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": 10,
        "pool_pre_ping": False,
        "connect_args": {
            "options": "-c statement_timeout=15000 -c lock_timeout=8000 "
            "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
            "prepare_threshold": 3,
        },
    }


dialects.register("postgresql.psycopg", "shortchain.kept_plans", "PlanKeepingDialect")


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Put each SQLite connection in the mode that the promises of `docs/transactions.md` rest on."""
    if type(connection).__module__.split(".")[0] != "sqlite3":
        return
    connection.isolation_level = None  # we say BEGIN ourselves, see below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.execute("PRAGMA cache_size=-2000")  # per connection; the system keeps the pages of the file anyway
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Begin reading with BEGIN, writing with BEGIN IMMEDIATE.

    A deferred transaction that reads first and writes later fails with 'database is locked' when
    another has written in between, whatever the time-out; an immediate one waits its turn.
    """
    if connection.dialect.name != "sqlite":
        return
    mode = connection.get_execution_options().get("sqlite_begin", "")
    if mode:
        connection.exec_driver_sql(f"BEGIN {mode}")
    else:  # takes no lock, so it has no error to translate, and every page pays for the way around
        connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]
