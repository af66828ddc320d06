"""`flask prepare`: what `make run` does before it starts the servers. Fast when nothing is missing."""

from __future__ import annotations

import logging
import sys

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from shortchain.cli.demo_data import is_empty
from shortchain.cli.demo_load import demo
from shortchain.config import INSTANCE
from shortchain.database import db, newest_revisions, revisions_of


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Migrate the database, and load the demo region when it is empty; who starts it says who may sign in."""
    INSTANCE.mkdir(parents=True, exist_ok=True)
    if not _is_current():
        click.echo("Preparing the database …")
        logging.getLogger("alembic").setLevel(logging.WARNING)
        upgrade()
    if is_empty(db.engine):
        click.echo("Loading the demo region (once) …")
        sys.stdout.flush()
        demo.main(["load", "--no-accounts"], prog_name="flask demo", standalone_mode=False)


def _is_current() -> bool:
    return revisions_of(db.session()) == newest_revisions()
