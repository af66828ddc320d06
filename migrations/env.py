"""How Alembic reaches the database: through the app, one transaction a migration."""

from __future__ import annotations

import importlib.util
import pkgutil
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import JSON, Connection, text

import shortchain
from shortchain.database import UtcDateTime

for _package in pkgutil.iter_modules(shortchain.__path__):
    # Every table must be known, also of a package that no view uses yet.
    if _package.ispkg and importlib.util.find_spec(f"shortchain.{_package.name}.models"):
        importlib.import_module(f"shortchain.{_package.name}.models")

db = current_app.extensions["migrate"].db
OWN_TABLES = ("offer_search", "sqlite_")  # full-text tables: made by hand in a migration


def include_object(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave out what the metadata does not describe."""
    return not (kind == "table" and name and name.startswith(OWN_TABLES))


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our column types as what the database stores, so that migrations import no code of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON) and "postgresql" in getattr(item, "_variant_mapping", {}):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def no_loose_ends(ctx: Any, **_step: Any) -> None:
    """Refuse a migration that leaves a row pointing at nothing; it is undone, as its transaction did not end yet."""
    if ctx.connection.dialect.name == "sqlite":
        loose = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if loose:
            raise RuntimeError(f"rows would point at nothing: {loose[:10]}")


def hold_references(connection: Connection, *, checked: bool) -> None:
    """Let SQLite drop a table that others point at, or not again.

    Only a new table under the old name can change a column there, and dropping the old one counts as deleting its rows:
    refused with rows that point at them, or taking those along. So it is off, and checked at the end of each
    migration (the procedure of SQLite's page on ALTER TABLE). The setting does nothing within a transaction.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={'ON' if checked else 'OFF'}")  # type: ignore[union-attr]


def run() -> None:
    engine = db.engine
    with engine.connect() as connection:
        hold_references(connection, checked=False)
        if connection.dialect.name == "postgresql":
            # One migrator at a time, and no waiting behind somebody's long lock.
            connection.execute(text("SELECT pg_advisory_lock(716253)"))
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text("SET statement_timeout = '120s'"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=True,
            include_object=include_object,
            render_item=render_item,
            compare_type=True,
            on_version_apply=no_loose_ends,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            hold_references(connection, checked=True)


run()
