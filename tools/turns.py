"""Finds the tests of workflows that may take turns on the two databases: `.venv/bin/python tools/turns.py`.

It runs them all on SQLite, notes what each asks the database, and gives turns to as many as it can so that on each of the
two every statement is still asked. What remains runs on both, as does every test that is not in the list: one that
is new or has another name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import asking, turns  # noqa: E402

KINDS = ("sqlite", "postgresql")
HEAD = """# Tests of workflows that run on one of the two databases: on both, others ask every statement of theirs (decision 0072).
# Written by tools/turns.py; a test that does not stand here runs on both.
"""


def asked_by_test() -> dict[str, frozenset[str]]:
    """Run the tests of workflows and give, for each function, the checksums of what it asks, with all its examples.

    :raises subprocess.CalledProcessError: when one of them fails
    """
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "asked"
        command = [sys.executable, "-m", "pytest", "-p", "tests.support.asking", "-q", "-n", "2", turns.WORKFLOWS]
        env = {**os.environ, "TEST_DATABASES": KINDS[0], asking.FILE: str(notes)}
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        return together(json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines())


def together(notes: Iterable[tuple[str, list[str]]]) -> dict[str, frozenset[str]]:
    """Join the examples of each test; one that runs on SQLite only has no turn to take."""
    found: dict[str, frozenset[str]] = {}
    for nodeid, statements in notes:
        if f"[{KINDS[0]}" in nodeid:
            name = nodeid.partition("[")[0]
            found[name] = found.get(name, frozenset()) | frozenset(statements)
    return found


def on_both(asked: Mapping[str, frozenset[str]]) -> set[str]:
    """Give the tests that must run on both databases: those that ask what no other does, and what is missing then.

    A module all of whose turns are on one database has one test on both.
    """
    times = Counter(statement for own in asked.values() for statement in own)
    both = {name for name, own in asked.items() if any(times[statement] == 1 for statement in own)}
    for kind in KINDS:
        there = {name for name in asked if name in both or turns.by_name(name, KINDS) == kind}
        left = set(times).difference(*(asked[name] for name in there))
        while left:
            best = max(asked, key=lambda name: (len(asked[name] & left), name))
            both.add(best)
            left -= asked[best]
        met = {module_of(name) for name in there | both}
        both |= {name for module, name in one_of_each(asked).items() if module not in met}
    return both


def module_of(name: str) -> str:
    return name.partition("::")[0]


def one_of_each(asked: Iterable[str]) -> dict[str, str]:
    """Give one test of each module."""
    return {module_of(name): name for name in sorted(asked, reverse=True)}


def main() -> None:
    asked = asked_by_test()
    both = on_both(asked)
    names = sorted(name.removeprefix(turns.WORKFLOWS) for name in asked if name not in both)
    turns.LIST.write_text(HEAD + "".join(f"{name}\n" for name in names), encoding="utf-8")
    print(f"{len(names)} tests take turns, {len(both)} run on both databases")


if __name__ == "__main__":
    main()
