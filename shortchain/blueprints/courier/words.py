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
        "payload": gettext("te zwaar voor de voertuigen."),
        "window": gettext("te laat voor het afgesproken uur."),
        "cold": gettext("te lang onderweg voor wat koud moet blijven."),
        "shift": gettext("de dag is te kort."),
    }


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
