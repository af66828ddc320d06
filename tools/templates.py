"""Checks the templates: each parses, none carries inline script or style, none switches escaping off."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, TemplateSyntaxError

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"

FORBIDDEN = {
    r"\sstyle\s*=": "inline style: use a class",
    r"\son[a-z]+\s*=\s*[\"']": "inline script: use a module",
    r"\|\s*safe\b": "|safe switches escaping off",
    r"<script(?![^>]*\bsrc=)[^>]*>": "script without src",
    r"<style\b": "style block: use a file",
    r"https?://(?!www\.w3\.org)": "address of another host",
    r"\btabindex=[\"'][1-9]": "positive tabindex",
}


def main() -> int:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True
    )
    found = []
    for path in sorted(TEMPLATES.rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        try:
            environment.parse(text)
        except TemplateSyntaxError as error:
            found.append(f"{name}:{error.lineno}: {error.message}")
        if "mails" in path.parts or path.suffix == ".txt":
            continue
        for pattern, why in FORBIDDEN.items():
            for match in re.finditer(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{name}:{line}: {why}")
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
