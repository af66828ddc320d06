"""`flask cycles close`: open, close and prepare order cycles whose time has come."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from shortchain.database import db
from shortchain.workflows import cycles as deeds

cycles = AppGroup("cycles", help="Order cycles.")


@cycles.command("close")
def close() -> None:
    """Close what is over, open what begins, prepare what comes next; safe to run twice."""
    done = deeds.turn(db.session(), now=datetime.now(UTC))
    click.echo(
        f"closed {done.closed}, opened {done.opened}, finished {done.finished}, prepared {done.prepared}"
    )
