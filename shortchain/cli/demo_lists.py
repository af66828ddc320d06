"""Price lists of the demo: some farms ask less for much and of shops, and a shop and a canteen ask the hub."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shortchain.catalogue import list_pricing
from shortchain.catalogue.list_pricing import Entry
from shortchain.cli.demo_rows import Rows, demo_kbo
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.quantity import SellUnit, base_per_unit

EVERY = 3
"""So many products have no prices for much for one that has."""
MUCH = {SellUnit.KG: (5, 10), SellUnit.G100: (10, 20), SellUnit.LITRE: (5, 10)}


def add_price_lists(rows: Rows) -> None:
    """Give every third product prices for much, for members and for shops."""
    prices = {row["product_id"]: row["price_cents"] for row in rows.tables["offer"]}
    resolved: dict[int, dict[str, list[list[int]]]] = {}
    for product in rows.tables["product"]:
        if product["id"] % EVERY or product["id"] not in prices:
            continue
        entries = _entries(product, prices[product["id"]])
        for entry in entries:
            rows.add(
                "list_price",
                product_id=product["id"],
                price_list=entry.price_list.value,
                from_amount=entry.from_amount,
                cents=entry.cents,
                less_bp=entry.less_bp,
            )
        resolved[product["id"]] = list_pricing.resolve(prices[product["id"]], entries)
    for offer in rows.tables["offer"]:
        offer["prices"] = resolved.get(offer["product_id"], {})


def _entries(product: dict[str, Any], price_cents: int) -> list[Entry]:
    """Ask of everybody a tenth less from some on, of members a twentieth, of shops a tenth and more for much."""
    unit = SellUnit(product["sell_unit"])
    first, second = (count * base_per_unit(unit) for count in MUCH.get(unit, (6, 12)))
    asked = [
        Entry(PriceList.CONSUMER, first, less_bp=1_000),
        Entry(PriceList.MEMBER, 0, less_bp=500),
        Entry(PriceList.SHOP, 0, less_bp=1_200),
        Entry(PriceList.SHOP, second, less_bp=2_000),
        Entry(PriceList.CANTEEN, second, less_bp=1_800),
    ]
    lowest = min(cents for steps in list_pricing.resolve(price_cents, asked).values() for _start, cents in steps)
    return asked if lowest > 1 and price_cents >= 100 else []  # percents of some cents would fall together


def add_buyers(rows: Rows, *, hub_id: int) -> None:
    """Let the hub have a member and a shop, and a canteen that waits for its answer."""
    people = {row["email"].partition("@")[0]: row["id"] for row in rows.tables["user_account"]}
    _buyer(rows, people["klant"], hub_id, PriceList.MEMBER, "approved", "")
    _buyer(rows, people["winkel"], hub_id, PriceList.SHOP, "approved", "Kruidenier De Proefwinkel")
    _buyer(rows, people["keuken"], hub_id, PriceList.CANTEEN, "asked", "Schoolkeuken De Voorbeeldlepel")


def _buyer(rows: Rows, user_id: int, hub_id: int, price_list: PriceList, state: str, company: str) -> None:
    is_decided = state != "asked"
    rows.add(
        "buyer",
        public_id=rows.public_id("buyer", user_id),
        user_id=user_id,
        enterprise_id=hub_id,
        price_list=price_list.value,
        state=state,
        company=company,
        kbo=demo_kbo(900 + user_id) if company else "",
        street="Kouter 188" if company else "",
        postcode="9000" if company else "",
        municipality="Gent" if company else "",
        is_vat_liable=True,
        note="",
        answer="",
        asked_at=rows.now - timedelta(days=9 if is_decided else 1),
        decided_at=rows.now - timedelta(days=8) if is_decided else None,
    )
