"""The coordinator's payouts: what the next round sends, holding something back, files for the accountant."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, files, workplace
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.payouts import accounts_desk, bank_files, desk_reversals, exports, monthly, pain, preview
from shortchain.workflows import paying_by_file, payout_holds

bp = Blueprint("hub_payouts", __name__, url_prefix="/hub/geld")

Page = str | tuple[str, int]


@bp.get("/uitbetalen")
def show() -> Page:
    """Show what the next round sends to whom, what waits and why."""
    return _page()


def _page(mistake: str = "", about: str = "", typed: str = "") -> Page:
    page = render_template(
        "hub/payouts.html",
        preview=preview.read(context.session(), hub_id=context.seat().enterprise_id, now=context.now()),
        words=standing_words(),
        hold_words={
            desk_reversals.HOLD_REASON: gettext("Teruggenomen bij de betaaldienst. Geef vrij wat weer weg mag.")
        },
        bank_files=bank_files.of_hub(context.session(), hub_id=context.seat().enterprise_id),
        mistake=mistake,
        about=about,
        typed=typed,
        month=f"{local_day(context.now()):%Y-%m}",
        errors=[mistake] if mistake else [],
        **workplace.hub_page("/hub/geld"),
    )
    return (page, 422) if mistake else page


@bp.get("/rekeningen")
def accounts() -> str:
    """Show who can not be paid yet and why."""
    return render_template(
        "hub/accounts.html",
        rows=accounts_desk.read(context.session(), hub_id=context.seat().enterprise_id),
        words=account_words(),
        **workplace.hub_page("/hub/geld"),
    )


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
    with errors.refusals_told():
        payout_holds.release(
            context.session(),
            payout_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Vrijgegeven. Het gaat bij de volgende ronde mee."), "good")
    return redirect(url_for("hub_payouts.show"), 303)


@bp.get("/boekingen.<kind>")
def bookings(kind: str) -> Response:
    """Give the bookings of a month to the accountant, as CSV or XLSX."""
    if kind not in files.KINDS:
        abort(404)
    first = monthly.month_of(request.args.get("maand", ""), today=local_day(context.now()))
    rows = exports.bookings(context.session(), hub_id=context.seat().enterprise_id, first=first)
    return files.table(kind, f"boekingen-{first:%Y-%m}", exports.BOOKING_COLUMNS, rows)


@bp.post("/betaalbestand")
def make_file() -> Response:
    """Make a file for the bank of what can not leave through the payment provider."""
    try:
        paying_by_file.make(
            context.session(), hub_id=context.seat().enterprise_id, by=context.actor(), now=context.now()
        )
        flash(gettext("Het betaalbestand staat klaar."), "good")
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub_payouts.show"), 303)


@bp.get("/betaalbestand/<public_id>")
def bank_file(public_id: str) -> Response:
    """Give a file for the bank (pain.001); the same file each time."""
    file = bank_files.own(context.session(), public_id=public_id, hub_id=context.seat().enterprise_id)
    settings, number = context.settings(), f"SC{file.id:08}"
    content = pain.document(
        [
            pain.Transfer(row["name"], row["iban"], row["cents"], f"{number}-{place:04}", f"shortchain {number}")
            for place, row in enumerate(file.payments, start=1)
        ],
        number=number,
        made_at=file.made_at,
        on_day=local_day(file.made_at),
        debtor=settings.transfer_name,
        debtor_iban=settings.bank_account,
    )
    return files.download(content, f"{number}.xml", "application/xml")


@bp.post("/betaalbestand/<public_id>/<deed>")
def end_file(public_id: str, deed: str) -> Response:
    """Note that the bank carried a file out (`klaar`), or take it back (`intrekken`)."""
    deeds = {"klaar": paying_by_file.confirm, "intrekken": paying_by_file.withdraw}
    if deed not in deeds:
        abort(404)
    with errors.refusals_told():
        deeds[deed](
            context.session(),
            public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Genoteerd."), "good")
    return redirect(url_for("hub_payouts.show"), 303)


def account_words() -> dict[str, tuple[str, str]]:
    """Name how an enterprise's account stands, each with its tone."""
    return {
        accounts_desk.CLOSED: (gettext("rekening gesloten"), "warning"),
        accounts_desk.REJECTED: (gettext("geweigerd door de betaaldienst"), "warning"),
        accounts_desk.WAITS: (gettext("de onderneming moet iets doen"), "notice"),
        accounts_desk.NO_ACCOUNT: (gettext("nog niet begonnen"), "notice"),
        accounts_desk.CHECKING: (gettext("de betaaldienst kijkt na"), "work"),
    }


def standing_words() -> dict[str, tuple[str, str]]:
    """Name where a payout stands, each with its tone."""
    return {
        preview.READY: (gettext("gaat mee"), "good"),
        preview.SCHEDULED: (gettext("wacht op de dag die de onderneming koos"), "info"),
        preview.HELD: (gettext("vastgehouden"), "warning"),
        preview.DISPUTE: (gettext("bank beslist nog"), "warning"),
        preview.NO_ACCOUNT: (gettext("kan nog niet uitbetaald worden"), "notice"),
        preview.CAN_BY_FILE: (gettext("kan met een betaalbestand"), "notice"),
        preview.ON_THE_WAY: (gettext("onderweg"), "info"),
        preview.BY_FILE: (gettext("in een betaalbestand"), "info"),
    }
