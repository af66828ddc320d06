"""The whole thing as `make run` starts it: real web server, worker and stand-in, on the demo region."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.ports import free_port
from tests.support.region import FEW
from tools import run

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Town:
    """A running installation with its accounts."""

    base: str
    folder: Path
    accounts: list[dict[str, Any]]
    env: dict[str, str]

    @property
    def password(self) -> str:
        return str(self.accounts[0]["password"])

    def email_of(self, enterprise: str, role: str | None = None) -> str:
        """Find who may act for an enterprise."""
        found = [a for a in self.accounts if a["enterprise"] == enterprise and role in (None, a["role"])]
        assert found, f"nobody of {enterprise} has an account"
        return str(found[0]["email"])

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database, reading only."""
        path = self.folder / "shortchain.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=15)) as connection:
            return list(connection.execute(query, values))

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of our commands on this installation."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "shortchain", *words],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
        )

    def settle_later(self, hours: int) -> None:
        """Do what the sweep will do so many hours from now: settle, and send what is due."""
        code = (
            "import datetime as d\n"
            "from shortchain.app import create_app\n"
            "from shortchain.database import db\n"
            "from shortchain.workflows import settlement\n"
            "app = create_app()\n"
            "with app.app_context():\n"
            f"    now = d.datetime.fromisoformat('{datetime.now(UTC) + timedelta(hours=hours)}')\n"
            "    s, g = db.session(), app.extensions['shortchain.gateways']\n"
            "    print(settlement.settle_orders(s, now=now), settlement.send_payouts(s, g, now=now))\n"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    """Migrate and fill a new database, start everything, and stop it at the end."""
    port = free_port(2)
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'shortchain.sqlite3'}",
        "HUEY_PATH": str(folder / "queue.sqlite3"),
        "MEDIA_FOLDER": str(folder / "media"),
        "SECRET_KEY": "of-the-browser-tests-" * 2,
        **FEW,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "SMTP_", "REDIS_"))}
    env = run.environment(port) | kept | settings | {"PORT": str(port)}
    env |= {name: value for name, value in run.environment(port).items() if name.startswith("STRIPE_")}
    processes = run.Processes(env)
    try:
        run.start_all(processes, port, env, folder, quiet=True)
        accounts = json.loads((folder / run.ACCOUNTS).read_text(encoding="utf-8"))["accounts"]
        town = Town(f"http://127.0.0.1:{port}", folder, accounts, env)
        assert town.flask("demo", "connect").returncode == 0
        yield town
    finally:
        processes.stop()
