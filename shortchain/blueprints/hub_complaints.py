"""The coordinator decides complaints per product, and gives money back for other reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import complaining, context, errors, hub, workplace
from shortchain.blueprints.formatting import money
from shortchain.complaints import reading
from shortchain.complaints.operations import WITHDRAWAL
from shortchain.complaints.reading import ComplaintRow
from shortchain.kernel import money as amounts
from shortchain.kernel.errors import AlreadyDone, DomainError, NotFound
from shortchain.kernel.money import NotMoney
from shortchain.workflows import complaints, coordination, refunds

PAY_WITHIN = timedelta(days=14)
"""How soon money goes back to who withdraws (Code of Economic Law art. VI.50)."""

bp = Blueprint("hub_complaints", __name__, url_prefix="/hub")


@bp.get("/klachten/<public_id>")
def show(public_id: str) -> tuple[str, int]:
    """Show a complaint with its photos, and what may go back for each product."""
    return _page(_own(public_id))


@bp.post("/klachten/<public_id>")
def decide(public_id: str) -> Response | tuple[str, int]:
    """Decide what goes back for each product, with a word for the customer."""
    one = _own(public_id)
    given, wrong = _typed(one)
    if wrong:
        return _page(one, wrong=wrong, typed=request.form)
    try:
        back = complaints.decide(
            context.session(),
            public_id=public_id,
            hub_id=context.seat().enterprise_id,
            given=given,
            answer=request.form.get("answer", ""),
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except AlreadyDone as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("hub_complaints.show", public_id=public_id), 303)
    except DomainError as refusal:
        field = f"f-{refusal.fields[0]}" if refusal.fields else ""
        return _page(_own(public_id), wrong=[(field, errors.sentence(refusal))], typed=request.form)
    context.nudge("refunds")
    context.nudge("mails")
    if back:
        flash(gettext("Beslist. %(amount)s gaat terug naar de klant.", amount=money(back)), "good")
    else:
        flash(gettext("Beslist. De klant krijgt je antwoord per mail."), "good")
    return redirect(url_for("hub_complaints.show", public_id=public_id), 303)


def _own(public_id: str) -> ComplaintRow:
    return reading.of_hub(context.session(), public_id=public_id, hub_id=context.seat().enterprise_id)


def _typed(one: ComplaintRow) -> tuple[dict[int, int], list[tuple[str, str]]]:
    """Read the amounts per line; what is left empty is nothing."""
    given: dict[int, int] = {}
    wrong: list[tuple[str, str]] = []
    for line in one.lines:
        text = request.form.get(f"cents-{line.line_id}", "").strip()
        try:
            given[line.line_id] = amounts.parse(text).minor if text else 0
        except NotMoney as refusal:
            wrong.append((f"f-cents-{line.line_id}", errors.sentence(refusal)))
    return given, wrong


def _page(
    one: ComplaintRow, *, wrong: list[tuple[str, str]] | None = None, typed: Mapping[str, str] | None = None
) -> tuple[str, int]:
    page = render_template(
        "hub/complaint.html",
        one=one,
        kinds=complaining.all_words(),
        photo_url=_photo_url,
        pay_by=one.made_at + PAY_WITHIN,
        errors=wrong or [],
        by_field=dict(wrong or []),
        typed=typed if typed is not None else _proposed(one),
        **workplace.hub_page("/hub/bestellingen"),
    )
    return page, 422 if wrong else 200


def _proposed(one: ComplaintRow) -> dict[str, str]:
    """Fill in what a withdrawal gives a right to: all of it. Of a complaint nobody knows before looking."""
    if one.kind != WITHDRAWAL:
        return {}
    return {f"cents-{line.line_id}": amounts.in_words(line.most_cents) for line in one.lines}


def _photo_url(public_id: str) -> str:
    return url_for("hub_complaints.photo", public_id=public_id)


@bp.get("/klachten/foto/<public_id>.jpg")
def photo(public_id: str) -> Response:
    """Show a photo about an order of this hub."""
    return complaining.photo(
        reading.photo_of_hub(context.session(), public_id=public_id, hub_id=context.seat().enterprise_id)
    )


@bp.post("/bestellingen/<public_id>/teruggeven")
def give_back(public_id: str) -> Response | tuple[str, int]:
    """Give a customer money back for a reason, out of everybody's share."""
    hub_id = context.seat().enterprise_id
    order_id = coordination.order_id_of(context.session(), public_id=public_id, hub_id=hub_id)
    try:
        cents = refunds.give_back(
            context.session(),
            order_id=order_id,
            hub_id=hub_id,
            amount_cents=amounts.parse(request.form.get("amount", "")).minor,
            reason=request.form.get("why", ""),
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        field = "f-why" if "reason" in refusal.fields else "f-amount"
        return hub.order_page(public_id, wrong=[(field, errors.sentence(refusal))], typed=request.form), 422
    context.nudge("refunds")
    context.nudge("mails")
    flash(gettext("%(amount)s gaat terug naar de klant.", amount=money(cents)), "good")
    return redirect(url_for("hub.order", public_id=public_id), 303)
