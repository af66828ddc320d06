"""Documents as screens show them: rows with words, and files to download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.documents import wording
from shortchain.documents.files import File
from shortchain.documents.reading import DocumentRow

TONES = {"made": "notice", "sent": "work", "delivered": "good", "refused": "warning"}
GIVES_BACK = ("ticket_credit", "credit_note", "purchase_credit")


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document with the words for its kind and its way; `cents` is below zero when it gives money back."""

    row: DocumentRow
    kind: str
    cents: int
    way: str
    tone: str


def shown(rows: Sequence[DocumentRow]) -> list[ShownDocument]:
    """Put documents in the reader's words."""
    return [
        ShownDocument(
            row=row,
            kind=wording.say(wording.KINDS[row.kind], context.language()),
            cents=-row.payable_cents if row.kind in GIVES_BACK else row.payable_cents,
            way=_ways().get(row.sending, ""),
            tone=TONES.get(row.sending, "plain"),
        )
        for row in rows
    ]


def _ways() -> dict[str, str]:
    """Give the words for where a document is on its way over Peppol."""
    return {
        "made": _("Gemaakt"),
        "sent": _("Wordt verstuurd"),
        "delivered": _("Geleverd via Peppol"),
        "refused": _("Geweigerd"),
    }


def download(file: File) -> Response:
    """Send a document as a file that no cache keeps."""
    response = Response(file.content, mimetype=file.type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
