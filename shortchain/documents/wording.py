"""The words that documents carry, in the language of who gets them. Legal mentions: domain.md 4.2 and 4.3."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

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
    "nl": "Kleine onderneming onderworpen aan de vrijstellingsregeling van belasting – btw niet toepasselijk",
    "fr": "Petite entreprise soumise au régime de la franchise de taxe – TVA non applicable",
    "en": "Small enterprise under the tax exemption scheme – VAT not applicable",
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
    "nl": "Van bestelling {order} betaalde {hub} {amount} euro in de plaats van de klant (kortingscode {code}); de prijs en de btw blijven dezelfde",
    "fr": "De la commande {order}, {hub} a payé {amount} euros à la place du client (code de réduction {code}) ; le prix et la TVA restent les mêmes",
    "en": "Of order {order}, {hub} paid {amount} euro in the customer's place (discount code {code}); the price and the VAT stay the same",
}


def say(words: Words, language: str, **values: str) -> str:
    """Give the words in a language, Dutch when we lack it."""
    return words.get(language, words["nl"]).format(**values)


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
    "discount": {"nl": "Korting", "fr": "Remise", "en": "Discount"},
    "rounding": {"nl": "Afronding", "fr": "Arrondi", "en": "Rounding"},
    "total": {"nl": "Totaal", "fr": "Total", "en": "Total"},
    "settled": {
        "nl": "Dit bedrag is al vereffend via het platform.",
        "fr": "Ce montant a déjà été réglé par la plateforme.",
        "en": "This amount has been settled through the platform.",
    },
    "attached": {
        "nl": "Hetzelfde document als UBL",
        "fr": "Le même document en UBL",
        "en": "The same document as UBL",
    },
}
"""Labels on paper."""
