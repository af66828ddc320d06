"""Connections for what a gateway remembers: few, of its own, and quick to give up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine

PATIENCE_MS = 300


def impatient_engine(url: URL) -> Engine:
    """Open a small pool beside the application's, whose statements wait for 0.3 s at most.

    What is remembered is a convenience: never in the caller's transaction, never behind it for long.
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    patience: dict[str, Any] = (
        {"check_same_thread": False}
        if is_sqlite
        else {"connect_timeout": 2, "options": f"-c lock_timeout={PATIENCE_MS} -c statement_timeout={PATIENCE_MS}"}
    )
    engine = create_engine(url, pool_size=2, max_overflow=2, pool_timeout=PATIENCE_MS / 1000, connect_args=patience)
    if is_sqlite:
        event.listen(engine, "connect", _be_impatient)
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def _be_impatient(connection: Any, _record: Any) -> None:
    """Wait for the writer of an SQLite file for a moment only."""
    connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
