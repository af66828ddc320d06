"""`python -m stripe_stand_in --port 8010 --db instance/stripe.sqlite3 …`"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from stripe_stand_in.settings import ENVIRONMENT_NAME, Unsafe, read_arguments, refuse_production

THREADS = 32
"""Calls that hang on purpose each keep a thread, so there are more than the machine has cores."""

STOP_SECONDS = 3


def main() -> None:
    """Serve until the process is told to stop."""
    logging.basicConfig(level=logging.WARNING, format="stripe_stand_in %(levelname)s %(message)s")
    try:
        refuse_production()
        settings = read_arguments(sys.argv[1:])
    except Unsafe as reason:
        sys.exit(f"stripe_stand_in: {reason}")
    Path(settings.db).parent.mkdir(parents=True, exist_ok=True)
    os.environ[ENVIRONMENT_NAME] = settings.to_json()
    server = Granian(
        "stripe_stand_in.app:create",
        address="127.0.0.1",
        port=settings.port,
        factory=True,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve()


if __name__ == "__main__":
    main()
