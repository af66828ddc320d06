"""What every page of a farm shows around its content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from shortchain.blueprints import context
from shortchain.blueprints.components import Photo, Tab

Page = tuple[str, int]


def show(template: str, *, errors: Sequence[tuple[str, str]] = (), **values: Any) -> Page:
    """Show a page of the seat's farm: 422 when something on it was refused, else 200."""
    seat = context.seat()
    page = render_template(
        f"farm/{template}.html",
        errors=list(errors),
        workplace="farm",
        workplace_name=seat.name,
        menu=_menu(),
        seat=seat,
        **values,
    )
    return page, 422 if errors else 200


def _menu() -> list[Tab]:
    found = [
        (_("Vandaag"), "farm.today", "sun"),
        (_("Oogst"), "farm.harvest", "sprout"),
        (_("Aanbod"), "farm.products", "store"),
        (_("Plukken"), "farm.picking", "clipboard-list"),
        (_("Geld"), "farm.money", "euro"),
        (_("Bedrijf"), "enterprise.home", "settings"),
    ]
    here = request.endpoint or ""
    if here in (
        "farm.product",
        "farm.new_product",
        "farm.change_product",
        "farm.list_prices",
        "farm.set_list_prices",
        "farm.buyers",
        "farm.codes",
        "farm.vouchers",
        "farm.say_vouchers",
        "farm.make_code",
    ):
        here = "farm.products"
    return [Tab(label, url_for(endpoint), current=endpoint == here, icon=icon) for label, endpoint, icon in found]


def picture(photo: str | None) -> Photo | None:
    """Give the photo of a product as the macros want it; its name stands beside it."""
    return Photo(f"/media/{photo}") if photo else None
