"""Sign up, confirm, sign in, forgotten password, sign out."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask import session as web_session
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from shortchain.accounts import people, tokens
from shortchain.accounts.attempts import TooManyTries
from shortchain.accounts.operations import NotMatching
from shortchain.accounts.tokens import LinkUsedUp
from shortchain.blueprints import context, errors
from shortchain.blueprints.account import bp
from shortchain.blueprints.account.forms import (
    ConfirmForm,
    ForgottenForm,
    RegisterForm,
    ResetForm,
    SignInForm,
)
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.blueprints.redirects import safe_path
from shortchain.kernel.errors import DomainError
from shortchain.workflows import accounts as deeds

Answer = Response | str | tuple[str, int]


def _browser() -> deeds.Browser:
    return deeds.Browser(request.remote_addr or "", request.user_agent.string)


def old_link(secret: str, purpose: str, way_out: tuple[str, str]) -> tuple[str, int] | None:
    """Say of a spent or old link that it is one as soon as it is opened, and where to get another; None: it works.

    Who is told only afterwards has thought of a password for nothing. `way_out`: address and label of the way on.
    """
    if request.method != "GET":
        return None
    try:
        tokens.check(context.session(), secret=secret, purpose=purpose, now=context.now())
    except LinkUsedUp as old:
        return render_template("errors/410.html", sentence=errors.sentence(old), next_step=way_out), 410
    return None


def _show(template: str, form: Any, **values: Any) -> tuple[str, int]:
    """Show a form: 200 when it is opened, 422 with what is wrong when it was sent."""
    found = summary(form)
    status = 422 if found else 200
    return render_template(f"account/{template}.html", form=form, errors=found, **values), status


def _tries(error: TooManyTries) -> Answer:
    """Say in words how long to wait."""
    page = render_template("errors/429.html", sentence=errors.sentence(error), code=None, status=429)
    return Response(page, 429, {"Retry-After": str(error.retry_after)}, mimetype="text/html")


def _enter(key: str) -> None:
    """Let this browser be signed in, under a new session id (against session fixation)."""
    person = people.find_signed_in(context.session(), key=key, now=context.now())
    assert person is not None, "a sign-in that was just made must be valid"
    web_session.clear()
    login_user(context.SignedIn(person, key))
    current_app.session_interface.regenerate(web_session)  # type: ignore[attr-defined]


@bp.route("/aanmelden", methods=["GET", "POST"])
def sign_in() -> Answer:
    """Come in with address and password."""
    target = safe_path(request.values.get("next"), url_for("account.home"))
    if context.person() is not None:
        return redirect(target, 303)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            key = deeds.sign_in(
                context.session(),
                email=form.email.data,
                password=form.password.data,
                browser=_browser(),
                now=context.now(),
                by=context.actor(),
            )
        except TooManyTries as error:
            return _tries(error)
        except DomainError as error:
            refuse(form, error)
        else:
            _enter(key)
            return redirect(target, 303)
    return _show("sign_in", form, next=target)


@bp.route("/registreren", methods=["GET", "POST"])
def register() -> Answer:
    """Make an account. The answer is the same whether the address has one or not."""
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            deeds.register(
                context.session(),
                email=form.email.data,
                name=form.name.data,
                password=form.password.data,
                language=context.language(),
                browser=_browser(),
                now=context.now(),
                by=context.actor(),
            )
        except TooManyTries as error:
            return _tries(error)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(url_for("account.check_mail", about="registreren"), 303)
    return _show("register", form)


@bp.get("/kijk-in-je-mail")
def check_mail() -> str:
    """Say that a mail is on its way, if the address is one that gets it."""
    return render_template("account/check_mail.html", about=request.args.get("about", ""))


@bp.route("/bevestig/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Answer:
    """Confirm the address of a new account; opening the link alone changes nothing."""
    way_out = (url_for("account.sign_in"), _("Meld je aan"))
    if (page := old_link(token, "confirm_email", way_out)) is not None:
        return page
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            key = deeds.confirm_email(
                context.session(),
                secret=token,
                password=form.password.data,
                browser=_browser(),
                now=context.now(),
                by=context.actor(),
            )
        except TooManyTries as error:
            return _tries(error)
        except NotMatching as error:
            refuse(form, error)
        else:
            _enter(key)
            flash(_("Je e-mailadres is bevestigd. Welkom."), "good")
            return redirect(url_for("account.home"), 303)
    return _show("confirm", form)


@bp.route("/wachtwoord-vergeten", methods=["GET", "POST"])
def forgotten() -> Answer:
    """Ask for a link to a new password."""
    form = ForgottenForm()
    if form.validate_on_submit():
        try:
            deeds.ask_reset(context.session(), email=form.email.data, browser=_browser(), now=context.now())
        except TooManyTries as error:
            return _tries(error)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(url_for("account.check_mail", about="wachtwoord"), 303)
    return _show("forgotten", form)


@bp.route("/wachtwoord/<token>", methods=["GET", "POST"])
def reset(token: str) -> Answer:
    """Set a new password with the link of a mail."""
    way_out = (url_for("account.forgotten"), _("Vraag een nieuwe link"))
    if (page := old_link(token, "reset_password", way_out)) is not None:
        return page
    form = ResetForm()
    if form.validate_on_submit():
        try:
            key = deeds.reset_password(
                context.session(),
                secret=token,
                password=form.password.data,
                browser=_browser(),
                now=context.now(),
                by=context.actor(),
            )
        except LinkUsedUp:
            raise
        except DomainError as error:
            refuse(form, error)
        else:
            _enter(key)
            flash(_("Je nieuwe wachtwoord geldt. Andere browsers zijn afgemeld."), "good")
            return redirect(url_for("account.home"), 303)
    return _show("reset", form)


@bp.post("/afmelden")
def sign_out() -> Response:
    """Leave; the key of this browser opens nothing any more."""
    key = web_session.get("_user_id", "")
    deeds.sign_out(context.session(), key=key, now=context.now(), by=context.actor())
    logout_user()
    web_session.clear()
    flash(_("Je bent afgemeld."), "info")
    current_app.session_interface.regenerate(web_session)  # type: ignore[attr-defined]
    return redirect(url_for("account.sign_in"), 303)
