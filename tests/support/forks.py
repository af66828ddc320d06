"""A process that has read the whole program, and runs what it is told in copies of itself.

The kill tests start some two hundred processes that die or end at once; reading the program is nine tenths
of what each costs. A copy made by fork is a process of its own all the same: it opens its own connections,
and a SIGKILL ends it as it ends any other.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


READ_ONCE = ("tests.support.program", "tests.support.holding", "tests.race.test_document_numbers")
"""What the processes of all race tests need: a test process has one server that forks, and it reads when it starts."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a copy ended (−9: killed), and what it wrote."""

    code: int
    output: str


def processes() -> ForkServerContext:
    """Give processes for functions of the modules of `READ_ONCE`, which are read once for all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(READ_ONCE))
    return context


class Forks:
    """The process on the other side of two pipes. Close it at the end."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forks"],
            cwd=ROOT,
            env={**env, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str) -> Ended:
        """Run a program in a copy and wait for its end.

        :raises RuntimeError: when the process itself is gone
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the process that forks has ended")
        return Ended(**json.loads(answer))

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=20)  # it ends when nobody can ask any more


def main() -> None:
    """Read the program, then run what comes in, a line each."""
    import tests.support.program  # noqa: F401 - read so that copies have it

    for line in sys.stdin:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            copy = os.fork()
            if copy == 0:
                _run(json.loads(line), output.fileno())
            code = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
            output.seek(0)
            print(json.dumps({"code": code, "output": output.read()}), flush=True)


def _run(code: str, output: int) -> None:
    """Be the copy: run the program and end, whatever happens."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    ended = 0
    try:
        exec(compile(code, "<forks>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        ended = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        ended = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ended)


if __name__ == "__main__":
    main()
