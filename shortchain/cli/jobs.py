"""`flask jobs sweep`: let offers of work that nobody answered expire, and ask the next best."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from shortchain.database import db
from shortchain.workflows import fulfilment

jobs = AppGroup("jobs", help="Work that is offered.")


@jobs.command("sweep")
def sweep() -> None:
    """Move unanswered work on; safe to run twice."""
    gateways = current_app.extensions["shortchain.gateways"]
    moved = fulfilment.expire_offers(db.session(), gateways, now=datetime.now(UTC))
    click.echo(f"moved {moved} offers on")
