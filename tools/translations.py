"""Collects the Dutch texts into catalogues, checks that French and English are complete, compiles.

`update` after new texts, `check` in `make check`, `compile` at set-up.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "shortchain" / "translations"
LANGUAGES = ("fr", "en")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "lazy_gettext": None, "_l": None}
SOURCES = ((ROOT / "shortchain", "**.py", "python"), (ROOT / "templates", "**.*", "jinja2"))
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def collect() -> Catalog:
    """Read every text out of code and templates."""
    catalog = Catalog(project="shortchain", charset="utf-8")
    for folder, pattern, method in SOURCES:
        found = extract_from_dir(
            str(folder),
            method_map=[(pattern, method)],
            options_map={pattern: {"trimmed": "true", "silent": "false", "encoding": "utf-8"}},
            keywords=KEYWORDS,
        )
        for filename, _line, message, _comments, context in found:
            catalog.add(message, locations=[(f"{folder.name}/{filename}", 0)], context=context)
    return catalog


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def french(text: str) -> str:
    """Set a French text as it is printed: its own apostrophe, and no line that begins with `?` or `€`."""
    text = text.replace("'", "\u2019")
    text = re.sub(r" (?=[:;?!»€])", "\u00a0", text)
    return text.replace("« ", "«\u00a0")


def update() -> None:
    """Add new texts to the catalogues and drop those that are gone; never guesses a translation."""
    template = collect()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        if language == "fr":
            for message in filter(is_translated, catalog):
                texts = message.string
                message.string = tuple(map(french, texts)) if isinstance(texts, tuple | list) else french(texts)
        buffer = io.BytesIO()
        write_po(buffer, catalog, width=100, omit_header=False, sort_output=True, no_location=True)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        text = re.sub(rb'"(POT-Creation|PO-Revision)-Date: [^"]*"\n', b"", buffer.getvalue())
        path_of(language).write_bytes(text)
        missing = sum(1 for message in catalog if message.id and not is_translated(message))
        print(f"{language}: {len(catalog)} texts, {missing} to translate")


def is_translated(message: object) -> bool:
    text = message.string  # type: ignore[attr-defined]
    return all(text) if isinstance(text, tuple | list) else bool(text)


def problems(language: str, template: Catalog) -> list[str]:
    """List what is missing, doubtful or has other placeholders than the Dutch text."""
    catalog = read(language)
    found = []
    for message in template:
        if not message.id:
            continue
        ours = catalog.get(message.id, context=message.context)
        singular = message.id[0] if isinstance(message.id, tuple | list) else message.id
        if ours is None or not is_translated(ours):
            found.append(f"{language}: not translated: {singular!r}")
            continue
        if ours.fuzzy:
            found.append(f"{language}: doubtful: {singular!r}")
        texts = ours.string if isinstance(ours.string, tuple | list) else [ours.string]
        wanted = set(PLACEHOLDER.findall(" ".join(message.id) if isinstance(message.id, tuple | list) else message.id))
        if not set(PLACEHOLDER.findall(" ".join(texts))) <= wanted:
            found.append(f"{language}: unknown placeholder in {singular!r}")
    return found


def check() -> int:
    template = collect()
    found = [line for language in LANGUAGES for line in problems(language, template)]
    print("\n".join(found[:60]))
    if found:
        print(f"{len(found)} texts to mend; make translations collects them.")
    return bool(found)


def compile_all() -> None:
    """Write the binary catalogues that the program reads, where they are older than their source."""
    for language in LANGUAGES:
        source = path_of(language)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        buffer = io.BytesIO()
        write_mo(buffer, read(language))
        target.write_bytes(buffer.getvalue())


if __name__ == "__main__":
    deed = sys.argv[1] if len(sys.argv) > 1 else ""
    if deed == "update":
        update()
    elif deed == "check":
        sys.exit(check())
    elif deed == "compile":
        compile_all()
    else:
        sys.exit("use: translations.py update | check | compile")
