"""`flask payouts send`: divide what is delivered and pay out what is due."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from shortchain.database import db
from shortchain.workflows import refunds, settlement

payouts = AppGroup("payouts", help="Dividing and paying out.")


@payouts.command("send")
def send() -> None:
    """Settle delivered orders, send refunds, payouts and reversals that are due; safe to run twice."""
    session, gateways, now = db.session(), current_app.extensions["shortchain.gateways"], datetime.now(UTC)
    click.echo(f"settled {settlement.settle_orders(session, now=now)} orders")
    click.echo(f"sent {refunds.send_refunds(session, gateways, now=now)} refunds")
    click.echo(f"sent {settlement.send_payouts(session, gateways, now=now)} payouts")
    click.echo(f"took back {settlement.send_reversals(session, gateways, now=now)} parts of payouts")
