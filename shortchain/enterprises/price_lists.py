"""The kinds of customers for whom a farm may have a price of its own, and who belongs to which. Pure words."""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum


class PriceList(StrEnum):
    """A kind of customer. Everybody is a consumer; the others are approved, see `enterprises.buying`."""

    CONSUMER = "consumer"
    MEMBER = "member"
    SHOP = "shop"
    CANTEEN = "canteen"


BUSINESS = frozenset({PriceList.SHOP, PriceList.CANTEEN})
"""Kinds that are enterprises: a hub looks at their number before it says yes."""

Grants = Set[tuple[int, PriceList]]
"""What somebody is allowed: of which hub or farm (its id), and which list."""
NONE: Grants = frozenset()


def lists_for(grants: Grants, *, farm_id: int, hub_id: int) -> frozenset[PriceList]:
    """Say which lists count for goods of a farm in a cycle of a hub: those that one of the two approved."""
    return frozenset(price_list for by, price_list in grants if by in (farm_id, hub_id))
