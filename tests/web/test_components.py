"""The components, on the page that shows them all, and the pages for when things go wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parent.parent.parent
COMPONENTS = sorted(path.name for path in (ROOT / "templates" / "components").glob("*.html"))
STATUSES = (403, 404, 409, 410, 413, 422, 429, 500, 503, "offline")


def test_it_shows_every_component_in_the_gallery(client: Any) -> None:
    html = client.get("/dev/galerij").get_data(as_text=True)
    source = (ROOT / "templates" / "gallery.html").read_text()
    missing = [name for name in COMPONENTS if name != "basket_link.html" and name not in source]
    assert not missing
    assert 'class="basket-link"' in html
    assert html.count('class="ticket"') == 4


def test_it_describes_every_component_in_the_docs() -> None:
    guide = (ROOT / "docs" / "ui.md").read_text()
    assert [name for name in COMPONENTS if f"`{name}`" not in guide] == []


def test_it_names_every_macro_and_its_first_arguments_in_the_docs() -> None:
    guide = (ROOT / "docs" / "ui.md").read_text()
    for name in COMPONENTS:
        text = (ROOT / "templates" / "components" / name).read_text()
        for macro in re.findall(r"{% macro ([a-z]\w*)\(", text):
            assert f"{macro}(" in guide, f"{macro} of {name} is not in docs/ui.md"


def test_it_uses_only_icons_that_the_sprite_has(client: Any) -> None:
    sprite = (ROOT / "tools" / "assets.toml").read_text().split('names = """')[1].split('"""')[0].split()
    html = client.get("/dev/galerij").get_data(as_text=True)
    used = set(re.findall(r"icons[.\w]*\.svg#([\w-]+)", html))
    assert used
    assert used <= set(sprite)


def test_it_gives_each_id_once(client: Any) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get("/dev/galerij").get_data(as_text=True))
    assert len(ids) == len(set(ids))


def test_it_ties_an_error_to_its_field(client: Any) -> None:
    html = client.get("/dev/galerij").get_data(as_text=True)
    assert "<title>Fout: " in html
    field = re.search(r'<input id="f-postcode"[^>]*>', html)
    assert field is not None
    assert 'aria-describedby="f-postcode-hint f-postcode-error"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert 'href="#f-postcode"' in html


def test_it_cannot_be_chosen_when_full_and_says_why(client: Any) -> None:
    html = client.get("/dev/galerij").get_data(as_text=True)
    card = html[html.index('value="station"') :][:600]
    assert card.startswith('value="station" disabled')
    assert "Vol: alle 40 plaatsen zijn bezet." in card


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
@pytest.mark.parametrize("status", STATUSES)
def test_it_has_a_page_for_every_error_that_needs_no_database(app: Flask, status: int | str, language: str) -> None:
    from flask import render_template
    from sqlalchemy import event

    from shortchain.database import db

    asked: list[Any] = []

    def notice(*args: Any) -> None:
        asked.append(args[2])

    event.listen(db.engine, "before_cursor_execute", notice)
    try:
        with app.test_request_context("/weg", headers={"Accept-Language": language}):
            html = render_template(f"errors/{status}.html", sentence=None, code="a1b2c3")
    finally:
        event.remove(db.engine, "before_cursor_execute", notice)
    assert asked == []
    assert html.count("<h1>") == 1
    assert "a1b2c3" in html
    assert f'lang="{ {"nl": "nl-BE", "fr": "fr-BE", "en": "en-GB"}[language] }"' in html


def test_it_says_what_the_domain_said(app: Flask) -> None:
    from flask import render_template

    with app.test_request_context("/weg"):
        html = render_template("errors/409.html", sentence="De prei is op.", code="x")
    assert '<p class="lead">De prei is op.</p>' in html


def test_it_lets_a_stranger_choose_a_language_without_a_session(client: Any) -> None:
    answer = client.post("/taal/fr", data={"next": "/dev/galerij"}, token=False)
    assert answer.status_code == 303
    assert answer.location == "/dev/galerij"
    assert '<html lang="fr-BE">' in client.get("/dev/galerij").get_data(as_text=True)
