"""`flask demo load`: fill an empty database with the demo."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from shortchain.cli import demo_codes, demo_data, demo_orders, demo_photos
from shortchain.cli.demo_rows import FLANDERS, REGION, Rows, Size
from shortchain.config import INSTANCE, Settings
from shortchain.database import db
from shortchain.kernel.ports import Gateways

ACCOUNTS_FILE = "demo_accounts.json"
SIZES = {size.name: size for size in (REGION, FLANDERS)}
WORDS = {
    "offers": "Thinking up offers",
    "rows": "Writing rows",
    "pictures": "Drawing pictures",
    "orders": "Placing orders",
}

demo = AppGroup("demo", help="The invented demo region.")


class Bar:
    """A line in the terminal that says how far it is; quiet where nobody looks."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._shown = -1
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Draw `done` of `total`, and end the line when all is done."""
        if self._quiet or not total or not (self._is_terminal or done >= total):
            return
        share = done * 100 // total
        if share == self._shown and what == self._what and done < total:
            return
        self._what, self._shown = what, share
        filled = "█" * (share * 24 // 100)
        start, end = "\r" if self._is_terminal else "", "\n" if done >= total else ""
        click.echo(f"{start}  {WORDS[what]:<18} {filled:<24} {done}/{total}{end}", err=True, nl=False)


def is_empty(session: Session) -> bool:
    """Say whether the database of a session holds neither people nor enterprises."""
    engine = session.get_bind()
    return demo_data.is_empty(engine if isinstance(engine, Engine) else engine.engine)


def load_demo(
    size: Size,
    *,
    seed: int,
    now: datetime,
    quiet: bool = False,
    pictures: bool = True,
    drawings: int | None = None,
) -> dict[str, Any]:
    """Fill the empty database of the current application; returns accounts and public ids.

    With `drawings` at most so many of each kind are drawn, and pictures share them.

    :raises NotEmpty: when the database holds people or enterprises already
    """
    bar = Bar(quiet=quiet)
    if not demo_data.is_empty(db.engine):
        raise demo_data.NotEmpty
    rows = demo_data.gather(size=size, seed=seed, now=now, step=bar)
    settings: Settings = current_app.extensions["shortchain.settings"]
    gateways: Gateways = current_app.extensions["shortchain.gateways"]
    if drawings:
        rows.pictures = demo_photos.sharing_drawings(rows.pictures, drawings)
    if pictures:
        demo_photos.make_pictures(
            rows.pictures,
            store=gateways.media,
            step=lambda count: bar("pictures", count, rows.drawings),
        )
    password = demo_data.new_password()
    demo_data.write(db.engine, rows, password=password, step=bar)
    if size.farms <= REGION.farms:
        demo_orders.add_orders(
            db.session(),
            gateways,
            rows,
            step=lambda count, total: bar("orders", count, total),
        )
        demo_codes.add_codes(db.session(), rows)
    demo_data.close_past(db.engine)
    found = _summary(rows, size, seed, password)
    _keep(found, _beside_the_database(settings) / ACCOUNTS_FILE)
    return found


def _summary(rows: Rows, size: Size, seed: int, password: str) -> dict[str, Any]:
    """Tell who may sign in and what is where, in the form of `interface.md`."""
    tables = rows.tables
    return {
        "size": size.name,
        "seed": seed,
        "counts": {name: len(tables[name]) for name in ("enterprise", "product", "offer", "lot")},
        "accounts": [
            {
                "email": a.email,
                "password": password,
                "role": a.role,
                "enterprise": a.enterprise,
                "name": a.name,
            }
            for a in rows.accounts
        ],
        "cycles": {row["state"]: row["public_id"] for row in tables["order_cycle"]},
        "enterprises": {row["slug"]: row["public_id"] for row in tables["enterprise"][:200]},
        "pickup_points": {row["slug"]: row["public_id"] for row in tables["pickup_point"]},
        "offers": [row["public_id"] for row in tables["offer"] if row["cycle_id"] == 1][:400],
    }


def _beside_the_database(settings: Settings) -> Path:
    """Say where the accounts are kept: where the SQLite file is, else in the instance folder."""
    path = make_url(settings.database_url).database if settings.is_sqlite else None
    return Path(path).parent if path else INSTANCE


def _keep(found: dict[str, Any], path: Path) -> None:
    """Write the accounts where `make run` reads them, for the owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    path.chmod(0o600)


@demo.command("load")
@click.option("--size", "size_name", type=click.Choice(sorted(SIZES)), default="region", show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same demo.")
@click.option("--offers", type=click.IntRange(1, 200_000), help="Any number of offers instead of a size.")
@click.option("--sellers", type=click.IntRange(1, 5_000), help="By so many growers.")
@click.option(
    "--pictures/--no-pictures",
    default=None,
    help="Draw the pictures; left out for a number of offers unless asked for.",
)
@click.option(
    "--drawings",
    type=click.IntRange(1),
    envvar="DEMO_DRAWINGS",
    help="Draw at most so many products and so many scenes, and show them in turn; else each its own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print accounts and public ids as JSON.")
@click.option("--accounts/--no-accounts", "tells_accounts", default=True, help="Print who may sign in.")
def load(
    size_name: str,
    seed: int,
    offers: int | None,
    sellers: int | None,
    pictures: bool | None,
    drawings: int | None,
    as_json: bool,
    tells_accounts: bool,
) -> None:
    """Fill an empty database with growers, providers, hubs and this week's harvest."""
    if current_app.extensions["shortchain.settings"].is_production:
        raise click.ClickException("The demo is never loaded in production.")
    size = SIZES[size_name]
    if offers or sellers:
        growers = sellers or max(40, (offers or 300) // 40)
        size = Size("custom", growers, min(300, max(15, growers * 3 // 5)), offers or growers * 8)
    started = time.monotonic()
    try:
        found = load_demo(
            size,
            seed=seed,
            now=datetime.now(UTC),
            quiet=as_json,
            pictures=size.name in SIZES if pictures is None else pictures,
            drawings=drawings,
        )
    except demo_data.NotEmpty:
        raise click.ClickException("The database is not empty; the demo never mixes with real data.") from None
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    counts = found["counts"]
    click.echo(
        f"  {counts['enterprise']} enterprises, {counts['product']} products, {counts['offer']} offers "
        f"in {time.monotonic() - started:.1f} s"
    )
    if tells_accounts:
        _tell_accounts(found)


def _tell_accounts(found: dict[str, Any]) -> None:
    click.echo(f"  Demo accounts, password of all: {found['accounts'][0]['password']}")
    for account in found["accounts"][:30]:
        click.echo(f"    {account['email']:<44} {account['role']:<12} {account['enterprise'] or ''}")
