"""Find an order without an account: its link goes to the mailbox that ordered."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import basket_cookie, context, errors
from shortchain.blueprints.checkout import bp
from shortchain.kernel.errors import DomainError
from shortchain.workflows import finding_orders


@bp.route("/bestelling-vinden", methods=["GET", "POST"])
def find() -> Response | tuple[str, int]:
    """Ask for number and e-mail address, and mail the link; the answer is the same for an unknown order."""
    if request.method == "GET":
        return _page()
    try:
        finding_orders.mail_link(
            context.session(),
            number=request.form.get("number", ""),
            email=request.form.get("email", ""),
            address=basket_cookie.address(),
            now=context.now(),
        )
    except DomainError as refusal:
        field = "f-email" if "email" in refusal.fields else "f-number"
        return _page(422 if field == "f-email" else 429, wrong=(field, errors.sentence(refusal)))
    context.nudge("mails")
    flash(gettext("Klopt het nummer met het mailadres, dan kreeg je net een mail met de link."), "good")
    return redirect(url_for("checkout.find"), 303)


def _page(status: int = 200, *, wrong: tuple[str, str] | None = None) -> tuple[str, int]:
    page = render_template(
        "checkout/find.html",
        errors=[wrong] if wrong else [],
        number=request.form.get("number", ""),
        email=request.form.get("email", ""),
    )
    return page, status
