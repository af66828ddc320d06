"""What a checkout makes before it serves anybody: static files under their fingerprints, and the texts of each language.

Both are made from what is in the repository, and neither is kept there. Doing it again takes a moment.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = (("tools/assets.py",), ("tools/translations.py", "compile"))


def build(root: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Make everything that is missing or old in a checkout.

    :raises subprocess.CalledProcessError: by the first step that fails
    """
    for step in STEPS:
        subprocess.run([sys.executable, *step], cwd=root, env=dict(env or os.environ), check=True)


if __name__ == "__main__":
    build()
