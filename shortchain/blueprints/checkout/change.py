"""The customer takes something off an order: choose, look once more, confirm. The link is the key."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import amounts, context, errors
from shortchain.blueprints.answers import private_page
from shortchain.blueprints.checkout import bp
from shortchain.blueprints.formatting import money
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.quantity import NotAQuantity
from shortchain.ordering import history, orders
from shortchain.payments import deposit_refunds, order_changes
from shortchain.payments.order_changes import Cut, Kept
from shortchain.workflows import changing


@bp.route("/volg/<token>/aanpassen", methods=["GET", "POST"])
def change(token: str) -> Response:
    """Ask how much of each product somebody keeps, show what that gives back, and do it when it is confirmed."""
    session = context.session()
    order = orders.find_by_token(session, token=token)
    lines = order_changes.lines_of(session, order_id=order.id)
    if request.method == "GET":
        return _page(token, lines)
    keep: dict[int, int] = {}
    wrong: list[tuple[str, str]] = []
    for line in lines:
        try:
            if (typed := request.form.get(f"keep-{line.line_id}")) is not None:
                keep[line.line_id] = amounts.read(typed, line.sell_unit)
        except NotAQuantity:
            wrong.append((f"f-keep-{line.line_id}", gettext("Vul een hoeveelheid in, of 0 om het te schrappen.")))
    if wrong:
        return _page(token, lines, wrong=wrong)
    try:
        if "confirm" not in request.form:
            cuts = order_changes.cuts(session, order=order, keep=keep)
            return _page(token, lines, cuts=cuts, wrong=[] if cuts else [("", gettext("Je veranderde nog niets."))])
        back = changing.take_off(session, token=token, keep=keep, by=context.actor(), now=context.now())
    except NotFound:
        raise
    except DomainError as refusal:
        where = f"f-{refusal.fields[0]}" if refusal.fields else ""
        return _page(token, lines, wrong=[(where, errors.sentence(refusal))])
    context.nudge("refunds")
    context.nudge("mails")
    if back:
        flash(gettext("Je bestelling is aangepast. Je krijgt %(amount)s terug.", amount=money(back)), "good")
    else:
        flash(gettext("Je bestelling is aangepast."), "good")
    return redirect(url_for("checkout.follow", token=token), 303)


def _page(
    token: str, lines: list[Kept], *, cuts: list[Cut] | None = None, wrong: list[tuple[str, str]] | None = None
) -> Response:
    session = context.session()
    order = history.of_token(session, token=token)
    held = deposit_refunds.of_cut(
        session,
        order=orders.find_by_token(session, token=token),
        off={cut.line_id: cut.part for cut in cuts or []},
    )
    return private_page(
        "checkout/change.html",
        422 if wrong else 200,
        order=order,
        token=token,
        lines=lines,
        cuts={cut.line_id: cut for cut in cuts or []},
        back_cents=order_changes.back_of(cuts or []) + held,
        deposit_cents=held,
        may=order.can_change(context.now()),
        typed=request.form,
        errors=wrong or [],
    )
