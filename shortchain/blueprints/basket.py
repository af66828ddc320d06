"""The basket: fill it, look at it, accept what changed in it. Needs no account and no script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import amounts, basket_cookie, context, errors, formatting, steps
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.components import Ticket
from shortchain.blueprints.redirects import safe_path
from shortchain.kernel.errors import DomainError
from shortchain.kernel.quantity import NotAQuantity
from shortchain.kernel.window import local_day
from shortchain.ordering import amounts as offers
from shortchain.ordering.baskets import BasketView
from shortchain.workflows import basket as deeds

bp = Blueprint("basket", __name__)


def _answer(target: str, public_id: str | None) -> Response:
    response = redirect(target, 303)
    return basket_cookie.remember(response, public_id) if public_id else response


@bp.get("/mandje")
def show() -> Response:
    """Show what lies in the basket, what changed, and what it costs."""
    view = basket_cookie.load()
    response = private_page("basket/show.html", **_page(view))
    return basket_cookie.remember(response, view.public_id) if view else response


def _page(view: BasketView | None, **more: Any) -> dict[str, Any]:
    taken = request.args.get("weg", "")
    before = request.args.get("hoeveel", "")
    gone = None
    if taken and before.isdigit():
        try:
            gone = offers.offered(context.session(), public_id=taken, now=context.now())
        except DomainError:
            gone = None
    return {
        "basket": view,
        "gone": gone,
        "gone_amount": int(before) if gone else 0,
        "without_vat": steps.without_vat(view.rows, local_day(context.now())) if view else None,
        **more,
    }


@bp.post("/mandje")
def change() -> Response:
    """Take a press on − or + on a ticket or a line, or all typed amounts at once."""
    up, less = request.form.get("add") or request.form.get("more"), request.form.get("less")
    try:
        if up or less:
            return _step(str(up or less), up=bool(up))
        wanted = _typed()
        deeds.set_amounts(context.session(), basket=basket_cookie.adopt(), wanted=wanted, now=context.now())
    except DomainError as refusal:
        return _refused(refusal)
    return _answer(url_for("basket.show"), basket_cookie.current())


def _typed() -> dict[str, int]:
    """Read the amounts that were typed on the basket page."""
    view = basket_cookie.load()
    wanted = {}
    for row in view.rows if view else ():
        text = request.form.get(row.offer_public_id)
        if text is not None:
            try:
                amount = amounts.read(text, row.sell_unit)
            except NotAQuantity as refusal:
                raise NotAQuantity(refusal.message, fields=(row.offer_public_id,)) from refusal
            if amount != row.amount:
                wanted[row.offer_public_id] = amount
    return wanted


def _step(offer: str, *, up: bool) -> Response:
    put = deeds.step(
        context.session(),
        basket=basket_cookie.adopt(),
        offer=offer,
        up=up,
        user_id=basket_cookie.user_id(),
        postcode=basket_cookie.postcode(),
        address=basket_cookie.address(),
        now=context.now(),
    )
    wants_part = request.headers.get("HX-Request") and request.form.get("page") != "basket"
    if wants_part:
        ticket = ticket_of(offer, put.amount)
        return basket_cookie.remember(private_page("basket/_ticket.html", ticket=ticket), put.basket)
    back = url_for("basket.show")
    if not up and put.amount == 0:
        back = url_for("basket.show", weg=offer, hoeveel=put.before)
    return _answer(safe_path(request.form.get("next"), back), put.basket)


def ticket_of(offer: str, in_basket: int) -> Ticket:
    """Make the foot of one ticket anew."""
    found = offers.offered(context.session(), public_id=offer, now=context.now(), user_id=basket_cookie.user_id())
    return Ticket(
        id=offer,
        url=f"/p/{found.slug}",
        name=formatting.text_in(found.name),
        farm=found.farm_name,
        harvest="",
        distance="",
        price=formatting.money(found.price_cents),
        reduction=amounts.reduction_text(found.reduction),
        content="",
        unit_price=amounts.beside_price(found.price_cents, found.sell_unit, found.net_amount, found.net_unit),
        left=None,
        whose=steps.whose_text(
            found.steps[0],
            rate_bp=data.vat_rate(found.category, local_day(context.now())) if found.has_vat else 0,
        ),
        more=steps.first_text(found.steps, found.sell_unit, found.net_amount, found.net_unit),
        in_basket=amounts.amount_text(in_basket, found.sell_unit) if in_basket else "",
    )


@bp.post("/mandje/<offer>")
def put(offer: str) -> Response:
    """Put a typed amount (field `amount`, in sell units) of an offer in the basket."""
    try:
        found = offers.offered(context.session(), public_id=offer, now=context.now())
        text = request.form.get("amount", "")
        amount = amounts.read(text, found.sell_unit) if text.strip() else found.least
        done = deeds.put(
            context.session(),
            basket=basket_cookie.adopt(),
            offer=offer,
            amount=amount,
            user_id=basket_cookie.user_id(),
            add=True,
            postcode=basket_cookie.postcode(),
            address=basket_cookie.address(),
            now=context.now(),
        )
    except DomainError as refusal:
        return _refused(refusal)
    flash(gettext("%(name)s ligt in je mandje.", name=formatting.text_in(found.name)), "good")
    return _answer(safe_path(request.form.get("next"), url_for("basket.show")), done.basket)


@bp.post("/mandje/<offer>/weg")
def remove(offer: str) -> Response:
    """Take an offer out; the next page offers to put it back."""
    done = deeds.remove(context.session(), basket=basket_cookie.adopt(), offer=offer, now=context.now())
    return _answer(url_for("basket.show", weg=offer, hoeveel=done.before), done.basket)


@bp.post("/mandje/<offer>/terug")
def undo(offer: str) -> Response:
    """Put back what was taken out."""
    amount = request.form.get("amount", "")
    if not amount.isdigit() or len(amount) > 8:
        abort(422)
    try:
        done = deeds.put(
            context.session(),
            basket=basket_cookie.adopt(),
            offer=offer,
            amount=int(amount),
            user_id=basket_cookie.user_id(),
            now=context.now(),
        )
    except DomainError as refusal:
        return _refused(refusal)
    return _answer(url_for("basket.show"), done.basket)


@bp.post("/mandje/nakijken")
def accept() -> Response:
    """Take over new prices and leave out what is gone, as the page showed."""
    public_id = basket_cookie.adopt()
    deeds.accept_changes(context.session(), basket=public_id, now=context.now())
    return _answer(url_for("basket.show"), public_id)


@bp.post("/mandje/opnieuw/<token>")
def refill(token: str) -> Response:
    """Put the goods of an order back in the basket."""
    public_id, missed = deeds.refill(
        context.session(), basket=basket_cookie.adopt(), token=token, user_id=basket_cookie.user_id(), now=context.now()
    )
    if missed:
        flash(gettext("%(count)s producten zijn nu niet te koop en liggen niet in je mandje.", count=missed), "notice")
    return _answer(url_for("basket.show"), public_id)


def _refused(refusal: DomainError) -> Response:
    """Show the basket with the reason why nothing was changed."""
    status = errors.STATUS[refusal.kind]
    found = [(f"n-{name}" if name != "amount" else "", errors.sentence(refusal)) for name in refusal.fields[:1]]
    page = _page(basket_cookie.load(), errors=found or [("", errors.sentence(refusal))])
    return private_page("basket/show.html", status, **page)
