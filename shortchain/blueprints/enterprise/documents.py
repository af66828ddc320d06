"""The documents of an enterprise: what was sold in its name, and what the platform invoiced."""

from __future__ import annotations

from werkzeug.wrappers import Response

from shortchain.blueprints import context, paperwork
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.documents import files, reading


@bp.get("/documenten")
def documents() -> tuple[str, int]:
    """List the documents, the newest first."""
    own = context.seat().enterprise_id
    rows = paperwork.shown(reading.of_enterprise(context.session(), enterprise_id=own))
    return show(
        "documents",
        sold=[one for one in rows if one.row.seller_id == own],
        received=[one for one in rows if one.row.seller_id != own],
    )


@bp.get("/documenten/<public_id>.<ending>")
def document(public_id: str, ending: str) -> Response:
    """Give a document as PDF or UBL."""
    return paperwork.download(
        files.of_enterprise(
            context.session(), enterprise_id=context.seat().enterprise_id, public_id=public_id, ending=ending
        )
    )
