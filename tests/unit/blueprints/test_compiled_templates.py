"""Templates that another process compiled."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from jinja2 import DictLoader

from shortchain.blueprints.compiled_templates import keep_compiled


def process(folder: Path, text: str) -> Flask:
    """Make an application as another process has it, whose one page says `text`."""
    app = Flask("a process")
    app.jinja_loader = DictLoader({"page.html": text})  # type: ignore[assignment]
    keep_compiled(app, folder)
    return app


def page_of(app: Flask) -> str:
    with app.test_request_context():
        return render_template("page.html", name="Nele")


def never(*_args: Any, **_more: Any) -> Any:
    raise AssertionError("compiled again")


def test_loads_what_another_process_compiled(tmp_path: Path) -> None:
    assert page_of(process(tmp_path / "kept", "Dag {{ name }}")) == "Dag Nele"
    later = process(tmp_path / "kept", "Dag {{ name }}")
    later.jinja_env.compile = never  # type: ignore[method-assign]
    assert page_of(later) == "Dag Nele"


def test_compiles_a_changed_text_anew(tmp_path: Path) -> None:
    page_of(process(tmp_path, "Dag {{ name }}"))
    assert page_of(process(tmp_path, "Tot ziens {{ name }}")) == "Tot ziens Nele"


def test_compiles_anew_what_is_cut_off(tmp_path: Path) -> None:
    page_of(process(tmp_path, "Dag {{ name }}"))
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:60])
    assert page_of(process(tmp_path, "Dag {{ name }}")) == "Dag Nele"


def test_shows_pages_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert page_of(process(tmp_path / "file" / "kept", "Dag {{ name }}")) == "Dag Nele"


def test_lets_nobody_else_write_what_will_be_run(tmp_path: Path) -> None:
    process(tmp_path / "kept", "")
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
