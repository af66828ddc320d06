"""`flask prepare`: what `make run` does before it starts the servers. Fast when nothing is missing."""

from __future__ import annotations

import logging
import sys

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from shortchain.cli.demo_data import is_empty
from shortchain.cli.demo_load import demo
from shortchain.config import INSTANCE
from shortchain.database import db


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Migrate the database, and load the demo region when it is empty."""
    INSTANCE.mkdir(parents=True, exist_ok=True)
    if not _is_current():
        click.echo("Preparing the database …")
        logging.getLogger("alembic").setLevel(logging.WARNING)
        upgrade()
    if is_empty(db.engine):
        click.echo("Loading the demo region (once) …")
        sys.stdout.flush()
        demo.main(["load"], prog_name="flask demo", standalone_mode=False)


def _is_current() -> bool:
    heads = set(ScriptDirectory(current_app.extensions["migrate"].directory).get_heads())
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads
