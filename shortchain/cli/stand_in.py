"""`flask stripe-stand-in`: starts the stand-in for Stripe as the separate program that it is."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import click
from flask import current_app

from shortchain.config import INSTANCE, ROOT, Settings


@click.command("stripe-stand-in", context_settings={"ignore_unknown_options": True})
@click.option("--port", type=int, help="Port on 127.0.0.1; by default that of STRIPE_API_BASE.")
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
def stripe_stand_in(port: int | None, more: tuple[str, ...]) -> None:
    """Take test payments on this machine, without Stripe and without money.

    MORE are further options of `python -m stripe_stand_in`.
    """
    settings: Settings = current_app.extensions["shortchain.settings"]
    if settings.is_production:
        raise click.ClickException("The stand-in never runs in production.")
    port = port or urlsplit(settings.stripe_api_base).port or settings.port + 1
    command = [
        sys.executable,
        "-m",
        "stripe_stand_in",
        "--port",
        str(port),
        "--db",
        str(INSTANCE / "stand_in.sqlite3"),
        "--webhook-url",
        f"{settings.base_url}/webhooks/stripe",
        "--webhook-secret",
        settings.stripe_webhook_secret or "whsec_stand_in",
        *more,
    ]
    os.chdir(ROOT)
    os.execv(sys.executable, command)  # noqa: S606 - our own program, no shell between
