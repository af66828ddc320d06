"""Start an enterprise, see how it stands, and say who and where it is."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import (
    AddressForm,
    FoundForm,
    ProfileForm,
    address_values,
)
from shortchain.blueprints.enterprise.frame import show, version_seen
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.enterprises import capabilities, certificates, founding, people, pickup_points
from shortchain.enterprises.founding import written_kbo
from shortchain.enterprises.seats import EnterpriseKind
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.workflows import onboarding as deeds
from shortchain.workflows.onboarding import TypedAddress, WhichPlace

Answer = Response | str | tuple[str, int]


def typed_address(form: Any) -> TypedAddress:
    """Read the address of a form."""
    return TypedAddress(
        *((form[name].data or "").strip() for name in ("street", "house_number", "box", "postcode", "municipality"))
    )


def suggestions_of(error: DomainError) -> list[str]:
    """List the places that were perhaps meant, for below the form."""
    return [place.label for place in error.suggestions] if isinstance(error, WhichPlace) else []


@bp.route("/oprichten", methods=["GET", "POST"])
def found() -> Answer:
    """Begin an enterprise; the person who does becomes its owner."""
    language = context.language()
    form = FoundForm()
    kinds = data.enterprise_kinds()
    form.kind.choices = {code: kind.name[language] for code, kind in kinds.items()}
    meant: list[str] = []
    if form.validate_on_submit():
        try:
            public_id = deeds.found_enterprise(
                context.session(),
                context.gateways(),
                user_id=context.me().id,
                name=form.name.data,
                kind=EnterpriseKind(form.kind.data),
                kbo=form.kbo.data,
                address=typed_address(form),
                phone=form.phone.data or "",
                language=language,
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
            meant = suggestions_of(error)
        else:
            context.choose_seat(public_id)
            flash(_("Je onderneming is ingeschreven. Een coördinator kijkt haar gegevens na."), "good")
            return redirect(url_for("enterprise.home"), 303)
    wrong = summary(form)
    page = render_template(
        "enterprise/found.html",
        form=form,
        errors=wrong,
        meant=meant,
        kinds=[(kind.name[language], kind.help[language]) for kind in kinds.values()],
    )
    return page, 422 if wrong else 200


@bp.get("")
def home() -> Answer:
    """Show how the enterprise stands, and what is still missing."""
    session, seat = context.session(), context.seat()
    row = founding.get(session, enterprise_id=seat.enterprise_id)
    today = local_day(context.now())
    owned = certificates.list_of(session, enterprise_id=row.id)
    services = capabilities.list_of(session, enterprise_id=row.id)
    points = pickup_points.list_of(session, hub_id=row.id) if row.is_hub else []
    todo = [
        (not row.story, _("Vertel je verhaal"), url_for("enterprise.profile")),
        (
            not seat.is_grower and not row.is_hub and not services,
            _("Zeg welke diensten je aanbiedt"),
            url_for("enterprise.services"),
        ),
        (row.is_hub and not points, _("Open een afhaalpunt"), url_for("enterprise.points")),
        (not row.payouts_enabled, _("Regel je uitbetalingen"), url_for("enterprise.payouts")),
    ]
    return show(
        "home",
        row=row,
        kbo=written_kbo(row.kbo),
        services=len(services),
        points=len(points),
        kind=data.enterprise_kinds()[row.kind.value].name[context.language()],
        members=len(people.members(session, enterprise_id=row.id)),
        ending=[one for one in owned if certificates.standing(one, on_day=today) in ("soon", "over")],
        todo=[(text, url) for missing, text, url in todo if missing],
    )


@bp.route("/profiel", methods=["GET", "POST"])
def profile() -> Answer:
    """Change what people read about the enterprise."""
    form = ProfileForm()
    if request.method == "POST" and form.validate_on_submit():
        try:
            deeds.save_profile(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                version=version_seen(form.version.data),
                name=form.name.data,
                email=form.email.data,
                phone=form.phone.data or "",
                language=form.language.data,
                people_names=form.people.data or "",
                legal_form=form.legal_form.data or "",
                court=form.court.data or "",
                story={
                    "nl": form.story_nl.data or "",
                    "fr": form.story_fr.data or "",
                    "en": form.story_en.data or "",
                },
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Bewaard."), "good")
            return redirect(url_for("enterprise.profile"), 303)
    return _profile(form if request.method == "POST" else None, None)


@bp.post("/adres")
def move() -> Answer:
    """Change where the enterprise is."""
    form = AddressForm()
    meant: list[str] = []
    if form.validate_on_submit():
        try:
            exact = deeds.move_enterprise(
                context.session(),
                context.gateways(),
                enterprise_id=context.seat().enterprise_id,
                address=typed_address(form),
                language=context.language(),
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
            meant = suggestions_of(error)
        else:
            flash(
                _("Bewaard.")
                if exact
                else _("Bewaard. We kennen de straat niet en rekenen vanaf het midden van de gemeente."),
                "good" if exact else "notice",
            )
            return redirect(url_for("enterprise.profile"), 303)
    return _profile(None, form, meant)


def _profile(profile: Any, address: Any, meant: list[str] | None = None) -> Answer:
    row = founding.get(context.session(), enterprise_id=context.seat().enterprise_id)
    story = row.story or {}
    values = {
        "version": row.version,
        "name": row.name,
        "people": row.people,
        "email": row.email,
        "phone": row.phone,
        "language": row.language,
        "legal_form": row.legal_form,
        "court": row.court,
        "story_nl": story.get("nl", ""),
        "story_fr": story.get("fr", ""),
        "story_en": story.get("en", ""),
    }
    wrong = [*(summary(profile) if profile else []), *(summary(address) if address else [])]
    return show(
        "profile",
        errors=wrong,
        row=row,
        meant=meant or [],
        form=profile or ProfileForm(formdata=None, data=values),
        address=address or AddressForm(formdata=None, data=address_values(row)),
    )
