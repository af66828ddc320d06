"""Everything that the templates need from Python besides the formats, in one call of the factory."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from shortchain.blueprints.assets import serve_static
from shortchain.enterprises.founding import written_kbo
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
        colon=colon,
    )
    app.jinja_env.globals.update(_=translate, gettext=translate, ngettext=translate_count)
    app.jinja_env.filters["kbo"] = written_kbo
    serve_static(app)


def colon() -> str:
    """Give the colon between a label and its value as the language of the page sets it: French has a space before."""
    return "\u00a0: " if str(get_locale()) == "fr" else ": "


_catalogues: dict[str, Any] = {}


def _catalogue() -> Any:
    """Give the texts in the language of this page (or mail), found once per process.

    Flask-Babel looks for them at every text, which costs a list page a third of its time.
    """
    language = str(get_locale())
    if language not in _catalogues:
        _catalogues[language] = get_translations()
    return _catalogues[language]


@pass_eval_context
def translate(eval_context: EvalContext, text: str, /, **values: Any) -> str:
    """Translate a text of a template as Jinja's newstyle gettext does: values are escaped."""
    return _filled(eval_context, _catalogue().gettext(text), values)


@pass_eval_context
def translate_count(eval_context: EvalContext, singular: str, plural: str, num: int, /, **values: Any) -> str:
    """Translate a text that depends on a number, which `%(num)s` names in it."""
    text = _catalogue().ngettext(singular, plural, num)
    return _filled(eval_context, text, {"num": num, **values})


def _filled(eval_context: EvalContext, text: str, values: dict[str, Any]) -> str:
    found = Markup(text) if eval_context.autoescape else text  # noqa: S704  our own texts
    return found % values if values or "%%" in found else found
