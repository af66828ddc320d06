"""What the payment provider sends: proved by its signature, kept, answered at once, worked on later."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.kernel.payment_port import BadSignature
from shortchain.workflows import payment_events

bp = Blueprint("webhooks", __name__)

LARGEST = 512 * 1024


@bp.post("/webhooks/stripe")
def stripe() -> Response:
    """Take an event in; 200 also for a repeat, 400 for one that is not the provider's."""
    if (request.content_length or 0) > LARGEST:
        return Response("too large", status=413, mimetype="text/plain")
    try:
        received = payment_events.receive(
            context.session(),
            context.gateways(),
            payload=request.get_data(),
            signature=request.headers.get("Stripe-Signature", ""),
            now=context.now(),
        )
    except BadSignature:
        return Response("bad signature", status=400, mimetype="text/plain")
    if received.is_new:
        context.nudge("webhooks")
    return Response("kept" if received.is_new else "known", mimetype="text/plain")
