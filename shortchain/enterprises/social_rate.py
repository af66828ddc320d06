"""Which VAT rate the services of recognised bodies with a social purpose carry, on which days. Pure.

Royal Decree no. 20, table A, heading XXXV (domain.md 4.2): 6 % instead of 21 %, from the day on which a coordinator looked
at the recognition until its last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shortchain import data

Span = tuple[date, date]
"""First and last day, both included."""


def span(first: date, last: date, checked_on: date | None) -> Span | None:
    """Say on which days a recognition counts; None for never. Pure."""
    if checked_on is None or checked_on > last:
        return None
    return max(first, checked_on), last


def service_rate(service: str, recognised: Sequence[Span], *, day: date) -> int:
    """Give the VAT rate of a service that is supplied on a day, in basis points. Pure.

    `recognised` are the provider's own spans.

    :raises NoRate: when there is no rate for that day
    """
    holds = any(first <= day <= last for first, last in recognised)
    return data.service_vat_rate(service, day, social_purpose=holds)
