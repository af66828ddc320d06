"""Example values for `templates/gallery.html`: every component once, in its states."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shortchain.blueprints.components import (
    ChainStep,
    Choice,
    Column,
    Crumb,
    Pin,
    Share,
    StopFact,
    Tab,
    Ticket,
)

DOCUMENTS = (
    {
        "row": {"number": "VF-26-00012", "seller": "Hoeve De Linde", "public_id": "voorbeeld"},
        "kind": "Factuur",
        "cents": 4250,
    },
)
COMPLAINT = {
    "kind": "bad",
    "text": "De prei was slap.",
    "made_at": datetime(2026, 11, 27, 9, tzinfo=UTC),
    "decided_at": datetime(2026, 11, 27, 14, tzinfo=UTC),
    "answer": "Dat hoort niet zo. Je krijgt de prei terug.",
    "lines": ({"amount": 2, "sell_unit": "bunch", "name": {"nl": "Prei"}, "given_cents": 480, "photos": ()},),
}
SPOTS = (
    {"name": "Gent", "lat": 51.05, "lon": 3.72, "is_missing": False, "count": 0},
    {"name": "Wetteren", "lat": 51.0, "lon": 3.88, "is_missing": True, "count": 4},
)
WEEK = tuple(
    {
        "day": date(2026, 11, 26),
        "half": half,
        "note": "",
        "is_closed": half == "late",
        "is_over": False,
        "cells": (
            {"name": f"proef-{half}", "label": "pakketten", "value": "40", "note": "2 beloofd die dag", "error": ""},
        ),
    }
    for half in ("early", "late")
)
TICKETS = (
    Ticket(
        "kaas",
        "/p/boerenkaas-jong",
        "Boerenkaas jong",
        "Hoeve De Linde",
        "gisteren",
        "6 km · 22 min fietsen",
        "€ 6,80",
        "400 g",
        "€ 17,00/kg",
        pictogram="milk",
        tags=(("good", "bio"), ("notice", "bevat melk")),
        left=3,
        reduction="−20\xa0%, laagste prijs in 30 dagen €\xa04,50",
    ),
    Ticket(
        "wortel",
        "/p/wortelen",
        "Wortelen met loof",
        "De Zandbies",
        "vandaag",
        "11 km",
        "€ 2,40",
        "bos van 500 g",
        "€ 4,80/kg",
        pictogram="carrot",
        tags=(("good", "bio"),),
        in_basket="2",
    ),
    Ticket(
        "appel",
        "/p/jonagold",
        "Jonagold, nieuwe oogst uit de boomgaard aan de Molenbeek",
        "Fruitbedrijf Van de Velde-Vandenbroucke",
        "uit bewaring",
        "23 km",
        "€ 2,10",
        "1 kg",
        "€ 2,10/kg",
        pictogram="apple",
    ),
    Ticket(
        "ei",
        "/p/eieren",
        "Eieren van kippen met uitloop",
        "’t Kiekenhof",
        "vandaag",
        "4,2 km",
        "€ 3,90",
        "doos van 10",
        "€ 0,39/stuk",
        pictogram="egg",
        tags=(("notice", "bevat ei"),),
        left=0,
        sold_out="Op. Volgende oogst donderdag.",
    ),
)
CHAIN = (
    ChainStep(
        "farm",
        "Geoogst door",
        "Hoeve De Linde",
        "Merelbeke-Melle",
        "6 km",
        "€ 5,10",
        url="/boer/hoeve-de-linde",
    ),
    ChainStep(
        "packer",
        "Gepakt door",
        "Werkhuis Ter Leie",
        "Gent",
        "4 km verder",
        "€ 0,62",
        note="Maatwerkbedrijf, 48 mensen",
    ),
    ChainStep("deliverer", "Gebracht door", "Fietskoerier Noord", "Gent", "3 km", "€ 0,85"),
    ChainStep("pickup", "Jij haalt af bij", "Buurthuis De Schuur", "9000 Gent", "850 m van jou"),
)
TIMELINE = (
    ChainStep("customer", "Besteld", "Je betaling is gelukt", when="di 24 nov, 19.12 u.", state="done"),
    ChainStep(
        "farm",
        "Geoogst",
        "Hoeve De Linde",
        "Merelbeke-Melle",
        when="do 26 nov, 7.30 u.",
        state="done",
    ),
    ChainStep(
        "packer",
        "Wordt gepakt",
        "Werkhuis Ter Leie",
        "Gent",
        when="begonnen om 13.05 u.",
        state="now",
        note="4 van 11 producten zitten in je bak.",
    ),
    ChainStep("deliverer", "Onderweg", "Fietskoerier Noord", when="verwacht 17–19 u.", state="next"),
    ChainStep("pickup", "Klaar om af te halen", "Buurthuis De Schuur", state="next"),
)
LATE = (
    ChainStep(
        "deliverer",
        "Later dan gepland",
        "Fietskoerier Noord",
        when="nieuw uur: 18.40 u.",
        state="problem",
        note="Een lekke band. We wachten op je aan de deur.",
    ),
)
CHOICES = (
    Choice(
        "schuur",
        "Buurthuis De Schuur",
        ("Dok-Zuid 12, 9000 Gent", "do 26 nov, 16–19 u.", "850 m · 4 min fietsen"),
        "gratis",
        left="nog 4 plaatsen",
    ),
    Choice("thuis", "Thuis gebracht", ("Fietskoerier Noord", "do 26 nov, 17–19 u."), "€ 3,50"),
    Choice(
        "station",
        "Station Dampoort",
        ("Oktrooiplein 10, 9000 Gent", "vr 27 nov, 7–9 u."),
        "€ 0,50",
        full="Vol: alle 40 plaatsen zijn bezet.",
    ),
)
SHARES = (
    Share("farm", "Boer", 510, "€ 5,10"),
    Share("packer", "Pakken", 62, "€ 0,62"),
    Share("deliverer", "Brengen", 85, "€ 0,85"),
    Share("platform", "Winkel", 23, "€ 0,23"),
)
PINS = (
    Pin(
        "farm",
        "Hoeve De Linde",
        50.9997,
        3.7457,
        "/boer/hoeve-de-linde",
        ("6 km", "kaas, melk, yoghurt"),
    ),
    Pin("packer", "Werkhuis Ter Leie", 51.0678, 3.7290, facts=("pakt, snijdt en wast",)),
    Pin("pickup", "Buurthuis De Schuur", 51.0610, 3.7395, facts=("do 16–19 u.", "850 m")),
    Pin("deliverer", "Fietskoerier Noord", 51.0790, 3.7180, facts=("brengt binnen 8 km",)),
)
ROWS = (
    ("Wortelen met loof", "40 bossen", "12", "€ 2,40"),
    ("Boerenkaas jong", "18 stuks", "15", "€ 6,80"),
    ("Prei", "25 kg", "0", "€ 2,95"),
)
BILL = (
    ("Producten", "€ 18,40"),
    ("Pakken", "€ 1,20", "Werkhuis Ter Leie"),
    ("Brengen", "€ 3,50", "Fietskoerier Noord"),
    ("Totaal", "€ 23,10"),
)


def values() -> dict[str, Any]:
    """Give the context of the gallery page."""
    return {
        "tickets_shown": TICKETS,
        "chain_steps": CHAIN,
        "timeline_steps": TIMELINE,
        "late": LATE,
        "choices": CHOICES,
        "shares": SHARES,
        "pins": PINS,
        "you": (51.0543, 3.7174),
        "rows": ROWS,
        "bill_rows": BILL,
        "columns": (
            Column("Product"),
            Column("Te koop", True),
            Column("Verkocht", True),
            Column("Prijs", True),
        ),
        "crumbs": (
            Crumb("Winkel", "/winkel"),
            Crumb("Kaas", "/winkel?categorie=kaas"),
            Crumb("Boerenkaas jong"),
        ),
        "tabs_shown": (
            Tab("Nieuw", "#tabs", True, "3", "inbox"),
            Tab("Aanvaard", "#tabs", count="12"),
            Tab("Klaar", "#tabs"),
        ),
        "days": tuple(
            Tab(label, "#dagen", index == 1)
            for index, label in enumerate(("wo 25 nov", "do 26 nov", "vr 27 nov", "za 28 nov"))
        ),
        "facts": (
            StopFact("package", "Bakken", "2 bakken (A, C)"),
            StopFact("snowflake", "Koel", "ja, 1 koelbox"),
            StopFact("message-circle", "Nota", "Bel bij de buren als ik niet thuis ben."),
        ),
        "errors": (
            ("f-naam", "Vul je naam in."),
            ("f-postcode", "Een postcode heeft vier cijfers."),
        ),
        "complaint": COMPLAINT,
        "documents": DOCUMENTS,
        "file_of": lambda _public_id, _ending: "#",
        "spots": SPOTS,
        "week": WEEK,
        "halves": {"early": "voormiddag", "late": "namiddag"},
        "basket_count": 3,
    }
