"""The demo database: gather its rows, then write them in one transaction."""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.accounts.passwords import hashed
from shortchain.catalogue import shop_items
from shortchain.cli.demo_collecting import add_collections
from shortchain.cli.demo_cycles import add_cycles
from shortchain.cli.demo_enterprises import add_gates, add_growers, add_hubs, add_people, add_providers
from shortchain.cli.demo_lists import add_buyers, add_price_lists
from shortchain.cli.demo_offers import add_offers
from shortchain.cli.demo_rows import Rows, Size
from shortchain.cli.demo_zones import add_zones
from shortchain.config import ROOT
from shortchain.database import Base

CHUNK = 2000
PAST_ID = 3
Step = Callable[[str, int, int], None]
"""Told what is going on, how much of it is done and how much there is."""


class NotEmpty(Exception):
    """The database holds people or enterprises already; the demo never mixes with real data."""


def is_empty(engine: Engine) -> bool:
    """Say whether the database holds neither people nor enterprises."""
    with engine.connect() as connection:
        return not any(
            connection.execute(select(func.count()).select_from(Base.metadata.tables[name])).scalar_one()
            for name in ("enterprise", "user_account")
        )


def gather(*, size: Size, seed: int, now: datetime, step: Step) -> Rows:
    """Make every row of the demo in memory; the same seed, size and moment give the same rows."""
    rows = Rows(seed=seed, now=now.astimezone(UTC).replace(microsecond=0))
    add_people(rows)
    growers = add_growers(rows, size)
    add_providers(rows, size)
    hub_id, points = add_hubs(rows, size)
    points += add_gates(rows)
    cycles = add_cycles(rows, hub_id=hub_id, points=points)
    add_offers(
        rows,
        growers=growers,
        cycles=cycles,
        total=size.offers,
        step=lambda count: step("offers", count, len(growers)),
    )
    add_collections(rows)
    add_zones(rows, hub_id=hub_id)
    add_price_lists(rows)
    add_buyers(rows, hub_id=hub_id)
    rows.tables["directory_version"].append({"name": "routing", "number": 1})
    return rows


def new_password() -> str:
    """Make a password for this database that a person can type: three crops and a number."""
    words = [slug for slug in data.produce() if "-" not in slug and len(slug) <= 7]
    return "-".join([*(secrets.choice(words) for _ in range(3)), f"{secrets.randbelow(10_000):04d}"])


def write(engine: Engine, rows: Rows, *, password: str, step: Step) -> None:
    """Write the rows in one transaction, all or nothing.

    :raises NotEmpty: when somebody filled the database in the meantime
    """
    if not is_empty(engine):
        raise NotEmpty
    _know_every_table()
    unknown = rows.tables.keys() - Base.metadata.tables.keys()
    if unknown:
        raise LookupError(f"no such tables: {sorted(unknown)}")
    kept = hashed(password)
    for person in rows.tables["user_account"]:
        person["password_hash"] = kept
    total = sum(len(table) for table in rows.tables.values())
    done = 0
    with (
        engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection,
        connection.begin(),
    ):
        for table in Base.metadata.sorted_tables:
            for alike in _alike(rows.tables.get(table.name, [])):
                for start in range(0, len(alike), CHUNK):
                    part = alike[start : start + CHUNK]
                    connection.execute(insert(table), part)
                    done += len(part)
                    step("rows", done, total)
        _continue_numbering(connection, rows.tables)
        with Session(connection) as session:  # takes part in this transaction
            shop_items.rebuild(session)
            session.flush()


def _alike(given: Sequence[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Put rows that name the same columns together: one statement takes its columns from its first row, and would drop
    what others name beside. What a row does not name has the default of its column.
    """
    found: dict[frozenset[str], list[dict[str, Any]]] = {}
    for row in given:
        found.setdefault(frozenset(row), []).append(row)
    return found.values()


def close_past(engine: Engine) -> None:
    """Close the cycle of which the time is over, once its orders are in."""
    cycle = Base.metadata.tables["order_cycle"]
    with engine.begin() as connection:
        connection.execute(update(cycle).where(cycle.c.id == PAST_ID).values(state="closed"))


def _know_every_table() -> None:
    """Let the metadata know the tables of every package, also of one that no page uses yet.

    Rows are written by table name, in bulk; only the loader of an empty database may do so.
    """
    for path in sorted((ROOT / "shortchain").glob("*/models.py")):
        importlib.import_module(f"shortchain.{path.parent.name}.models")


def _continue_numbering(connection: Connection, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Tell PostgreSQL which ids are taken; SQLite looks itself."""
    if connection.dialect.name != "postgresql":
        return
    for name, given in tables.items():
        if given and "id" in given[0]:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                {"name": name, "last": given[-1]["id"]},
            )
