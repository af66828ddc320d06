"""What a bench found: one line for each target, beside its goal and its peer, and all of them in `bench/results.json`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bench.load import ROOT

PATH = ROOT / "bench" / "results.json"
HEAD = "| Target | Case | Reached | Goal | Enough | Peer in the same run | CPU s | Wall s |\n|---|---|---|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Figure:
    """One target as it was measured. `is_enough` is None where nothing was promised."""

    code: str
    case: str
    reached: str
    goal: str
    is_enough: bool | None
    peer: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0

    def line(self) -> str:
        """Give the row of the table."""
        enough = {True: "yes", False: "**no**", None: ""}[self.is_enough]
        times = f"{self.cpu_s:.1f} | {self.wall_s:.1f}"
        return f"| {self.code} | {self.case} | {self.reached} | {self.goal} | {enough} | {self.peer} | {times} |"


class Spent:
    """Seconds of the processor and of the clock that something took."""

    cpu = wall = 0.0


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure a piece of work; the clock alone says little on a busy machine."""
    spent, cpu, wall = Spent(), time.process_time(), time.perf_counter()
    yield spent
    spent.cpu, spent.wall = time.process_time() - cpu, time.perf_counter() - wall


def keep(part: str, found: Any) -> None:
    """Write what a part found into the file of results, in place of what it found before."""
    known = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    if not isinstance(known, dict) or "results" in known:
        known = {}
    known[part] = {"at": datetime.now(UTC).isoformat(), "found": found}
    PATH.write_text(json.dumps(known, indent=1), encoding="utf-8")
    print(f"\nwritten to {PATH.relative_to(ROOT)}", flush=True)


def keep_figures(part: str, found: list[Figure]) -> None:
    """Write figures, target by target, beside those of targets that were not measured now."""
    codes = {one.code for one in found}
    known = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    old = known.get(part, {}).get("found", []) if isinstance(known, dict) else []
    keep(part, [one for one in old if one["code"] not in codes] + [asdict(one) for one in found])
