"""What fetching at a farm or a processor costs, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from shortchain.blueprints.formatting import money, number
from shortchain.enterprises.fetch_tariffs import FetchTariff
from shortchain.routing.plans import PlannedLeg, Policy


def tariff_words(tariff: FetchTariff | None) -> str:
    """Write a tariff with its parts added up; None is what who brings is paid."""
    if tariff is None:
        return str(
            gettext(
                "zoals wie zelf brengt: %(cents)s cent per kg en km",
                cents=number(Policy().upstream_millicents / 1000, 1),
            )
        )
    parts = [
        gettext("%(price)s per bestelling", price=money(tariff.stop_cents)) if tariff.stop_cents else "",
        gettext("%(price)s per km", price=money(tariff.km_cents)) if tariff.km_cents else "",
        gettext("%(price)s per kg", price=money(tariff.kg_cents)) if tariff.kg_cents else "",
    ]
    said = " + ".join(part for part in parts if part) or money(0)
    least = gettext("minstens %(price)s", price=money(tariff.minimum_cents)) if tariff.minimum_cents else ""
    return f"{said}, {least}" if least else said


def stored_tariff(leg: Mapping[str, Any]) -> tuple[str, str] | None:
    """Read from a movement of a stored explanation whose tariff it is priced by, and that tariff in words."""
    found = read_tariff(leg)
    return None if found is None else (str(leg["tariff"]["name"]), tariff_words(found))


def read_tariff(leg: Mapping[str, Any]) -> FetchTariff | None:
    """Read the tariff by which a movement of a stored explanation is priced; None for the rate of who brings."""
    found = leg.get("tariff")
    return None if found is None else FetchTariff(*(found[name] for name in FetchTariff.__dataclass_fields__))


def fetchers(legs: Sequence[PlannedLeg]) -> str:
    """Name who fetches on these ways for a tariff of its own, each once; '' for nobody."""
    return ", ".join(dict.fromkeys(leg.fetch.name for leg in legs if leg.fetch is not None))
