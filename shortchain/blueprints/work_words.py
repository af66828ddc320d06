"""The words for work: its name, its amount, its state."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext, ngettext

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.components import StopFact
from shortchain.blueprints.formatting import NBSP, kilometres, money, weight
from shortchain.delivery.boards import WorkJob
from shortchain.kernel.halves import AFTERNOON, MORNING


def title_of(found: WorkJob) -> str:
    """Name the work of a job: its service, in the reader's language."""
    name = data.services()[found.service].name[context.language()]
    return name[:1].upper() + name[1:]


def request_facts(found: WorkJob) -> list[StopFact]:
    """Say what a request asks: how much, how cold, from where, to where, for how much."""
    facts = [StopFact("package", gettext("Hoeveel"), amount_of(found)), *_cold(found)]
    if found.brought_by:
        facts.append(StopFact("tractor", gettext("Komt van"), ", ".join(found.brought_by)))
    if found.goes_to:
        facts.append(StopFact("map-pin", gettext("Gaat naar"), found.goes_to))
    if found.stage == "deliver":
        facts.append(StopFact("route", gettext("Afstand"), kilometres(found.metres)))
    facts.append(StopFact("euro", gettext("Je krijgt"), money(found.cost_cents)))
    return facts


def work_facts(found: WorkJob) -> list[StopFact]:
    """Say what a person on the floor must know before starting."""
    facts = [StopFact("package", gettext("Hoeveel"), amount_of(found)), *_cold(found)]
    if found.half:
        facts.append(StopFact("clock", gettext("Halve dag"), half_words()[found.half]))
    if found.missing and found.state == "accepted":
        facts.append(StopFact("clock", gettext("Moet nog komen"), ", ".join(found.missing)))
    if found.goes_to:
        facts.append(StopFact("map-pin", gettext("Gaat naar"), found.goes_to))
    return facts


def half_words() -> dict[str, str]:
    """Name the halves of a day."""
    return {MORNING: gettext("voormiddag"), AFTERNOON: gettext("namiddag")}


def amount_of(found: WorkJob) -> str:
    """Say how much work it is: boxes or stops, with the weight."""
    kilos = weight(found.weight_g)
    if found.stage == "process":
        return kilos
    word = (
        ngettext("%(num)d pakket", "%(num)d pakketten", found.use)
        if found.stage == "pack"
        else ngettext("%(num)d stop", "%(num)d stops", found.use)
    )
    return f"{word} · {kilos}".replace(f"{found.use} ", f"{found.use}{NBSP}", 1)


def _cold(found: WorkJob) -> list[StopFact]:
    names = [data.storage_classes()[code].name[context.language()] for code in found.storage_classes]
    facts = [StopFact("thermometer", gettext("Bewaren"), ", ".join(names))] if names else []
    if found.is_organic:
        facts.append(StopFact("leaf", gettext("Let op"), gettext("Bio: apart houden")))
    if found.free_from:
        told = gettext("Vrij van %(what)s: apart houden", what=allergen_names(found.free_from))
        facts.append(StopFact("triangle-alert", gettext("Let op"), told))
    return facts


def allergen_names(codes: Sequence[str]) -> str:
    """Name allergens in the reader's language, in the order of their codes."""
    return ", ".join(data.allergens()[code].name[context.language()] for code in codes)


def load_in_units(found: WorkJob) -> tuple[int, int, int, str] | None:
    """Give (before, after, cap, unit) of the day, in the unit that people count in."""
    if found.load is None:
        return None
    scale = 1000 if found.stage == "process" else 1
    unit = units()[found.stage]
    return (
        -(-found.load.before // scale),
        -(-found.load.after // scale),
        found.load.cap // scale,
        unit,
    )


def units() -> dict[str, str]:
    """Name what is counted of the work of each stage."""
    return {"process": gettext("kg"), "pack": gettext("pakketten"), "deliver": gettext("stops")}


def states() -> dict[str, tuple[str, str]]:
    """Give the word and the tone of each state of a job."""
    return {
        "offered": (gettext("Aanvraag"), "notice"),
        "accepted": (gettext("Te doen"), "info"),
        "started": (gettext("Bezig"), "work"),
        "ready": (gettext("Klaar"), "good"),
        "planned": (gettext("Gepland"), "plain"),
    }


def reasons() -> list[tuple[str, str]]:
    """Give the reasons to choose from for giving work back."""
    words = [
        gettext("Te veel werk die dag"),
        gettext("Gesloten"),
        gettext("Iemand is ziek"),
        gettext("We kunnen dit niet"),
        gettext("De prijs klopt niet"),
    ]
    return [("", gettext("Zeg ik liever niet")), *((word, word) for word in words)]
