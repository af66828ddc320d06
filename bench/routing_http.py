"""O4 of `python -m bench.routing`: quote and hold over HTTP with ten thousand providers, on an SQLite file.

The server is the product's own with two processes; one customer after the other presses the last button, so what is
measured is how long a person waits. The providers are those of the demo, copied to random places in Flanders.
"""

from __future__ import annotations

import http.client
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text

from bench.figures import Figure, spending
from bench.load import load_demo, running

SOUTH, NORTH, WEST, EAST = 50.75, 51.40, 2.60, 5.60
MOST_MS = 60
WARM, PRESSES = 20, 200


def quote_and_hold(providers: int = 10_000) -> Figure:
    """Measure `POST /bench/order`: a quote, then the order with its food, window and capacity held."""
    folder = Path(tempfile.mkdtemp(prefix="shortchain-bench-"))
    try:
        url = f"sqlite:///{folder / 'crowd.sqlite3'}"
        load_demo(url, 300, folder)
        few = _waits(url, folder)
        crowd(url, providers)
        with spending() as spent:
            many = _waits(url, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    p95 = _p95(many)
    said = f"p50 {statistics.median(many):.0f} ms, p95 {p95:.0f} ms"
    peer = f"the demo's own providers: p50 {statistics.median(few):.0f} ms, p95 {_p95(few):.0f} ms"
    case = f"{providers:,} providers, SQLite"
    return Figure("O4", case, said, f"p95 ≤ {MOST_MS} ms", p95 <= MOST_MS, peer, spent.cpu, spent.wall)


def crowd(url: str, providers: int) -> None:
    """Copy the providers of a demo until there are so many, each at a random place, with what they can do."""
    dice = random.Random(7)
    engine = create_engine(url)
    with engine.begin() as connection:
        abilities: dict[int, list[dict[str, Any]]] = {}
        for row in connection.execute(text("SELECT * FROM capability")).mappings():
            abilities.setdefault(row["enterprise_id"], []).append(dict(row))
        sources = [
            dict(row)
            for row in connection.execute(text("SELECT * FROM enterprise WHERE NOT is_hub")).mappings()
            if row["id"] in abilities
        ]
        first = (connection.scalar(text("SELECT max(id) FROM enterprise")) or 0) + 1
        ability = (connection.scalar(text("SELECT max(id) FROM capability")) or 0) + 1
        parties, services = [], []
        for number in range(first, first + providers - len(sources)):
            source = dice.choice(sources)
            place = {"lat": dice.uniform(SOUTH, NORTH), "lon": dice.uniform(WEST, EAST)}
            parties.append(source | place | _named(number))
            for one in abilities[source["id"]]:
                services.append(one | {"id": ability, "enterprise_id": number, "public_id": f"c{ability:015}"})
                ability += 1
        _insert(connection, "enterprise", parties)
        _insert(connection, "capability", services)
        connection.execute(text("UPDATE directory_version SET number = number + 1"))
    engine.dispose()


def _named(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "public_id": f"e{number:015}",
        "slug": f"crowd-{number}",
        "name": f"Crowd {number}",
        "kbo": None,
        "stripe_account": None,
    }


def _insert(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    names = ", ".join(rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), rows)


def _waits(url: str, folder: Path) -> list[float]:
    """Press the last button again and again; gives how long each answer took, in milliseconds, without the first ones."""
    took = []
    with running(url, folder) as server:
        for number in range(WARM + PRESSES):
            talk = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            start = time.perf_counter()
            talk.request("POST", "/bench/order")
            answer = talk.getresponse()
            answer.read()
            spent = 1000 * (time.perf_counter() - start)
            talk.close()
            if answer.status != 200:
                raise RuntimeError(f"an order was refused with {answer.status}")
            if number >= WARM:
                took.append(spent)
    return took


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]
