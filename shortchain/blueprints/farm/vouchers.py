"""`/boer/aanbod/<product>/cheques`: which vouchers may pay a product."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from shortchain.blueprints import context, saying_vouchers
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.blueprints.saying_vouchers import Wrong
from shortchain.catalogue import voucher_choices


@bp.get("/aanbod/<public_id>/cheques")
def vouchers(public_id: str) -> Page:
    """Show what holds, and a form to say otherwise."""
    return _page(public_id)


@bp.post("/aanbod/<public_id>/cheques")
def say_vouchers(public_id: str) -> Page | Response:
    """Say otherwise, or go back to the rule."""
    done = saying_vouchers.say(public_id, url_for("farm.vouchers", public_id=public_id), by_hub=False)
    return done if isinstance(done, Response) else _page(public_id, done)


def _page(public_id: str, wrong: Wrong | None = None) -> Page:
    one = voucher_choices.one_of_farm(context.session(), public_id=public_id, farm_id=context.seat().enterprise_id)
    values = saying_vouchers.page(wrong, one)
    return show("vouchers", one=one, stands=saying_vouchers.facts(one), **values)
