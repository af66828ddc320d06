"""The web: one blueprint per audience. Views check, call one workflow or query, and answer."""

from __future__ import annotations

from flask import Flask

from shortchain.blueprints import courier, dev, errors, formatting, health, looks, pages, shop


def register_blueprints(app: Flask) -> None:
    """Register every blueprint; the one list."""
    formatting.register(app)
    looks.dress(app)
    errors.register(app)
    for blueprint in (
        health.bp,
        shop.bp,
        pages.bp,
        courier.bp,
        dev.bp,
    ):
        app.register_blueprint(blueprint)
