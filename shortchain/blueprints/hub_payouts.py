"""The coordinator's payouts: what the next round sends, holding something back, files for the accountant."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, files, workplace
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.payouts import exports, monthly, preview
from shortchain.workflows import payout_holds

bp = Blueprint("hub_payouts", __name__, url_prefix="/hub/geld")

Page = str | tuple[str, int]


@bp.get("/uitbetalen")
def show() -> Page:
    """Show what the next round sends to whom, what waits and why."""
    return _page()


def _page(mistake: str = "", about: str = "", typed: str = "") -> Page:
    page = render_template(
        "hub/payouts.html",
        preview=preview.read(context.session(), hub_id=context.seat().enterprise_id),
        words=standing_words(),
        mistake=mistake,
        about=about,
        typed=typed,
        month=f"{local_day(context.now()):%Y-%m}",
        errors=[mistake] if mistake else [],
        **workplace.hub_page("/hub/geld"),
    )
    return (page, 422) if mistake else page


@bp.post("/uitbetalen/<public_id>/vasthouden")
def hold(public_id: str) -> Response | Page:
    """Keep one payout back, with a reason."""
    reason = request.form.get("reason", "")
    try:
        payout_holds.hold(
            context.session(),
            payout_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            reason=reason,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Vastgehouden. De onderneming ziet waarom."), "good")
    except payout_holds.NoReason as refusal:
        return _page(errors.sentence(refusal), public_id, reason)
    except NotFound:
        raise  # whether another hub has it is nobody's business
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub_payouts.show"), 303)


@bp.post("/uitbetalen/<public_id>/vrijgeven")
def release(public_id: str) -> Response:
    """Let one payout go along again."""
    try:
        payout_holds.release(
            context.session(),
            payout_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Vrijgegeven. Het gaat bij de volgende ronde mee."), "good")
    except NotFound:
        raise  # whether another hub has it is nobody's business
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub_payouts.show"), 303)


@bp.get("/boekingen.<kind>")
def bookings(kind: str) -> Response:
    """Give the bookings of a month to the accountant, as CSV or XLSX."""
    if kind not in files.KINDS:
        abort(404)
    first = monthly.month_of(request.args.get("maand", ""), today=local_day(context.now()))
    rows = exports.bookings(context.session(), hub_id=context.seat().enterprise_id, first=first)
    return files.table(kind, f"boekingen-{first:%Y-%m}", exports.BOOKING_COLUMNS, rows)


def standing_words() -> dict[str, tuple[str, str]]:
    """Name where a payout stands, each with its tone."""
    return {
        preview.READY: (gettext("gaat mee"), "good"),
        preview.HELD: (gettext("vastgehouden"), "warning"),
        preview.DISPUTE: (gettext("bank beslist nog"), "warning"),
        preview.NO_ACCOUNT: (gettext("kan nog niet uitbetaald worden"), "notice"),
        preview.ON_THE_WAY: (gettext("onderweg"), "info"),
        preview.BY_FILE: (gettext("in een betaalbestand"), "info"),
    }
