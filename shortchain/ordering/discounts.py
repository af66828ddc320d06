"""What a discount code takes off which goods, and who bears it. Pure; the rules with worked examples are in docs/money.md.

A farm's code lowers the price of its goods: a discount that the seller gives at the sale is no part of the taxable
amount (VAT Code art. 28, 2°; Directive 2006/112/EC art. 79, b). A hub sells no goods: what its code takes off is paid
by the hub in the customer's place, the price and its VAT stay (VAT Code art. 26; Directive art. 73; CJEU C-300/12).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.kernel.money import Money, divide_rounded, split

SHORTEST, LONGEST = 4, 24
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class DiscountKind(StrEnum):
    """How a code counts: so many cents, or so many percent of the goods."""

    AMOUNT = "amount"
    PERCENT = "percent"


class NoSuchCode(Invalid):
    """There is no such code, or not in this order cycle."""

    message = N_("Deze kortingscode kennen we hier niet. Kijk ze na, of bestel zonder.")


class CodeNotYet(Conflict):
    """The code counts from a later moment on."""

    message = N_("Deze kortingscode geldt vanaf %(day)s.")


class CodeOver(Conflict):
    """The code was stopped, its last day is past, or all of its uses are taken."""

    message = N_("Deze kortingscode geldt niet meer. Bestel zonder, of gebruik een andere.")


class CodeUsed(Conflict):
    """This customer used the code as often as one may."""

    message = N_("Deze kortingscode heb je al gebruikt.")


class TooLittleForCode(Conflict):
    """The basket holds less than the code asks for."""

    message = N_("Deze kortingscode geldt vanaf %(least)s aan producten. Nog %(lacking)s te gaan.")


class NothingForCode(Conflict):
    """Nothing in the basket is what the code is for."""

    message = N_("Deze kortingscode geldt niet voor wat in je mandje zit.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a code says. `value` in cents with VAT or basis points; `only` as `DiscountCode.only`."""

    owner_id: int
    is_hub: bool
    kind: DiscountKind
    value: int
    least_cents: int = 0
    only: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Goods:
    """A line of a basket: its farm, its product, and what it costs before the code, in cents with VAT."""

    farm_id: int
    product_id: int
    cents: int


def take_off(terms: Terms, goods: Sequence[Goods]) -> list[int]:
    """Say what a code takes off each line, in cents, in their order.

    Percents are of the sum of the goods that the code is for, rounded half up; an amount is at most that sum. It is
    divided over them in proportion, by largest remainder. The least is asked of all goods for a hub's code, and of the
    farm's for a farm's.

    :raises NothingForCode: when it is for none of them
    :raises TooLittleForCode: when they cost less than the code asks for
    """
    own = [one.cents if _is_for(terms, one) else 0 for one in goods]
    base = sum(own)
    if not base:
        raise NothingForCode(fields=("discount_code",))
    counted = sum(one.cents for one in goods if terms.is_hub or one.farm_id == terms.owner_id)
    if counted < terms.least_cents:
        raise TooLittleForCode(
            fields=("discount_code",),
            least=Money(terms.least_cents),
            lacking=Money(terms.least_cents - counted),
        )
    off = divide_rounded(base * terms.value, 10_000) if terms.kind is DiscountKind.PERCENT else terms.value
    off = min(off, base)
    if not off:
        raise NothingForCode(fields=("discount_code",))
    return [part.minor for part in split(Money(off), own)]


def _is_for(terms: Terms, one: Goods) -> bool:
    if terms.is_hub:
        return not terms.only or one.farm_id in terms.only
    return one.farm_id == terms.owner_id and (not terms.only or one.product_id in terms.only)


def part_of(off_cents: int, *, total_cents: int, before_cents: int, cents: int) -> int:
    """Say how much of `cents` that go back of something was taken off it by a code, after `before_cents` went back.

    In proportion and rounded down each time on the sum, so that all of it is back when all of `total_cents` is.
    """
    if not off_cents or not total_cents:
        return 0
    until = min(before_cents + cents, total_cents)
    return off_cents * until // total_cents - off_cents * min(before_cents, total_cents) // total_cents


def plain(typed: str) -> str:
    """Bring a code as somebody typed it into one form: spaces, dashes and small letters do not count."""
    return re.sub(r"[^0-9A-Za-z]", "", typed).upper()[:LONGEST]


def made_up() -> str:
    """Make a code up that nobody guesses: eight signs, 40 bits, none taken for another."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))
