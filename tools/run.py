"""`make run`: prepare what is missing, start web server, worker and stand-in, and stop them together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.build import build  # noqa: E402
from tools.serve import command as serve_command  # noqa: E402

ACCOUNTS = "demo_accounts.json"


class Stopped(Exception):
    """Somebody pressed Ctrl-C or asked us to end."""


def say(text: str) -> None:
    print(text, flush=True)


def is_free(port: int) -> bool:
    """Say whether nobody listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def environment(port: int) -> dict[str, str]:
    """Give the settings of all three processes.

    Without a Stripe key of your own the stand-in takes the payments, one port further.
    """
    env = dict(os.environ, PORT=str(port))
    if not env.get("STRIPE_SECRET_KEY"):
        env["STRIPE_API_BASE"] = f"http://127.0.0.1:{port + 1}"
        env["STRIPE_SECRET_KEY"] = "sk_test_stand_in"
        env["STRIPE_WEBHOOK_SECRET"] = env.get("STRIPE_WEBHOOK_SECRET") or "whsec_stand_in"
    if not env.get("VOUCHER_API_BASE"):
        env["VOUCHER_API_BASE"] = f"http://127.0.0.1:{port + 2}"
        env["VOUCHER_API_KEY"] = "vk_stand_in"
    if not env.get("ACCESS_POINT_API_BASE"):
        env["ACCESS_POINT_API_BASE"] = f"http://127.0.0.1:{port + 3}"
        env["ACCESS_POINT_API_KEY"] = "ap_stand_in"
    return env


def commands(port: int, env: dict[str, str], folder: Path = ROOT / "instance") -> dict[str, list[str]]:
    """Give the command of each process, in the order of starting; the stand-in keeps its file in `folder`."""
    found = {}
    if env.get("STRIPE_API_BASE", "").startswith("http://127.0.0.1"):
        found["stand-in"] = [
            sys.executable,
            "-m",
            "stripe_stand_in",
            "--port",
            str(port + 1),
            "--db",
            str(folder / "stand_in.sqlite3"),
            "--webhook-url",
            f"http://127.0.0.1:{port}/webhooks/stripe",
            "--webhook-secret",
            env["STRIPE_WEBHOOK_SECRET"],
            "--public-url",
            env["STRIPE_API_BASE"],
            "--funds",
            "100000",
        ]
    if env.get("VOUCHER_API_BASE", "").startswith("http://127.0.0.1"):
        key = env.get("VOUCHER_API_KEY", "")
        found["vouchers"] = [
            *(sys.executable, "-m", "voucher_stand_in"),
            *("--port", str(port + 2), "--key", key),
        ]
    if env.get("ACCESS_POINT_API_BASE", "").startswith("http://127.0.0.1"):
        key = env.get("ACCESS_POINT_API_KEY", "")
        found["access point"] = [
            *(sys.executable, "-m", "access_point_stand_in"),
            *("--port", str(port + 3), "--key", key),
        ]
    found["worker"] = [sys.executable, "-m", "flask", "--app", "shortchain", "worker"]
    found["web"] = serve_command(port=port, workers=int(env.get("WORKERS", "2")))
    return found


def start_all(
    processes: Processes, port: int, env: dict[str, str], folder: Path = ROOT / "instance", *, quiet: bool = False
) -> None:
    """Prepare the database while the stand-in starts, then start worker and web server."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting = commands(port, env, folder)
    ports = [port]
    if "stand-in" in waiting:
        processes.start("stand-in", waiting.pop("stand-in"))
        ports.append(port + 1)
    flask = [sys.executable, "-m", "flask", "--app", "shortchain"]
    subprocess.run([*flask, "prepare"], cwd=ROOT, env=env, check=True, capture_output=quiet)
    for name, line in waiting.items():
        processes.start(name, line)
    for needed in ports:
        wait_until_up(needed, meanwhile=processes.revive)


def wait_until_up(port: int, *, meanwhile: Callable[[], None], seconds: float = 60) -> None:
    """Wait until the server on a port answers.

    :raises TimeoutError: when it does not within `seconds`
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        meanwhile()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"port {port} did not answer within {seconds:.0f} s")


def show_accounts(port: int) -> None:
    """Print where to look and who may sign in."""
    say(f"\n  shortchain is open:  http://127.0.0.1:{port}\n")
    path = ROOT / "instance" / ACCOUNTS
    if path.exists():
        accounts = json.loads(path.read_text(encoding="utf-8"))["accounts"]
        say(f"  Demo accounts, password of all: {accounts[0]['password']}")
        for account in accounts:
            say(f"    {account['email']:<24} {account['role']:<14} {account.get('enterprise') or ''}")
    say(f"\n  Mail that was sent: http://127.0.0.1:{port}/dev/post      Ctrl-C stops everything.\n")


def connect_demo(env: dict[str, str]) -> None:
    """Let the demo's enterprises be paid by the stand-in, beside what goes on; a repeat does nothing."""
    if env.get("STRIPE_API_BASE", "").startswith("http://127.0.0.1"):
        line = [sys.executable, "-m", "flask", "--app", "shortchain", "demo", "connect"]
        subprocess.Popen(line, cwd=ROOT, env=env, start_new_session=True)


class Processes:
    """The child processes: started, brought back when they die, stopped together."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self._commands: dict[str, list[str]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, line: list[str]) -> None:
        self._commands[name] = line
        self._running[name] = subprocess.Popen(line, cwd=ROOT, env=self._env, start_new_session=True)

    def watch(self) -> None:
        """Bring back what dies; ends only by an exception."""
        while True:
            self.revive()
            time.sleep(0.5)

    def revive(self) -> None:
        """Start again what has died since the last look."""
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                say(f"  {name} ended with code {process.returncode}; starting it again")
                time.sleep(1)
                self.start(name, self._commands[name])

    def stop(self) -> None:
        """End every child politely, and after ten seconds firmly."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + 10
        for process in self._running.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def main() -> int:
    port = int(os.environ.get("PORT", "8000"))
    for needed in (port, port + 1):
        if not is_free(needed):
            say(f"Port {needed} is in use. Choose another one: make run PORT=8100")
            return 1
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    env = environment(port)
    processes = Processes(env)
    try:
        build(env=env)
        start_all(processes, port, env)
        show_accounts(port)
        connect_demo(env)
        processes.watch()
    except Stopped:
        say("\n  stopping …")
        return 0
    except subprocess.CalledProcessError as error:
        say(f"Could not prepare: {' '.join(map(str, error.cmd))}")
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # a second press must not leave children behind
            signal.signal(number, signal.SIG_IGN)
        processes.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
