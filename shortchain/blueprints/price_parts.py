"""Who gets which part of a price, for the bar: of an order, and of one product as an example."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext

from shortchain.blueprints import formatting
from shortchain.blueprints.components import Share, ShareKind
from shortchain.kernel.money import Money, vat_in
from shortchain.ordering.levies import Basis, Levy, Load, Payer, cede
from shortchain.ordering.pricing import platform_fee_cents

_EACH = (Basis.PERCENT, Basis.KILO)
"""What can be said of one product; what is asked per order or stop depends on all of the basket."""


def share(kind: ShareKind, label: str, cents: int, vat_cents: int = 0) -> Share:
    """Make a part of a price in cents, with the VAT that is paid for it."""
    vat = gettext("btw %(amount)s", amount=formatting.money(vat_cents)) if vat_cents else ""
    return Share(kind, label, cents, formatting.money(cents), vat)


def of_product(
    farm: str, farm_id: int, price_cents: int, grams: int, vat_rate_bp: int, levies: Sequence[Levy]
) -> list[Share]:
    """Divide the price of one sell unit: the farm, who asks something out of its price, and the platform.

    `vat_rate_bp` is 0 for a seller who charges none.
    """
    fee = platform_fee_cents(price_cents)
    load = Load(farm_id, price_cents, grams, vat_rate_bp)
    given = sum(one.cents for one in cede([one for one in levies if one.basis in _EACH], [load], is_home=True))
    parts = [
        share("farm", farm, price_cents - fee - given, vat_in(Money(price_cents), vat_rate_bp).minor),
        share("levy", gettext("Voor de ronde"), given),
        share("platform", gettext("platform"), fee),
    ]
    return [part for part in parts if part.minor]


def depends_on_the_order(levies: Sequence[Levy]) -> int:
    """Add up, in cents, what is asked of farms per order or stop and can not be said of one product."""
    return sum(one.rate for one in levies if one.payer is Payer.SELLER and one.basis not in _EACH)
