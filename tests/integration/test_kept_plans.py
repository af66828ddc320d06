"""Statements stay prepared over the end of a page, and what was written and not committed is gone all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from shortchain.database import db, engine_options

pytestmark = pytest.mark.postgresql_only

PREPARED = text("SELECT count(*) FROM pg_prepared_statements")
LOOK = text("SELECT number FROM directory_version WHERE name = :name")


@pytest.fixture
def engine(app: object) -> Iterator[Engine]:
    """An engine of one connection, made as the product makes its own."""
    url = db.engine.url
    options = engine_options(url.render_as_string(hide_password=False)) | {"pool_size": 1, "max_overflow": 0}
    made = create_engine(url, **options)
    yield made
    made.dispose()


def look(engine: Engine, times: int) -> None:
    for _turn in range(times):
        with engine.connect() as connection:  # closing it ends the transaction as the end of a page does
            connection.execute(LOOK, {"name": "directory"}).all()


def test_what_pages_ask_stays_prepared_on_the_server(engine: Engine) -> None:
    look(engine, 6)
    with engine.connect() as connection:
        assert connection.scalar(PREPARED) >= 1


def test_the_driver_alone_would_have_dropped_them(engine: Engine) -> None:
    look(engine, 6)
    with engine.connect() as connection:
        connection.execute(LOOK, {"name": "directory"})
        connection.connection.dbapi_connection.rollback()  # type: ignore[union-attr]
        assert connection.scalar(PREPARED) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO directory_version (name, number) VALUES ('kept-plans', 1)",
        "WITH made AS (INSERT INTO directory_version (name, number) VALUES ('kept-plans', 1) RETURNING name)"
        " SELECT name FROM made",
        " insert into directory_version (name, number) values ('kept-plans', 1)",
    ],
)
def test_what_was_written_and_not_committed_is_gone(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(LOOK, {"name": "directory"})
        connection.execute(text(statement))
        connection.execute(LOOK, {"name": "directory"})
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    with engine.connect() as connection:
        assert connection.execute(LOOK, {"name": "kept-plans"}).all() == []


def test_a_transaction_that_failed_is_rolled_back(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(ProgrammingError):
        connection.execute(text("SELECT nothing FROM nowhere"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_reading_after_a_commit_counts_as_reading_again(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE directory_version SET number = number WHERE name = 'nobody'"))
    look(engine, 6)
    with engine.connect() as connection:
        assert connection.scalar(PREPARED) >= 1
