"""The menus of workplaces: a provider's, shared by its desk, its work floor and its drivers, and a hub's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.components import Tab
from shortchain.enterprises import capabilities
from shortchain.enterprises.seats import MemberRole

MANAGERS = frozenset({MemberRole.OWNER, MemberRole.STAFF, MemberRole.PLANNER})


def is_manager() -> bool:
    """Say whether the person runs the enterprise of their seat, and does not only drive or pack for it."""
    return bool(context.seat().roles & MANAGERS)


def provider_page(current: str, *, asked: int = 0) -> dict[str, Any]:
    """Give what `layouts/workplace.html` needs on a page of a provider.

    `current` is the address of the page; `asked` how many requests wait for an answer.
    """
    seat = context.seat()
    stages = {
        data.services()[one.service].stage
        for one in capabilities.list_of(context.session(), enterprise_id=seat.enterprise_id)
    }
    roles, manages = seat.roles, is_manager()
    at_a_place = bool(stages & {"pack", "process"}) and (manages or MemberRole.WORKER in roles)
    drives = "deliver" in stages and (manages or MemberRole.DRIVER in roles)
    found = [
        (manages, Tab(gettext("Aanvragen"), "/werk/in", count=str(asked or ""), icon="inbox")),
        (at_a_place, Tab(gettext("Vandaag"), "/werk/dag", icon="calendar")),
        (at_a_place, Tab(gettext("Paklijst"), "/werk/lijst", icon="clipboard-list")),
        (drives, Tab(gettext("Ritten"), "/rit", icon="bike")),
        (manages, Tab(gettext("Waarom"), "/werk/waarom", icon="circle-question-mark")),
        (manages, Tab(gettext("Capaciteit"), "/werk/capaciteit", icon="calendar-days")),
        (manages, Tab(gettext("Diensten"), "/werk/diensten", icon="tag")),
        (manages, Tab(gettext("Bedrijf"), "/onderneming", icon="settings")),
    ]
    tabs = [tab for applies, tab in found if applies]
    menu = [replace(tab, current=tab.url == current) for tab in tabs]
    workplace = "deliverer" if stages == {"deliver"} else "packer"
    return {"workplace": workplace, "workplace_name": seat.name, "menu": menu}


def hub_page(current: str, *, tasks: int = 0) -> dict[str, Any]:
    """Give what `layouts/workplace.html` needs on a page of a coordinator.

    `current` is the address of the page; `tasks` how many things wait for a person.
    """
    tabs = [
        Tab(gettext("Vandaag"), "/hub", count=str(tasks or ""), icon="calendar"),
        Tab(gettext("Bestellingen"), "/hub/bestellingen", icon="clipboard-list"),
        Tab(gettext("Ketens"), "/hub/keten", icon="users"),
        Tab(gettext("Klanten"), "/hub/klanten", icon="user-round"),
        Tab(gettext("Geld"), "/hub/geld", icon="euro"),
        Tab(gettext("Dekking"), "/hub/dekking", icon="map"),
        Tab(gettext("Journaal"), "/hub/journaal", icon="eye"),
        Tab(gettext("Hub"), "/onderneming", icon="store"),
    ]
    return {
        "workplace": "hub",
        "workplace_name": context.seat().name,
        "menu": [replace(tab, current=tab.url == current) for tab in tabs],
    }
