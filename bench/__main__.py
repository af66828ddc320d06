"""`make bench ARGS="web routing tours"`: every part, or those named; `ARGS="routing:O2,B1"` for some targets of one.

Each part is a program of its own, so that its memory is its own: `bench.web`, `bench.routing`, and `bench.tour_targets`
or, where that is not there, `bench.tours`.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

PARTS = {
    "web": ("bench.web",),
    "routing": ("bench.routing",),
    "tours": ("bench.tour_targets", "bench.tours"),
}


def main() -> int:
    """Run the parts one after the other; gives the worst exit code."""
    asked = sys.argv[1:] or list(PARTS)
    unknown = [word for word in asked if word.partition(":")[0] not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)} (there are {', '.join(PARTS)})", file=sys.stderr)
        return 2
    worst = 0
    for word in asked:
        part, _, targets = word.partition(":")
        program = next(name for name in PARTS[part] if find_spec(name))
        print(f"\n# {part}\n", flush=True)
        words = [sys.executable, "-m", program, *(["--parts", targets] if targets else [])]
        worst = max(worst, subprocess.run(words, check=False).returncode)
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
