"""shortchain: a web shop and work network for the short food chain in Flanders."""

from shortchain.app import create_app

__all__ = ["create_app"]
