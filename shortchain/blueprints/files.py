"""Answers that are files for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.wrappers import Response

from shortchain.kernel import spreadsheet
from shortchain.kernel.spreadsheet import Cell

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table(kind: str, name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Response:
    """Answer with a table as `csv` or `xlsx`, to be kept under a plain name."""
    content = spreadsheet.as_csv(header, rows) if kind == "csv" else spreadsheet.as_xlsx(name, header, rows)
    return download(content, f"{name}.{kind}", KINDS[kind])


def download(content: bytes, name: str, mimetype: str) -> Response:
    """Answer with a file that the browser keeps and never shows."""
    return Response(
        content,
        content_type=mimetype,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
