"""The web server loads the application before it forks: nothing may be open or running by then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tools import serve

ROOT = Path(__file__).resolve().parents[3]
LOOK = """
import json, os, threading
import shortchain.wsgi
from shortchain.ordering.models import Order
opened = []
for name in os.listdir("/proc/self/fd"):
    try:
        opened.append(os.readlink(f"/proc/self/fd/{name}"))
    except OSError:
        pass  # the listing's own
tasks = len(os.listdir("/proc/self/task"))
print(json.dumps({"opened": opened, "threads": threading.active_count(), "tasks": tasks,
    "is_mapped": Order.__mapper__.configured}))
"""


def test_it_forks_with_nothing_open_and_one_thread(tmp_path: Path) -> None:
    env = {**serve.environment(), "DATABASE_URL": f"sqlite:///{tmp_path / 'a.sqlite3'}", "MEDIA_FOLDER": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=env, capture_output=True, text=True, check=True, close_fds=True
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    assert (seen["threads"], seen["tasks"]) == (1, 1)
    kept = [name for name in seen["opened"] if "sqlite" in name or name.startswith("socket:")]
    assert kept == []
    assert seen["is_mapped"]  # so that no worker does it again


def test_it_gives_granian_the_application_and_the_port() -> None:
    line = serve.command(port=8123, workers=3)
    assert line[:3] == [sys.executable, str(ROOT / "tools" / "serve.py"), serve.APPLICATION]
    assert (line[line.index("--port") + 1], line[line.index("--workers") + 1]) == ("8123", "3")


def test_it_leaves_settings_of_the_environment_alone() -> None:
    assert serve.environment()["MALLOC_ARENA_MAX"] == os.environ.get("MALLOC_ARENA_MAX", "2")
