"""Words of the coordinator's pages: states of orders and jobs, services, risks, why somebody was left out."""

from __future__ import annotations

from flask_babel import gettext


def state_words() -> dict[str, str]:
    """Name the states of an order."""
    return {
        "awaiting_payment": gettext("Wacht op betaling"),
        "confirmed": gettext("Bevestigd"),
        "delivered": gettext("Geleverd"),
        "settled": gettext("Afgerekend"),
        "expired": gettext("Verlopen"),
        "cancelled": gettext("Geannuleerd"),
    }


def job_words() -> dict[str, str]:
    """Name the states of a job."""
    return {
        "planned": gettext("Gepland"),
        "offered": gettext("Gevraagd"),
        "accepted": gettext("Aanvaard"),
        "started": gettext("Bezig"),
        "ready": gettext("Klaar"),
        "declined": gettext("Afgewezen"),
        "expired": gettext("Geen antwoord"),
        "withdrawn": gettext("Ingetrokken"),
    }


def fee_words() -> dict[str, str]:
    """Name the services of a chain."""
    return {
        "process": gettext("Verwerken"),
        "transport": gettext("Aanvoer"),
        "pack": gettext("Inpakken"),
        "deliver": gettext("Leveren"),
        "levy": gettext("Kosten van de ronde"),
        **dict.fromkeys(("ceded", "received"), gettext("de boeren, uit hun prijs")),
    }


def risk_words() -> dict[str, tuple[str, str]]:
    """Name what may go wrong, and what to do about it."""
    return {
        "silent": (
            gettext("Nog geen antwoord"),
            gettext("De termijn loopt bijna af. Bel even, of wacht: daarna vragen we een ander."),
        ),
        "late": (gettext("Te laat"), gettext("Het moment is voorbij en de bestelling is nog niet geleverd.")),
        "not_started": (gettext("Nog niet begonnen"), gettext("De levering begint binnen drie uur.")),
        "transfer": (gettext("Wacht op overschrijving"), gettext("Vink af wat op de rekening staat.")),
        "mail": (gettext("Mail niet aangekomen"), gettext("Kijk het adres na en bel de klant.")),
    }


def reason_words() -> dict[str, str]:
    """Say why candidates were left out."""
    return {
        "excluded": gettext("zei nee"),
        "service": gettext("andere dienst"),
        "temperature": gettext("geen koeling"),
        "allergen": gettext("een allergeen mag er niet binnen"),
        "price": gettext("geen prijs hiervoor"),
        "radius": gettext("te ver"),
        "closed": gettext("gesloten"),
        "zone": gettext("geen voertuig dat in de zone mag"),
        "organic": gettext("geen biocertificaat"),
        "lead": gettext("te kort dag"),
        "capacity": gettext("volzet"),
        "together": gettext("dagen passen niet samen"),
    }
