"""`/boer/klanten`: who asks the farm to be a member, and who is."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from shortchain.blueprints import deciding_buyers
from shortchain.blueprints.deciding_buyers import Wrong
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show


@bp.get("/klanten")
def buyers() -> Page:
    """Show who waits for an answer, and who is a member."""
    return _page()


@bp.post("/klanten/<public_id>")
def decide_buyer(public_id: str) -> Page | Response:
    """Approve, refuse or end."""
    done = deciding_buyers.decide(public_id, url_for("farm.buyers"))
    return done if isinstance(done, Response) else _page(done)


def _page(wrong: Wrong | None = None) -> Page:
    return show("buyers", is_hub=False, decide="farm.decide_buyer", **deciding_buyers.facts(wrong))
