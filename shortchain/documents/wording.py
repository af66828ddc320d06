"""The words that documents carry, in the language of who gets them. Legal mentions: domain.md 4.2 and 4.3."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

_THIN, _HARD = "\u202f", "\u00a0"

SHARES: dict[str, Words] = {
    "goods": {"nl": "Goederen", "fr": "Marchandises", "en": "Goods"},
    "process": {"nl": "Verwerking", "fr": "Transformation", "en": "Processing"},
    "transport": {"nl": "Vervoer", "fr": "Transport", "en": "Transport"},
    "pack": {"nl": "Inpakken", "fr": "Emballage", "en": "Packing"},
    "deliver": {"nl": "Levering", "fr": "Livraison", "en": "Delivery"},
    "levy": {
        "nl": "Kosten van de bestelronde",
        "fr": "Frais du tour de commande",
        "en": "Costs of the order cycle",
    },
    "deposit": {"nl": "Waarborg voor leeggoed", "fr": "Consigne d'emballages", "en": "Deposit on containers"},
    "fee": {"nl": "Vergoeding van het platform", "fr": "Commission de la plateforme", "en": "Fee of the platform"},
    "margin": {"nl": "Organisatie van de keten", "fr": "Organisation de la chaîne", "en": "Organising the chain"},
}
"""A line of a document that no order line names."""

CONTAINERS: dict[str, Words] = {
    "pool_crate": {"nl": "plooikrat", "fr": "caisse pliable", "en": "folding crate"},
    "half_crate": {"nl": "halve krat", "fr": "demi-caisse", "en": "half crate"},
    "insulated_box": {"nl": "koelbox", "fr": "caisse isotherme", "en": "insulated box"},
    "jar": {"nl": "bokaal", "fr": "bocal", "en": "jar"},
    "bottle": {"nl": "fles", "fr": "bouteille", "en": "bottle"},
}
"""What is to come back."""
DEPOSIT_OF: Words = {"nl": "Waarborg: {what}", "fr": "Consigne : {what}", "en": "Deposit: {what}"}
DEPOSIT: Words = {
    "nl": "Leeggoed – art. 28, 5° W.BTW",
    "fr": "Emballages consignés – art. 28, 5° du Code de la TVA",
    "en": "Returnable packaging – art. 28, 5° of the Belgian VAT Code",
}

AGRI_FLAT: Words = {
    "nl": "Bijzondere landbouwregeling, artikel 57 W.BTW: geen btw aangerekend",
    "fr": "Régime particulier agricole, article 57 du Code de la TVA : pas de TVA portée en compte",
    "en": "Special scheme for farmers, article 57 of the Belgian VAT Code: no VAT charged",
}
SMALL_EXEMPT: Words = {
    "nl": "Bijzondere vrijstellingsregeling kleine ondernemingen, artikel 56bis W.BTW – btw niet toepasselijk",
    "fr": "Régime particulier de franchise des petites entreprises, article 56bis du Code de la TVA – TVA non applicable",
    "en": "Special exemption scheme for small enterprises, article 56bis of the Belgian VAT Code – VAT not applicable",
}
EXEMPT_44: Words = {
    "nl": "Vrijgesteld van btw, artikel 44 W.BTW",
    "fr": "Exempté de la TVA, article 44 du Code de la TVA",
    "en": "Exempt from VAT, article 44 of the Belgian VAT Code",
}
NOT_LIABLE: Words = {
    "nl": "Verkoper is niet btw-plichtig",
    "fr": "Vendeur non assujetti à la TVA",
    "en": "Seller is not liable for VAT",
}
SELF_BILLED: Words = {
    "nl": "Factuur uitgereikt door afnemer",
    "fr": "Facture émise par le preneur",
    "en": "Invoice issued by the buyer (factuur uitgereikt door afnemer)",
}
FLAT_COMPENSATION: Words = {
    "nl": "Aankoopborderel. Forfaitaire compensatie van de bijzondere landbouwregeling, artikel 57 W.BTW",
    "fr": "Bordereau d'achat. Compensation forfaitaire du régime particulier agricole, article 57 du Code de la TVA",
    "en": "Purchase note. Flat-rate compensation of the special scheme for farmers, article 57 of the VAT Code",
}
CREDIT: Words = {
    "nl": "Btw terug te storten aan de Staat in de mate waarin ze oorspronkelijk in aftrek werd gebracht",
    "fr": "TVA à reverser à l'État dans la mesure où elle a été initialement déduite",
    "en": "VAT to be paid back to the State as far as it was deducted (btw terug te storten aan de Staat)",
}
ON_BEHALF: Words = {
    "nl": "Uitgereikt in naam en voor rekening van de verkoper door {platform}",
    "fr": "Émis au nom et pour le compte du vendeur par {platform}",
    "en": "Issued in the name and on behalf of the seller by {platform}",
}
ON_BEHALF_OF_BUYER: Words = {
    "nl": "Uitgereikt in naam en voor rekening van de koper door {platform}",
    "fr": "Émis au nom et pour le compte de l'acheteur par {platform}",
    "en": "Issued in the name and on behalf of the buyer by {platform}",
}
REFUND_OF: Words = {"nl": "Terugbetaling: {what}", "fr": "Remboursement : {what}", "en": "Refund: {what}"}
REGISTER: Words = {"nl": "RPR", "fr": "RPM", "en": "RPR"}
"""What the register of legal persons is called for short."""
FEE_MONTH: Words = {
    "nl": "Vergoeding van het platform, {month}",
    "fr": "Commission de la plateforme, {month}",
    "en": "Fee of the platform, {month}",
}


CEDED_MONTH: Words = {
    "nl": "Aandeel in de kosten van de bestelrondes, {month}",
    "fr": "Part dans les frais des tours de commande, {month}",
    "en": "Share in the costs of the order cycles, {month}",
}


PAID_BY_HUB: Words = {
    "nl": "Van bestelling {order} betaalde {hub} {amount} in de plaats van de klant (kortingscode {code}); de prijs en de btw blijven dezelfde",
    "fr": "De la commande {order}, {hub} a payé {amount} à la place du client (code de réduction {code}) ; le prix et la TVA restent les mêmes",
    "en": "Of order {order}, {hub} paid {amount} in the customer's place (discount code {code}); the price and the VAT stay the same",
}


def say(words: Words, language: str, **values: str) -> str:
    """Give the words in a language, Dutch when we lack it."""
    return words.get(language, words["nl"]).format(**values)


def decimal_text(whole: int, places: int, language: str, *, least: int = 0) -> str:
    """Write a whole number of 10^-places as people of a language write it."""
    point, thousands = {"nl": (",", "."), "fr": (",", _THIN)}.get(language, (".", ","))
    before, after = divmod(abs(whole), 10**places)
    digits = f"{after:0{places}d}".rstrip("0").ljust(least, "0")
    text = f"{before:,}".replace(",", thousands) + (point + digits if digits else "")
    return f"−{text}" if whole < 0 else text


def money_text(cents: int, currency: str, language: str) -> str:
    """Write an amount as people of a language write it."""
    return in_currency(decimal_text(abs(cents), 2, language, least=2), cents, currency, language)


def in_currency(text: str, amount: int, currency: str, language: str) -> str:
    """Put currency and sign to a number: `−€ 0,01`, `−0,01 €`."""
    sign, minus = "€" if currency == "EUR" else currency, "−" if amount < 0 else ""
    return f"{minus}{text}{_HARD}{sign}" if language == "fr" else f"{minus}{sign}{_HARD}{text}"


KINDS: dict[str, Words] = {
    "ticket": {"nl": "Aankoopbewijs", "fr": "Ticket", "en": "Receipt"},
    "ticket_credit": {"nl": "Terugbetaling", "fr": "Remboursement", "en": "Refund"},
    "invoice": {"nl": "Factuur", "fr": "Facture", "en": "Invoice"},
    "credit_note": {"nl": "Creditnota", "fr": "Note de crédit", "en": "Credit note"},
    "purchase_note": {"nl": "Aankoopborderel", "fr": "Bordereau d'achat", "en": "Purchase note"},
    "purchase_credit": {
        "nl": "Correctie van aankoopborderel",
        "fr": "Correction de bordereau d'achat",
        "en": "Correction of purchase note",
    },
}
"""The title of each kind on paper."""

PAPER: dict[str, Words] = {
    "seller": {"nl": "Verkoper", "fr": "Vendeur", "en": "Seller"},
    "buyer": {"nl": "Koper", "fr": "Acheteur", "en": "Buyer"},
    "issued": {"nl": "Datum", "fr": "Date", "en": "Date"},
    "supplied": {"nl": "Geleverd op", "fr": "Livré le", "en": "Supplied on"},
    "order": {"nl": "Referentie", "fr": "Référence", "en": "Reference"},
    "corrects": {"nl": "Bij", "fr": "Concerne", "en": "Concerns"},
    "what": {"nl": "Omschrijving", "fr": "Description", "en": "Description"},
    "quantity": {"nl": "Aantal", "fr": "Quantité", "en": "Quantity"},
    "vat": {"nl": "Btw", "fr": "TVA", "en": "VAT"},
    "on": {"nl": "op", "fr": "sur", "en": "on"},
    "net": {"nl": "Zonder btw", "fr": "Hors TVA", "en": "Without VAT"},
    "gross": {"nl": "Prijs", "fr": "Prix", "en": "Price"},
    "untaxed": {"nl": "Zonder btw-heffing", "fr": "Sans TVA", "en": "No VAT"},
    "each": {"nl": "Per stuk, kg of l", "fr": "Par pièce, kg ou l", "en": "Per piece, kg or l"},
    "vat_number": {"nl": "btw BE", "fr": "TVA BE", "en": "VAT BE"},
    "enterprise_number": {"nl": "ondernemingsnummer", "fr": "numéro d'entreprise", "en": "enterprise number"},
    "compensation": {
        "nl": "Forfaitaire compensatie",
        "fr": "Compensation forfaitaire",
        "en": "Flat-rate compensation",
    },
    "compensation_short": {"nl": "Comp.", "fr": "Comp.", "en": "Comp."},
    "of_which": {"nl": "waarvan btw", "fr": "dont TVA", "en": "of which VAT"},
    "paid": {"nl": "Al betaald", "fr": "Déjà payé", "en": "Paid already"},
    "due": {"nl": "Nog te betalen", "fr": "Reste à payer", "en": "Left to pay"},
    "discount": {"nl": "Korting", "fr": "Remise", "en": "Discount"},
    "rounding": {"nl": "Afronding", "fr": "Arrondi", "en": "Rounding"},
    "total": {"nl": "Totaal", "fr": "Total", "en": "Total"},
    "settled": {
        "nl": "Dit bedrag is al betaald via het platform.",
        "fr": "Ce montant a déjà été payé par la plateforme.",
        "en": "This amount has been paid through the platform.",
    },
    "given_back": {
        "nl": "Dit bedrag gaat terug via het platform, zoals er betaald is.",
        "fr": "Ce montant est remboursé par la plateforme, comme il a été payé.",
        "en": "This amount goes back through the platform, the way it was paid.",
    },
    "borne": {
        "nl": "Het platform draagt dit: zoveel kostte het werk meer dan je ervoor betaalde. Je krijgt of betaalt hier niets voor.",
        "fr": "La plateforme le supporte : c’est ce que le travail a coûté de plus que ce que vous avez payé. Vous ne recevez ni ne payez rien.",
        "en": "The platform bears this: so much more did the work cost than you paid for it. You neither get nor pay anything for it.",
    },
    "kept": {
        "nl": "Dit bedrag is al ingehouden op uitbetalingen.",
        "fr": "Ce montant a déjà été retenu sur les paiements.",
        "en": "This amount has been kept from payouts.",
    },
    "kept_less": {
        "nl": "Dit bedrag is al verrekend met uitbetalingen.",
        "fr": "Ce montant a déjà été compensé avec les paiements.",
        "en": "This amount has been set off against payouts.",
    },
    "attached": {
        "nl": "Hetzelfde document als UBL",
        "fr": "Le même document en UBL",
        "en": "The same document as UBL",
    },
}
"""Labels on paper."""
