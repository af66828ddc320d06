"""The set-up of the front-end files."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import brotli
import pytest

from tools.assets import Dist, is_current, sources, sprite, squeeze


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A small static/ folder with a style sheet, its part, a drawing and two modules."""
    files = {
        "css/app.css": '@layer a;\n@import url("part.css") layer(a);\n',
        "css/part.css": '.crate { background: url("../img/crate.svg#one"); } /* away */\n' * 20,
        "img/crate.svg": "<svg/>",
        "js/main.js": 'import { go } from "./part.js";\ngo();\n',
        "js/part.js": "export function go() {}\n",
        "vendor/lib/LICENSE": "free",
    }
    for name, text in files.items():
        path = tmp_path / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "static"


def build(static: Path) -> Dist:
    dist = Dist(static / "dist", static=static)
    dist.add(sources(static))
    return dist


def read(dist: Dist, name: str) -> str:
    return (dist.folder / dist.manifest[name]).read_text(encoding="utf-8")


def test_it_names_each_file_after_its_content(static: Path) -> None:
    before = build(static).manifest
    (static / "img" / "crate.svg").write_text("<svg><path/></svg>")
    after = build(static).manifest
    assert re.fullmatch(r"img/crate\.[0-9a-f]{8}\.svg", before["img/crate.svg"])
    assert before["img/crate.svg"] != after["img/crate.svg"]
    assert before["css/app.css"] != after["css/app.css"], "a sheet changes with what it names"
    assert before["js/main.js"] == after["js/main.js"]


def test_it_puts_imports_in_their_layer_and_addresses_in_place(static: Path) -> None:
    dist = build(static)
    sheet = read(dist, "css/app.css")
    assert sheet.startswith("@layer a;@layer a{.crate{")
    assert f'url("/static/dist/{dist.manifest["img/crate.svg"]}#one")' in sheet
    assert "away" not in sheet
    assert "css/part.css" not in dist.manifest


def test_it_points_modules_to_the_fingerprinted_ones(static: Path) -> None:
    dist = build(static)
    assert f'from "/static/dist/{dist.manifest["js/part.js"]}"' in read(dist, "js/main.js")


def test_it_lays_compressed_copies_beside_what_is_worth_it(static: Path) -> None:
    dist = build(static)
    sheet = dist.folder / dist.manifest["css/app.css"]
    plain = sheet.read_bytes()
    assert brotli.decompress(sheet.with_name(sheet.name + ".br").read_bytes()) == plain
    assert gzip.decompress(sheet.with_name(sheet.name + ".gz").read_bytes()) == plain
    small = dist.folder / dist.manifest["img/crate.svg"]
    assert not small.with_name(small.name + ".br").exists()


def test_it_serves_no_licences(static: Path) -> None:
    assert all("LICENSE" not in path.name for path in sources(static))


def test_it_refuses_an_address_that_leads_nowhere(static: Path) -> None:
    (static / "css" / "part.css").write_text('a { background: url("../img/gone.svg") }')
    with pytest.raises(SystemExit, match=r"gone\.svg"):
        build(static)


def test_it_refuses_modules_that_import_one_another(static: Path) -> None:
    (static / "js" / "part.js").write_text('import "./main.js";')
    with pytest.raises(SystemExit, match="circle"):
        build(static)


def test_it_knows_what_is_up_to_date(tmp_path: Path) -> None:
    assert not is_current(tmp_path, "abc")
    (tmp_path / ".state").write_text("abc")
    assert is_current(tmp_path, "abc")
    assert not is_current(tmp_path, "abd")


def test_it_keeps_the_text_of_a_rule_when_it_squeezes() -> None:
    css = 'a , b {\n  color : red ; /* why */\n  content: "a" " / "\n}\n'
    assert squeeze(css) == 'a,b{color : red;content: "a" " / "}\n'


def test_it_makes_a_symbol_of_each_icon(tmp_path: Path) -> None:
    (tmp_path / "egg.svg").write_text('<!-- c -->\n<svg\n  class="x"\n>\n  <path d="M1 1" />\n</svg>\n')
    assert '<symbol id="egg" viewBox="0 0 24 24"><path d="M1 1"/></symbol>' in sprite(tmp_path, ["egg"])
