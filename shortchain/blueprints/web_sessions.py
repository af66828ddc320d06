"""Server-side sessions in our own table, behind Flask-Session.

Flask-Session's own SQLAlchemy store commits the request's database session when it saves, which
would commit whatever a view left behind, and creates its table by itself. This store is its
documented extension point (`ServerSideSession` with three methods) on a connection of its own.
Only a hash of the session id is kept, so that a copy of the table opens nobody's session.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask_session.base import ServerSideSession, ServerSideSessionInterface
from sqlalchemy import LargeBinary, String, delete, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, db


class WebSession(Model):
    """One browser's session: what the server remembers between two requests."""

    __tablename__ = "web_session"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class DatabaseSessionInterface(ServerSideSessionInterface):  # type: ignore[misc]
    """Keeps sessions in `web_session`; every call is one short transaction of its own."""

    session_class = ServerSideSession

    @property
    def _engine(self) -> Engine:
        return db.engine

    @staticmethod
    def _hash(store_id: str) -> str:
        return hashlib.sha256(store_id.encode()).hexdigest()

    def _retrieve_session_data(self, store_id: str) -> dict[str, Any] | None:
        with self._engine.connect() as connection:
            data = connection.scalar(
                select(WebSession.data).where(
                    WebSession.id_hash == self._hash(store_id),
                    WebSession.expires_at > datetime.now(UTC),
                )
            )
        return None if data is None else self.serializer.decode(data)

    def _delete_session(self, store_id: str) -> None:
        with self._write() as connection:
            connection.execute(delete(WebSession).where(WebSession.id_hash == self._hash(store_id)))

    def _upsert_session(self, session_lifetime: timedelta, session: ServerSideSession, store_id: str) -> None:
        values = {
            "data": self.serializer.encode(session),
            "expires_at": datetime.now(UTC) + session_lifetime,
        }
        key = self._hash(store_id)
        with self._write() as connection:
            changed = connection.execute(update(WebSession).where(WebSession.id_hash == key).values(**values))
            if changed.rowcount == 0:
                connection.execute(insert(WebSession).values(id_hash=key, **values))

    def _write(self) -> Any:
        """Open a writing transaction that waits its turn on SQLite instead of failing."""
        return self._engine.execution_options(sqlite_begin="IMMEDIATE").begin()


def init_web_sessions(app: Flask) -> None:
    """Put the store in place; Redis takes over when `REDIS_URL` is set."""
    redis_url = app.extensions["shortchain.settings"].redis_url
    app.config.update(SESSION_PERMANENT=True, SESSION_ID_LENGTH=32, SESSION_SERIALIZATION_FORMAT="msgpack")
    if redis_url:
        from flask_session import Session
        from redis import Redis

        app.config.update(SESSION_TYPE="redis", SESSION_REDIS=Redis.from_url(redis_url))
        Session(app)
        return
    app.session_interface = DatabaseSessionInterface(
        app, key_prefix="s:", permanent=True, sid_length=32, serialization_format="msgpack"
    )
