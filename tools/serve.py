"""The production web server: granian with several worker processes (docs/decisions/0003 and 0018)."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPLICATION = "shortchain.wsgi:app"


def command(*, port: int, workers: int, host: str = "127.0.0.1") -> list[str]:
    """Give the command that serves the WSGI application on `host:port`.

    Workers that die come back; one that hangs in a request is not killed under the request, since
    statement time-outs end it first.
    """
    return [
        sys.executable,
        str(Path(__file__).resolve()),
        APPLICATION,
        "--interface",
        "wsgi",
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
    """Give the environment of the server: few memory arenas, since each thread keeps what its own ever held.

    numpy gets no threads of its own: we multiply no matrices, and a process that forks should have one thread.
    """
    return {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", **os.environ}


def serve(arguments: list[str]) -> None:
    """Load the application once, then let granian fork its workers from here: they share what they do not change.

    `arguments` are granian's, the application first. Objects that live for good are put out of the reach of
    the garbage collector, whose marks would copy their pages into every worker.
    """
    sys.path.insert(0, str(ROOT))
    importlib.import_module(arguments[0].partition(":")[0])
    gc.collect()
    gc.freeze()
    from granian.cli import entrypoint  # only now: its own objects are the master's alone

    sys.argv = ["granian", *arguments]
    entrypoint()


def main() -> None:
    """Serve with the arguments given, or with those that the settings ask for."""
    os.chdir(ROOT)
    line = [sys.executable, *sys.argv]
    if len(sys.argv) == 1:
        line = command(
            port=int(os.environ.get("PORT", "8000")),
            workers=int(os.environ.get("WORKERS", "2")),
            host=os.environ.get("HOST", "127.0.0.1"),
        )
    if len(sys.argv) == 1 or environment() != dict(os.environ):
        os.execve(line[0], line, environment())  # the allocator reads its settings when a process starts
    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
