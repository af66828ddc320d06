"""`python -m bench.tour_targets`: the targets T1 to T4 of tours, each beside its named peer in the same run.

T1: public instances of a folder (`--public`, see `bench.public_tours`) against their best-known values. T2: our cost against
VROOM's and OR-Tools' on the same question in the same seconds, with the classic objective and with our shift (VROOM gets it
as hours of its vans). T3: whether each plan passes `tour_engine.checking`. T4: our cost against our own best of ten minutes,
kept with its date in `bench/tour_references.json` (`--references` makes those that are missing).

On a busy machine `--cpu` gives ours seconds of the processor; the others count on the wall.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.public_tours import instances
from bench.tours import OURS, Engine, by_us, engines, make_case
from shortchain.delivery.cases import problem_of
from shortchain.delivery.tour_engine.checking import faults, metres
from shortchain.delivery.tour_engine.problem import Problem

REFERENCES = Path(__file__).with_name("tour_references.json")
TEN_MINUTES_S = 600.0
T4 = {("stops", 100): 2.0, ("stops", 250): 2.0, ("stops", 500): 5.0, ("shipments", 150): 8.0}
"""Cases of T4, with the gap in per cent that they may have after ten seconds."""
T2_SIZES = {200: 10.0, 1_000: 10.0}
"""Stops and seconds of T2."""
VROOM_MOST, ORTOOLS_MOST = 1.00, 0.97
T1_SECONDS = {False: 10.0, True: 60.0}
T1_MOST = {False: 1.0, True: 5.0}
LARGE = 600
PARTS = ("T1", "T2", "T4")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was reached against what, and whether that is enough (None: nothing to compare)."""

    target: str
    case: str
    reached: str
    goal: str
    is_reached: bool | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Ran:
    """What an engine made of a question."""

    cost: int
    left: int
    wrong: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        return not self.left and not self.wrong


def ran(engine: Engine, problem: Problem, seconds: float) -> Ran:
    """Ask an engine and check what it says."""
    began = time.monotonic()
    answer = engine(problem, seconds)
    spent = time.monotonic() - began
    return Ran(metres(problem, answer), len(answer.left), len(faults(problem, answer)), spent)


def rows(
    *, cpu: bool = False, seeds: Sequence[int] = (1, 2, 3), public: Path | None = None, parts: Sequence[str] = PARTS
) -> Iterator[Row]:
    """Measure the targets one by one; each row comes when it is known."""
    if "T1" in parts:
        yield from _t1(cpu, public)
    if "T2" in parts:
        yield from _t2(cpu, seeds)
    if "T4" in parts:
        yield from _t4(cpu)


def _t1(cpu: bool, public: Path | None) -> Iterator[Row]:
    gaps: dict[bool, list[float]] = {False: [], True: []}
    spent = {False: 0.0, True: 0.0}
    for one in instances(public) if public is not None else ():
        large = len(one.problem.tasks) > LARGE
        found = ran(engines(cpu=cpu)[OURS], one.problem, T1_SECONDS[large])
        gaps[large].append(100 * (found.cost / one.best_known - 1) if found.is_whole else float("inf"))
        spent[large] += found.seconds
    for large, some in gaps.items():
        case = f"public, {'1,000' if large else '100 and 200'} stops, {T1_SECONDS[large]:.0f} s"
        goal = f"≤ {T1_MOST[large]:.0f} % above best-known"
        if some:
            mean = statistics.mean(some)
            yield Row("T1", case, f"{mean:.2f} % ({len(some)})", goal, mean <= T1_MOST[large], spent[large])
        else:
            yield Row("T1", case, "no instances given", goal, None, 0.0)


def _t2(cpu: bool, seeds: Sequence[int]) -> Iterator[Row]:
    """Compare on drawn questions: means of the ratios, of those that both answered lawfully and in full."""
    for classic in (True, False):
        for stops, seconds in T2_SIZES.items():
            found: dict[str, list[Ran]] = {name: [] for name in engines()}
            for seed in seeds:
                problem = problem_of(make_case(seed, stops=stops, classic=classic))
                for name, engine in engines(cpu=cpu).items():
                    found[name].append(ran(engine, problem, seconds))
            case = f"{stops:,} stops, {'classic' if classic else 'our shift'}, {seconds:.0f} s"
            yield from _ratios(case, found)
            wrong = {name: sum(one.wrong > 0 for one in some) for name, some in found.items()}
            said = ", ".join(f"{name} {count} of {len(seeds)}" for name, count in wrong.items())
            yield Row("T3", case, f"refused: {said}", "ours 0", wrong[OURS] == 0, 0.0)


def _ratios(case: str, found: dict[str, list[Ran]]) -> Iterator[Row]:
    for name, most in (("VROOM", VROOM_MOST), ("OR-Tools", ORTOOLS_MOST)):
        pairs = [
            (ours, other)
            for ours, other in zip(found[OURS], found.get(name, []), strict=False)
            if ours.is_whole and other.is_whole
        ]
        goal = f"≤ {most:.2f} × {name}"
        if not pairs:
            yield Row("T2", case, f"{name}: no lawful and full plan", goal, None, 0.0)
            continue
        ratio = statistics.mean(ours.cost / other.cost for ours, other in pairs)
        theirs = statistics.mean(other.seconds for _, other in pairs)
        yield Row("T2", case, f"{ratio:.3f} × {name} ({len(pairs)})", goal, ratio <= most, theirs)


def _t4(cpu: bool) -> Iterator[Row]:
    kept = references()
    for (kind, count), most in T4.items():
        key, goal = f"{kind}={count}", f"≤ {most:.0f} % above 10 minutes"
        if key not in kept:
            yield Row("T4", f"{count} {kind}, 10 s", "no reference", goal, None, 0.0)
            continue
        problem = problem_of(make_case(int(kept[key]["seed"]), **{kind: count}))
        found = ran(engines(cpu=cpu)[OURS], problem, 10.0)
        gap = 100 * (found.cost / int(kept[key]["metres"]) - 1)
        is_reached = found.is_whole and gap <= most
        yield Row("T4", f"{count} {kind}, 10 s", f"{gap:.2f} %", goal, is_reached, found.seconds)


def references() -> dict[str, Any]:
    """Read the kept costs of ten minutes, by case."""
    return dict(json.loads(REFERENCES.read_text(encoding="utf-8"))) if REFERENCES.exists() else {}


def make_references(seed: int = 1) -> None:
    """Search ten minutes of the processor for each case of T4 that has no reference, and keep the cost."""
    for kind, count in T4:
        kept = references()
        if f"{kind}={count}" in kept:
            continue
        problem = problem_of(make_case(seed, **{kind: count}))
        answer = by_us(problem, TEN_MINUTES_S, cpu=True)
        if answer.left or faults(problem, answer):
            raise RuntimeError(f"no lawful plan for {kind}={count}")
        kept[f"{kind}={count}"] = {
            "seed": seed,
            "metres": metres(problem, answer),
            "seconds": TEN_MINUTES_S,
            "on": datetime.now(UTC).date().isoformat(),
        }
        REFERENCES.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{kind}={count}: {kept[f'{kind}={count}']['metres']:,} m", flush=True)


def line(row: Row) -> str:
    """Write a row of the table."""
    reached = {True: "yes", False: "no", None: "–"}[row.is_reached]
    return f"| {row.target} | {row.case} | {row.reached} | {row.goal} | {reached} | {row.seconds:.1f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", action="store_true", help="count seconds of the processor for ours")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--public", type=Path, help="a folder with public instances")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--references", action="store_true", help="make the missing references of T4 and stop")
    asked = parser.parse_args()
    if asked.references:
        make_references()
        return
    print("| Target | Case | Reached | Goal | Enough | Seconds |\n|---|---|---|---|---|---|", flush=True)
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    for row in rows(cpu=asked.cpu, seeds=seeds, public=asked.public, parts=asked.parts.split(",")):
        print(line(row), flush=True)


if __name__ == "__main__":
    main()
