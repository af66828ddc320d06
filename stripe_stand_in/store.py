"""Keeps every object in one SQLite file, so that a restart forgets nothing.

An object is a JSON document with an id and a kind; what is searched for has an index on the JSON.
One process writes: a lock queues the writers, readers never wait (WAL).
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from stripe_stand_in.settings import Settings

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, account TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, account, seq);
CREATE INDEX IF NOT EXISTS refund_charge ON objects (json_extract(body, '$.charge'))
    WHERE kind = 'refund';
CREATE INDEX IF NOT EXISTS refund_intent ON objects (json_extract(body, '$.payment_intent'))
    WHERE kind = 'refund';
CREATE INDEX IF NOT EXISTS transfer_group ON objects (json_extract(body, '$.transfer_group'))
    WHERE kind = 'transfer';
CREATE INDEX IF NOT EXISTS transfer_source ON objects (json_extract(body, '$.source_transaction'))
    WHERE kind = 'transfer';
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT NOT NULL, account TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (key, account));
CREATE TABLE IF NOT EXISTS balances (
    account TEXT NOT NULL, currency TEXT NOT NULL, available INTEGER NOT NULL DEFAULT 0,
    pending INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (account, currency));
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY, event TEXT NOT NULL, type TEXT NOT NULL, due REAL NOT NULL,
    made REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'due',
    signing TEXT NOT NULL DEFAULT 'good', once INTEGER NOT NULL DEFAULT 0, body TEXT,
    last_status INTEGER);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE state = 'due';
CREATE TABLE IF NOT EXISTS chores (
    seq INTEGER PRIMARY KEY, due REAL NOT NULL, deed TEXT NOT NULL, subject TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS chores_due ON chores (due);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def new_id(prefix: str, *, length: int = 24) -> str:
    """Make an identifier that nobody can guess, such as `re_Xy…`."""
    return f"{prefix}_{secrets.token_hex(length // 2)}"


class Unit:
    """One connection inside one transaction, with what handlers need to know."""

    def __init__(self, db: sqlite3.Connection, settings: Settings, now: float) -> None:
        self.db = db
        self.settings = settings
        self.now = now

    def find(self, identifier: str, kind: str | None = None) -> dict[str, Any] | None:
        """Return the object with this id, or None."""
        row = self.db.execute("SELECT body, kind FROM objects WHERE id = ?", (identifier,)).fetchone()
        return json.loads(row[0]) if row and kind in (None, row[1]) else None

    def owner(self, identifier: str) -> str | None:
        """Return the account that an object belongs to; the platform is ''."""
        row = self.db.execute("SELECT account FROM objects WHERE id = ?", (identifier,)).fetchone()
        return row[0] if row else None

    def add(self, kind: str, body: Mapping[str, Any], *, account: str = "") -> None:
        """Keep a new object."""
        self.db.execute(
            "INSERT INTO objects (id, kind, account, created, body) VALUES (?, ?, ?, ?, ?)",
            (body["id"], kind, account, int(body.get("created", self.now)), json.dumps(body)),
        )

    def save(self, body: Mapping[str, Any]) -> None:
        """Keep the changed state of an object that is there."""
        self.db.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))

    def rename(self, identifier: str, *, account: str) -> None:
        """Give an object to another account; retrieving it for the old one fails from now on."""
        self.db.execute("UPDATE objects SET account = ? WHERE id = ?", (account, identifier))

    def select(
        self,
        kind: str,
        where: str = "1",
        values: tuple[Any, ...] = (),
        *,
        account: str = "",
        order: str = "seq DESC",
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """Return objects of a kind, newest first; `where` is SQL of this program, never input."""
        rows = self.db.execute(
            f"SELECT body FROM objects WHERE kind = ? AND account = ? AND {where}"  # noqa: S608
            f" ORDER BY {order} LIMIT ?",
            (kind, account, *values, limit),
        )
        return [json.loads(row[0]) for row in rows]

    def place(self, identifier: str) -> int | None:
        """Return the position of an object in the order of creation."""
        row = self.db.execute("SELECT seq FROM objects WHERE id = ?", (identifier,)).fetchone()
        return row[0] if row else None

    def later(self, seconds: float, deed: str, subject: str, detail: str = "") -> None:
        """Plan a chore that the background thread does when its time has come."""
        self.db.execute(
            "INSERT INTO chores (due, deed, subject, detail) VALUES (?, ?, ?, ?)",
            (self.now + seconds, deed, subject, detail),
        )

    def note(self, name: str) -> str | None:
        """Return a remembered value."""
        row = self.db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def write_note(self, name: str, value: str) -> None:
        """Remember a value over restarts."""
        self.db.execute(
            "INSERT INTO notes VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )


class Store:
    """Opens transactions on the file; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.written = threading.Event()
        self._writing = threading.RLock()
        self._local = threading.local()
        self.ahead = 0.0
        with self._writing:
            self._connection().executescript(_TABLES)
        with self.reading() as unit:
            self.ahead = float(unit.note("ahead") or 0)

    def now(self) -> float:
        """Return the time of this stand-in; tests that play weeks put it ahead."""
        return time.time() + self.ahead

    def put_ahead(self, seconds: float) -> None:
        """Let the clock run so much ahead of the machine's, also after a restart."""
        with self.writing() as unit:
            unit.write_note("ahead", str(seconds))
        self.ahead = seconds

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            known = sqlite3.connect(self.settings.db, isolation_level=None, timeout=30, check_same_thread=False)
            known.execute("PRAGMA journal_mode = WAL")
            known.execute("PRAGMA synchronous = NORMAL")
            known.execute("PRAGMA busy_timeout = 30000")
            self._local.connection = known
        return known

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Look at one consistent moment."""
        db = self._connection()
        db.execute("BEGIN")
        try:
            yield Unit(db, self.settings, self.now())
        finally:
            db.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """Change things; all of it or, after an exception, nothing."""
        with self._writing:
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield Unit(db, self.settings, self.now())
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        self.written.set()
