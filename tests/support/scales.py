"""A chicken in the market: sold by the piece, paid by its weight."""

from __future__ import annotations

from shortchain.fulfilment.models import Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.quantity import Unit
from shortchain.ordering.models import Order
from shortchain.workflows import fulfilment, weighing
from tests.support.factories import catalogue, stock
from tests.support.market import Market


def add_chicken(shop: Market) -> None:
    """Offer chickens of about 1,8 kg, at most 1,98 kg, at € 13,00 a kilo, as the third of the market."""
    product = catalogue.product(
        shop.session,
        shop.farms[0],
        name="Hoevekip",
        weight_g=1800,
        net_amount=1980,
        net_unit=Unit.GRAM,
        is_weighed=True,
    )
    stock.lot(shop.session, product, quantity=20)
    shop.offers.append(catalogue.offer(shop.session, product, shop.cycle, price_cents=2574))


def start_packing(shop: Market, order: Order) -> dict[str, object]:
    """Have the packer accept and start; gives what its deeds are called with."""
    job = shop.jobs(order.id, Stage.PACK)[-1]
    who = {"job_public_id": job.public_id, "enterprise_id": job.enterprise_id, "by": SYSTEM, "now": shop.now}
    shop.session.rollback()
    fulfilment.accept_job(shop.session, **who)  # type: ignore[arg-type]
    fulfilment.start_job(shop.session, **who)  # type: ignore[arg-type]
    return who


def pack(shop: Market, order: Order, weights: dict[int, int]) -> None:
    """Pack an order whose lines weigh so many grams, by their position."""
    who = start_packing(shop, order)
    weighing.weigh(shop.session, weights=weights, **who)  # type: ignore[arg-type]
    fulfilment.finish_job(shop.session, **who)  # type: ignore[arg-type]
