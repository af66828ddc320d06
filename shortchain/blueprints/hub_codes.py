"""`/hub/codes`: discount codes that the hub bears."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from shortchain.blueprints import making_codes, workplace
from shortchain.blueprints.making_codes import Wrong

bp = Blueprint("hub_codes", __name__, url_prefix="/hub/codes")


@bp.get("")
def show() -> tuple[str, int]:
    """Show the codes with their use, and a form for another."""
    return _page()


@bp.post("")
def make() -> Response | tuple[str, int]:
    """Make a code."""
    done = making_codes.make(url_for("hub_codes.show"))
    return done if isinstance(done, Response) else _page(done)


@bp.post("/<public_id>")
def change(public_id: str) -> Response:
    """Stop a code, or let it count again."""
    return making_codes.change(public_id, url_for("hub_codes.show"))


def _page(wrong: Wrong | None = None) -> tuple[str, int]:
    page = render_template(
        "enterprise/codes.html",
        is_hub=True,
        addresses=("hub_codes.make", "hub_codes.change"),
        **making_codes.facts(wrong),
        **workplace.hub_page("/hub/geld"),
    )
    return page, 422 if wrong else 200
