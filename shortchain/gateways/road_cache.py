"""What all processes remember of the roads between two points."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, delete, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from shortchain.gateways.impatient import impatient_engine
from shortchain.kernel.geo import Point

KEEP = timedelta(days=90)
AT_ONCE = 400
"""Keys in one statement; SQLite takes no more than 999 values."""

Pair = tuple[Point, Point]


def table(metadata: MetaData) -> Table:
    """Describe the table on the application's metadata, so that its migration makes it."""
    if "road_cache" in metadata.tables:
        return metadata.tables["road_cache"]
    return Table(
        "road_cache",
        metadata,
        Column("key", String(32), primary_key=True),
        Column("metres", Integer, nullable=False),
        Column("seconds", Integer, nullable=False),
        Column("kept_at", DateTime(timezone=True), nullable=False, index=True),
    )


def key_of(service: str, profile: str, pair: Pair) -> str:
    """Name a question without keeping it in clear: a door is personal data."""
    (start, end) = pair
    text = f"{service}\n{profile}\n{start.lat:.6f},{start.lon:.6f}\n{end.lat:.6f},{end.lon:.6f}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class RoadMemory:
    """Remembers ways per pair of points for 90 days.

    Each call is a short transaction of its own on connections of its own. A fault of the database only means
    that nothing is remembered.
    """

    def __init__(self, engine: Engine, metadata: MetaData) -> None:
        self._url = engine.url
        self._table = table(metadata)

    @cached_property
    def _engine(self) -> Engine:
        """Open the connections at the first question, in the process that asks it."""
        return impatient_engine(self._url)

    def close(self) -> None:
        """Give the connections back to the database."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def get(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Give metres and seconds of the keys that are remembered."""
        rows, since = self._table.c, datetime.now(UTC) - KEEP
        found: dict[str, tuple[int, int]] = {}
        try:
            with self._engine.connect().execution_options(sqlite_begin="") as connection:
                for part in _parts(keys):
                    query = select(rows.key, rows.metres, rows.seconds).where(rows.key.in_(part), rows.kept_at > since)
                    found |= {row.key: (row.metres, row.seconds) for row in connection.execute(query)}
        except SQLAlchemyError:
            return {}
        return found

    def put(self, ways: Mapping[str, tuple[int, int]]) -> None:
        """Remember ways, and throw away the ones that are too old."""
        now = datetime.now(UTC)
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(self._table).where(self._table.c.kept_at <= now - KEEP))
                for part in _parts(sorted(ways)):
                    connection.execute(delete(self._table).where(self._table.c.key.in_(part)))
                    connection.execute(
                        insert(self._table),
                        [{"key": k, "metres": ways[k][0], "seconds": ways[k][1], "kept_at": now} for k in part],
                    )
        except SQLAlchemyError:
            return


def _parts(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[first : first + AT_ONCE] for first in range(0, len(keys), AT_ONCE))
