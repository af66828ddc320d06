"""The demo region for tests that look at it: loaded once in a run, copied for each that wants one."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = "demo_accounts.json"
FEW = {"DEMO_DRAWINGS": "4"}
"""What processes that load the demo are told: two hundred drawings take a minute and prove no more than a few."""


@dataclass(frozen=True, slots=True)
class Region:
    """A database with the demo in it, of its own, with its pictures and accounts."""

    folder: Path
    accounts: list[dict[str, Any]]

    @property
    def database(self) -> Path:
        return self.folder / "region.sqlite3"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def media(self) -> Path:
        return self.folder / "media"


def demo_region(folders: pytest.TempPathFactory, name: str) -> Region:
    """Give a copy of the demo region; whoever asks first in a run loads it, the other workers wait."""
    shared = folders.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent  # the workers' folders lie in one
    made = shared / "demo-region"
    with (shared / "demo-region.lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        if not (made / ACCOUNTS).exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            _load(made)
    folder = Path(folders.mktemp(name)) / "region"
    shutil.copytree(made, folder)
    return Region(folder, json.loads((folder / ACCOUNTS).read_text(encoding="utf-8"))["accounts"])


def _load(folder: Path) -> None:
    made = Region(folder, [])
    env = {**os.environ, **FEW, "DATABASE_URL": made.url, "MEDIA_FOLDER": str(made.media)}
    flask = [sys.executable, "-m", "flask", "--app", "shortchain"]
    for words in (["db", "upgrade"], ["demo", "load", "--json"]):
        subprocess.run([*flask, *words], cwd=ROOT, env=env, check=True, capture_output=True)
