"""Named points at which the kill tests end the process. Does nothing unless the settings allow it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

_armed = ""


def arm(name: str) -> None:
    """Let the process kill itself when it passes the point `name` (the app calls this at its start).

    A name that begins with `@` is a file that holds the name of the point; the file is removed before
    the process dies, so that its successor lives on. An empty name takes it back.
    """
    global _armed
    _armed = name


def point(name: str) -> None:
    """Pass a named point; the kill tests list them all."""
    if _armed and (name == _armed or (_armed.startswith("@") and _take(Path(_armed[1:]), name))):
        os.kill(os.getpid(), signal.SIGKILL)


def _take(file: Path, name: str) -> bool:
    """Say whether the file asks for this point, and remove it when it does."""
    try:
        wanted = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    if wanted != name:
        return False
    file.unlink(missing_ok=True)
    return True
