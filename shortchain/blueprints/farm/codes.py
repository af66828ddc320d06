"""`/boer/codes`: discount codes that the farm gives on its own goods."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from shortchain.blueprints import context, making_codes
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.blueprints.making_codes import Wrong


@bp.get("/codes")
def codes() -> Page | Response:
    """Show the codes with their use, and a form for another; who is a hub too has them all in one place."""
    if context.seat().is_hub:
        return redirect(url_for("hub_codes.show"), 303)
    return _page()


@bp.post("/codes")
def make_code() -> Page | Response:
    """Make a code."""
    done = making_codes.make(url_for("farm.codes"))
    return done if isinstance(done, Response) else _page(done)


@bp.post("/codes/<public_id>")
def change_code(public_id: str) -> Response:
    """Stop a code, or let it count again."""
    return making_codes.change(public_id, url_for("farm.codes"))


def _page(wrong: Wrong | None = None) -> Page:
    addresses = ("farm.make_code", "farm.change_code")
    return show("codes", is_hub=False, addresses=addresses, **making_codes.facts(wrong))
