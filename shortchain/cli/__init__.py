"""The commands of `flask --app shortchain …`."""

from __future__ import annotations

from flask import Flask


def register_commands(app: Flask) -> None:
    """Register every command group; the one list."""
