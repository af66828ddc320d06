"""R1 of `python -m bench.routing`: a no over HTTP with ten thousand providers, the next one asked in the same transaction.

One provider after the other presses its button, on an SQLite file and on PostgreSQL, so what is measured is how long it waits;
the processor's time of the server stands beside it, as the clock alone says little on a busy machine.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from bench.figures import Figure, spending
from bench.load import Server, load_demo, running
from bench.routing_http import crowd, p95, press
from bench.web import databases
from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import Job, JobState

MOST_MS = 50
ORDERS, WARM, NOES = 100, 20, 60
"""The first presses make the server learn its statements; a shop that runs has long done so."""


def noes(providers: int = 10_000) -> Iterator[Figure]:
    """Measure `POST /bench/no` on both databases."""
    folder = Path(tempfile.mkdtemp(prefix="shortchain-bench-"))
    try:
        for kind in ("sqlite", "postgresql"):
            with databases(kind, folder) as new:
                yield _noes(new("noes"), kind, providers, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _noes(url: str, name: str, providers: int, folder: Path) -> Figure:
    load_demo(url, 300, folder)
    few, _each = _waits(url, folder)
    crowd(url, providers)
    with spending() as spent:
        many, each = _waits(url, folder)
    slowest = p95(many)
    said = (
        f"p50 {statistics.median(many):.0f} ms, p95 {slowest:.0f} ms by the clock; {each:.0f} ms of the processor each"
    )
    peer = f"the demo's own providers: p95 {p95(few):.0f} ms"
    case = f"a no among {providers:,} providers, {name}"
    return Figure("R1", case, said, f"p95 ≤ {MOST_MS} ms", slowest <= MOST_MS, peer, spent.cpu, spent.wall)


def _waits(url: str, folder: Path) -> tuple[list[float], float]:
    """Place orders, then say no again and again; gives how long each took in milliseconds, and the processor's for one."""
    with running(url, folder, workers=1) as server:
        _press_all(server, "/bench/order", ORDERS)
        _offer(url)
        _press_all(server, "/bench/no", WARM)
        before = server.cpu_s()
        took = _press_all(server, "/bench/no", NOES)
        return took, 1000 * (server.cpu_s() - before) / NOES


def _press_all(server: Server, path: str, times: int) -> list[float]:
    return [press(server, path) for _ in range(times)]


def _offer(url: str) -> None:
    """Ask everybody who is planned, as a payment that comes in does."""
    engine = create_engine(url)
    with Session(engine) as session:
        for number in session.scalars(select(Job.order_id).where(Job.state == JobState.PLANNED).distinct()).all():
            jobs.offer_planned(session, order_id=number, now=datetime.now(UTC))
        session.commit()
    engine.dispose()
