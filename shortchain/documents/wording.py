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
    "fee": {"nl": "Vergoeding van het platform", "fr": "Commission de la plateforme", "en": "Fee of the platform"},
    "margin": {"nl": "Organisatie van de keten", "fr": "Organisation de la chaîne", "en": "Organising the chain"},
}
"""A line of a document that no order line names."""

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
FEE_MONTH: Words = {
    "nl": "Vergoeding van het platform, {month}",
    "fr": "Commission de la plateforme, {month}",
    "en": "Fee of the platform, {month}",
}


def say(words: Words, language: str, **values: str) -> str:
    """Give the words in a language, Dutch when we lack it."""
    return words.get(language, words["nl"]).format(**values)
