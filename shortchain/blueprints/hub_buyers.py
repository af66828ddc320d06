"""`/hub/klanten`: who asks the hub for the prices of members, shops or canteens."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from shortchain.blueprints import deciding_buyers, workplace
from shortchain.blueprints.deciding_buyers import Wrong

bp = Blueprint("hub_buyers", __name__, url_prefix="/hub/klanten")


@bp.get("")
def show() -> tuple[str, int]:
    """Show who waits for an answer, and who has prices of their own."""
    return _page()


@bp.post("/<public_id>")
def decide(public_id: str) -> Response | tuple[str, int]:
    """Approve, refuse or end."""
    done = deciding_buyers.decide(public_id, url_for("hub_buyers.show"))
    return done if isinstance(done, Response) else _page(done)


def _page(wrong: Wrong | None = None) -> tuple[str, int]:
    page = render_template(
        "enterprise/buyers.html",
        is_hub=True,
        decide="hub_buyers.decide",
        **deciding_buyers.facts(wrong),
        **workplace.hub_page("/hub/klanten"),
    )
    return page, 422 if wrong else 200
