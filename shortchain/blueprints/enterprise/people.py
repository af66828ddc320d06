"""Who works at the enterprise, who is invited, and taking an invitation."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import InviteForm
from shortchain.blueprints.enterprise.frame import role_words, show
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.enterprises import people as members
from shortchain.enterprises.seats import MemberRole
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.workflows import onboarding as deeds

Answer = Response | str | tuple[str, int]


@bp.get("/mensen")
def people() -> Answer:
    """List who works here and who is invited."""
    return _people()


@bp.post("/mensen/uitnodigen")
def invite() -> Answer:
    """Invite somebody by mail."""
    form = _form()
    if form.validate_on_submit():
        try:
            deeds.invite(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                email=form.email.data,
                role=MemberRole(form.role.data),
                invited_by_id=context.me().id,
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("De uitnodiging is onderweg."), "good")
            return redirect(url_for("enterprise.people"), 303)
    return _people(form)


@bp.post("/uitnodigingen/<public_id>/intrekken")
def withdraw_invitation(public_id: str) -> Response:
    """Take an invitation back."""
    deeds.withdraw_invitation(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        public_id=public_id,
        now=context.now(),
        by=context.actor(),
    )
    flash(_("De uitnodiging is ingetrokken."), "good")
    return redirect(url_for("enterprise.people"), 303)


@bp.post("/mensen/<public_id>/rol/<role>")
def add_role(public_id: str, role: str) -> Response:
    """Give somebody one more role."""
    return _change(
        lambda values: deeds.add_role(**values, role=_role(role)),
        public_id,
        _("De rol is toegevoegd."),
    )


@bp.post("/mensen/<public_id>/rol/<role>/weg")
def remove_role(public_id: str, role: str) -> Response:
    """Take one role from somebody."""
    return _change(
        lambda values: deeds.remove_member(**values, role=_role(role)),
        public_id,
        _("De rol is weggenomen."),
    )


@bp.post("/mensen/<public_id>/weg")
def remove_member(public_id: str) -> Response:
    """Let somebody leave the enterprise."""
    return _change(
        lambda values: deeds.remove_member(**values),
        public_id,
        _("Deze persoon werkt hier niet meer."),
    )


@bp.post("/verlaten")
def leave() -> Response:
    """Leave the enterprise oneself."""
    _change(
        lambda values: deeds.remove_member(**values),
        context.me().public_id,
        _("Je werkt hier niet meer."),
    )
    return redirect(url_for("account.home"), 303)


@bp.get("/uitnodiging/<token>")
def invitation(token: str) -> str:
    """Show what one is invited to; opening the link alone changes nothing."""
    found = members.read_invitation(context.session(), secret=token, now=context.now())
    person = context.person()
    return render_template(
        "enterprise/invitation.html",
        invited=found,
        token=token,
        role=role_words()[found.role.value],
        is_mine=person is not None and person.email == found.email,
    )


@bp.post("/uitnodiging/<token>/aanvaarden")
def accept_invitation(token: str) -> Response:
    """Take the seat one was invited to."""
    public_id = deeds.accept_invitation(
        context.session(),
        secret=token,
        user_id=context.me().id,
        now=context.now(),
        by=context.actor(),
    )
    context.choose_seat(public_id)
    flash(_("Welkom. Je werkt nu mee voor deze onderneming."), "good")
    return redirect(url_for("account.home"), 303)


def _form() -> InviteForm:
    form = InviteForm()
    form.role.choices = role_words()
    return form


def _people(form: Any = None) -> Answer:
    session, seat = context.session(), context.seat()
    shown = form
    if shown is None:
        shown = InviteForm(formdata=None, data={"role": "staff"})
        shown.role.choices = role_words()
    return show(
        "people",
        errors=summary(form) if form else [],
        form=shown,
        roles=role_words(),
        members=members.members(session, enterprise_id=seat.enterprise_id),
        me=context.me(),
        invitations=members.open_invitations(session, enterprise_id=seat.enterprise_id, now=context.now()),
    )


def _role(text: str) -> MemberRole:
    try:
        return MemberRole(text)
    except ValueError as error:
        raise NotFound from error


def _change(deed: Any, public_id: str, done: str) -> Response:
    """Do a deed with a member and say how it went."""
    try:
        deed(
            {
                "session": context.session(),
                "enterprise_id": context.seat().enterprise_id,
                "public_id": public_id,
                "now": context.now(),
                "by": context.actor(),
            }
        )
    except NotFound:
        raise
    except DomainError as error:
        flash(errors.sentence(error), "warning")
    else:
        flash(done, "good")
    return redirect(url_for("enterprise.people"), 303)
