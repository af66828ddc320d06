"""The documents of an enterprise: what was sold in its name, and what the platform invoiced."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, paperwork
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.documents import files, reading
from shortchain.workflows import documents as deeds


@bp.get("/documenten")
def documents() -> tuple[str, int]:
    """List the documents, the newest first."""
    own = context.seat().enterprise_id
    rows = paperwork.shown(reading.of_enterprise(context.session(), enterprise_id=own))
    return show(
        "documents",
        sold=[one for one in rows if one.row.seller_id == own],
        received=[one for one in rows if one.row.seller_id != own],
        refused=sum(one.row.sending == "refused" for one in rows),
    )


@bp.get("/documenten/<public_id>.<ending>")
def document(public_id: str, ending: str) -> Response:
    """Give a document as PDF or UBL."""
    return paperwork.download(
        files.of_enterprise(
            context.session(), enterprise_id=context.seat().enterprise_id, public_id=public_id, ending=ending
        )
    )


@bp.post("/documenten/<public_id>/opnieuw")
def send_document(public_id: str) -> Response:
    """Send a refused document over Peppol again."""
    deeds.send_again(
        context.session(),
        public_id=public_id,
        enterprise_id=context.seat().enterprise_id,
        by=context.actor(),
        now=context.now(),
    )
    context.nudge("send_documents")
    flash(_("We sturen het document opnieuw."), "good")
    return redirect(url_for("enterprise.documents"), 303)
