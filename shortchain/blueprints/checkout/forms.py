"""The checkout form: at most eight things to type, and they stay when something is wrong."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError

from shortchain.blueprints.form_errors import GuestForm
from shortchain.ordering.orders import HIGHEST_FLOOR

BY_DEBIT = "sepa_debit"
METHODS = ("bancontact", "card", "transfer")
"""How somebody can pay whose payment did not work; a debit is chosen at the checkout only."""
_PHONE = re.compile(r"\+?[0-9 ()./-]{8,24}")
_FLOOR = re.compile(r"[0-9]{1,2}")
_KEY = re.compile(r"[0-9a-f]{32}")


def new_key() -> str:
    """Make the one-time key of a form: 128 random bits."""
    return secrets.token_hex(16)


def _stripped(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


def _cents(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else -1


def _phone(_form: Any, field: Any) -> None:
    if not _PHONE.fullmatch(field.data or ""):
        raise ValidationError(_l("Schrijf een telefoonnummer, bijvoorbeeld 0470 12 34 56."))


def _floor(_form: Any, field: Any) -> None:
    if not _FLOOR.fullmatch(field.data) or int(field.data) > HIGHEST_FLOOR:
        raise ValidationError(_l("Schrijf een getal van 0 (gelijkvloers) tot %(most)s.", most=HIGHEST_FLOOR))


class CheckoutForm(GuestForm):
    """Who, where, remarks and how to pay. `window` is chosen from cards and checked by the view."""

    key = HiddenField()
    total = HiddenField()
    rest = HiddenField()
    meal_voucher = StringField(_l("Met maaltijdcheques"), validators=[Optional(), Length(max=12)])
    eco_voucher = StringField(_l("Met ecocheques"), validators=[Optional(), Length(max=12)])
    discount_code = StringField(_l("Kortingscode"), validators=[Optional(), Length(max=40)])
    gift_codes = StringField(_l("Code van je cadeaubon"), validators=[Optional(), Length(max=160)])
    window = HiddenField()
    name = StringField(
        _l("Naam"),
        filters=[_stripped],
        validators=[InputRequired(_l("Schrijf je naam.")), Length(2, 120, _l("Schrijf je naam."))],
    )
    email = StringField(
        _l("E-mailadres"),
        filters=[_stripped],
        validators=[
            InputRequired(_l("Schrijf je e-mailadres.")),
            Length(max=254),
            Email(_l("Schrijf een e-mailadres zoals naam@voorbeeld.be.")),
        ],
    )
    phone = StringField(
        _l("Gsm of telefoon"),
        filters=[_stripped],
        validators=[InputRequired(_l("Schrijf een nummer waarop de koerier je kan bellen.")), _phone],
    )
    postcode = StringField(
        _l("Postcode"),
        filters=[_stripped],
        validators=[InputRequired(_l("Schrijf je postcode.")), Length(4, 4, _l("Een postcode heeft 4 cijfers."))],
    )
    street = StringField(_l("Straat en nummer"), filters=[_stripped], validators=[Optional(), Length(max=120)])
    floor = StringField(_l("Verdieping"), filters=[_stripped], validators=[Optional(), _floor])
    has_lift = BooleanField(_l("Er is een lift"))
    remark = TextAreaField(
        _l("Opmerking voor wie inpakt of brengt"),
        filters=[_stripped],
        validators=[Optional(), Length(max=500, message=_l("Schrijf hoogstens 500 tekens."))],
    )
    if_missing = RadioField(
        _l("Als iets er toch niet is"),
        default="refund",
        choices=[
            SelectChoice("refund", _l("Geef me het geld terug")),
            SelectChoice("replace", _l("Kies iets dat erop lijkt")),
        ],
    )
    method = RadioField(
        _l("Hoe wil je betalen?"),
        default="bancontact",
        choices=[
            SelectChoice("bancontact", _l("Bancontact")),
            SelectChoice("card", _l("Kaart")),
            SelectChoice("transfer", _l("Overschrijving")),
            SelectChoice(BY_DEBIT, _l("Domiciliëring")),
        ],
    )

    def replaceable(self, offers: Iterable[str]) -> set[str]:
        """Say for which of the offers something alike may come: all of them, or those that are ticked."""
        if self.if_missing.data == "replace":
            return set(offers)
        return set(offers) & set(request.form.getlist("replace"))

    def settle_key(self) -> None:
        """Keep the key that the page gave; one that does not look like ours gets a new one."""
        if not _KEY.fullmatch(self.key.data or ""):
            self.key.data = new_key()

    @property
    def door(self) -> tuple[int, bool]:
        """The floor of a form that was found right, and whether a lift goes there."""
        return int(self.floor.data or 0), bool(self.has_lift.data)

    @property
    def accepted_total(self) -> int:
        """The total that the person saw, in cents; −1 when the page did not say."""
        return _cents(self.total.data)

    @property
    def accepted_rest(self) -> int:
        """What the person saw is left to pay now, in cents: all of it on a page that knew of nothing else."""
        return _cents(self.rest.data) if self.rest.data else self.accepted_total
