"""`flask money simulate`: a month of money in a database of its own, with the stand-in, to the cent."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import Engine, event

from shortchain import checks
from shortchain.cli import demo_data, money_papers, money_tenders, money_world
from shortchain.cli.money_play import Play, Provider
from shortchain.cli.money_stage import Issuer
from shortchain.config import ROOT, Settings
from shortchain.database import db
from shortchain.payouts import reconciling, totals

STAND_IN_SECONDS = 20.0
SECRET_KEY = "sk_test_simulation"  # noqa: S105 - of a stand-in that lives as long as this command
WEBHOOK_SECRET = "whsec_simulation"  # noqa: S105
ISSUER_KEY = "vk_simulation"
POINT_KEY = "ap_simulation"
DEBIT_SECONDS = str(36 * 3600)
"""A debit of a cycle's first day comes, or fails, while it is open; a later one when its order is packed or brought."""


class Line:
    """One line in the terminal that says how far it is; where nobody looks, one line a stage."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._shown = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show `done` of `total`."""
        text = f"  {what:<24} {done}/{total}"
        if self._is_terminal:
            click.echo(f"\r{text:<60}" + ("\n" if done >= total else ""), err=True, nl=False)
        elif done >= total and text != self._shown:
            self._shown = text
            click.echo(text, err=True)


def simulate(*, orders: int, seed: int, as_json: bool, papers: Path | None = None) -> int:
    """Make a database and a stand-in for this run alone, play in them, and clean up; returns the exit code.

    `papers` is a folder in which every document of the month is kept.
    """
    with tempfile.TemporaryDirectory(prefix="shortchain-money-") as folder:
        port, issuer_port, point_port = _free_port(), _free_port(), _free_port()
        url, issuer_url, point_url = (f"http://127.0.0.1:{one}" for one in (port, issuer_port, point_port))
        environment = {
            **os.environ,
            "SHORTCHAIN_ENV": "development",
            "DATABASE_URL": f"sqlite:///{folder}/shop.sqlite3",
            "HUEY_PATH": f"{folder}/queue.sqlite3",
            "MEDIA_FOLDER": f"{folder}/media",
            "REDIS_URL": "",
            "SMTP_URL": "",
            "STRIPE_API_BASE": url,
            "STRIPE_SECRET_KEY": SECRET_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "VOUCHER_API_BASE": issuer_url,
            "VOUCHER_API_KEY": ISSUER_KEY,
            "ACCESS_POINT_API_BASE": point_url,
            "ACCESS_POINT_API_KEY": POINT_KEY,
        }
        flask = [sys.executable, "-m", "flask", "--app", "shortchain"]
        subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=environment, check=True, capture_output=True)  # noqa: S603
        stand_in = subprocess.Popen(  # noqa: S603 - our own program, no shell between
            [
                *(sys.executable, "-m", "stripe_stand_in", "--port", str(port), "--db", f"{folder}/stand_in.sqlite3"),
                *("--webhook-secret", WEBHOOK_SECRET, "--fee-bp", "140", "--fee-fixed", "25"),
                *("--dispute-fee", "1500", "--funds", "5000000", "--async-seconds", DEBIT_SECONDS),
            ],
            cwd=ROOT,
            env=environment,
        )
        others = [
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", program, "--port", str(number), "--key", key],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
            )
            for program, number, key in (
                ("voucher_stand_in", issuer_port, ISSUER_KEY),
                ("access_point_stand_in", point_port, POINT_KEY),
            )
        ]
        try:
            _wait(f"{url}/healthz")
            _wait(f"{issuer_url}/healthz")
            _wait(f"{point_url}/healthz")
            play = [*flask, "money", "play", "--orders", str(orders), "--seed", str(seed)]
            play += ["--json"] if as_json else []
            play += ["--documents", str(papers.resolve())] if papers else []
            return subprocess.run(play, cwd=ROOT, env=environment).returncode  # noqa: S603
        finally:
            for process in (stand_in, *others):
                process.terminate()
            for process in (stand_in, *others):
                process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    """Wait until the stand-in answers."""
    deadline = time.monotonic() + STAND_IN_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own process
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            if time.monotonic() > deadline:
                raise click.ClickException("the stand-in did not start") from None
            time.sleep(0.05)


def play(*, orders: int, seed: int, papers: Path | None = None) -> dict[str, Any]:
    """Play in the database and with the stand-in of the settings, which must be empty; returns the report.

    `papers` is a folder in which every document is kept.

    :raises NotEmpty: when the database holds people or enterprises
    """
    settings: Settings = current_app.extensions["shortchain.settings"]
    if settings.is_production or not settings.stripe_api_base:
        raise click.ClickException("A simulation runs with the stand-in only.")
    began, started = time.monotonic(), datetime.now(UTC).replace(microsecond=0)
    first = started + timedelta(days=7 - started.weekday())
    rows = money_world.build(seed=seed, orders=orders, now=first.replace(hour=8, minute=0, second=0))
    engine = db.engine
    assert isinstance(engine, Engine)
    _wait_for_no_disk(engine)
    line = Line()
    demo_data.write(engine, rows, password="not-for-signing-in", step=lambda *_: None)  # noqa: S106
    one = Play(
        session=db.session(),
        gateways=current_app.extensions["shortchain.gateways"],
        provider=Provider(settings.stripe_api_base, settings.stripe_secret_key, settings.stripe_webhook_secret),
        rows=rows,
        started=started,
        orders=orders,
        step=line,
        issuer=Issuer(settings.voucher_api_base) if settings.voucher_api_base else None,
        is_sure=True,
    )
    one.run()
    if papers is not None:
        money_papers.keep(one.session, papers)
    return _report(one, seconds=time.monotonic() - began)


def _wait_for_no_disk(engine: Engine) -> None:
    """Let SQLite write without waiting for the disk: the database is thrown away, and a month has a hundred commits an order."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _loosen(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    engine.dispose()


def _report(one: Play, *, seconds: float) -> dict[str, Any]:
    session = one.session
    session.rollback()
    money = totals.per_order(session)
    last = reconciling.latest(session)
    breaches = checks.check_all(session, now=one.now)
    return {
        "orders": len(money),
        "counts": dict(sorted(one.counts.items())),
        "not_played": [name for name in EVERYTHING if not one.counts[name]],
        "totals": asdict(totals.total(money)),
        "orders_that_do_not_add_up": [row.number for row in money if not row.adds_up],
        "provider_cents": last.provider_cents if last else None,
        "books_cents": last.books_cents if last else None,
        "movements": last.movements if last else 0,
        "differences": last.differences if last else None,
        "documents": money_papers.judge(session),
        "breaches": [{"promise": breach.promise, "what": breach.what} for breach in breaches],
        "seconds": round(seconds, 1),
    }


def show(report: dict[str, Any]) -> None:
    """Print a report for people."""
    for name, count in report["counts"].items():
        click.echo(f"  {count:>8}  {name}")
    if report["not_played"]:
        click.echo(f"  so few orders did not come to: {', '.join(report['not_played'])}")
    sums = report["totals"]
    click.echo("  charged = paid out + fees + refunded + held")
    click.echo(f"  {sums['charged']} = {sums['paid_out']} + {sums['fees']} + {sums['refunded']} + {sums['held']} cents")
    click.echo(f"  carried for disputes: {sums['disputed']} cents")
    click.echo(f"  at the provider {report['provider_cents']}, in our books {report['books_cents']} cents")
    wrong = report["orders_that_do_not_add_up"]
    click.echo(
        f"  {report['orders'] - len(wrong)} of {report['orders']} orders add up; {report['movements']} movements"
    )
    for one in report["differences"] or []:
        click.echo(f"  DIFFERENCE {json.dumps(one)}")
    for one in report["breaches"]:
        click.echo(f"  BROKEN {one['promise']}: {one['what']}")
    papers = report["documents"]
    told = ", ".join(f"{count} {kind}" for kind, count in {**papers["made"], **papers["sent"]}.items())
    click.echo(f"  documents: {told or 'none'}")
    for one in papers["faults"]:
        click.echo(f"  FAULT {one}")
    click.echo(f"  {report['seconds']} s")


EVERYTHING = (
    *("paid online", "declined", "left without paying", "expired", "webhooks refused", "webhooks repeated"),
    *("transfers", "transfers short", "transfers of too much", "transfers that never came"),
    *("debits", "debits that fail", "vouchers approved", "vouchers not approved", "vouchers refused"),
    *(
        "gift cards sold",
        "gift cards transferred",
        "gift cards that lapsed",
        "gift cards paid back",
        "paid from a gift card",
        "with a discount code",
    ),
    *("changed", "cancelled", *money_tenders.ADDED),
    *("jobs declined", "lines weighed", "replaced", "given back for what is short", "stops not_home"),
    *(
        "empties brought back",
        "complaints decided",
        "complaints ended with a card",
        "withdrawals",
        "part refunds",
        "refunds that come back",
    ),
    *("disputes won", "disputes lost", "charges at the desk", "transfers at the desk"),
    *("payouts sent", "payouts held", "payouts by bank file", "bank files taken back", "payouts that a bank refused"),
    *("accounts closed", "accounts opened anew", "accounts below zero", "reversals", "paid by hand"),
    *("payments of issuers", "issuers that paid too little", "differences of issuers written off"),
    "codes paid by the hub",
)
"""What a month has to hold before it says that the money is right, as `Play.counts` names it."""


def is_right(report: dict[str, Any]) -> bool:
    """Say whether every cent is where it belongs."""
    sums = report["totals"]
    whole = sums["charged"] == sums["paid_out"] + sums["fees"] + sums["refunded"] + sums["held"]
    return bool(
        whole
        and report["orders"] > 0
        and report["differences"] == []
        and not report["breaches"]
        and report["documents"]["made"]
        and not report["documents"]["faults"]
        and not report["orders_that_do_not_add_up"]
    )
