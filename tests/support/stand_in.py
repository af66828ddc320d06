"""Starts the Stripe stand-in as the program it is, for tests that need a payment provider."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
SECRET_KEY = "sk_test_of_the_tests"
WEBHOOK_SECRET = "whsec_of_the_tests"


@dataclass(slots=True)
class RunningStandIn:
    """A stand-in process that can be killed, started again and made to misbehave."""

    arguments: list[str]
    url: str
    secret_key: str = SECRET_KEY
    webhook_secret: str = WEBHOOK_SECRET
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self, command: list[str] | None = None) -> None:
        """Start the process, by its module or by another command, and wait until it answers."""
        environment = {**os.environ, "SHORTCHAIN_ENV": "development"}
        command = command or [sys.executable, "-m", "stripe_stand_in", *self.arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=1):
                    return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the stand-in did not start") from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Ask the process to end, and wait for it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process as a power cut does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=15)
        self.process = None

    def control(self, path: str, values: dict[str, Any] | None = None, *, method: str = "") -> Any:
        """Ask `/_control/<path>`: GET without values, POST with them."""
        method = method or ("GET" if values is None else "POST")
        body = None if values is None else json.dumps(values).encode()
        request = urllib.request.Request(f"{self.url}/_control/{path}", data=body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as problem:
            with problem:
                raise AssertionError(problem.read().decode()) from problem

    def fault(self, name: str, **values: Any) -> None:
        """Plan a fault of a call: `fault("timeout_after", match="POST /v1/refunds")`."""
        self.control("calls", {"name": name, **values})

    def webhook_fault(self, name: str, **values: Any) -> None:
        """Plan a fault of a webhook: `webhook_fault("dup", n=5, match="payment_intent.*")`."""
        self.control("webhooks", {"name": name, **values})

    def behave(self) -> None:
        """Take back every planned fault."""
        self.control("calls", method="DELETE")
        self.control("webhooks", method="DELETE")

    def rest(self, seconds: float = 10) -> None:
        """Wait until what comes a moment later (debits, refunds) has come, so that it moves nobody else's balance."""
        file = Path(self.arguments[self.arguments.index("--db") + 1])
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as connection:
                soon = "SELECT count(*) FROM chores WHERE due < ?"
                if not connection.execute(soon, (time.time() + seconds,)).fetchone()[0]:
                    return
            time.sleep(0.02)

    def pay(self, session: str, *, outcome: str = "pay", method: str | None = None) -> Any:
        """Do what a person does on the payment page; returns the session."""
        values = {"outcome": outcome} | ({"method": method} if method else {})
        return self.control(f"sessions/{session}/pay", values)


@contextmanager
def running_stand_in(
    folder: Path,
    *,
    webhook_url: str | None = None,
    port: int | None = None,
    options: tuple[str, ...] = (),
) -> Iterator[RunningStandIn]:
    """Run a stand-in that keeps its file in `folder`; `options` are further arguments."""
    port = port or free_port()
    arguments = [
        "--port",
        str(port),
        "--db",
        str(folder / "stripe_stand_in.sqlite3"),
        "--webhook-secret",
        WEBHOOK_SECRET,
        "--retry-base",
        "0.2",
        *options,
    ]
    if webhook_url:
        arguments += ["--webhook-url", webhook_url]
    stand_in = RunningStandIn(arguments, f"http://127.0.0.1:{port}")
    stand_in.start()
    try:
        yield stand_in
    finally:
        stand_in.stop()
