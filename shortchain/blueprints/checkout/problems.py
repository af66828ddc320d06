"""A customer says what went wrong, with photos per product; the link is the key."""

from __future__ import annotations

import secrets

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import complaining, context, errors
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp
from shortchain.complaints import reading
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.ports import GatewayDown
from shortchain.ordering import history
from shortchain.ordering.history import OrderView
from shortchain.workflows import complaints


@bp.route("/volg/<token>/probleem", methods=["GET", "POST"])
def problem(token: str) -> Response:
    """Let the customer say what went wrong; the coordinator decides and answers."""
    order = history.of_token(context.session(), token=token)
    if request.method == "GET":
        return _page(token, order)
    try:
        complaints.report(
            context.session(),
            context.gateways(),
            token=token,
            key=request.form.get("key", ""),
            kind=request.form.get("kind", ""),
            text=request.form.get("text", ""),
            lines=_lines(order),
            wants_card=request.form.get("back") == "card",
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        field = {"kind": "f-kind", "text": "f-text", "photo": "f-lines", "photos": "f-lines"}
        return _page(token, order, wrong=(field.get("".join(refusal.fields[:1]), ""), errors.sentence(refusal)))
    except GatewayDown:
        sentence = gettext("De foto kon niet bewaard worden. Probeer het straks opnieuw.")
        return _page(token, order, wrong=("f-lines", sentence))
    flash(gettext("Dank je. De coördinator bekijkt het en antwoordt per mail."), "good")
    return redirect(url_for("checkout.follow", token=token), 303)


def _lines(order: OrderView) -> dict[int, list[bytes]]:
    """Read which lines are ticked or have photos, with the photos."""
    ticked = set(request.form.getlist("line"))
    found = {}
    for line in order.lines:
        files = [file.read() for file in request.files.getlist(f"photo-{line.id}") if file.filename]
        if files or str(line.id) in ticked:
            found[line.id] = files
    return found


def _page(token: str, order: OrderView, *, wrong: tuple[str, str] | None = None) -> Response:
    return private_page(
        "checkout/problem.html",
        422 if wrong else 200,
        order=order,
        token=token,
        key=request.form.get("key") or secrets.token_hex(16),
        kinds=complaining.kind_words(),
        errors=[wrong] if wrong else [],
        typed=request.form,
        ticked=request.form.getlist("line"),
    )


@bp.get("/volg/<token>/foto/<public_id>.jpg")
def complaint_photo(token: str, public_id: str) -> Response:
    """Show the customer a photo that they took."""
    return complaining.photo(reading.photo_of_customer(context.session(), token=token, public_id=public_id))
