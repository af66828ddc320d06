"""`flask demo connect`: give the demo's enterprises an account with the payment stand-in, and sell gift cards there."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from sqlalchemy import select

from shortchain.cli import demo_cards
from shortchain.cli.demo_load import demo
from shortchain.cli.money_stage import Provider
from shortchain.config import Settings
from shortchain.database import Base, db
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.workflows import payout_accounts

__all__ = ["connect", "demo"]


@demo.command("connect")
def connect() -> None:
    """Open what is missing, so that shares of the demo's orders can be paid out, and sell its gift cards; safe to run twice."""
    settings: Settings = current_app.extensions["shortchain.settings"]
    if settings.is_production or not settings.stripe_api_base:
        raise click.ClickException("Only with the stand-in, on the demo.")
    found = _without_account()
    for enterprise_id in found:
        try:
            _connect(enterprise_id, settings.base_url)
        except (GatewayDown, GatewayRefused) as error:
            raise click.ClickException(f"The stand-in did not take it: {error}") from None
    if found:
        click.echo(f"  {len(found)} enterprises of the demo can be paid.")
    sold = demo_cards.add_cards(
        db.session(),
        current_app.extensions["shortchain.gateways"],
        Provider(settings.stripe_api_base, key="", secret=""),
        base_url=settings.base_url,
        now=datetime.now(UTC),
    )
    if sold:
        click.echo(f"  Gift cards of the demo: {', '.join(sold)}.")


def _connect(enterprise_id: int, address: str) -> None:
    session, gateways = db.session(), current_app.extensions["shortchain.gateways"]
    now = datetime.now(UTC)
    payout_accounts.lead_to_provider(
        session,
        gateways,
        enterprise_id=enterprise_id,
        return_url=address,
        refresh_url=address,
        now=now,
        by=SYSTEM,
    )
    payout_accounts.refresh(session, gateways, enterprise_id=enterprise_id, now=now, by=SYSTEM)


def _without_account() -> list[int]:
    """List the demo's enterprises that can not be paid yet."""
    enterprise = Base.metadata.tables["enterprise"]
    with db.engine.connect() as connection:
        return list(
            connection.scalars(
                select(enterprise.c.id)
                .where(
                    enterprise.c.payouts_enabled.is_(False),
                    enterprise.c.email.like("%@demo.example"),
                )
                .order_by(enterprise.c.id)
            )
        )
