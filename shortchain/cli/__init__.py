"""The commands of `flask --app shortchain …`."""

from __future__ import annotations

from flask import Flask

from shortchain.cli.bank import bank
from shortchain.cli.checking import check
from shortchain.cli.cycles import cycles
from shortchain.cli.demo_connect import demo
from shortchain.cli.exports import documents, ledger
from shortchain.cli.jobs import jobs
from shortchain.cli.money import money, payouts
from shortchain.cli.prepare import prepare
from shortchain.cli.routing import routing
from shortchain.cli.stand_in import stripe_stand_in
from shortchain.cli.tours import tours


def register_commands(app: Flask) -> None:
    """Register every command group; the one list."""
    app.cli.add_command(bank)
    app.cli.add_command(check)
    app.cli.add_command(cycles)
    app.cli.add_command(demo)
    app.cli.add_command(documents)
    app.cli.add_command(jobs)
    app.cli.add_command(ledger)
    app.cli.add_command(money)
    app.cli.add_command(payouts)
    app.cli.add_command(prepare)
    app.cli.add_command(routing)
    app.cli.add_command(stripe_stand_in)
    app.cli.add_command(tours)
