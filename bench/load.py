"""Starts one server on one database and measures what it answers. Loopback only, bounded in time."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from bench import wares

ROOT = Path(__file__).resolve().parent.parent
BASKETS = 5_000
POST = "wrk.method = 'POST'\n"


def wrk() -> str:
    """Find the load generator, or install Debian's when we may.

    :raises SystemExit: when there is none
    """
    if shutil.which("wrk") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "wrk"], stdout=subprocess.DEVNULL, check=False)
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("make bench needs wrk (Debian package wrk)")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The bench app under the product's own server command."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.port = port
        self._process = process
        self._folder = folder

    def rate(self, path: str, *, seconds: int, method: str = "GET", connections: int = 8) -> tuple[float, int]:
        """Measure answers a second over `seconds`; returns (rate, answers that were not 2xx or 3xx)."""
        line = [wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "15s"]
        if method == "POST":
            script = self._folder / "post.lua"
            script.write_text(POST)
            line += ["-s", str(script)]
        done = subprocess.run(
            [*line, f"http://127.0.0.1:{self.port}{path}"], capture_output=True, text=True, check=True
        )
        rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
        return float(rate[1]) if rate else 0.0, int(bad[1]) if bad else 0

    def memory_mb(self) -> float:
        """Add up the memory of the server's processes: shared pages count once (PSS)."""
        total = 0
        for pid in self._family():
            rollup = Path(f"/proc/{pid}/smaps_rollup")
            if rollup.exists():
                found = re.search(r"^Pss:\s+(\d+) kB", rollup.read_text(), re.M)
                total += int(found[1]) if found else 0
        return total / 1024

    def cpu_s(self) -> float:
        """Add up the seconds of the processor that the server's processes have spent."""
        ticks = 0
        for pid in self._family():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _family(self) -> list[int]:
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(fields[1])
        family = [self._process.pid]
        for pid in family:
            family += [child for child, parent in parents.items() if parent == pid]
        return family


@contextmanager
def running(url: str, folder: Path, *, workers: int = 2) -> Iterator[Server]:
    """Run the bench app on a database until the block ends."""
    from tools.serve import command, environment

    port = free_port()
    line = command(port=port, workers=workers)
    line[line.index("shortchain.wsgi:app")] = "bench.app:app"
    env = dict(environment(), DATABASE_URL=url, PYTHONPATH=str(ROOT), LOG_FORMAT="json")
    env[wares.FOLDER] = str(baskets_of(url, folder))
    log = (folder / "server.log").open("ab")
    started = time.monotonic()
    process = subprocess.Popen(line, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        while time.monotonic() - started < 60:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield Server(port, process, folder)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def baskets_of(url: str, folder: Path) -> Path:
    """Name the folder with the filled baskets of a database."""
    return folder / f"baskets-{make_url(url).database.replace('/', '_')}"


def load_demo(url: str, offers: int, folder: Path) -> None:
    """Migrate a new database, fill it with so many offers, and make it ready for orders."""
    env = dict(os.environ, DATABASE_URL=url)
    flask = [sys.executable, "-m", "flask", "--app", "shortchain"]
    subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=env, check=True, stderr=subprocess.DEVNULL)
    sellers = max(40, offers // 40)
    subprocess.run(
        [*flask, "demo", "load", "--offers", str(offers), "--sellers", str(sellers), "--json"],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wares.prepare(url, baskets_of(url, folder), baskets=BASKETS)
