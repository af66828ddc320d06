"""Goods that are weighed when they are packed: what they cost by their true weight. Pure.

Such goods are sold by the piece and priced by the kilo. Nobody knows the weight of a chicken before it lies on the
scale, so the customer pays for the most that it may weigh and gets the difference back (docs/money.md). The
price of a piece is the price at its most; the price per kilo follows from it, stands beside it in the shop as the
law asks (directive 98/6/EC), and is what the true weight is multiplied by.
"""

from __future__ import annotations

from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.kernel.money import divide_rounded


class NoWeight(Invalid):
    """What was typed is no weight of goods: nothing, less than a gram, or no number."""

    message = N_("Vul het gewicht in zoals de weegschaal het toont, bijvoorbeeld 1,150 kg of 1150 g.")


class TooHeavy(Invalid):
    """More than the most that the customer paid for. Who packs takes a lighter piece, or gives the rest away."""

    message = N_("Dat is zwaarder dan waarvoor de klant betaalde. Neem een lichter stuk, of vul het maximum in.")


class NotWeighed(Conflict):
    """Goods that are paid by weight cannot leave before somebody weighed them."""

    message = N_("Nog niet alles is gewogen. Vul eerst elk gewicht in.")


class NotNow(Conflict):
    """Weights are typed while somebody packs; once packed, the difference is on its way to the customer."""

    message = N_("Wegen kan alleen terwijl je aan de opdracht bezig bent.")


def per_kg_cents(paid_cents: int, *, max_weight_g: int) -> int:
    """Give the price of a kilo in cents, rounded half up, of goods that cost `paid_cents` at their most."""
    return divide_rounded(paid_cents * 1000, max_weight_g)


def true_cents(paid_cents: int, *, max_weight_g: int, true_weight_g: int) -> int:
    """Say what goods cost by their true weight: weight × price per kilo, and never more than was paid.

    Rounded half up to the cent, the rule of Regulation (EC) 1103/97 art. 5 for amounts in euro that are paid.

    :raises NoWeight: for less than a gram
    :raises TooHeavy: for more than the most
    """
    check(true_weight_g, max_weight_g=max_weight_g)
    by_weight = divide_rounded(per_kg_cents(paid_cents, max_weight_g=max_weight_g) * true_weight_g, 1000)
    return min(paid_cents, by_weight)


def check(true_weight_g: int, *, max_weight_g: int) -> None:
    """Hold a weight in grams against the most that was paid.

    :raises NoWeight: for less than a gram
    :raises TooHeavy: for more than the most
    """
    if true_weight_g <= 0:
        raise NoWeight()
    if true_weight_g > max_weight_g:
        raise TooHeavy()
