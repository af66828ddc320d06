"""Who buys in `flask money simulate`: guests, and people who come back, some of them at the prices of a list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shortchain.catalogue import list_pricing
from shortchain.catalogue.list_pricing import Entry
from shortchain.cli.demo_rows import Rows
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.quantity import SellUnit, base_per_unit

KINDS: tuple[PriceList | None, ...] = (None, PriceList.MEMBER, None, PriceList.SHOP, None, PriceList.CANTEEN)
"""Which list each of the people who come back belongs to, in turn; most to none."""
SHOPS_FROM = 2_200_000


def add_people(rows: Rows, *, count: int, hub_id: int) -> None:
    """Add people with an account, and what the hub allows them."""
    for number in range(count):
        user_id = rows.add(
            "user_account",
            public_id=rows.public_id("person", number),
            email=f"vaste{number}@simulation.example",
            name=f"Vaste klant {number}",
            phone="",
            language=("nl", "fr", "en")[number % 3],
            role="customer",
            password_hash=None,
            email_confirmed_at=rows.now,
            disabled_at=None,
            created_at=rows.now,
        )
        kind = KINDS[number % len(KINDS)]
        if kind is not None:
            _approve(rows, user_id, hub_id, kind)


def _approve(rows: Rows, user_id: int, hub_id: int, kind: PriceList) -> None:
    first = SHOPS_FROM + user_id
    is_shop = kind is not PriceList.MEMBER
    rows.add(
        "buyer",
        public_id=rows.public_id("buyer", user_id),
        user_id=user_id,
        enterprise_id=hub_id,
        price_list=kind.value,
        state="approved",
        company=f"Winkel {user_id}" if is_shop else "",
        kbo=f"{first:08d}{97 - first % 97:02d}" if is_shop else "",
        street="Straat 1" if is_shop else "",
        postcode="9000" if is_shop else "",
        municipality="Gent" if is_shop else "",
        is_vat_liable=user_id % 4 > 0,
        note="",
        answer="",
        asked_at=rows.now - timedelta(days=2),
        decided_at=rows.now - timedelta(days=1),
    )


def add_lists(rows: Rows) -> None:
    """Ask less for much, of members, shops and canteens, for every second product, in all that it is offered in."""
    asked = {
        product["id"]: _entries(product, rows.tables["price_list"][product["id"] - 1]["cents"])
        for product in rows.tables["product"]
        if product["id"] % 2 == 0
    }
    for product_id, entries in asked.items():
        for one in entries:
            rows.add(
                "list_price",
                product_id=product_id,
                price_list=one.price_list.value,
                from_amount=one.from_amount,
                cents=one.cents,
                less_bp=one.less_bp,
            )
    for offer in rows.tables["offer"]:
        offer["prices"] = list_pricing.resolve(offer["price_cents"], asked.get(offer["product_id"], ()))


def _entries(product: dict[str, Any], cents: int) -> list[Entry]:
    """Ask less from two units on, and percents and prices in cents that divide badly."""
    unit = base_per_unit(SellUnit(product["sell_unit"]))
    return [
        Entry(PriceList.CONSUMER, 2 * unit, less_bp=333),
        Entry(PriceList.MEMBER, 0, less_bp=470),
        Entry(PriceList.SHOP, 0, cents=cents * 8 // 9),
        Entry(PriceList.SHOP, 4 * unit, less_bp=1_750),
        Entry(PriceList.CANTEEN, 3 * unit, less_bp=1_111),
    ]
