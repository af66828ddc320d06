"""Where `make test` keeps the files of the tests, and in how many processes it runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.test import folder_in_memory, workers


@pytest.mark.parametrize(("room", "is_taken"), [(1024, True), (2048, True), (2049, False)])
def test_takes_the_memory_where_there_is_room(tmp_path: Path, room: int, is_taken: bool) -> None:
    meter = tmp_path / "meminfo"
    meter.write_text("MemTotal: 9999 kB\nMemAvailable:      2 kB\n")
    assert folder_in_memory(tmp_path, meter, room) == (tmp_path if is_taken else None)


@pytest.mark.parametrize(("memory", "meter"), [("nowhere", "meminfo"), (".", "nothing"), (".", "odd")])
def test_does_without_where_nothing_says_how_much_there_is(tmp_path: Path, memory: str, meter: str) -> None:
    (tmp_path / "meminfo").write_text("MemAvailable: 2 kB\n")
    (tmp_path / "odd").write_text("something else\n")
    assert folder_in_memory(tmp_path / memory, tmp_path / meter, 1) is None


@pytest.mark.parametrize(("kilobytes", "count"), [("8", 3), ("7", 2)])
def test_runs_three_processes_where_there_is_room_for_them(tmp_path: Path, kilobytes: str, count: int) -> None:
    meter = tmp_path / "meminfo"
    meter.write_text(f"MemAvailable:      {kilobytes} kB\n")
    assert workers(meter, room=8 * 1024) == count


def test_runs_two_processes_where_nothing_says_how_much_room_there_is(tmp_path: Path) -> None:
    assert workers(tmp_path / "nothing") == 2
