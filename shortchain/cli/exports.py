"""`flask documents export` and `flask ledger export`: the books as files for an accountant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from shortchain.cli import sheets
from shortchain.database import db
from shortchain.documents import pdf, reading
from shortchain.documents.reading import Archived
from shortchain.payouts import exporting

documents = AppGroup("documents", help="Invoices, tickets, credit notes and purchase notes.")
ledger = AppGroup("ledger", help="The bookings.")

DOCUMENT_COLUMNS = (
    "number",
    "kind",
    "issued",
    "seller",
    "buyer",
    "order",
    "corrects",
    "net_cents",
    "vat_cents",
    "payable_cents",
    "currency",
    "sha256",
    "peppol",
)
LEDGER_COLUMNS = ("order", "seller", "kind", "amount_cents", "currency", "transaction", "time", "account")


@documents.command("export")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day of issue, 2026-11-01.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder.")
def export_documents(since: datetime, out: Path) -> None:
    """Write NUMBER.xml and NUMBER.pdf of every document since a day, and index.csv; safe to run twice."""
    count = write_documents(db.session(), since=since.date(), out=out)
    click.echo(f"wrote {count} documents to {out}")


def write_documents(session: Session, *, since: date, out: Path) -> int:
    """Write the files of every document since a day into a folder, with `index.csv`; returns how many.

    :raises ClickException: at a document that is not what was archived
    """
    out.mkdir(parents=True, exist_ok=True)
    return sheets.write(out / "index.csv", DOCUMENT_COLUMNS, _written(session, since, out))


def _written(session: Session, since: date, out: Path) -> Iterator[Sequence[str | int]]:
    """Write the files of each document and give its row."""
    for found in reading.since(session, day=since):
        if not found.is_intact:
            raise click.ClickException(f"{found.row.number} is not what was archived: its SHA-256 differs")
        _write_files(found, out)
        row = found.row
        yield (
            row.number,
            row.kind,
            row.issued_on.isoformat(),
            row.seller,
            row.buyer,
            row.order_number,
            row.corrects,
            row.net_cents,
            row.vat_cents,
            row.payable_cents,
            row.currency,
            row.sha256,
            row.sending,
        )


def _write_files(found: Archived, out: Path) -> None:
    drawn = pdf.draw(found.paper, xml=found.xml, made_at=found.made_at)
    for ending, content in (("xml", found.xml), ("pdf", drawn)):
        path = out / f"{found.row.number}.{ending}"
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


@ledger.command("export")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A CSV file.")
def export_ledger(out: Path) -> None:
    """Write every booking as a row; amounts are cents with their sign, times ISO 8601 in UTC."""
    rows = (
        (
            one.order,
            one.seller,
            one.kind,
            one.amount_cents,
            one.currency,
            one.transaction,
            one.at.isoformat(),
            one.account,
        )
        for one in exporting.entries(db.session())
    )
    count = sheets.write(out, LEDGER_COLUMNS, rows)
    click.echo(f"wrote {count} bookings to {out}")
