"""The forms of an enterprise."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from shortchain.blueprints.looks import LANGUAGES
from shortchain.enterprises.seats import PriceForm


def _line(label: str, most: int, needed: str = "") -> StringField:
    return StringField(label, [InputRequired(needed)] * bool(needed) + [Length(max=most)])


def _select(label: str, **values: Any) -> SelectField:
    return SelectField(label, [InputRequired(_l("Maak een keuze."))], **values)


def _choices(**words: str) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


class _DateField(DateField):  # type: ignore[misc]
    """A date that says in our words when it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_l("Kies een datum.")) from error


def _day(label: str) -> DateField:
    return _DateField(label, [InputRequired(_l("Kies een datum."))])


class AddressForm(FlaskForm):  # type: ignore[misc]
    street = _line(_l("Straat"), 120)
    house_number = _line(_l("Nummer"), 16)
    box = _line(_l("Bus"), 16)
    postcode = _line(_l("Postcode"), 4, _l("Vul de postcode in."))
    municipality = _line(_l("Gemeente"), 80, _l("Vul de gemeente in."))


class FoundForm(AddressForm):
    name = _line(_l("Naam van de onderneming"), 120, _l("Vul de naam in."))
    kind = _select(_l("Soort"))
    kbo = _line(_l("Ondernemingsnummer"), 20, _l("Vul het ondernemingsnummer in."))
    phone = _line(_l("Telefoon"), 32)


class ProfileForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()
    name = _line(_l("Naam"), 120, _l("Vul de naam in."))
    people = _line(_l("Wie zijn jullie? Voornamen zijn genoeg"), 120)
    story_nl = TextAreaField(_l("Ons verhaal in het Nederlands"), [Length(max=2000)])
    story_fr = TextAreaField(_l("Ons verhaal in het Frans"), [Length(max=2000)])
    story_en = TextAreaField(_l("Ons verhaal in het Engels"), [Length(max=2000)])
    email = _line(_l("E-mailadres"), 254, _l("Vul het e-mailadres in."))
    phone = _line(_l("Telefoon"), 32)
    language = _select(_l("Taal van de mails"), choices=LANGUAGES)
    legal_form = _line(_l("Rechtsvorm"), 40)
    court = _line(_l("Rechtspersonenregister (RPR) van"), 60)


class VatForm(FlaskForm):  # type: ignore[misc]
    scheme = _select(
        _l("Btw-stelsel"),
        choices=_choices(
            normal=_l("gewoon stelsel"),
            agri_flat=_l("landbouwregeling (artikel 57)"),
            small_exempt=_l("kleine onderneming, vrijgesteld (artikel 56bis)"),
            exempt_44=_l("vrijgesteld (artikel 44)"),
            not_liable=_l("niet btw-plichtig"),
        ),
    )
    from_day = _day(_l("Geldt vanaf"))


class SellerForm(FlaskForm):  # type: ignore[misc]
    kind = _select(
        _l("Wie verkoopt?"),
        choices=_choices(
            person=_l("ikzelf, als natuurlijk persoon (eenmanszaak)"),
            company=_l("een vennootschap of vereniging"),
            government=_l("een overheid (gemeente, OCMW, …)"),
            listed=_l("een beursgenoteerde vennootschap"),
        ),
    )
    first_name = _line(_l("Voornaam"), 80)
    last_name = _line(_l("Achternaam"), 80)
    born_on = _DateField(_l("Geboortedatum"), [Optional()])
    national_number = _line(_l("Rijksregisternummer"), 20)


class InviteForm(FlaskForm):  # type: ignore[misc]
    email = _line(_l("E-mailadres"), 254, _l("Vul het e-mailadres in."))
    role = _select(_l("Rol"))


class TermsForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()
    price = _line(_l("Prijs, btw inbegrepen"), 12, _l("Vul de prijs in."))
    price_form = _select(_l("Prijs per"))
    minimum = _line(_l("Minimum per opdracht"), 12)
    pickup_price = _line(_l("Prijs tot een afhaalpunt, per bestelling"), 12)
    radius_km = IntegerField(_l("Tot hoe ver werk je"), [InputRequired(_l("Vul een afstand in."))])
    lead_days = IntegerField(
        _l("Hoeveel dagen vooraf moet je het weten"),
        [InputRequired(_l("Vul een aantal dagen in."))],
    )
    minutes_each = IntegerField(_l("Hoeveel minuten werkt één mens eraan"), [Optional()])
    answer_hours = IntegerField(
        _l("Hoe snel antwoord je op een aanvraag"), [InputRequired(_l("Vul een aantal uren in."))]
    )


class FetchTermsForm(TermsForm):
    """The terms of who fetches at farms: all amounts may be left empty, which is what who brings is paid."""

    price = _line(_l("Per bestelling"), 12)
    price_form = HiddenField(default=PriceForm.STOP.value)
    km_price = _line(_l("Per km"), 12)
    kg_price = _line(_l("Per kg"), 12)
    minimum = _line(_l("Minstens, per bestelling"), 12)


class ClosureForm(FlaskForm):  # type: ignore[misc]
    first_day = _day(_l("Eerste dag"))
    last_day = _day(_l("Laatste dag"))
    reason = _line(_l("Reden"), 120)
    collective = BooleanField(_l("Stel dit voor aan alle ondernemingen rond deze hub"))


class VehicleForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()
    name = _line(_l("Naam van het voertuig"), 80, _l("Geef het voertuig een naam."))
    vehicle = _select(_l("Soort"))
    payload_kg = IntegerField(_l("Hoeveel draagt het"), [InputRequired(_l("Vul een gewicht in."))])
    fuel = _select(
        _l("Waar rijdt het op"),
        choices=_choices(
            none=_l("spierkracht, met of zonder hulpmotor"),
            electric=_l("elektriciteit"),
            diesel=_l("diesel"),
            petrol=_l("benzine"),
            gas=_l("lpg of aardgas"),
        ),
    )
    euro = SelectField(_l("Euronorm"), [Optional()])
    driver = SelectField(_l("Wie rijdt ermee"), [Optional()])
    licence = SelectField(_l("Welk rijbewijs vraagt het"), [Optional()])
    crates = IntegerField(_l("Kisten"), [Optional()])
    volume_l = IntegerField(_l("Laadruimte"), [Optional()])
    chilled_crates = IntegerField(_l("Waarvan gekoeld"), [Optional()])
    frozen_crates = IntegerField(_l("Waarvan diepvries"), [Optional()])
    max_stops = IntegerField(_l("Meeste stops op een rit"), [Optional()])
    start = StringField(_l("Vertrekt van"), [Length(max=160)])
    end = StringField(_l("Eindigt bij"), [Length(max=160)])


class DriverForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()
    name = _line(_l("Naam van de bestuurder"), 80, _l("Geef de bestuurder een naam."))
    licence = SelectField(_l("Rijbewijs"), [Optional()])
    lift_kg = IntegerField(_l("Mag tillen tot"), [Optional()])
    account = SelectField(_l("Account"), [Optional()])


class RightForm(FlaskForm):  # type: ignore[misc]
    zone = _select(_l("Zone"))
    first_day = _day(_l("Eerste dag"))
    last_day = _day(_l("Laatste dag"))
    note = _line(_l("Wat is het"), 120)
    is_day_pass = BooleanField(_l("Dit is een dagpas"))


class CollectingForm(FlaskForm):  # type: ignore[misc]
    collector = _select(_l("Welke vervoerder"))
    ready_from = TimeField(_l("Vanaf wanneer staat het klaar"), [Optional()])
    note = _line(_l("Opmerking voor de chauffeur"), 300)


class CertificateForm(FlaskForm):  # type: ignore[misc]
    kind = _select(
        _l("Soort"),
        choices=_choices(
            organic=_l("biologisch"),
            favv=_l("FAVV: registratie, toelating of erkenning"),
            social=_l("erkenning met sociaal oogmerk: 6 % btw op diensten"),
        ),
    )
    body = _line(_l("Code van het controleorgaan"), 32)
    number = _line(_l("Nummer"), 64, _l("Vul het nummer in."))
    scope = _line(_l("Waarvoor het geldt"), 200)
    valid_from = _day(_l("Geldig van"))
    valid_to = _day(_l("Geldig tot en met"))


class PointForm(AddressForm):
    name = _line(_l("Naam van het punt"), 120, _l("Vul de naam in."))
    note_nl = TextAreaField(_l("Hoe vind je het, in het Nederlands"), [Length(max=300), Optional()])
    note_fr = TextAreaField(_l("Hoe vind je het, in het Frans"), [Length(max=300), Optional()])
    note_en = TextAreaField(_l("Hoe vind je het, in het Engels"), [Length(max=300), Optional()])


def address_values(row: Any) -> dict[str, str]:
    """Give the values of an `AddressForm` for something with an address."""
    return {name: getattr(row, name) for name in ("street", "house_number", "box", "postcode", "municipality")}
