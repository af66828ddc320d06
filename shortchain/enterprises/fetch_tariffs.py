"""What a carrier asks for fetching at a farm or a processor, and for which goods it holds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

SERVICE = "COLLECT_FARM"
"""The service of `data/services.csv` that a carrier offers who fetches."""


class Goods(Protocol):
    """What must be known of goods before somebody fetches them."""

    @property
    def storage_class(self) -> str: ...

    @property
    def allergens(self) -> Collection[str]:
        """The allergens that are or may be in them, by code."""


@dataclass(frozen=True, slots=True)
class FetchTariff:
    """Cents, VAT included: for each order fetched and place it goes to, for each kilometre and each kilogram; never less than the minimum."""

    stop_cents: int
    km_cents: int
    kg_cents: int
    minimum_cents: int = 0

    def cents(self, *, weight_g: int, metres: int) -> int:
        """Price one order's goods over so many metres: the three parts added up and rounded to the cent, half up."""
        thousandths = self.stop_cents * 1000 + self.km_cents * metres + self.kg_cents * weight_g
        return max(self.minimum_cents, (thousandths + 500) // 1000)


def tariff_of(
    stop_cents: int | None, km_cents: int | None, kg_cents: int | None, minimum_cents: int | None
) -> FetchTariff | None:
    """Make the tariff of columns; None where it has no amount a kilometre and a kilogram, which every tariff has."""
    if km_cents is None or kg_cents is None:
        return None
    return FetchTariff(stop_cents or 0, km_cents, kg_cents, minimum_cents or 0)


@dataclass(frozen=True, slots=True)
class Fetch:
    """That a carrier fetches at somebody's for a tariff that both agreed on, and what it carries."""

    collector_id: int
    name: str
    tariff: FetchTariff
    classes: frozenset[str]
    refuses: frozenset[str]

    def carries(self, goods: Iterable[Goods]) -> bool:
        """Say whether it takes these goods: see `carries`."""
        return carries(goods, classes=self.classes, refuses=self.refuses)


def carries(goods: Iterable[Goods], *, classes: frozenset[str], refuses: frozenset[str]) -> bool:
    """Say whether a carrier takes goods: it has their temperature classes and refuses none of their allergens."""
    return all(one.storage_class in classes and refuses.isdisjoint(one.allergens) for one in goods)


def fetch_of(agreed: Mapping[int, Fetch], *, giver_id: int, goods: Iterable[Goods]) -> Fetch | None:
    """Give who fetches goods at an enterprise for a tariff of its own (`agreed`, by giver); None when nobody does."""
    found = agreed.get(giver_id)
    return found if found is not None and found.carries(goods) else None
