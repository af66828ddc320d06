"""`make test`: sets up what the tests need, then runs make check beside every test.

What could not run is named at the end, and is a failure when CI=true.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.build import build  # noqa: E402

METER = Path("/proc/meminfo")
ROOM = 4 * 1024**3
"""Bytes of free memory from which the tests keep their files there; they need less than one GiB."""
ROOM_FOR_THREE = 8 * 1024**3
"""Bytes of free memory from which three processes test on two cores: each waits a third of its time for a browser."""
SHARED_OUT = ["--dist", "loadscope", "--no-loadscope-reorder", "-q", "--durations=15"]


def chromium() -> str | None:
    """Find Chromium, or install Debian's when we may."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    print("Installing Chromium (once) …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "update"], env=env, check=False, **quiet)  # type: ignore[call-overload]
    subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], env=env, check=False, **quiet)  # type: ignore[call-overload]
    return shutil.which("chromium")


def free_memory(meter: Path = METER) -> int:
    """Give the bytes of memory that are free; 0 where the machine does not say."""
    try:
        left = next(line for line in meter.read_text().splitlines() if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return 0
    return int(left.split()[1]) * 1024


def folder_in_memory(memory: Path = Path("/dev/shm"), meter: Path = METER, room: int = ROOM) -> Path | None:
    """Give the folder that lives in memory where there is plenty of it: no test waits for a disk there."""
    try:
        has_room = min(shutil.disk_usage(memory).free, free_memory(meter)) >= room
    except OSError:
        return None
    return memory if has_room and os.access(memory, os.W_OK) else None


def workers(meter: Path = METER, room: int = ROOM_FOR_THREE) -> int:
    """Say how many processes share the tests out."""
    return 3 if free_memory(meter) >= room else 2


class Check(threading.Thread):
    """`make check` beside the tests: it takes what they leave of two cores, and tells in one piece when it is done."""

    failed = False

    def run(self) -> None:
        done = subprocess.run([sys.executable, "tools/check.py"], cwd=ROOT, capture_output=True, text=True)
        self.failed = done.returncode != 0
        print(f"\n{done.stdout}{done.stderr}", flush=True)


def tests(arguments: list[str]) -> int:
    """Run the tests with files of their own, which are gone afterwards; returns how pytest ended.

    Their processes may keep what they have compiled: they start some sixty that read the whole program.
    """
    with tempfile.TemporaryDirectory(prefix="shortchain-test-", dir=folder_in_memory()) as folder:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env |= {"TZ": "UTC", "TMPDIR": folder, "TEMPLATE_CACHE": f"{folder}/templates"}
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=env).returncode


def main() -> int:
    started = time.monotonic()
    missing = [] if chromium() else ["browser tests (no Chromium, and not allowed to install it)"]
    build()
    check = Check()
    check.start()
    tested = tests(sys.argv[1:] or ["-n", str(workers()), *SHARED_OUT])
    check.join()
    print(f"\nmake test took {(time.monotonic() - started) / 60:.1f} minutes")
    if check.failed:
        print("make check FAILED, see above")
    for what in missing:
        print(f"NOT RUN: {what}")
    return int(bool(check.failed or tested or (missing and os.environ.get("CI") == "true")))


if __name__ == "__main__":
    sys.exit(main())
