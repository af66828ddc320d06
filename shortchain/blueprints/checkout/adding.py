"""The customer adds the basket to an order that stands: the price of it, its payment, or letting it fall."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import basket_cookie, context, errors
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp
from shortchain.blueprints.checkout.forms import new_key
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.ordering import history
from shortchain.workflows import adding, asking_payment, payment_events


@bp.route("/volg/<token>/bijbestellen", methods=["GET", "POST"])
def add(token: str) -> Response:
    """Show what the basket costs when it joins the order, ask for its payment, or let it fall."""
    if request.method == "POST":
        return _do(token, request.form.get("doe", ""))
    waits = adding.waiting(context.session(), token=token)
    if waits is not None and payment_events.look_up(
        context.session(), context.gateways(), payment_id=waits[0], now=context.now()
    ):
        after = adding.waiting(context.session(), token=token)
        if after is None:
            context.nudge("mails")
            flash(gettext("Toegevoegd aan je bestelling. Je krijgt een mail als bewijs."), "good")
            return redirect(url_for("checkout.follow", token=token), 303)
        waits = after
    return _page(token, waits)


def _do(token: str, deed: str) -> Response:
    try:
        if deed == "laat":
            if adding.undo(context.session(), context.gateways(), token=token, by=context.actor(), now=context.now()):
                flash(gettext("Er is niets toegevoegd en niets aangerekend."), "good")
            return redirect(url_for("checkout.follow", token=token), 303)
        if deed == "betaal":
            payment_id = adding.pay_again(context.session(), token=token, method=_method(), now=context.now())
        else:
            payment_id = _ask(token)
    except NotFound:
        raise
    except DomainError as refusal:
        return _page(token, adding.waiting(context.session(), token=token), wrong=refusal)
    return _to_payment(token, payment_id)


def _method() -> str:
    method = request.form.get("method", "")
    return method if method in adding.AT_ONCE else adding.AT_ONCE[0]


def _ask(token: str) -> int:
    shown = request.form.get("total", "")
    return adding.ask(
        context.session(),
        context.gateways(),
        token=token,
        key=(request.form.get("key") or new_key())[:32],
        basket=basket_cookie.current() or "",
        method=_method(),
        accepted_total_cents=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 9 else -1,
        by=context.actor(),
        now=context.now(),
    )


def _to_payment(token: str, payment_id: int) -> Response:
    page = redirect(url_for("checkout.add", token=token), 303)
    try:
        address = asking_payment.start_payment(
            context.session(),
            context.gateways(),
            payment_id=payment_id,
            token=token,
            base_url=context.settings().base_url,
            now=context.now(),
        )
    except (GatewayDown, GatewayRefused):
        flash(gettext("De betaaldienst antwoordt niet. Probeer het zo nog eens."), "warning")
        return page
    return redirect(address, 303) if address else page


def _page(token: str, waits: Any, *, wrong: DomainError | None = None) -> Response:
    order = history.of_token(context.session(), token=token)
    view = basket_cookie.load()
    extension, told = None, wrong
    if waits is None and view is not None and view.rows:
        try:
            extension = adding.quote(
                context.session(), context.gateways(), token=token, basket=view.public_id, now=context.now()
            )
        except NotFound:
            raise
        except DomainError as refusal:
            told = told or refusal
    return private_page(
        "checkout/add.html",
        errors.STATUS[wrong.kind] if wrong else 200,
        order=order,
        token=token,
        key=new_key(),
        basket=view,
        extension=extension,
        sheet=extension.sheet if extension else None,
        waits=waits,
        may=order.can_change(context.now()),
        errors=[("", errors.sentence(told))] if told else [],
    )
