"""The set-up of the front-end files."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
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
        "js/main.js": 'import { go, stop } from "./part.js";\ngo(say);\nstop(say);\n',
        "js/part.js": 'import { word } from "./words.js";\nconst say = word;\n'
        "export function go(to) {\n  to(say());\n}\nexport async function stop(to) {\n  to(say() + 1);\n}\n",
        "js/words.js": 'export function word() {\n  return "w";\n}\n',
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


def test_it_puts_modules_before_the_one_that_imports_them_each_in_its_own_scope(static: Path) -> None:
    script = read(build(static), "js/main.js")
    assert "import" not in script and "export" not in script
    node = shutil.which("node")
    if node is None:
        return  # a browser runs it in every test of a page
    ran = subprocess.run(
        [
            node,
            "--input-type=module",
            "-e",
            f"const said = [];\nconst say = (one) => said.push(one);\n{script}console.log(said.join());",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("w,w1\n", ""), "both have a name `say`, and neither takes the other's"


def test_it_refuses_a_module_that_it_cannot_read(static: Path) -> None:
    (static / "js" / "words.js").write_text("export default 3;\n")
    with pytest.raises(SystemExit, match=r"words\.js imports or exports"):
        build(static)


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
    (static / "js" / "part.js").write_text('import { go } from "./main.js";\n')
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
