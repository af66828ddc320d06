"""What each folded part of the form of a product says of itself: the values in it, in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import SelectField

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.farm.product_form import TEXTS, ProductForm

BETWEEN = " · "
PER_LANGUAGE = ("name", "description", "ingredients")


def said(form: ProductForm, answers: Mapping[str, str]) -> dict[str, str]:
    """Give a line for each part of the form, as it is typed: nothing is checked here.

    :param answers: allergen code → answer, see `product_form.chosen_allergens`
    """
    unit = _chosen(form.sell_unit)
    sale = [unit, _text(form.net_amount.data), _("vanaf %(least)s", least=_text(form.least.data) or "?")]
    if form.is_weighed.data:
        sale.append(_("te wegen"))
    days = _text(form.selling_days.data)
    origin = [_text(form.origin_place.data), _chosen(form.origin_country)]
    if form.is_organic.data:
        origin.append(_("bio"))
    return {
        "what": _line(_text(form.name_nl.data), _chosen(form.category)),
        "sale": _line(*sale),
        "keep": _line(_chosen(form.storage_class), " ".join((days, _("dagen"))) if days else ""),
        "origin": _line(*origin),
        "made": _line(_chosen(form.process_service) if form.process_service.data else "", *_allergens(answers)),
        "languages": _line(*(language.upper() for language in TEXTS[1:] if _is_told(form, language))),
    }


def _allergens(answers: Mapping[str, str]) -> list[str]:
    """Name what is in it; that nothing is, only when every allergen has its answer."""
    language = context.language()
    known = data.allergens()
    found = [known[code].name[language] for code, answer in answers.items() if answer == "contains"]
    if found:
        return [_("Bevat") + " " + ", ".join(found)]
    return [_("geen allergenen")] if set(answers.values()) <= {"free", "free_from"} else []


def _is_told(form: ProductForm, language: str) -> bool:
    return any(_text(form[f"{name}_{language}"].data) for name in PER_LANGUAGE)


def _chosen(field: SelectField) -> str:
    return next((_text(label) for value, label in field.choices if value == field.data), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _line(*parts: str) -> str:
    return BETWEEN.join(part for part in parts if part)
