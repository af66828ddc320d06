"""The words of the driving pages for what the domain names by codes."""

from __future__ import annotations

from flask_babel import gettext

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.formatting import clock, minutes
from shortchain.delivery.run_sheets import TourSheet


def stop_states() -> dict[str, tuple[str, str]]:
    """Give the word and the tone of what happened at a stop."""
    return {
        "collected": (gettext("Geladen"), "good"),
        "delivered": (gettext("Geleverd"), "good"),
        "not_home": (gettext("Niet thuis"), "warning"),
        "problem": (gettext("Probleem"), "warning"),
    }


def tour_states() -> dict[str, tuple[str, str]]:
    """Give the word and the tone of how far a tour is."""
    return {
        "draft": (gettext("Ontwerp"), "notice"),
        "published": (gettext("Vrijgegeven"), "info"),
        "under_way": (gettext("Onderweg"), "work"),
        "done": (gettext("Klaar"), "good"),
    }


def why_left() -> dict[str, str]:
    """Say per code of the planner why an order is in no tour."""
    return {
        "no_vehicle": gettext("er is geen voertuig vrij."),
        "driver": gettext("geen enkele bestuurder mag of kan dit doen."),
        "zone": gettext("geen enkel voertuig mag daar komen."),
        "frozen": gettext("geen enkel voertuig heeft daar een vriesvak voor."),
        "payload": gettext("te zwaar voor de voertuigen."),
        "crates": gettext("te veel kisten voor de voertuigen."),
        "volume": gettext("te groot voor de laadruimte van de voertuigen."),
        "stops": gettext("meer stops dan de voertuigen aankunnen."),
        "locked": gettext("het past niet bij wat vaststaat."),
        "window": gettext("te laat voor het afgesproken uur."),
        "cold": gettext("te lang onderweg voor wat koud moet blijven."),
        "shift": gettext("de dag is te kort."),
    }


def locks() -> dict[str, str]:
    """Give the ways to fix a stop of a draft, as a person chooses them."""
    return {
        "": gettext("vrij: opnieuw plannen mag deze stop verplaatsen"),
        "tour": gettext("in deze rit, op eender welke plaats"),
        "place": gettext("op deze plaats in deze rit"),
        "first": gettext("als eerste in deze rit"),
    }


def fixed() -> dict[str, str]:
    """Say in a word or two what is fixed of a stop."""
    return {"tour": gettext("vast in deze rit"), "place": gettext("vast op deze plaats")}


def cold(codes: tuple[str, ...]) -> str:
    """Say how goods must be kept on the road; empty when the day's temperature will do."""
    return ", ".join(data.storage_classes()[code].name[context.language()] for code in codes)


def breaks(tour: TourSheet) -> list[tuple[str, str]]:
    """Say when the driver rests, as facts of a tour."""
    words = gettext("%(minutes)s om %(time)s, na stop %(stop)s")
    return [
        (gettext("Pauze"), words % {"minutes": minutes(one.seconds / 60), "time": clock(one.at), "stop": one.after})
        for one in tour.breaks
    ]


def vehicle(code: str) -> str:
    """Name a kind of vehicle."""
    return data.vehicles()[code].name[context.language()]
