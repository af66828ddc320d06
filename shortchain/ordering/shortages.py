"""Whose order goes short when a farm has less than it sold, and what comes back for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shortchain.kernel.money import divide_rounded

RISK = {"free_from": 0, "free": 0, "may_contain": 1, "contains": 2}


@dataclass(frozen=True, slots=True)
class Sold:
    """A line that waits for goods: its id, and what is still to come in base units."""

    line_id: int
    left: int


def share(lines: Sequence[Sold], missing: int) -> dict[int, int]:
    """Divide a shortage over lines, given from the first order to the last; returns base units by line.

    Who ordered first is served first: the last ones go short, each wholly before the one ahead of it, so that as
    few people as possible miss something.

    :raises ValueError: for nothing, or for more than is to come
    """
    if not 0 < missing <= sum(line.left for line in lines):
        raise ValueError("that much is not to come")
    found: dict[int, int] = {}
    for line in reversed(lines):
        taken = min(line.left, missing)
        if taken:
            found[line.line_id] = taken
        missing -= taken
    return found


@dataclass(frozen=True, slots=True)
class Cost:
    """What a line cost: `amount` base units for `total_cents`, `per` of them to a sell unit.

    `steps` are [from amount, cents per sell unit], the first from 0, where the price depended on the amount.
    `discount_cents` is what a code of the farm took off before: the rest keeps it in proportion.
    """

    total_cents: int
    amount: int
    steps: Sequence[Sequence[int]] = ()
    per: int = 1
    discount_cents: int = 0

    def left(self, *, missing: int = 0, dropped: int = 0) -> int:
        """Say what the rest costs, in cents rounded half up, when so much does not come or was taken off.

        What a farm lacks leaves the price as it is. Who takes so much off that a lower price no longer counts pays
        that of what is kept, but never more than a larger amount would have cost. Parts add up to the whole line.
        """
        wanted = self.amount - dropped
        if not self.steps:
            return divide_rounded(self.total_cents * (wanted - missing), self.amount)
        if not wanted:
            return 0
        price = next(cents for start, cents in reversed(self.steps) if start <= wanted)
        larger = [start * cents for start, cents in self.steps if wanted < start <= self.amount]
        whole = min(price * wanted, *larger) if larger else price * wanted
        if self.discount_cents:
            listed = self.total_cents + self.discount_cents
            whole, of = whole * self.total_cents, self.per * wanted * listed
            return min(self.total_cents, divide_rounded(whole * (wanted - missing), of))
        return min(self.total_cents, divide_rounded(whole * (wanted - missing), self.per * wanted))


def back_cents(cost: Cost, *, missing: int, dropped: int, less: int = 0, off: int = 0, replaced_cents: int = 0) -> int:
    """Say what goes back when `less` more of a line does not come, or the customer takes `off` more.

    `missing` and `dropped` were gone already. A replacement that is worth less gives the difference back; one that is
    worth more costs the customer nothing.
    """
    before = cost.left(missing=missing, dropped=dropped)
    return max(0, before - cost.left(missing=missing + less, dropped=dropped + off) - replaced_cents)


def is_wider(of: Mapping[str, str], than: Mapping[str, str]) -> bool:
    """Say whether goods hold more of an allergen than the others: then they never come instead.

    Traces are less than the allergen itself: who bears the one need not bear the other. What nobody answered for
    counts as held by the replacement, and as not held by what it replaces. What is sold as free from an allergen is
    replaced by the same alone, and replaces the same alone: who works on it was not chosen to keep anything else apart.
    """
    if _sold_free_from(of) != _sold_free_from(than):
        return True
    return any(RISK.get(answer, 2) > RISK.get(than.get(code, "free"), 0) for code, answer in of.items())


def _sold_free_from(answers: Mapping[str, str]) -> set[str]:
    return {code for code, answer in answers.items() if answer == "free_from"}
