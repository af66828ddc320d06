"""The withdrawal function: choose, confirm, and a mail with the time; the link is the key."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, formatting
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp
from shortchain.complaints import reading
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.ordering import history
from shortchain.workflows import withdrawing


@bp.route("/volg/<token>/herroepen", methods=["GET", "POST"])
def withdraw(token: str) -> Response:
    """Ask from what somebody withdraws, show it once more, and write it down when it is confirmed."""
    chosen = [int(text) for text in request.form.getlist("line") if text.isascii() and text.isdigit()]
    if request.method == "GET":
        return _page(token, [])
    if not chosen:
        return _page(token, [], wrong=errors.sentence(withdrawing.ChooseSomething()))
    if "confirm" not in request.form:
        return _page(token, chosen, is_summary=True)
    try:
        withdrawing.withdraw(
            context.session(),
            token=token,
            lines=set(chosen),
            name=request.form.get("name", ""),
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return _page(token, chosen, wrong=errors.sentence(refusal))
    context.nudge("mails")
    when = formatting.moment(context.now())
    flash(gettext("We ontvingen je herroeping (%(when)s) en mailen je het bewijs.", when=when), "good")
    return redirect(url_for("checkout.follow", token=token), 303)


def _page(token: str, chosen: list[int], *, is_summary: bool = False, wrong: str = "") -> Response:
    session = context.session()
    lines = reading.withdrawable_lines(session, token=token, now=context.now())
    return private_page(
        "checkout/withdraw.html",
        422 if wrong else 200,
        order=history.of_token(session, token=token),
        token=token,
        lines=lines,
        chosen=chosen,
        is_summary=is_summary and any(line.line_id in chosen for line in lines),
        name=request.form.get("name", ""),
        errors=[("f-lines", wrong)] if wrong else [],
    )
