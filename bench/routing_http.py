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

from sqlalchemy import create_engine, func, insert, select, text

from bench.figures import Figure, spending
from bench.load import Server, load_demo, running
from shortchain.database import Model
from shortchain.enterprises import models as _models  # noqa: F401 - fills the metadata

ABILITY, ENTERPRISE = Model.metadata.tables["capability"], Model.metadata.tables["enterprise"]
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
    slowest = p95(many)
    said = f"p50 {statistics.median(many):.0f} ms, p95 {slowest:.0f} ms"
    peer = f"the demo's own providers: p50 {statistics.median(few):.0f} ms, p95 {p95(few):.0f} ms"
    case = f"{providers:,} providers, SQLite"
    return Figure("O4", case, said, f"p95 ≤ {MOST_MS} ms", slowest <= MOST_MS, peer, spent.cpu, spent.wall)


def crowd(url: str, providers: int) -> None:
    """Copy the providers of a demo until there are so many, each at a random place, with what they can do."""
    dice = random.Random(7)
    engine = create_engine(url)
    with engine.begin() as connection:
        abilities: dict[int, list[dict[str, Any]]] = {}
        for row in connection.execute(select(ABILITY)).mappings():
            abilities.setdefault(row["enterprise_id"], []).append(dict(row))
        firms = connection.execute(select(ENTERPRISE).where(~ENTERPRISE.c.is_hub)).mappings()
        sources = [dict(row) for row in firms if row["id"] in abilities]
        first = (connection.scalar(select(func.max(ENTERPRISE.c.id))) or 0) + 1
        ability = (connection.scalar(select(func.max(ABILITY.c.id))) or 0) + 1
        parties, services = [], []
        for number in range(first, first + providers - len(sources)):
            source = dice.choice(sources)
            place = {"lat": dice.uniform(SOUTH, NORTH), "lon": dice.uniform(WEST, EAST)}
            parties.append(source | place | _named(number))
            for one in abilities[source["id"]]:
                services.append(one | {"id": ability, "enterprise_id": number, "public_id": f"c{ability:015}"})
                ability += 1
        connection.execute(insert(ENTERPRISE), parties)
        connection.execute(insert(ABILITY), services)
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


def _waits(url: str, folder: Path) -> list[float]:
    """Press the last button again and again; gives how long each answer took, in milliseconds, without the first ones."""
    with running(url, folder) as server:
        return [press(server, "/bench/order") for _ in range(WARM + PRESSES)][WARM:]


def press(server: Server, path: str) -> float:
    """Press a button of the bench app; gives how long the answer took, in milliseconds.

    :raises RuntimeError: when it was refused
    """
    talk = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    start = time.perf_counter()
    talk.request("POST", path)
    answer = talk.getresponse()
    said = answer.read()
    spent = 1000 * (time.perf_counter() - start)
    talk.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} was refused with {answer.status}: {said[:80]!r}")
    return spent


def p95(took: list[float]) -> float:
    """Give what nineteen of twenty stay below."""
    return statistics.quantiles(took, n=20)[-1]
