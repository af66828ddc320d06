"""Files for spreadsheets in which no text can act as a formula: CSV, and XLSX by its bare minimum. Pure.

An XLSX file is a zip of XML parts (ECMA-376). One sheet with texts inside the cells needs five of them, so no
library is needed for it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that spreadsheets may compute instead of show, also by the signs of full width that some
programs read as the plain ones (OWASP, CSV injection)."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time in every part of a file, so that the same rows give the same bytes."""


@dataclass(frozen=True, slots=True)
class Cents:
    """An amount of money in a cell, written as a number with two decimals."""

    cents: int


Cell = str | int | Cents | None


def harmless(text: str) -> str:
    """Put an apostrophe before a text that could be a formula, also after white space; drop control signs."""
    clean = "".join(sign for sign in text if sign.isprintable() or sign in " \n")
    risky = text.startswith(FORMULA_STARTS) or clean.lstrip().startswith(FORMULA_STARTS)
    return f"'{clean}" if risky else clean


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write CSV as spreadsheets in Belgium read it: semicolons, a comma before the cents, UTF-8 with a mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(name) for name in header])
    for row in rows:
        writer.writerow([_in_csv(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _in_csv(cell: Cell) -> str:
    if isinstance(cell, Cents):
        sign = "-" if cell.cents < 0 else ""
        return f"{sign}{abs(cell.cents) // 100},{abs(cell.cents) % 100:02}"
    return "" if cell is None else harmless(cell) if isinstance(cell, str) else str(cell)


def as_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write one sheet; texts lie in the cells as texts, which no program computes, and money as numbers."""
    lines = [_line(1, [*header]), *(_line(number, row) for number, row in enumerate(rows, start=2))]
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    name = "".join(sign for sign in title if sign.isalnum() or sign in " -")[:31] or "1"
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": sheet,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in parts.items():
            file.writestr(zipfile.ZipInfo(path, EPOCH), '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return out.getvalue()


def _line(number: int, row: Sequence[Cell]) -> str:
    cells = "".join(_in_xlsx(f"{_column(place)}{number}", cell) for place, cell in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _in_xlsx(place: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Cents):
        sign = "-" if cell.cents < 0 else ""
        return f'<c r="{place}" s="1"><v>{sign}{abs(cell.cents) // 100}.{abs(cell.cents) % 100:02}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(harmless(cell))}</t></is></c>'


def _column(place: int) -> str:
    """Name a column: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _relations(*pairs: tuple[str, str]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATED}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(pairs, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


_CONTENT_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
