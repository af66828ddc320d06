"""For how much one orders in an order cycle at least: everybody, and who buys at the prices of a list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.errors import N_, Invalid

MOST_CENTS = 50_000


class BadMinimum(Invalid):
    """A minimum that nobody could order for; `fields` names the list."""

    message = N_("Een minimum ligt tussen € 0 en € 500.")


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a cycle asks of an order, of which list, and what is still to come, in cents."""

    price_list: PriceList
    least_cents: int
    lacking_cents: int


def lacking(minimums: Mapping[str, Any], bought: Iterable[tuple[PriceList, int]]) -> Lacking | None:
    """Say what an order lacks; `bought` is whose price each line has, and what it costs in cents before a code.

    That of consumers is asked of everybody. That of another list is asked of who buys something at its price, and counts
    all goods too. The one of which most lacks is told; None when nothing does.
    """
    rows = list(bought)
    total = sum(cents for _of, cents in rows)
    lists = {price_list for price_list, _cents in rows} | {PriceList.CONSUMER}
    found = [
        Lacking(price_list, least, least - total)
        for price_list in PriceList
        if price_list in lists and (least := int(minimums.get(price_list.value, 0))) > total
    ]
    return max(found, key=lambda one: one.lacking_cents) if found else None


def kept(wanted: Mapping[PriceList, int]) -> dict[str, int]:
    """Write minimums down as a cycle keeps them: cents by list, without those that ask nothing.

    :raises BadMinimum: for less than nothing, or more than anybody asks
    """
    for price_list, cents in wanted.items():
        if not 0 <= cents <= MOST_CENTS:
            raise BadMinimum(fields=(price_list.value,))
    return {price_list.value: cents for price_list, cents in wanted.items() if cents}
