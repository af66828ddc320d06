"""The customer adds the basket to an order that stands: the price of it, its payment, or letting it fall."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import basket_cookie, context, errors
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp, showing, tendering, transfers
from shortchain.blueprints.checkout.forms import new_key
from shortchain.giftcards import codes
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.ordering import history
from shortchain.payments import spending
from shortchain.payments.spending import CardPart
from shortchain.workflows import adding, asking_payment, payment_events


@bp.route("/volg/<token>/bijbestellen", methods=["GET", "POST"])
def add(token: str) -> Response:
    """Show what the basket costs when it joins the order, ask for its payment, or let it fall."""
    if request.method == "POST":
        return _do(token, request.form.get("doe", ""))
    waits = adding.waiting(context.session(), token=token)
    if waits is not None and payment_events.look_up(
        context.session(), context.gateways(), payment_id=waits.payment_id, now=context.now()
    ):
        after = adding.waiting(context.session(), token=token)
        if after is None:
            return _added(token)
        waits = after
    return _page(token, waits)


def _added(token: str) -> Response:
    context.nudge("mails")
    flash(gettext("Toegevoegd aan je bestelling. Je krijgt een mail als bewijs."), "good")
    return redirect(url_for("checkout.follow", token=token), 303)


def _do(token: str, deed: str) -> Response:
    try:
        if deed == "laat":
            if adding.undo(context.session(), context.gateways(), token=token, by=context.actor(), now=context.now()):
                flash(gettext("Er is niets toegevoegd en niets aangerekend."), "good")
            return redirect(url_for("checkout.follow", token=token), 303)
        if deed == "bon":
            return _page(token, adding.waiting(context.session(), token=token))
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
    return method if method in adding.WAYS else adding.WAYS[0]


def _cents(name: str) -> int:
    shown = request.form.get(name, "")
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 9 else -1


def _typed_codes() -> str:
    return request.form.get("gift_codes", "")[:160].strip()


def _cards(total_cents: int) -> list[CardPart]:
    """Say what the cards that were typed pay of a total.

    :raises TooManyCards, NoSuchCard, CardOver, CardEmpty: for what can not be spent
    """
    typed = codes.read_many(_typed_codes())
    return spending.preview(context.session(), codes=typed, total_cents=total_cents, now=context.now())


def _ask(token: str) -> int:
    """Ask for what the page showed; the same press again finds what the first one asked for."""
    key = (request.form.get("key") or new_key())[:32]
    known = adding.asked_before(context.session(), token=token, key=key)
    if known is not None:
        return known
    total = _cents("total")
    parts = _cards(total) if total > 0 else []
    return adding.ask(
        context.session(),
        context.gateways(),
        token=token,
        key=key,
        basket=basket_cookie.current() or "",
        method=_method(),
        accepted_total_cents=total,
        accepted_rest_cents=_cents("rest") if request.form.get("rest") else total,
        by=context.actor(),
        now=context.now(),
        cards=[one.spend for one in parts],
    )


def _to_payment(token: str, payment_id: int) -> Response:
    page = redirect(url_for("checkout.add", token=token), 303)
    if adding.is_paid(context.session(), payment_id=payment_id):
        return _added(token)  # cards paid all of it, or the money came in before a second press
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


def _page(token: str, waits: adding.Waiting | None, *, wrong: DomainError | None = None) -> Response:
    order = history.of_token(context.session(), token=token)
    view = basket_cookie.load()
    extension, told, about_cards = None, wrong, ""
    parts: list[CardPart] = []
    if waits is None and view is not None and view.rows:
        try:
            extension = adding.quote(
                context.session(), context.gateways(), token=token, basket=view.public_id, now=context.now()
            )
        except NotFound:
            raise
        except DomainError as refusal:
            told = told or refusal
    sheet = extension.sheet if extension else None
    if sheet is not None:
        try:
            parts = _cards(sheet.total_cents)
        except DomainError as refusal:
            about_cards = errors.sentence(refusal)
    rest = sheet.total_cents - sum(one.spend.cents for one in parts) if sheet else 0
    found = [("f-gift_codes", about_cards)] if about_cards else []
    if told is not None and errors.sentence(told) != about_cards:
        found.append(("", errors.sentence(told)))
    return private_page(
        "checkout/add.html",
        errors.STATUS[wrong.kind] if wrong else 200,
        order=order,
        token=token,
        key=new_key(),
        basket=view,
        sheet=sheet,
        method=_method(),
        typed_codes=_typed_codes(),
        about_cards=about_cards,
        about_rest=tendering.about_rest(parts, rest) if parts else "",
        rest_cents=rest,
        paid_otherwise=showing.paid_otherwise(parts, rest),
        waits=waits,
        can_transfer=transfers.is_offered(closes_at=order.closes_at),
        transfer=transfers.written(waits.message, waits.left_cents) if waits and waits.message else None,
        may=order.can_change(context.now()),
        errors=found,
    )
