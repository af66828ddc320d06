"""Everything that the templates need from Python besides the formats, in one call of the factory."""

from __future__ import annotations

from flask import Flask

from shortchain.blueprints.assets import serve_static
from shortchain.kernel.flat_map import map_view, on_map

LANGUAGES = {"nl": "Nederlands", "fr": "Français", "en": "English"}
HTML_LANG = {"nl": "nl-BE", "fr": "fr-BE", "en": "en-GB"}


def dress(app: Flask) -> None:
    """Register the languages, the map projection and `asset()`, and serve the built static files."""
    app.jinja_env.globals.update(
        languages=LANGUAGES,
        html_lang=HTML_LANG.__getitem__,
        on_map=on_map,
        map_view=map_view,
    )
    serve_static(app)
