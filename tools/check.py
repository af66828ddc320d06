"""`make check`: format, lint, types, import contracts, templates and translations, in one go."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "imports": [str(BIN / "lint-imports"), "--no-logo"],
    "types": [str(BIN / "mypy")],
    "templates": [sys.executable, "tools/templates.py"],
    "translations": [sys.executable, "tools/translations.py", "check"],
}


def main() -> int:
    failed = []
    for name, line in CHECKS.items():
        start = time.monotonic()
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
        verdict = "ok" if done.returncode == 0 else "FAILED"
        print(f"  {name:<14}{verdict:<8}{time.monotonic() - start:5.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout[-8000:] + done.stderr[-4000:])
    if failed:
        print("make check failed: " + ", ".join(failed))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
