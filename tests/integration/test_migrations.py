"""The migrations make exactly what the models say, in one line, and the newest can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, create_engine, inspect

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
