"""`flask tours plan`: put what carriers promised for a day into draft tours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup

from shortchain.database import db
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.workflows import dispatch

tours = AppGroup("tours", help="The tours of couriers.")


@tours.command("plan")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day to plan; tomorrow by default.")
def plan(day: datetime | None) -> None:
    """Plan the tours of a day; running it again replaces drafts and leaves released tours alone."""
    now = datetime.now(UTC)
    chosen: date = day.date() if day else local_day(now) + timedelta(days=1)
    gateways = cast(Gateways, current_app.extensions["shortchain.gateways"])
    planned = dispatch.plan_everybody(db.session(), gateways, day=chosen, now=now)
    tours_made = sum(one.tours for one in planned.values())
    left = sum(len(one.unplanned) for one in planned.values())
    click.echo(f"{chosen:%d/%m/%Y}: ritten {tours_made}, bestellingen {sum(one.orders for one in planned.values())}")
    if left:
        click.echo(f"Bestellingen die in geen rit passen: {left}", err=True)
