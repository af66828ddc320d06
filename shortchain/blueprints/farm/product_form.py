"""The form of a product: from what stands in the table to what the farmer says, and back."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from shortchain import data
from shortchain.blueprints import amounts, container_words, context, formatting
from shortchain.catalogue.products import COUNTRIES, Terms
from shortchain.containers import types
from shortchain.kernel.errors import Invalid
from shortchain.kernel.quantity import BY_MEASURE, SellUnit, Unit

TEXTS = ("nl", "fr", "en")
MARKED = re.compile(r"\*\*(.+?)\*\*")


class ProductForm(FlaskForm):  # type: ignore[misc]
    """What a farmer says of a product; the allergens are read apart, see `chosen_allergens`."""

    version = HiddenField()
    name_nl = StringField(_l("Naam"), [InputRequired(_l("Geef het product een naam.")), Length(max=110)])
    name_fr = StringField(_l("Naam in het Frans"), [Length(max=110)])
    name_en = StringField(_l("Naam in het Engels"), [Length(max=110)])
    description_nl = TextAreaField(_l("Wat moet een klant weten?"), [Length(max=1500)])
    description_fr = TextAreaField(_l("In het Frans"), [Length(max=1500)])
    description_en = TextAreaField(_l("In het Engels"), [Length(max=1500)])
    category = SelectField(_l("Soort"), [InputRequired(_l("Kies een soort."))])
    sell_unit = SelectField(_l("Verkocht per"), [InputRequired(_l("Kies een eenheid."))])
    net_amount = StringField(_l("Inhoud"), [Length(max=20)])
    weight_g = IntegerField(_l("Gewicht"), [InputRequired(_l("Geef het gewicht.")), NumberRange(1, 100_000)])
    is_weighed = BooleanField(_l("Wordt gewogen bij het inpakken"))
    least = StringField(
        _l("Minstens per bestelling"),
        [InputRequired(_l("Geef het minste dat je verkoopt.")), Length(max=12)],
    )
    step = StringField(
        _l("Telkens erbij"),
        [InputRequired(_l("Geef met hoeveel het telkens meer wordt.")), Length(max=12)],
    )
    most = StringField(_l("Hoogstens per bestelling"), [Length(max=12)])
    storage_class = SelectField(_l("Bewaren"), [InputRequired(_l("Kies hoe het bewaard wordt."))])
    selling_days = IntegerField(_l("Blijft goed na de oogst"), [InputRequired(_l("Geef een aantal dagen."))])
    withdrawal = SelectField(_l("Herroepen door de klant"), [InputRequired(_l("Kies of de klant kan herroepen."))])
    container = SelectField(_l("Waarborg voor wat terugkomt"))
    is_organic = BooleanField(_l("Biologisch, volgens mijn certificaat"))
    origin_country = SelectField(_l("Land van herkomst"), [InputRequired(_l("Kies het land van herkomst."))])
    origin_place = StringField(_l("Gemeente van herkomst"), [Length(max=80)])
    process_service = SelectField(_l("Wordt nog bewerkt voor het pakken"))
    ingredients_nl = TextAreaField(_l("Ingrediënten, van veel naar weinig"), [Length(max=1000)])
    ingredients_fr = TextAreaField(_l("Ingrediënten in het Frans"), [Length(max=1000)])
    ingredients_en = TextAreaField(_l("Ingrediënten in het Engels"), [Length(max=1000)])

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        language = context.language()
        parents = {one.parent for one in data.categories().values()}
        self.category.choices = [
            (code, one.name[language]) for code, one in data.categories().items() if code not in parents
        ]
        self.sell_unit.choices = [(code.value, one.name[language]) for code, one in data.sell_units().items()]
        self.storage_class.choices = [(code, one.name[language]) for code, one in data.storage_classes().items()]
        self.withdrawal.choices = [
            ("none_perishable", _("nee, het bederft snel")),
            ("14d", _("ja, 14 dagen")),
            ("14d_sealed", _("ja, 14 dagen zolang de verzegeling heel is")),
        ]
        self.container.choices = [("", _("geen"))] + [
            (
                str(row.id),
                f"{container_words.label(row.kind.value, row.name)}, {formatting.money(row.deposit_cents)} · {owner}",
            )
            for row, owner in types.for_products(context.session(), farm_id=context.seat().enterprise_id)
        ]
        self.origin_country.choices = [(code, _country(code)) for code in COUNTRIES]
        self.process_service.choices = [("", _("nee"))] + [
            (code, one.name[language]) for code, one in data.services().items() if one.stage == "process"
        ]


def _country(code: str) -> str:
    names = {
        "BE": _("België"),
        "NL": _("Nederland"),
        "FR": _("Frankrijk"),
        "DE": _("Duitsland"),
        "LU": _("Luxemburg"),
    }
    return str(names[code])


def filled(terms: Terms, *, version: int | None = None) -> ProductForm:
    """Make the form as the product stands."""
    unit = terms.sell_unit
    texts = {
        f"{name}_{language}": _in_capitals(getattr(terms, name).get(language, ""))
        for name in ("name", "description", "ingredients")
        for language in TEXTS
    }
    return ProductForm(
        formdata=None,
        version=str(version or ""),
        category=terms.category,
        sell_unit=unit.value,
        net_amount=_content(terms),
        weight_g=terms.weight_g,
        is_weighed=terms.is_weighed,
        least=amounts.typed(terms.least, unit),
        step=amounts.typed(terms.step, unit),
        most=amounts.typed(terms.most, unit) if terms.most else "",
        storage_class=terms.storage_class,
        selling_days=terms.selling_days,
        withdrawal=terms.withdrawal,
        container=str(terms.container_id or ""),
        is_organic=terms.is_organic,
        origin_country=terms.origin_country,
        origin_place=terms.origin_place,
        process_service=terms.process_service or "",
        **texts,
    )


def _in_capitals(text: str) -> str:
    """Write what the reference table marks as an allergen (`**selder**`) as the form asks for it: SELDER."""
    return MARKED.sub(lambda found: found[1].upper(), text)


def _content(terms: Terms) -> str:
    if not terms.net_amount:
        return ""
    if terms.net_unit is Unit.MILLILITRE:
        return amounts.litres(terms.net_amount)
    return formatting.weight(terms.net_amount)


def terms_of(form: ProductForm, before: Terms) -> Terms:
    """Read what the form says; what it does not ask stays as it was.

    :raises Invalid: for an amount that is none, with the field that it stands in
    """
    unit = SellUnit(form.sell_unit.data)
    net_amount, net_unit = _read_content(form.net_amount.data or "", unit)
    return Terms(
        name=_texts(form, "name"),
        description=_texts(form, "description"),
        ingredients=_texts(form, "ingredients"),
        category=form.category.data,
        produce=before.produce,
        sell_unit=unit,
        net_amount=net_amount,
        net_unit=net_unit,
        weight_g=form.weight_g.data,
        is_weighed=form.is_weighed.data,
        least=_amount(form, "least", unit) or 1,
        step=_amount(form, "step", unit) or 1,
        most=_amount(form, "most", unit) or None,
        storage_class=form.storage_class.data,
        selling_days=form.selling_days.data,
        is_organic=form.is_organic.data,
        allergens=chosen_allergens(before),
        withdrawal=form.withdrawal.data,
        container_id=int(form.container.data) if form.container.data else None,
        origin_country=form.origin_country.data,
        origin_place=(form.origin_place.data or "").strip(),
        process_service=form.process_service.data or None,
    )


def chosen_allergens(before: Terms) -> dict[str, str]:
    """Read the answers for the fourteen allergens; one that was not asked stays as it was."""
    return {code: request.form.get(f"a-{code}", before.allergens.get(code, "unknown")) for code in data.allergens()}


def _texts(form: ProductForm, name: str) -> dict[str, str]:
    found = {language: (form[f"{name}_{language}"].data or "").strip() for language in TEXTS}
    return {language: text for language, text in found.items() if text}


def _amount(form: ProductForm, name: str, unit: SellUnit) -> int:
    try:
        return amounts.read(form[name].data or "", unit)
    except Invalid as error:
        raise Invalid(error.message, fields=(name,)) from error


def _read_content(text: str, unit: SellUnit) -> tuple[int | None, Unit | None]:
    """Read `250 g`, `1,5 kg` or `75 cl`; what is sold by measure has no content of its own."""
    plain = text.replace(formatting.NBSP, " ").strip()
    if not plain or unit in BY_MEASURE:
        return None, None
    is_fluid = plain.lower().endswith("l")
    try:
        amount = amounts.read(plain, SellUnit.LITRE if is_fluid else SellUnit.KG)
    except Invalid as error:
        raise Invalid(_("Geef de inhoud met haar eenheid, bijvoorbeeld 250 g."), fields=("net_amount",)) from error
    return amount, Unit.MILLILITRE if is_fluid else Unit.GRAM


def allergen_rows(answers: dict[str, str]) -> list[tuple[str, str, str]]:
    """List the allergens for the page: code, name, answer."""
    language = context.language()
    return [(code, one.name[language], answers.get(code, "unknown")) for code, one in data.allergens().items()]


def allergen_words(*, with_unknown: bool) -> list[tuple[str, str]]:
    """Give the answers that one may choose."""
    words = [
        ("free", _("zit er niet in")),
        ("free_from", _("vrij van, en zo verkocht")),
        ("contains", _("zit erin")),
        ("may_contain", _("kan sporen bevatten")),
    ]
    return [*words, ("unknown", _("weet ik niet"))] if with_unknown else [("unknown", _("kies")), *words]
