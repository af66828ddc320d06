"""The clocks of a played month: what the play computes takes time, also for the payment provider beside it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from shortchain.cli.money_stage import SLOW, Stage

MACHINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
MONDAY = datetime(2026, 12, 7, 8, tzinfo=UTC)
PAGE_LIVES = timedelta(minutes=30)


@dataclass
class Clocks:
    """A machine's clock that a test moves, and a stand-in that goes by it."""

    machine: datetime = MACHINE
    ahead: float = 0.0
    seen: list[datetime] = field(default_factory=list)

    def control(self, path: str, values: dict[str, Any]) -> None:
        assert path == "clock"
        self.ahead = values["ahead"]
        self.seen.append(self.theirs)

    @property
    def theirs(self) -> datetime:
        return self.machine + timedelta(seconds=self.ahead)


def staged() -> tuple[Clocks, Stage]:
    clocks = Clocks()
    rows: Any = SimpleNamespace(now=MONDAY, chance=lambda _name: random.Random(1))
    outside: Any = clocks
    nothing: Any = None
    stage = Stage(nothing, nothing, outside, rows, MACHINE, 1, lambda *_: None, clock=lambda: clocks.machine)
    stage.to(MONDAY)
    return clocks, stage


def test_a_slow_machine_makes_no_page_end_before_its_time() -> None:
    clocks, stage = staged()
    for _order in range(200):
        clocks.machine += timedelta(seconds=12)  # 40 minutes in all
        stage.to(stage.now + timedelta(minutes=5))
        assert abs(clocks.theirs - stage.now) < PAGE_LIVES / 2
    assert stage.now >= MONDAY + timedelta(minutes=1000)


def test_no_clock_goes_back() -> None:
    clocks, stage = staged()
    before = stage.now
    for seconds in (0, 700, 1, 3000, 0):
        clocks.machine += timedelta(seconds=seconds)
        stage.to(stage.now + timedelta(minutes=11))
        assert stage.now >= before + timedelta(minutes=11)
        before = stage.now
    assert clocks.seen == sorted(clocks.seen)
    assert timedelta() < SLOW < timedelta(minutes=1)
