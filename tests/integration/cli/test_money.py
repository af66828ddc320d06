"""`flask money`: a month of money played with the stand-in, in a database of its own."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import invoices, paper_judges

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_plays_a_month_in_which_every_cent_is_found_again(tmp_path: Path) -> None:
    scratch, papers = tmp_path / "scratch", tmp_path / "papers"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch), "SHORTCHAIN_ENV": "development"}
    command = [sys.executable, "-m", "flask", "--app", "shortchain", "money", "simulate"]
    done = subprocess.run(
        [*command, "--orders", "40", "--seed", "4", "--json", "--documents", str(papers)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    report = json.loads(done.stdout)
    sums = report["totals"]
    assert sums["charged"] == sums["paid_out"] + sums["fees"] + sums["refunded"] + sums["held"] > 0
    assert (report["differences"], report["breaches"], report["orders_that_do_not_add_up"]) == ([], [], [])
    assert report["counts"]["settled"] > 10
    assert report["not_played"] == []
    assert list(scratch.iterdir()) == []  # nothing stays behind
    judge_papers(report["documents"], papers)


def judge_papers(told: dict[str, Any], folder: Path) -> None:
    """Every document of the month is good by schema, EN 16931 and Peppol, and its paper is PDF/A-3a and PDF/UA-1."""
    assert told["faults"] == []
    assert set(told["sent"]) == {"delivered"}
    assert {"invoice", "purchase_note", "ticket", "ticket_credit"} <= set(told["made"])
    with (folder / "index.csv").open(encoding="utf-8-sig") as file:
        numbers = [row["number"] for row in csv.DictReader(file)]
    assert len(numbers) == sum(told["made"].values()) > 50
    series: dict[str, list[int]] = {}
    for number in numbers:
        xml = (folder / f"{number}.xml").read_bytes()
        assert invoices.faults(xml) == [], number
        assert paper_judges.faults((folder / f"{number}.pdf").read_bytes()) == [], number
        name, _, last = number.rpartition("-")
        series.setdefault(name, []).append(int(last))
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in series.values())
