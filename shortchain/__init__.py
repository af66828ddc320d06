"""shortchain: a web shop and work network for the short food chain in Flanders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["create_app"]


def create_app(*args: Any, **kwargs: Any) -> Flask:
    """Build the application; imported only when called, so that pure modules load alone."""
    from shortchain.app import create_app as create

    return create(*args, **kwargs)
