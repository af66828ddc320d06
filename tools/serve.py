"""The production web server: granian with several worker processes (docs/decisions/0003)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def command(*, port: int, workers: int, host: str = "127.0.0.1") -> list[str]:
    """Give the command that serves the WSGI application on `host:port`.

    Workers that die come back; one that hangs in a request is not killed under the request, since
    statement time-outs end it first.
    """
    return [
        str(Path(sys.executable).parent / "granian"),
        "--interface",
        "wsgi",
        "shortchain.wsgi:app",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
        "--backlog",
        "1024",
        "--http",
        "1",
        "--no-ws",
        "--respawn-failed-workers",
        "--respawn-interval",
        "0.2",
        "--workers-kill-timeout",
        "10",
        "--log-level",
        "warning",
    ]


def environment() -> dict[str, str]:
    """Give the environment of the server: few memory arenas, since each thread keeps what its own ever held."""
    return {"MALLOC_ARENA_MAX": "2", **os.environ}


if __name__ == "__main__":
    os.chdir(ROOT)
    line = command(
        port=int(os.environ.get("PORT", "8000")),
        workers=int(os.environ.get("WORKERS", "2")),
        host=os.environ.get("HOST", "127.0.0.1"),
    )
    os.execve(line[0], line, environment())
