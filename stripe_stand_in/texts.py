"""The words on the hosted pages, in Dutch, French and English."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import LanguageAccept

LANGUAGES = ("nl", "fr", "en")

TEXTS: dict[str, dict[str, str]] = {
    "nl": {
        "banner": "Testbetaling. Er gaat geen echt geld.",
        "title": "Betalen",
        "to_pay": "Te betalen",
        "for": "Voor",
        "mail": "E-mail",
        "bancontact": "Betaal met Bancontact",
        "card": "Betaal met kaart",
        "sepa_debit": "Betaal met domiciliëring",
        "fail": "Laat de betaling mislukken",
        "fail_later": "Laat de bank later weigeren",
        "mandate": "Je machtigt de winkel om dit bedrag, en later andere, van rekening BE•• 7034 te innen. Je bank kan elke inning tot 8 weken later terugdraaien.",
        "leave": "Terug zonder te betalen",
        "choose": "Kies hoe je betaalt",
        "other": "Voor een test",
        "failed": "De betaling is niet gelukt. Er is niets afgeschreven. Probeer opnieuw of kies iets anders.",
        "until": "Deze pagina werkt tot",
        "paid": "Deze bestelling is betaald.",
        "on_its_way": "Je bank voert de betaling nu uit.",
        "go_on": "Verder",
        "expired": "De tijd om te betalen is om. Er is niets afgeschreven.",
        "back": "Terug naar de winkel",
        "unknown": "Deze pagina bestaat niet.",
        "hint": "Je vult hier geen kaartnummer in. Een druk op de knop is genoeg.",
        "connect_title": "Gegevens van de verkoper",
        "connect_why": "Om geld te krijgen, bevestigt de verkoper hier wie hij is en welke "
        "rekening hij heeft. In deze test is een druk op de knop genoeg.",
        "connect_do": "Bevestig de gegevens",
        "connect_later": "Later",
        "connect_fine": "In orde",
        "connect_asked": "Dit wordt nog gevraagd",
        "connect_refused": "Niet aanvaard",
        "connect_checking": "Wordt nagekeken",
        "connect_check": "Bevestig, maar het bewijsstuk moet nog nagekeken worden",
        "connect_unreadable": "Stuur een onleesbaar bewijsstuk",
        "connect_no_bank": "Sla de bankrekening over",
        "desk_title": "Je rekening",
        "desk_here": "Op je rekening",
        "desk_bank": "Bank",
        "desk_gone": "Naar de bank",
        "desk_change": "Verander de bankrekening",
        "desk_failed": "mislukt",
        "desk_paid": "gestort",
        "desk_nothing": "Er vertrok nog niets naar de bank.",
    },
    "fr": {
        "banner": "Paiement de test. Aucun argent réel ne circule.",
        "title": "Payer",
        "to_pay": "À payer",
        "for": "Pour",
        "mail": "E-mail",
        "bancontact": "Payer avec Bancontact",
        "card": "Payer par carte",
        "sepa_debit": "Payer par domiciliation",
        "fail": "Faire échouer le paiement",
        "fail_later": "Faire refuser par la banque plus tard",
        "mandate": "Vous autorisez le magasin à prélever ce montant, et d’autres plus tard, du compte BE•• 7034. Votre banque peut annuler chaque prélèvement jusqu’à 8 semaines après.",
        "leave": "Retour sans payer",
        "choose": "Choisissez comment payer",
        "other": "Pour un test",
        "failed": "Le paiement n’a pas abouti. Rien n’a été débité. Réessayez ou choisissez un autre moyen.",
        "until": "Cette page fonctionne jusqu’au",
        "paid": "Cette commande est payée.",
        "on_its_way": "Votre banque exécute le paiement.",
        "go_on": "Continuer",
        "expired": "Le délai de paiement est dépassé. Rien n’a été débité.",
        "back": "Retour au magasin",
        "unknown": "Cette page n’existe pas.",
        "hint": "Vous n’indiquez pas de numéro de carte ici. Il suffit d’appuyer sur le bouton.",
        "connect_title": "Données du vendeur",
        "connect_why": "Pour recevoir de l’argent, le vendeur confirme ici son identité et son "
        "compte. Dans ce test, il suffit d’appuyer sur le bouton.",
        "connect_do": "Confirmer les données",
        "connect_later": "Plus tard",
        "connect_fine": "En ordre",
        "connect_asked": "Encore demandé",
        "connect_refused": "Non accepté",
        "connect_checking": "En vérification",
        "connect_check": "Confirmer, mais le justificatif doit encore être vérifié",
        "connect_unreadable": "Envoyer un justificatif illisible",
        "connect_no_bank": "Ignorer le compte bancaire",
        "desk_title": "Votre compte",
        "desk_here": "Sur votre compte",
        "desk_bank": "Banque",
        "desk_gone": "Vers la banque",
        "desk_change": "Changer le compte bancaire",
        "desk_failed": "échoué",
        "desk_paid": "versé",
        "desk_nothing": "Rien n’est encore parti vers la banque.",
    },
    "en": {
        "banner": "Test payment. No real money moves.",
        "title": "Pay",
        "to_pay": "To pay",
        "for": "For",
        "mail": "E-mail",
        "bancontact": "Pay with Bancontact",
        "card": "Pay by card",
        "sepa_debit": "Pay by direct debit",
        "fail": "Make the payment fail",
        "fail_later": "Let the bank refuse later",
        "mandate": "You authorise the shop to collect this amount, and others later, from account BE•• 7034. Your bank can reverse each collection for up to 8 weeks.",
        "leave": "Go back without paying",
        "choose": "Choose how to pay",
        "other": "For a test",
        "failed": "The payment did not succeed. Nothing was taken. Try again or choose another way.",
        "until": "This page works until",
        "paid": "This order is paid.",
        "on_its_way": "Your bank is making the payment.",
        "go_on": "Continue",
        "expired": "The time to pay is over. Nothing was taken.",
        "back": "Back to the shop",
        "unknown": "This page does not exist.",
        "hint": "You enter no card number here. One press on the button is enough.",
        "connect_title": "Details of the seller",
        "connect_why": "To receive money, the seller confirms here who they are and which "
        "account they have. In this test one press on the button is enough.",
        "connect_do": "Confirm the details",
        "connect_later": "Later",
        "connect_fine": "In order",
        "connect_asked": "Still asked",
        "connect_refused": "Not accepted",
        "connect_checking": "Being checked",
        "connect_check": "Confirm, but the document has still to be checked",
        "connect_unreadable": "Send an unreadable document",
        "connect_no_bank": "Leave out the bank account",
        "desk_title": "Your account",
        "desk_here": "On your account",
        "desk_bank": "Bank",
        "desk_gone": "To the bank",
        "desk_change": "Change the bank account",
        "desk_failed": "failed",
        "desk_paid": "paid",
        "desk_nothing": "Nothing has left for the bank yet.",
    },
}


def pick_language(locale: str | None, accepted: LanguageAccept) -> str:
    """Return the language of a page: the session's locale, else the browser's, else Dutch."""
    wanted: Sequence[str] = [locale[:2]] if locale and locale != "auto" else []
    for language in wanted:
        if language in LANGUAGES:
            return language
    return accepted.best_match(LANGUAGES) or "nl"


def write_amount(cents: int, currency: str, language: str) -> str:
    """Write an amount of money the way a language does: `€ 12,30`, `12,30 €`, `€12.30`."""
    sign = {"eur": "€", "usd": "$", "gbp": "£"}[currency]
    whole, rest = divmod(cents, 100)
    if language == "en":
        return f"{sign}{whole:,}.{rest:02}"
    gap = "." if language == "nl" else "\u202f"
    number = f"{whole:,}".replace(",", gap) + f",{rest:02}"
    return f"{sign}\u00a0{number}" if language == "nl" else f"{number}\u00a0{sign}"
