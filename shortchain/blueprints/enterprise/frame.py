"""What every page of an enterprise shows around its content, and the words that they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.components import Tab
from shortchain.enterprises.seats import MemberRole, Seat

WEEKDAYS = range(7)


def show(template: str, *, errors: Sequence[tuple[str, str]] = (), **values: Any) -> tuple[str, int]:
    """Show a page of the seat's enterprise: 422 when a form on it was refused, else 200."""
    seat = context.seat()
    page = render_template(
        f"enterprise/{template}.html",
        errors=list(errors),
        menu=_menu(seat),
        workplace_name=seat.name,
        workplace=_colour(seat),
        seat=seat,
        is_owner=MemberRole.OWNER in seat.roles,
        **values,
    )
    return page, 422 if errors else 200


def doer() -> dict[str, Any]:
    """Give what every deed of an enterprise's people takes: whose it is, who does it, and when."""
    return {"enterprise_id": context.seat().enterprise_id, "now": context.now(), "by": context.actor()}


def version_seen(text: str | None) -> int:
    """Read which version of a row a form showed; 0, which no row has, when that was tampered with."""
    return int(text) if text and text.isdigit() else 0


def role_words() -> dict[str, str]:
    """Give the names of the roles."""
    return {
        "owner": _("eigenaar"),
        "staff": _("medewerker"),
        "planner": _("planner"),
        "worker": _("maatwerker"),
        "driver": _("chauffeur"),
    }


def licence_words() -> dict[str, str]:
    """Give the driving licences by category (`licences.LICENCES`)."""
    return {
        "": _("geen rijbewijs"),
        "B": _("B: tot 3500 kg"),
        "BE": _("BE: met een zware aanhangwagen"),
        "C1": _("C1: tot 7500 kg"),
        "C": _("C: zwaarder dan 7500 kg"),
    }


def fuel_words() -> dict[str, str]:
    """Give what a motor vehicle burns."""
    return {
        "electric": _("elektriciteit"),
        "diesel": _("diesel"),
        "petrol": _("benzine"),
        "gas": _("lpg of aardgas"),
    }


def weekday_words() -> list[str]:
    """Give the names of the days, Monday first."""
    return [
        _("maandag"),
        _("dinsdag"),
        _("woensdag"),
        _("donderdag"),
        _("vrijdag"),
        _("zaterdag"),
        _("zondag"),
    ]


def class_choices() -> list[tuple[str, str]]:
    """Give the temperature classes with their names, for a list of ticks."""
    language = context.language()
    return [(code, one.name[language]) for code, one in data.storage_classes().items()]


def price_form_words() -> dict[str, str]:
    """Give what a price can be asked for."""
    return {
        "kg": _("per kg"),
        "piece": _("per stuk"),
        "box": _("per pakket"),
        "order": _("per bestelling"),
        "stop": _("per stop"),
        "km": _("per km"),
        "hour": _("per uur"),
    }


def capacity_words(unit: str) -> str:
    """Give the unit in which the capacity of a service is counted on the screen."""
    words: dict[str, str] = {
        "g": _("kg"),
        "box": _("pakketten"),
        "stop": _("stops"),
        "piece": _("stuks"),
        "hour": _("uren"),
    }
    return words[unit]


def unit_words(unit: str) -> str:
    """Give one unit of work as the screen names it; empty for hours, which are time themselves."""
    words: dict[str, str] = {"g": _("kg"), "box": _("pakket"), "stop": _("stop"), "piece": _("stuk"), "hour": ""}
    return words[unit]


def _colour(seat: Seat) -> str:
    if seat.is_hub:
        return "hub"
    return "farm" if seat.is_grower else "packer"


def _menu(seat: Seat) -> list[Tab]:
    owner = MemberRole.OWNER in seat.roles
    found = [
        (seat.is_grower and not seat.is_hub, _("Vandaag"), "farm.today", "sun"),
        (seat.is_hub, _("Vandaag"), "hub.day", "calendar"),
        (seat.is_provider and not seat.is_grower and not seat.is_hub, _("Aanvragen"), "work.inbox", "inbox"),
        (True, _("Overzicht"), "enterprise.home", "building-2"),
        (True, _("Wie we zijn"), "enterprise.profile", "store"),
        (True, _("Mensen"), "enterprise.people", "users"),
        (True, _("Diensten en prijzen"), "enterprise.services", "handshake"),
        (True, _("Kalender"), "enterprise.capacity", "calendar-days"),
        (seat.is_provider, _("Voertuigen"), "enterprise.vehicles", "truck"),
        (seat.is_grower or seat.is_provider, _("Laten ophalen"), "enterprise.collecting", "route"),
        (True, _("Certificaten"), "enterprise.certificates", "badge-check"),
        (True, _("Leeggoed"), "enterprise.containers", "recycle"),
        (seat.is_hub, _("Afhaalpunten"), "enterprise.points", "house"),
        (
            seat.is_grower and not seat.is_hub,
            _("Ophalen op de boerderij"),
            "enterprise.points",
            "house",
        ),
        (owner, _("Uitbetaling"), "enterprise.payouts", "euro"),
        (owner, _("Documenten"), "enterprise.documents", "receipt"),
        (seat.is_hub, _("Na te kijken"), "enterprise.to_verify", "shield-check"),
    ]
    here = request.endpoint or ""
    aliases = {
        "enterprise.service": "enterprise.services",
        "enterprise.service_area": "enterprise.services",
        "enterprise.vehicle": "enterprise.vehicles",
        "enterprise.new_vehicle": "enterprise.vehicles",
        "enterprise.grant_right": "enterprise.vehicles",
        "enterprise.new_driver": "enterprise.vehicles",
        "enterprise.driver": "enterprise.vehicles",
        "enterprise.ask_collector": "enterprise.collecting",
        "enterprise.point": "enterprise.points",
        "enterprise.new_point": "enterprise.points",
        "enterprise.move": "enterprise.profile",
        "enterprise.invite": "enterprise.people",
        "enterprise.add_container": "enterprise.containers",
        "enterprise.change_container": "enterprise.containers",
        "enterprise.pack_in": "enterprise.containers",
        "enterprise.hand_containers": "enterprise.containers",
        "enterprise.empties_back": "enterprise.containers",
        "enterprise.take_empties": "enterprise.containers",
        "enterprise.close_days": "enterprise.capacity",
        "enterprise.week": "enterprise.capacity",
        "enterprise.save_week": "enterprise.capacity",
    }
    here = aliases.get(here, here)
    return [
        Tab(label, url_for(endpoint), current=endpoint == here, icon=icon)
        for applies, label, endpoint, icon in found
        if applies
    ]
