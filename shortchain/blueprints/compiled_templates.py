"""Templates are compiled once for all processes: what one has compiled, the others only load."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import jinja2
from flask import Flask
from jinja2.bccache import Bucket


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Keeps what Jinja made of each template beside the other files of this installation.

    A file counts only for the same text, Python and Jinja. It is written aside and then renamed, so that no process
    reads half of one.
    """

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(f"{jinja2.__version__}|{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # whatever is wrong with a file (a full disk cut it off, say): the text is there
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one; a folder that is full, read-only or not there makes a page slower and breaks none."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def keep_compiled(app: Flask, folder: Path) -> None:
    """Let the templates of `app` be kept in `folder`, which only we may read: what lies there is run as code."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = CompiledTemplates(str(folder))
