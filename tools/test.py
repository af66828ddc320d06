"""`make test`: sets up what the tests need, then runs make check and every test.

What could not run is named at the end, and is a failure when CI=true.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


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


def main() -> int:
    started = time.monotonic()
    missing = [] if chromium() else ["browser tests (no Chromium, and not allowed to install it)"]
    python = sys.executable
    for line in (["tools/assets.py"], ["tools/translations.py", "compile"]):
        subprocess.run([python, *line], cwd=ROOT, check=True)
    checked = subprocess.run([python, "tools/check.py"], cwd=ROOT).returncode
    arguments = sys.argv[1:] or ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "-q", "--durations=15"]
    env = dict(os.environ, TZ="UTC")
    tested = subprocess.run([python, "-m", "pytest", *arguments], cwd=ROOT, env=env).returncode
    print(f"\nmake test took {(time.monotonic() - started) / 60:.1f} minutes")
    if checked:
        print("make check FAILED, see above")
    for what in missing:
        print(f"NOT RUN: {what}")
    return int(bool(checked or tested or (missing and os.environ.get("CI") == "true")))


if __name__ == "__main__":
    sys.exit(main())
