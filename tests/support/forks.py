"""A process that has read the whole program, and runs what it is told in copies of itself.

The kill tests start some two hundred processes that die or end at once; reading the program is nine tenths
of what each costs. A copy made by fork is a process of its own all the same: it opens its own connections,
and a SIGKILL ends it as it ends any other.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import NoReturn

from tools import serve

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
    """The process on the other side of two pipes. Close it at the end.

    With arguments of `tools/serve.py` a copy of it serves the shop, and says what it has to say in `log`.
    """

    def __init__(self, env: Mapping[str, str], *, serving: Sequence[str] = (), log: Path | None = None) -> None:
        with (log or Path(os.devnull)).open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forks", *serving],
                cwd=ROOT,
                env={**serve.environment(), **env},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors if log else None,
                text=True,
            )

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

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
    """Read the program, then run what comes in, a line each; with arguments, let a copy serve meanwhile."""
    import tests.support.program  # noqa: F401 - read so that copies have it

    keeper = os.fork() if len(sys.argv) > 1 else None
    if keeper == 0:
        _keep_serving(sys.argv[1:])
    try:
        _run_what_comes()
    finally:
        if keeper is not None:
            os.kill(keeper, signal.SIGTERM)
            os.waitpid(keeper, 0)


def _keep_serving(arguments: list[str]) -> None:
    """Be what runs the web server of an installation: one that gave up (granian does when its process dies often) is
    started again, here from a process that has read the program."""

    def stop(*_signal: object) -> None:
        raise SystemExit

    os.dup2(2, 1)  # the pipe of answers is not the server's
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    importlib.import_module(serve.APPLICATION.partition(":")[0])
    signal.signal(signal.SIGTERM, stop)
    while True:
        server = os.fork()
        if server == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _end_with(lambda: serve.serve(arguments))
        try:
            os.waitpid(server, 0)
        except SystemExit:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)
            os._exit(0)


def _run_what_comes() -> None:
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
    _end_with(lambda: exec(compile(code, "<forks>", "exec"), {"__name__": "__main__"}))


def _end_with(deed: Callable[[], object]) -> NoReturn:
    """Do the last thing that this copy does, and end as a program would."""
    ended = 0
    try:
        deed()
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
