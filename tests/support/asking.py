"""A plugin of pytest that writes down what each test asks the database: a line with its name and its statements.

`tools/turns.py` uses it. A statement is known by a checksum of its text, without the values and without how many there are.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

FILE = "ASKED"
"""The name in the environment of where to write."""
_MANY = (
    (re.compile(r"\(\?(?:, \?)+\)"), "(?)"),
    (re.compile(r"(\([^()]*\?[^()]*\))(?:, \([^()]*\?[^()]*\))+"), r"\1"),
    (re.compile(r"_\d+"), ""),
)
_ABOUT_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_asked: set[str] = set()


@cache
def known_as(statement: str) -> str:
    """Give the checksum of a statement; lists of any length are the same."""
    for pattern, one in _MANY:
        statement = pattern.sub(one, statement)
    return hashlib.sha256(statement.encode()).hexdigest()[:12]


@event.listens_for(Engine, "before_cursor_execute")
def _note(_connection: Any, _cursor: Any, statement: str, *_values: Any) -> None:
    if statement.startswith(_ABOUT_ROWS):
        _asked.add(known_as(statement))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Write down what the test and its fixtures asked."""
    _asked.clear()
    yield
    with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
        file.write(json.dumps([item.nodeid, sorted(_asked)]) + "\n")
