"""Money in whole minor units. No float and no Decimal ever reaches the domain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shortchain.kernel.errors import N_, Invalid


class NotMoney(Invalid):
    """The text is not an amount of money."""

    message = N_("Schrijf het bedrag als 2,40.")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (euro cents) of one currency; may be negative."""

    minor: int
    currency: str = "EUR"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, factor: int) -> Money:
        return Money(self.minor * factor, self.currency)

    __rmul__ = __mul__

    def __str__(self) -> str:
        """Write it for a log or an untranslated sentence; pages write it in the reader's language."""
        return f"€ {in_words(self.minor)}" if self.currency == "EUR" else f"{self.currency} {in_words(self.minor)}"

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other


ZERO = Money(0)


def total(amounts: Iterable[Money], *, currency: str = "EUR") -> Money:
    """Add amounts of one currency; nothing adds up to zero."""
    return sum(amounts, Money(0, currency))


def divide_rounded(numerator: int, denominator: int) -> int:
    """Divide two integers and round half away from zero, as invoices are rounded.

    :raises ZeroDivisionError: for a zero denominator
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(abs(numerator), denominator)
    if 2 * rest >= denominator:
        quotient += 1
    return quotient if numerator >= 0 else -quotient


def times(amount: Money, numerator: int, denominator: int = 1) -> Money:
    """Multiply an amount with a fraction, rounded to the cent (half away from zero)."""
    return Money(divide_rounded(amount.minor * numerator, denominator), amount.currency)


def vat_in(gross: Money, rate_bp: int) -> Money:
    """Say how much VAT an amount that includes it holds.

    `rate_bp` is the rate in basis points (600 = 6 %). VAT is taken on a total per rate, as
    EN 16931 rule BR-CO-17 wants, so call this with the sum and not line by line.
    """
    return times(gross, rate_bp, 10_000 + rate_bp)


def split(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Divide an amount in proportion to `weights`, so that the parts add up to the whole.

    Largest remainder method; ties go to the earlier position. A negative amount is split as its
    positive twin. Weights must not be negative; when all are zero the first part takes everything.

    :raises ValueError: for no weights, or a negative one
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be given and must not be negative")
    sign = -1 if amount.minor < 0 else 1
    whole, weight_sum = abs(amount.minor), sum(weights)
    if weight_sum == 0:
        parts = [whole] + [0] * (len(weights) - 1)
    else:
        parts = [whole * weight // weight_sum for weight in weights]
        remainders = [whole * weight % weight_sum for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
        for i in order[: whole - sum(parts)]:
            parts[i] += 1
    return [Money(sign * part, amount.currency) for part in parts]


def in_words(cents: int) -> str:
    """Write an amount as it is typed into a field: `2,40`."""
    return f"{cents // 100},{cents % 100:02d}"


_AMOUNT = re.compile(r"(?:€|eur)?\s*(\d{1,3}(?:[.\s\u00a0]\d{3})+|\d{1,9})(?:[.,](\d{1,2}))?\s*(?:€|eur)?", re.I)


def parse(text: str) -> Money:
    """Read an amount as people type it: `2,40`, `2.4`, `€ 1.234,50`, `12`.

    :raises NotMoney: for anything else, also for negative amounts
    """
    found = _AMOUNT.fullmatch(text.strip()) if text.isascii() or "€" in text or "\u00a0" in text else None
    if found is None:
        raise NotMoney()
    euros = re.sub(r"\D", "", found[1])
    return Money(int(euros) * 100 + int((found[2] or "").ljust(2, "0")))
