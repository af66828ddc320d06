"""The migrations make exactly what the models say, in one line, and the newest can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, inspect, types

from shortchain.app import create_app
from shortchain.database import db
from tests.conftest import settings_for

BY_HAND = ("offer_search", "sqlite_")
"""Tables that no model describes. The words of `search_text` and its indexes are made by hand too."""


def differences(connection: Connection) -> list[Any]:
    """List what autogenerate would still do; what is made by hand is left out."""

    def ours(_thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        made_by_hand = reflected and compare_to is None and (kind == "index" or name == "words")
        return not made_by_hand and not (kind == "table" and (name or "").startswith(BY_HAND))

    context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": ours})
    return list(compare_metadata(context, db.metadata))


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory("migrations")
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    names = [script.revision for script in scripts.walk_revisions()]
    assert len(names) == len(set(names))


def test_they_make_what_the_models_say(app: Flask, session: Any) -> None:
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_the_newest_can_be_taken_back_and_made_again(
    new_database: Callable[[str], str], tmp_path: Any, database_kind: str
) -> None:
    url = new_database("there_and_back")
    before = tables(url)
    other = create_app(settings_for(url, tmp_path))
    with other.app_context():
        newest = revision()
        downgrade()
        assert revision() != newest
        upgrade()
        assert (revision(), tables(url)) == (newest, before)
        with db.engine.connect() as connection:
            assert differences(connection) == []
        db.engine.dispose()


def test_rows_that_others_point_at_survive_a_change_of_their_table(
    new_database: Callable[[str], str], tmp_path: Any
) -> None:
    """Tours point at vehicles while migrations make the table of vehicles anew: SQLite would refuse to drop the old one."""
    other = create_app(settings_for(new_database("filled"), tmp_path))
    with other.app_context():
        downgrade(revision="0097_discount_codes")
        with db.engine.begin() as connection:
            farm = fill(connection, "enterprise", kind="farm", vat_scheme="normal", language="nl")
            person = fill(
                connection, "user_account", email="rijdt@example.org", name="Wie rijdt", role="customer", language="nl"
            )
            courier = fill(connection, "courier", enterprise_id=farm, user_id=person, vehicle="van", can_lift=False)
            tour = fill(connection, "tour", courier_id=courier, enterprise_id=farm, state="draft")
        upgrade()
        with db.engine.connect() as connection:
            row = connection.exec_driver_sql(
                "SELECT tour.id, driver.user_id, driver.name, driver.lift_g FROM tour"
                " JOIN courier ON courier.id = tour.courier_id JOIN driver ON driver.id = tour.driver_id"
            ).one()
            assert tuple(row) == (tour, person, "Wie rijdt", 12_000)
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        db.engine.dispose()


BLANKS: tuple[tuple[type[Any], Any], ...] = (
    (types.Boolean, True),
    (types.Integer, 1),
    (types.JSON, []),
    (types.DateTime, datetime(2026, 6, 1, tzinfo=UTC)),
    (types.Date, date(2026, 6, 1)),
    (types.Time, time(9)),
    (types.Float, 1.0),
    (types.String, "x"),
)
"""What a column that must have something gets, by its type; the first that fits."""


def fill(connection: Connection, table_name: str, **values: Any) -> int:
    """Write a row with these values, and anything in the other columns that must have something; returns its id."""
    table = Table(table_name, MetaData(), autoload_with=connection, resolve_fks=False)
    needed = [c for c in table.columns if not c.nullable and c.server_default is None and not c.primary_key]
    row = {c.name: next(blank for kind, blank in BLANKS if isinstance(c.type, kind)) for c in needed} | values
    return int(connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one())


def revision() -> str | None:
    """Say at which migration the database of the current app is."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def tables(url: str) -> dict[str, list[str]]:
    """Give the columns of every table at a URL."""
    engine = create_engine(url)
    looked = inspect(engine)
    found = {name: sorted(c["name"] for c in looked.get_columns(name)) for name in looked.get_table_names()}
    engine.dispose()
    return found
