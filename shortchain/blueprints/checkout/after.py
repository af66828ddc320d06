"""After the order: the payment that is awaited, thank you, following, cancelling, a problem."""

from __future__ import annotations

from functools import partial

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import complaining, context, errors, explaining, paperwork
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp, calendar_file, paying, showing, transfers
from shortchain.blueprints.checkout.forms import METHODS
from shortchain.blueprints.checkout.story import story_of
from shortchain.complaints import reading as complaints
from shortchain.delivery.progress import progress_of
from shortchain.documents import buyers, reading
from shortchain.fulfilment import decisions
from shortchain.kernel.errors import DomainError
from shortchain.ordering import history
from shortchain.ordering.history import OrderView
from shortchain.payments import standing
from shortchain.payments.standing import Standing
from shortchain.payouts import remaining
from shortchain.workflows import asking_payment, cancellation, payment_events, vouchers


def _load(token: str, *, ask: bool) -> tuple[OrderView, Standing | None]:
    """Read an order and its payment; with `ask` what the provider knows is followed first."""
    session = context.session()
    order = history.of_token(session, token=token)
    payment = standing.of_order(session, order_id=order.id)
    waits = payment is not None and payment.can_ask and payment.state in ("created", "failed", "abandoned")
    if ask and waits and payment is not None and order.state in ("awaiting_payment", "expired"):
        look_up = vouchers.look_up if payment.is_voucher else payment_events.look_up
        if look_up(session, context.gateways(), payment_id=payment.payment_id, now=context.now()):
            context.nudge("mails")
        order = history.of_token(session, token=token)
        payment = standing.of_order(session, order_id=order.id)
    if ask and payment is not None and payment.is_there and order.state == "awaiting_payment":
        vouchers.collect(session, context.gateways(), order_id=order.id, now=context.now())
        order = history.of_token(session, token=token)
    return order, payment


@bp.get("/bestelling/<token>/dank")
def thanks(token: str) -> Response:
    """Say that the order stands, or that we are still waiting to hear of the payment."""
    order, payment = _load(token, ask=True)
    if order.state == "awaiting_payment" and payment is not None and (payment.is_transfer or not payment.is_open):
        return redirect(url_for("checkout.pay", token=token), 303)
    if order.state == "awaiting_payment" and payment is not None and not payment.is_there and not payment.can_ask:
        return paying.go_on(token)  # a part is there; the next one was not asked for yet
    return private_page(
        "checkout/thanks.html", order=order, payment=payment, token=token, can_cancel=order.can_cancel(context.now())
    )


@bp.get("/bestelling/<token>/betalen")
def pay(token: str) -> Response:
    """Show how to pay an order that waits for it: what went wrong, how long it is kept, how to go on."""
    order, payment = _load(token, ask=True)
    owes = payment.owed_cents if payment else 0
    if order.state != "awaiting_payment" and not owes:
        return redirect(url_for("checkout.thanks", token=token), 303)
    transfer = None
    if payment is not None and payment.is_transfer and payment.is_open:
        transfer = transfers.instructions(order, payment)
    return private_page(
        "checkout/pay.html",
        order=order,
        payment=payment,
        token=token,
        transfer=transfer,
        owes=owes,
        can_cancel=order.can_cancel(context.now()) and not owes,
    )


@bp.post("/bestelling/<token>/betalen")
def pay_again(token: str) -> Response:
    """Go to the payment page once more, with the same or another way of paying."""
    order = history.of_token(context.session(), token=token)
    method = request.form.get("method", "")
    if method not in METHODS:
        method = "bancontact"
    try:
        asking_payment.retry_payment(context.session(), order_id=order.id, method=method, now=context.now())
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("checkout.thanks", token=token), 303)
    return paying.go_on(token)


@bp.post("/bestelling/<token>/annuleren")
def cancel(token: str) -> Response:
    """Call the order off while its cycle is open; what was paid goes back."""
    try:
        back = cancellation.cancel_by_customer(
            context.session(), context.gateways(), token=token, by=context.actor(), now=context.now()
        )
    except cancellation.TooLate as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("checkout.follow", token=token), 303)
    context.nudge("refunds")
    if back:
        flash(gettext("Je bestelling is geannuleerd. Je krijgt je geld terug."), "good")
    else:
        flash(gettext("Je bestelling is geannuleerd."), "good")
    return redirect(url_for("checkout.follow", token=token), 303)


@bp.get("/bestelling/<token>/agenda.ics")
def calendar(token: str) -> Response:
    """Give the moment of delivery or pick-up as a calendar file."""
    order = history.of_token(context.session(), token=token)
    response = Response(calendar_file.of(order, made_at=context.now()), mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{order.number}.ics"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/volg/<token>")
def follow(token: str) -> Response:
    """Show where the order is: no account needed, the link is the key."""
    order, payment = _load(token, ask=False)
    progress = progress_of(context.session(), order_id=order.id, now=context.now())
    kept = remaining.of_order(context.session(), order_id=order.id)
    return private_page(
        "checkout/follow.html",
        kept=kept,
        shares=showing.shares_in(kept.parts, kept.vat),
        order=order,
        payment=payment,
        token=token,
        progress=progress,
        steps=story_of(order, progress),
        why=_why(order),
        can_cancel=order.can_cancel(context.now()),
        can_change=order.can_change(context.now()),
        is_busy=order.state == "confirmed",
        documents=paperwork.shown(reading.of_order(context.session(), order_id=order.id)),
        document_url=partial(_document_url, token),
        can_name_buyer=buyers.can_name(context.session(), order_id=order.id),
        complaints=complaints.of_order(context.session(), order_id=order.id),
        kinds=complaining.all_words(),
        can_withdraw=bool(complaints.withdrawable_lines(context.session(), token=token, now=context.now())),
        complaint_photo_url=partial(_photo_url, token),
    )


def _document_url(token: str, public_id: str, ending: str) -> str:
    return url_for("checkout.document", token=token, public_id=public_id, ending=ending)


def _photo_url(token: str, public_id: str) -> str:
    return url_for("checkout.complaint_photo", token=token, public_id=public_id)


def _why(order: OrderView) -> str:
    decision = decisions.newest(context.session(), order_numbers=[order.number]).get(order.number)
    return explaining.why_these(decision) if decision else ""
