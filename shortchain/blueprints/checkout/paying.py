"""From an order to the payment page, and back when that did not work."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.ordering import orders
from shortchain.payments import standing
from shortchain.workflows import asking_payment


def go_on(token: str) -> Response:
    """Send the person to pay their order, or to where it stands when there is nothing to pay."""
    session = context.session()
    order = orders.find_by_token(session, token=token)
    payment = standing.of_order(session, order_id=order.id)
    order_page = redirect(url_for("checkout.thanks", token=token), 303)
    if payment is None or (order.state.value != "awaiting_payment" and not payment.owed_cents):
        return order_page
    if payment.is_transfer or not payment.is_open:
        return redirect(url_for("checkout.pay", token=token), 303)
    try:
        address = asking_payment.start_payment(
            session,
            context.gateways(),
            payment_id=payment.payment_id,
            token=token,
            base_url=context.settings().base_url,
            now=context.now(),
        )
    except GatewayDown:
        flash(gettext("De betaaldienst antwoordt niet. Je bestelling staat klaar: probeer het zo nog eens."), "warning")
        return redirect(url_for("checkout.pay", token=token), 303)
    except GatewayRefused:
        flash(gettext("De betaaldienst aanvaardt deze betaling niet. Kies een andere manier van betalen."), "warning")
        return redirect(url_for("checkout.pay", token=token), 303)
    return redirect(address, 303) if address else order_page
