"""Named points at which the kill tests end the process. Does nothing unless the settings allow it."""

from __future__ import annotations

import os
import signal

_armed = ""


def arm(name: str) -> None:
    """Let the process kill itself when it passes the point `name` (the app calls this at its start)."""
    global _armed  # noqa: PLW0603 - one process, one point
    _armed = name


def point(name: str) -> None:
    """Pass a named point; the kill tests list them all."""
    if _armed and name == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
