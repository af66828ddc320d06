"""`flask money`: a month of money played with the stand-in, in a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_plays_a_month_in_which_every_cent_is_found_again(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "SHORTCHAIN_ENV": "development"}
    command = [sys.executable, "-m", "flask", "--app", "shortchain", "money", "simulate"]
    done = subprocess.run(
        [*command, "--orders", "24", "--seed", "7", "--json"],
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
    counts = report["counts"]
    assert counts["settled"] > 10
    assert (
        min(
            counts[name]
            for name in ("payouts sent", "refunds sent", "webhooks repeated", "part refunds", "complaints decided")
        )
        > 0
    )
    assert list(tmp_path.iterdir()) == []  # nothing stays behind
