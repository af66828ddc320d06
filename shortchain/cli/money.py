"""`flask payouts send`: divide what is delivered and pay out; `flask money compare`: do the books agree?"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from shortchain.cli import money_simulation
from shortchain.database import db
from shortchain.kernel.ports import GatewayDown
from shortchain.kernel.spreadsheet import as_csv
from shortchain.payouts import dac7, dac7_xml
from shortchain.workflows import bookkeeping, refunds, settlement

FOLDER = click.Path(file_okay=False, path_type=Path)

payouts = AppGroup("payouts", help="Dividing and paying out.")


@payouts.command("send")
def send() -> None:
    """Settle delivered orders, send refunds, payouts and reversals that are due; safe to run twice."""
    session, gateways, now = db.session(), current_app.extensions["shortchain.gateways"], datetime.now(UTC)
    click.echo(f"settled {settlement.settle_orders(session, now=now)} orders")
    click.echo(f"sent {refunds.send_refunds(session, gateways, now=now)} refunds")
    click.echo(f"sent {settlement.send_payouts(session, gateways, now=now)} payouts")
    click.echo(f"took back {settlement.send_reversals(session, gateways, now=now)} parts of payouts")


money = AppGroup("money", help="Our books and the payment provider's.")


@money.command("compare")
@click.option("--everything", is_flag=True, help="From the first day on, instead of the last five weeks.")
def compare(everything: bool) -> None:
    """Compare the ledger with the payment provider; exit 1 when they do not agree."""
    session, gateways, now = db.session(), current_app.extensions["shortchain.gateways"], datetime.now(UTC)
    if not gateways.has_provider:
        click.echo("nothing to compare: no payment provider is set (STRIPE_SECRET_KEY)")
        return
    since = datetime(2000, 1, 1, tzinfo=UTC) if everything else None
    try:
        found = bookkeeping.compare_books(session, gateways, now=now, since=since)
    except GatewayDown as down:
        raise click.ClickException(f"the payment provider does not answer: {down}") from None
    click.echo(f"{found} differences; see `flask check --all`")
    sys.exit(bool(found))


@money.command("dac7")
@click.option("--year", required=True, type=click.IntRange(2020, 2100))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A CSV file.")
@click.option("--xml", type=click.Path(dir_okay=False, path_type=Path), help="The same as XML, in the OECD's form.")
def yearly_report(year: int, out: Path, xml: Path | None) -> None:
    """Write what the tax office must hear of a year: a row per reported seller and quarter."""
    firm = current_app.extensions["shortchain.gateways"].platform
    found = dac7.sellers(db.session(), year=year, platform_kbo=firm.kbo if firm else "")
    reported = [one for one in found if one.is_reported]
    out.write_bytes(as_csv(dac7.COLUMNS, dac7.rows(reported)))
    click.echo(f"wrote {len(reported)} sellers to {out}; {len(found) - len(reported)} stay below the thresholds")
    if xml is not None:
        if firm is None:
            raise click.ClickException("The XML names who reports: set PLATFORM_KBO and its companions.")
        content = dac7_xml.write(firm, [dac7.as_seller(one) for one in reported], year=year, made_at=datetime.now(UTC))
        xml.write_bytes(content)
        for fault in dac7_xml.faults(content):
            click.echo(f"  {fault}")
    for one in reported:
        if one.lacks:
            click.echo(f"  {one.enterprise.name} lacks {', '.join(one.lacks)}")


@money.command("simulate")
@click.option("--orders", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed throws the same dice.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--documents", "papers", type=FOLDER, help="A folder in which every document of the month is kept.")
def simulate(orders: int, seed: int, as_json: bool, papers: Path | None) -> None:
    """Play a month of orders with a stand-in in a database of its own; exit 1 when a cent or a document is wrong."""
    sys.exit(money_simulation.simulate(orders=orders, seed=seed, as_json=as_json, papers=papers))


@money.command("play", hidden=True)
@click.option("--orders", type=int, required=True)
@click.option("--seed", type=int, required=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--documents", "papers", type=FOLDER)
def play(orders: int, seed: int, as_json: bool, papers: Path | None) -> None:
    """Play the simulation in the empty database of the settings; `simulate` makes one and calls this."""
    report = money_simulation.play(orders=orders, seed=seed, papers=papers)
    if as_json:
        click.echo(json.dumps(report, indent=1))
    else:
        money_simulation.show(report)
    sys.exit(not money_simulation.is_right(report))
