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
        "accepted": gettext("Zei ja"),
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


def account_words() -> dict[str, str]:
    """Name the accounts of the ledger."""
    return {
        "bank": gettext("geld bij de betaaldienst"),
        "customer": gettext("van de klant"),
        "enterprise": gettext("voor ondernemingen"),
        "platform": gettext("platform"),
        "gift_card": gettext("op cadeaubonnen"),
        "issuer": gettext("te krijgen van uitgevers van cheques"),
        "discount": gettext("te krijgen van hubs voor kortingscodes"),
    }


def booking_words() -> dict[str, str]:
    """Name the kinds of bookings."""
    return {
        "capture": gettext("Betaling"),
        "settle": gettext("Verdeeld"),
        "goods": gettext("Goederen"),
        "fee": gettext("Bijdrage"),
        "deposit": gettext("Waarborg"),
        **fee_words(),
        "ceded": gettext("Voor de ronde, uit de prijs van de boeren"),
        "received": gettext("Van boeren van de ronde"),
        "refund": gettext("Terugbetaling"),
        "refund_back": gettext("Terugbetaling kwam terug"),
        "refund_hand": gettext("Zelf terugbetaald"),
        "payout": gettext("Uitbetaling"),
        "reversal": gettext("Teruggenomen"),
        "netting": gettext("Verrekend"),
        "dispute": gettext("Betwisting"),
        "dispute_fee": gettext("Kosten van een betwisting"),
        "dispute_refund": gettext("Terugbetaald door de bank"),
        "bad_debt": gettext("Het platform betaalt"),
        "card_sale": gettext("Cadeaubon verkocht"),
        "card_back": gettext("Cadeaubon teruggegeven"),
        "card_dispute": gettext("Cadeaubon betwist"),
        "card_refund": gettext("Cadeaubon terugbetaald"),
        "issuer_paid": gettext("Uitgever van cheques betaalde"),
        "issuer_fee": gettext("Kosten van een uitgever van cheques"),
        "issuer_loss": gettext("Verschil met een uitgever van cheques"),
        "hub_paid": gettext("Hub betaalde haar kortingscodes"),
    }


def mail_words() -> dict[str, str]:
    """Name the mails about an order that were not made yet: one that is made has its subject."""
    return {
        "order_confirmed": gettext("Bevestiging"),
        "order_cancelled": gettext("Annulering"),
        "order_expired": gettext("Vervallen, niet betaald"),
        "order_changed": gettext("Aanpassing"),
        "order_added": gettext("Bijbesteld"),
        "order_weighed": gettext("Gewogen"),
        "order_link": gettext("Link naar de bestelling"),
        "transfer_asked": gettext("Vraag om over te schrijven"),
        "jobs_offered": gettext("Aanvraag aan een uitvoerder"),
        "goods_short": gettext("Tekort"),
        "money_back": gettext("Geld teruggegeven"),
        "complaint_received": gettext("Klacht ontvangen"),
        "complaint_decided": gettext("Klacht beslist"),
        "withdrawal_received": gettext("Herroeping"),
        "empties_back": gettext("Leeggoed terug"),
        "debit_announced": gettext("Aankondiging van een domiciliëring"),
        "debit_failed": gettext("Domiciliëring mislukt"),
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
        "apart": gettext("houdt “vrij van” niet apart"),
        "price": gettext("geen prijs hiervoor"),
        "radius": gettext("te ver"),
        "closed": gettext("gesloten"),
        "zone": gettext("geen voertuig dat in de zone mag"),
        "organic": gettext("geen biocertificaat"),
        "lead": gettext("te kort dag"),
        "capacity": gettext("volzet"),
        "together": gettext("dagen passen niet samen"),
    }
