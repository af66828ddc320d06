"""What people see and change of their own: start, data, sign-ins, orders, the enterprise they act for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask import session as web_session
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.accounts import people, sign_ins
from shortchain.accounts.attempts import TooManyTries
from shortchain.accounts.people import Role
from shortchain.blueprints import context, errors
from shortchain.blueprints.account import bp
from shortchain.blueprints.account.forms import DetailsForm, EmailForm, PasswordForm
from shortchain.blueprints.account.ways_in import old_link
from shortchain.blueprints.components import Tab
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.blueprints.redirects import safe_path
from shortchain.enterprises import capabilities
from shortchain.enterprises.seats import MemberRole, Seat
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.ordering import claims, history
from shortchain.ordering import empties as empties_
from shortchain.ordering import orders as orders_
from shortchain.workflows import accounts as deeds

NOTE_EVERY = timedelta(minutes=15)
Answer = Response | str | tuple[str, int]


def _key() -> str:
    return str(web_session.get("_user_id", ""))


@bp.before_app_request
def _note_seen() -> None:
    """Remember that a signed-in browser was here, at most every quarter of an hour."""
    if request.method != "GET" or request.endpoint in (None, "static") or "_user_id" not in web_session:
        return
    noted = web_session.get("seen_at")
    now = context.now()
    if noted is not None and now - datetime.fromisoformat(noted) < NOTE_EVERY:
        return
    person = context.person()
    if person is not None:
        web_session["seen_at"] = now.isoformat()
        deeds.note_seen(context.session(), user_id=person.id, key=_key(), now=now)


@bp.get("")
def home() -> str:
    """Show where a person can go: orders, data, and the places where they work."""
    person = context.me()
    places = [(seat, _workplaces(seat)) for seat in context.my_seats()]
    open_claims = claims.count_unclaimed(context.session(), email=person.email, is_confirmed=person.is_confirmed)
    return render_template("account/home.html", places=places, open_claims=open_claims, offices=_offices(person.role))


@bp.get("/bestellingen")
def orders() -> str:
    """List the person's orders, newest first."""
    person = context.me()
    session = context.session()
    return render_template(
        "account/orders.html",
        orders=[(one, orders_.tracking_token(one.key)) for one in history.of_person(session, user_id=person.id)],
        states=_order_states(),
        open_claims=claims.count_unclaimed(session, email=person.email, is_confirmed=person.is_confirmed),
    )


@bp.get("/leeggoed")
def empties() -> str:
    """Show which containers the person still has, and what comes back for them."""
    out = empties_.out_of_person(context.session(), user_id=context.me().id)
    return render_template("account/empties.html", out=out, total_cents=sum(one.cents for one in out))


@bp.post("/bestellingen/ophalen")
def claim_orders() -> Response:
    """Put the guest orders of one's address under one's account."""
    person = context.me()
    try:
        count = deeds.claim_orders(context.session(), user_id=person.id, now=context.now(), by=context.actor())
    except DomainError as error:
        flash(errors.sentence(error), "warning")
    else:
        flash(
            ngettext("%(num)s bestelling toegevoegd.", "%(num)s bestellingen toegevoegd.", count),
            "good",
        )
    return redirect(url_for("account.orders"), 303)


@bp.get("/gegevens")
def details() -> Answer:
    """Show one's data with the forms to change them."""
    return _details()


@bp.post("/gegevens")
def save_details() -> Answer:
    """Change name, telephone and language."""
    form = DetailsForm(prefix="")
    if form.validate_on_submit():
        try:
            deeds.save_details(
                context.session(),
                user_id=context.me().id,
                name=form.name.data,
                phone=form.phone.data,
                language=form.language.data,
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Bewaard."), "good")
            return redirect(url_for("account.details"), 303)
    return _details(details=form)


@bp.post("/gegevens/e-mail")
def change_email() -> Answer:
    """Ask for another address; it changes when the new one answers."""
    form = EmailForm()
    if form.validate_on_submit():
        try:
            deeds.ask_email_change(
                context.session(),
                user_id=context.me().id,
                email=form.email.data,
                password=form.old_password.data,
                now=context.now(),
            )
        except TooManyTries as error:
            flash(errors.sentence(error), "warning")
            return redirect(url_for("account.details"), 303)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(url_for("account.check_mail", about="e-mail"), 303)
    return _details(email=form)


@bp.post("/gegevens/wachtwoord")
def change_password() -> Answer:
    """Change the password; other browsers are signed out."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            deeds.change_password(
                context.session(),
                user_id=context.me().id,
                old=form.old_password.data,
                new=form.password.data,
                key=_key(),
                now=context.now(),
                by=context.actor(),
            )
        except TooManyTries as error:
            flash(errors.sentence(error), "warning")
            return redirect(url_for("account.details"), 303)
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Je nieuwe wachtwoord geldt. Andere browsers zijn afgemeld."), "good")
            return redirect(url_for("account.details"), 303)
    return _details(password=form)


@bp.route("/nieuw-adres/<token>", methods=["GET", "POST"])
def confirm_email_change(token: str) -> Answer:
    """Take the new address after its link was pressed; opening the link alone changes nothing."""
    way_out = (url_for("account.details"), _("Naar je gegevens"))
    if (page := old_link(token, "change_email", way_out)) is not None:
        return page
    if request.method == "POST":
        deeds.change_email(context.session(), secret=token, now=context.now(), by=context.actor())
        flash(_("Je nieuwe e-mailadres geldt."), "good")
        return redirect(url_for("account.home"), 303)
    return render_template("account/new_email.html")


@bp.get("/sessies")
def sessions() -> str:
    """List the browsers in which one is signed in."""
    found = sign_ins.list_open(context.session(), user_id=context.me().id, key=_key(), now=context.now())
    return render_template("account/sessions.html", sign_ins=found)


@bp.post("/sessies/<public_id>/afmelden")
def end_session(public_id: str) -> Response:
    """Sign out in one other browser."""
    deeds.end_sign_in(
        context.session(),
        user_id=context.me().id,
        public_id=public_id,
        now=context.now(),
        by=context.actor(),
    )
    flash(_("Die browser is afgemeld."), "good")
    return redirect(url_for("account.sessions"), 303)


@bp.post("/sessies/andere-afmelden")
def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    deeds.end_other_sign_ins(
        context.session(),
        user_id=context.me().id,
        key=_key(),
        now=context.now(),
        by=context.actor(),
    )
    flash(_("Alle andere browsers zijn afgemeld."), "good")
    return redirect(url_for("account.sessions"), 303)


@bp.post("/werkplek/<public_id>")
def choose_seat(public_id: str) -> Response:
    """Act for one of one's enterprises from now on."""
    if public_id not in [seat.public_id for seat in context.my_seats()]:
        raise NotFound
    context.choose_seat(public_id)
    return redirect(safe_path(request.form.get("next"), url_for("account.home")), 303)


def _details(details: Any = None, email: Any = None, password: Any = None) -> Answer:
    """Show the three forms; the one that was refused keeps what was typed."""
    row = people.details_of(context.session(), user_id=context.me().id)
    refused = details or email or password
    found = summary(refused) if refused is not None else []
    page = render_template(
        "account/details.html",
        errors=found,
        person_row=row,
        details=details or DetailsForm(formdata=None, data=row.as_form()),
        email=email or EmailForm(formdata=None),
        password=password or PasswordForm(formdata=None),
    )
    return page, 422 if found else 200


def _order_states() -> dict[str, tuple[str, str]]:
    """Give each state of an order its tone and its words."""
    return {
        "awaiting_payment": ("notice", _("wacht op betaling")),
        "confirmed": ("work", _("betaald, wordt klaargemaakt")),
        "delivered": ("good", _("geleverd")),
        "settled": ("good", _("geleverd")),
        "expired": ("plain", _("vervallen, niet betaald")),
        "cancelled": ("plain", _("geannuleerd")),
    }


def _exists(path: str) -> bool:
    """Say whether a page is part of this installation."""
    return any(rule.rule == path for rule in current_app.url_map.iter_rules())


def _workplaces(seat: Seat) -> list[Tab]:
    """List the pages that a seat opens, the daily one first."""
    manages = bool(seat.roles & {MemberRole.OWNER, MemberRole.STAFF, MemberRole.PLANNER})
    stages = {
        data.services()[one.service].stage
        for one in capabilities.list_of(context.session(), enterprise_id=seat.enterprise_id)
    }
    drives = "deliver" in stages and (manages or MemberRole.DRIVER in seat.roles)
    works = bool(stages & {"pack", "process"}) and (manages or MemberRole.WORKER in seat.roles)
    found = [
        (seat.is_hub and manages, Tab(_("Coördinatie"), "/hub", icon="layout-grid")),
        (
            seat.is_grower and manages,
            Tab(_("Vandaag op de boerderij"), "/boer/vandaag", icon="tractor"),
        ),
        (seat.is_provider and manages, Tab(_("Aanvragen"), "/werk/in", icon="inbox")),
        (works, Tab(_("Werk van de dag"), "/werk/dag", icon="clipboard-list")),
        (drives, Tab(_("Mijn rit"), "/rit", icon="bike")),
        (manages, Tab(_("De onderneming"), "/onderneming", icon="building-2")),
    ]
    return [tab for applies, tab in found if applies and _exists(tab.url)]


def _offices(role: Role) -> list[Tab]:
    """List the pages of people with a task for the whole installation."""
    found = {
        Role.REGISSEUR: [Tab(_("De regio"), "/regio", icon="map")],
        Role.ADMIN: [Tab(_("Beheer"), "/admin", icon="settings")],
    }
    return [tab for tab in found.get(role, []) if _exists(tab.url)]
