"""Unit tests get neither sockets nor a database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import guards


@pytest.fixture(scope="module", autouse=True)
def _alone() -> Iterator[None]:
    with guards.neither_sockets_nor_databases():
        yield
