"""`flask jobs sweep`: ask the next where nobody answered, and free what nobody paid."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from shortchain.database import db
from shortchain.workflows import declining, housekeeping

jobs = AppGroup("jobs", help="The work that providers are asked to do.")


@jobs.command("sweep")
def sweep() -> None:
    """Let unanswered offers expire, ask the next, free holds that ran out; safe to run twice."""
    session, gateways = db.session(), current_app.extensions["shortchain.gateways"]
    now = datetime.now(UTC)
    click.echo(f"expired {declining.expire_offers(session, gateways, now=now)} offers")
    click.echo(f"gave {declining.replace_refused(session, gateways, now=now)} refused requests on")
    click.echo(f"freed {housekeeping.release_holds(session, now=now)} holds")
