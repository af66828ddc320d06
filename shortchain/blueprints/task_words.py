"""The words for a coordinator's tasks, and what to do about those on money."""

from __future__ import annotations

from flask_babel import gettext

from shortchain.complaints.operations import WITHDRAWAL
from shortchain.workflows import bank_credits, documents, gift_cards


def task_words() -> dict[str, str]:
    """Name the kinds of tasks."""
    return {
        "unrouted": gettext("Niemand gevonden"),
        "other_time": gettext("Stelt een ander moment voor"),
        "goods_elsewhere": gettext("Goederen staan bij een ander"),
        "wrong_amount": gettext("Verkeerd bedrag betaald"),
        "refund_by_hand": gettext("Zelf terugbetalen"),
        "refund_returned": gettext("Terugbetaling kwam terug: betaal zelf"),
        gift_cards.BY_HAND: gettext("Betaal een cadeaubon terug"),
        "dispute_opened": gettext("Klant betwist de betaling"),
        "dispute_lost": gettext("Betwisting verloren"),
        "refund_at_provider": gettext("Terugbetaald bij de betaaldienst zelf"),
        "reversal_at_provider": gettext("Teruggenomen bij de betaaldienst zelf"),
        "payout_failed": gettext("Bank weigert een uitbetaling"),
        "debit_failed": gettext("Domiciliëring mislukt na levering of start"),
        "account_closed": gettext("Kan niet meer uitbetaald worden"),
        "payouts_stopped": gettext("Kan even niet uitbetaald worden"),
        documents.REFUSED: gettext("Een document kwam niet aan"),
        "complaint": gettext("Klant meldt een probleem"),
        WITHDRAWAL: gettext("Klant herroept"),
        bank_credits.BACK: gettext("Schrijf terug: te veel of verkeerd overgeschreven"),
        "nothing_left": gettext("Niets te leveren: alles kwam tekort"),
        "failed_stop": gettext("Niet geleverd"),
        "late": gettext("Te laat"),
    }


def task_hints() -> dict[str, str]:
    """Say what a coordinator does about a task on money."""
    return {
        "refund_by_hand": gettext("Schrijf het bedrag over naar de klant en druk dan op de knop."),
        "refund_returned": gettext("De bank gaf het geld terug. Vraag de klant een rekening en schrijf over."),
        gift_cards.BY_HAND: gettext(
            "De koper gaf de bon terug. Schrijf het bedrag over naar wie hem betaalde en druk dan op de knop."
        ),
        "dispute_opened": gettext("De bank houdt het geld vast. Antwoord bij de betaaldienst met je bewijs."),
        "dispute_lost": gettext("Het geld is bij de klant. Wie uitbetaald is, houdt zijn deel."),
        bank_credits.BACK: gettext("Schrijf dit over naar wie het stuurde, en vink dan af."),
        "nothing_left": gettext("De klant kreeg zijn eten terugbetaald. Geef ook de rest terug bij de bestelling."),
        "refund_at_provider": gettext(
            "We boekten het op de bestelling: het komt van iedereen naar verhouding. Zeg de klant waarom, en vink af."
        ),
        "reversal_at_provider": gettext(
            "We boekten het. Wat de onderneming niet moest teruggeven, wacht bij Uitbetalen tot je het vrijgeeft."
        ),
        documents.REFUSED: gettext(
            "Los op wat er scheelt en stuur het opnieuw. Het document zelf blijft zoals het is."
        ),
        "payout_failed": gettext("Vraag de onderneming om haar rekening na te kijken bij de betaaldienst."),
        "debit_failed": gettext(
            "De klant kreeg een mail om anders te betalen. Betaalt hij niet, laat dan het platform betalen."
        ),
        "account_closed": gettext(
            "Haar geld wacht. Vraag de onderneming om een nieuwe rekening te openen, of om een rekeningnummer: "
            "dan betaal je haar met een bankbestand."
        ),
        "payouts_stopped": gettext(
            "De betaaldienst wil eerst iets weten. De onderneming kreeg een mail; help haar verder."
        ),
    }
