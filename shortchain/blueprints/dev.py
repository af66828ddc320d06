"""Pages for developers: every component, and the mail that was kept. Never in production."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from shortchain.blueprints import context
from shortchain.blueprints import gallery as examples
from shortchain.notifications import kept

bp = Blueprint("dev", __name__, url_prefix="/dev")


@bp.get("/galerij")
def gallery() -> str:
    """Show every component with example values."""
    return render_template("gallery.html", **examples.values())


@bp.get("/post")
def post() -> str:
    """List the newest mails that were made."""
    return render_template("dev/post.html", notices=kept.list_newest(context.session(), limit=100))


@bp.get("/post/<public_id>")
def letter(public_id: str) -> str:
    """Show one mail."""
    notice = kept.find(context.session(), public_id=public_id)
    if notice is None:
        abort(404)
    return render_template("dev/letter.html", notice=notice)
