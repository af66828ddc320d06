"""The forms of an account."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from shortchain.accounts.passwords import MOST
from shortchain.blueprints.form_errors import GuestForm
from shortchain.blueprints.looks import LANGUAGES

NO_EMAIL = _l("Vul je e-mailadres in.")
NO_PASSWORD = _l("Vul een wachtwoord in.")


def _email(label: str, **values: Any) -> StringField:
    return StringField(label, [InputRequired(NO_EMAIL), Length(max=254)], **values)


def _password(label: str, **values: Any) -> PasswordField:
    # A little more than we accept, so that a password that is too long is told and not cut off.
    return PasswordField(label, [InputRequired(NO_PASSWORD), Length(max=4 * MOST)], **values)


class SignInForm(GuestForm):
    email = _email(_l("E-mailadres"))
    password = _password(_l("Wachtwoord"))


class RegisterForm(GuestForm):
    name = StringField(_l("Naam"), [InputRequired(_l("Vul je naam in.")), Length(max=120)])
    email = _email(_l("E-mailadres"))
    password = _password(_l("Kies een wachtwoord"))


class ConfirmForm(GuestForm):
    password = _password(_l("Wachtwoord"))


class ForgottenForm(GuestForm):
    email = _email(_l("E-mailadres"))


class ResetForm(GuestForm):
    password = _password(_l("Nieuw wachtwoord"))


class DetailsForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Naam"), [InputRequired(_l("Vul je naam in.")), Length(max=120)])
    phone = StringField(_l("Telefoon"), [Length(max=32)])
    language = SelectField(_l("Taal van je mails"), [InputRequired(_l("Maak een keuze."))], choices=LANGUAGES)


class EmailForm(FlaskForm):  # type: ignore[misc]
    email = _email(_l("Nieuw e-mailadres"), id="nieuw-adres")
    old_password = _password(_l("Je wachtwoord"), id="adres-wachtwoord")


class PasswordForm(FlaskForm):  # type: ignore[misc]
    old_password = _password(_l("Je huidige wachtwoord"))
    password = _password(_l("Nieuw wachtwoord"))
