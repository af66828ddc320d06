"""Makes a demo database ready for measuring orders: plenty of everything, and baskets filled beforehand.

What is measured is placing an order, not running out; and a shop's customers have filled their baskets
before they press the last button, so that is measured by itself.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

PLENTY = 1_000_000
CHUNK = 50
FOLDER = "BENCH_BASKETS"
"""The environment variable that tells the server where the baskets' names are."""

GOODS_NEAR_GENT = """
SELECT offer.id, offer.public_id, offer.price_cents, product.least FROM offer
JOIN product ON product.id = offer.product_id
JOIN enterprise ON enterprise.id = offer.farm_id
JOIN order_cycle ON order_cycle.id = offer.cycle_id
WHERE order_cycle.state = 'open' AND product.process_service IS NULL AND product.is_organic = :no
AND product.storage_class IN ('AMB', 'COOL')
AND enterprise.lat BETWEEN 50.9 AND 51.2 AND enterprise.lon BETWEEN 3.4 AND 4.0
ORDER BY offer.id LIMIT 400"""


def prepare(url: str, folder: Path, *, baskets: int) -> None:
    """Widen every capacity of a demo database and fill baskets of three; their names go in files of 50."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE lot SET quantity = quantity + :more"), {"more": PLENTY * 1000})
        connection.execute(  # the books hold, so that `check --all` can follow
            text("INSERT INTO stock_movement (lot_id, kind, amount, at) SELECT id, 'corrected', :more, :now FROM lot"),
            {"more": PLENTY * 1000, "now": _stamp(connection)},
        )
        connection.execute(text("UPDATE delivery_window SET places = places + :more"), {"more": PLENTY})
        connection.execute(text("UPDATE capacity_bucket SET cap = cap + :more"), {"more": PLENTY})
        for number, week in connection.execute(text("SELECT id, weekday_capacity FROM capability")).all():
            days = json.loads(week) if isinstance(week, str) else week
            more = json.dumps([day * PLENTY // 1000 for day in days])
            connection.execute(
                text(
                    "UPDATE capability SET weekday_capacity = :more WHERE id = :number"
                    if engine.dialect.name == "sqlite"
                    else "UPDATE capability SET weekday_capacity = CAST(:more AS jsonb) WHERE id = :number"
                ),
                {"more": more, "number": number},
            )
        names = list(_fill(connection, baskets))
    engine.dispose()
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(names), CHUNK):
        (folder / f"{start:06d}.new").write_text("\n".join(names[start : start + CHUNK]))


def _fill(connection: Connection, count: int) -> Iterator[str]:
    """Put baskets with three goods each in the database; gives their names."""
    dice = random.Random(1)
    goods = connection.execute(text(GOODS_NEAR_GENT), {"no": False}).all()
    stamp = _stamp(connection)
    first = (connection.scalar(text("SELECT max(id) FROM basket")) or 0) + PLENTY
    rows, lines = [], []
    for number in range(first, first + count):
        name = f"bench-{number}"
        rows.append({"id": number, "name": name, "at": stamp})
        lines += [
            {"basket": number, "offer": offer.id, "amount": offer.least, "price": offer.price_cents}
            for offer in dice.sample(goods, 3)
        ]
        yield name
    connection.execute(
        text(
            "INSERT INTO basket (id, public_id, postcode, created_at, touched_at) VALUES (:id, :name, '9000', :at, :at)"
        ),
        rows,
    )
    connection.execute(
        text(
            "INSERT INTO basket_line (basket_id, offer_id, amount, shown_price_cents, if_missing)"
            " VALUES (:basket, :offer, :amount, :price, 'refund')"
        ),
        lines,
    )


def _stamp(connection: Connection) -> datetime:
    """Give the time as the database keeps it."""
    now = datetime.now(UTC)
    return now.replace(tzinfo=None) if connection.dialect.name == "sqlite" else now


class Baskets:
    """Gives each server process filled baskets that no other process has."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def next(self) -> str | None:
        """Give the name of a filled basket; None when all are used up."""
        while not self._names:
            folder = Path(os.environ[FOLDER])
            path = next(iter(sorted(folder.glob("*.new"))), None)
            if path is None:
                return None
            mine = path.with_suffix(f".{os.getpid()}")
            try:
                path.rename(mine)
            except FileNotFoundError:
                continue  # another process was first
            self._names = mine.read_text().split()
        return self._names.pop()
