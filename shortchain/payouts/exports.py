"""The rows that an accountant gets: every booking of a hub's orders in a month, or an enterprise's statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.enterprises import vat_schemes
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.quantity import BY_MEASURE, SellUnit
from shortchain.kernel.spreadsheet import Cell, Cents
from shortchain.kernel.window import at_local, local_day
from shortchain.ordering.models import Order
from shortchain.payouts import monthly
from shortchain.payouts.models import LedgerEntry
from shortchain.payouts.monthly import About, Statement

BOOKING_COLUMNS = (
    "datum",
    "bestelling",
    "boeking",
    "rekening",
    "onderneming",
    "ondernemingsnummer",
    "btw-regeling",
    "soort",
    "bedrag",
    "btw-tarief",
    "btw",
    "munt",
)
STATEMENT_COLUMNS = (
    "datum",
    "bestelling",
    "soort",
    "soort-in-woorden",
    "wat",
    "aantal",
    "eenheid",
    "bedrag",
    "btw-tarief",
    "btw",
    "boeking",
    "bron",
)


def bookings(session: Session, *, hub_id: int, first: date) -> list[Sequence[Cell]]:
    """List every booking of a month on orders of a hub; per `boeking` the amounts add up to zero.

    Signs as in the ledger: plus is money at the bank, minus what is owed to somebody or kept.
    """
    rows = session.execute(
        select(LedgerEntry, Order.number, Enterprise)
        .join(Order, Order.id == LedgerEntry.order_id)
        .outerjoin(Enterprise, Enterprise.id == LedgerEntry.enterprise_id)
        .where(
            Order.hub_id == hub_id,
            LedgerEntry.at >= at_local(first, time()),
            LedgerEntry.at < at_local(monthly.next_month(first), time()),
        )
        .order_by(LedgerEntry.at, LedgerEntry.id)
    )
    found = [(entry, number, party) for entry, number, party in rows]
    scheme_on = vat_schemes.by_day(session, [party for _, _, party in found if party])
    return [
        (
            local_day(entry.at).isoformat(),
            number,
            entry.transaction,
            entry.account.value,
            party.name if party else None,
            party.kbo if party else None,
            scheme_on(party, local_day(entry.at)).value if party else None,
            entry.kind,
            Cents(entry.amount_cents),
            Cents(entry.vat_rate_bp),
            Cents(entry.vat_cents),
            entry.currency,
        )
        for entry, number, party in found
    ]


BEFORE, AFTER = "beginsaldo", "eindsaldo"


def statement_rows(statement: Statement, *, words: Mapping[str, str], language: str) -> list[Sequence[Cell]]:
    """List the lines of a monthly statement, from what was open before to what is open after.

    `soort` is a code for programs; `words` say it to who reads, as far as they know it. `aantal` counts what stands in
    `eenheid`: grams, millilitres, metres, or the pieces as they are sold, in the reader's `language`.
    """
    last = monthly.next_month(statement.first) - timedelta(days=1)
    return [
        _balance(statement.first, BEFORE, words, statement.before_cents),
        *(
            (
                local_day(line.at).isoformat(),
                line.number,
                line.kind,
                words.get(line.kind),
                line.what or None,
                *_amount(line.about, language),
                Cents(line.cents),
                Cents(line.vat_rate_bp),
                Cents(line.vat_cents),
                line.transaction,
                line.source or None,
            )
            for line in statement.lines
        ),
        _balance(last, AFTER, words, statement.after_cents),
    ]


def _balance(day: date, name: str, words: Mapping[str, str], cents: int) -> Sequence[Cell]:
    return (day.isoformat(), None, name, words.get(name), None, None, None, Cents(cents), None, None, None, None)


def _amount(about: About | None, language: str) -> tuple[int | None, str | None]:
    """Say how many of which unit a line stands for; nothing for work, and for a booking without goods."""
    if about is None or not (about.metres or about.amount):
        return None, None
    if about.metres:
        return about.metres, "m"
    if about.sell_unit in BY_MEASURE:
        return about.amount, BY_MEASURE[about.sell_unit][0].value
    names = data.sell_units()[about.sell_unit or SellUnit.PIECE]
    return about.amount, (names.name if about.amount == 1 else names.plural)[language]
