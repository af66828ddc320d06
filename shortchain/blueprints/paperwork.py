"""Documents as screens show them: rows with words, and files to download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
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
    why: str


def shown(rows: Sequence[DocumentRow]) -> list[ShownDocument]:
    """Put documents in the reader's words."""
    return [
        ShownDocument(
            row=row,
            kind=wording.say(wording.KINDS[row.kind], context.language()),
            cents=-row.payable_cents if row.kind in GIVES_BACK else row.payable_cents,
            way=_ways().get(row.sending, ""),
            tone=TONES.get(row.sending, "plain"),
            why=refusal_text(row.reason)
            if row.sending == "refused"
            else row.reason and _("De verbinding met Peppol valt weg. We proberen het zelf opnieuw."),
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


def refusal_text(reason: str) -> str:
    """Say in the reader's words why an access point refused a document; what it wrote itself stands behind it.

    Access points write in English and name rules; three things happen: the receiver can not be found, the envelope
    names other parties than the document, or the document breaks a rule.
    """
    small = reason.lower()
    if any(word in small for word in ("receiver", "recipient", "participant", "not registered", "unknown")):
        said = _("De ontvanger is niet te vinden op Peppol. Vraag hem om zich te registreren, of kijk zijn nummer na.")
    elif small.startswith("envelope"):
        said = _("De afzender of de ontvanger hoort niet bij dit document. Kijk de ondernemingsnummers na.")
    elif rules := list(dict.fromkeys(re.findall(r"[A-Z]+(?:-[A-Z0-9]+)*-[A-Z]*\d+|\bBR-\S+", reason))):
        said = _(
            "Het document voldoet niet aan een regel van Peppol: %(rules)s. Meld het ons.", rules=", ".join(rules[:5])
        )
    else:
        said = _("Het netwerk nam het document niet aan.")
    return f"{said} ({reason})" if reason else str(said)


def register(app: Flask) -> None:
    """Hand the words to the templates."""
    app.jinja_env.globals.update(refusal_text=refusal_text)


def download(file: File) -> Response:
    """Send a document as a file that no cache keeps."""
    response = Response(file.content, mimetype=file.type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
