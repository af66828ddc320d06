"""What no test may do: reach another machine, or (a unit test) any socket or database at all."""

from __future__ import annotations

import ipaddress
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class Forbidden(AssertionError):
    """A test reached for something that it must do without."""


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a path: AF_UNIX
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def only_loopback() -> Iterator[None]:
    """Refuse every connection that leaves the machine."""
    real, real_ex = socket.socket.connect, socket.socket.connect_ex

    def connect(self: socket.socket, address: Any) -> None:
        if not _is_loopback(address):
            raise Forbidden(f"a test tried to reach {address}")
        real(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_loopback(address):
            raise Forbidden(f"a test tried to reach {address}")
        return real_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        yield


@contextmanager
def neither_sockets_nor_databases() -> Iterator[None]:
    """Refuse connections of any kind."""

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise Forbidden("a unit test gets no socket and no database; put it in tests/integration")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        patch.setattr(sqlite3, "connect", refuse)
        patch.setattr(sqlite3.dbapi2, "connect", refuse)
        yield
