"""`/hub/chequeregels`: which vouchers may pay which product, where somebody said otherwise than the rule."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from shortchain.blueprints import context, formatting, saying_vouchers, workplace
from shortchain.blueprints.saying_vouchers import Wrong
from shortchain.catalogue import voucher_choices
from shortchain.kernel.errors import NotFound

bp = Blueprint("hub_voucher_rules", __name__, url_prefix="/hub/chequeregels")


@bp.get("")
def show() -> tuple[str, int]:
    """Show the products of which something was said, and a form."""
    return _page()


@bp.post("")
def say() -> Response | tuple[str, int]:
    """Say it of a product; a hub has the last word."""
    public_id = request.form.get("product", "")[:16]
    try:
        done = saying_vouchers.say(public_id, url_for("hub_voucher_rules.show"), by_hub=True)
    except NotFound:
        return _page(({}, saying_vouchers.choose_one()))
    return done if isinstance(done, Response) else _page(done, public_id)


def _page(wrong: Wrong | None = None, chosen: str = "") -> tuple[str, int]:
    session, hub_id = context.session(), context.seat().enterprise_id
    query, chosen = request.values.get("zoek", "").strip()[:80], chosen or request.args.get("product", "")[:16]
    found = voucher_choices.found_of_hub(session, hub_id=hub_id, query=query, public_id="" if query else chosen)
    is_looking = bool(query or chosen)
    page = render_template(
        "hub/voucher_rules.html",
        rows=[(one, saying_vouchers.facts(one)) for one in voucher_choices.said_of_hub(session, hub_id=hub_id)],
        products=[(one.public_id, f"{formatting.text_in(one.name)} ({one.farm})") for one in found],
        chosen=chosen,
        query=query,
        is_looking=is_looking,
        **saying_vouchers.page(wrong, found[0] if chosen and len(found) == 1 else None),
        **workplace.hub_page("/hub/geld"),
    )
    return page, 422 if wrong else 200
