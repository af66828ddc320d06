"""`flask cycles close`: open, close and end order cycles whose time has come."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from shortchain.database import db
from shortchain.workflows import cycles as deeds

cycles = AppGroup("cycles", help="Order cycles.")


@cycles.command("close")
def close() -> None:
    """Move every cycle whose time has come; safe to run twice."""
    session, now = db.session(), datetime.now(UTC)
    click.echo(f"closed {deeds.close_due(session, now=now)} cycles")
    click.echo(f"prepared {deeds.prepare_next(session, now=now)} cycles")
    click.echo(f"opened {deeds.open_due(session, now=now)} cycles")
    click.echo(f"ended {deeds.finish_due(session, now=now)} cycles")
