"""Who would get which cent of a basket that is not ordered yet: the shares of `payouts.shares`, of a quote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from shortchain import data
from shortchain.ordering.basket_rows import BasketView
from shortchain.ordering.levies import Levy, Load, cede
from shortchain.ordering.pricing import LEVY, PLATFORM_FEE_BP, charged_bp
from shortchain.payouts import shares
from shortchain.payouts.shares import Facts, Held, Promised, Share, Sold, Worked
from shortchain.routing.quotes import Quote

VOUCHER = "voucher"
"""What a hub pays for a discount code of its own: less than nothing for the hub, so that all add up to what is left to pay."""


@dataclass(frozen=True, slots=True)
class Part:
    """One party's share of a quote, with the rate that its seller charges and the VAT that it holds, in cents."""

    share: Share
    rate_bp: int
    vat_cents: int


def of_quote(
    view: BasketView, quote: Quote, *, levies: Sequence[Levy], is_home: bool, on: date, exempt: Collection[int]
) -> list[Part]:
    """Divide what a basket would cost as an order is divided; `exempt` are the parties that charge no VAT.

    The shares add up to the total, less what the hub pays for a discount code.
    """
    rates = [data.vat_rate(row.category, on) for row in view.rows]
    loads = [
        Load(row.farm_id, row.total_cents, row.line_weight_g, rate) for row, rate in zip(view.rows, rates, strict=True)
    ]
    levy_rate = data.service_vat_rate(LEVY, on)
    given = cede(levies, loads, is_home=is_home) if levies else []
    facts = Facts(
        goods=tuple(Sold(load.farm_id, load.cents, load.vat_rate_bp) for load in loads),
        work=tuple(Worked(fee.kind, fee.enterprise_id, fee.amount_cents, fee.vat_rate_bp) for fee in quote.sheet.fees),
        services_cents=quote.sheet.services_cents,
        fee_bp=PLATFORM_FEE_BP,
        deposits=tuple(Held(one.container.owner_id, one.count * one.container.each_cents) for one in quote.deposits),
        promised=tuple(
            Promised(one.farm_id, one.enterprise_id, one.cents, one.goods_cents, levy_rate) for one in given
        ),
    )
    found = shares.split(facts)
    if view.hub_pays_cents:
        found.append(shares.share(view.rows[0].hub_id, VOUCHER, -view.hub_pays_cents, 0))
    held = shares.vat_held(found, exempt)
    return [
        Part(one, charged_bp(one.seller_id, one.vat_rate_bp, exempt), vat) for one, vat in zip(found, held, strict=True)
    ]
