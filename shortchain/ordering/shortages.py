"""Whose order goes short when a farm has less than it sold, and what comes back for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shortchain.kernel.money import divide_rounded

RISK = {"free": 0, "may_contain": 1, "contains": 2}


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


def worth(total_cents: int, amount: int, part: int) -> int:
    """Say what a part of a line is worth, in cents: what it cost less what the rest of it costs, rounded half up.

    So the parts of a line add up to all of it, however often something turned out to be missing.
    """
    return total_cents - divide_rounded(total_cents * (amount - part), amount)


def back_cents(total_cents: int, amount: int, before: int, missing: int, *, replaced_cents: int = 0) -> int:
    """Say what goes back when `missing` of a line does not come, after `before` was missing or taken off already.

    A replacement that is worth less gives the difference back; one that is worth more costs the customer nothing.
    """
    lost = worth(total_cents, amount, before + missing) - worth(total_cents, amount, before)
    return max(0, lost - replaced_cents)


def is_wider(of: Mapping[str, str], than: Mapping[str, str]) -> bool:
    """Say whether goods hold more of an allergen than the others: then they never come instead.

    Traces are less than the allergen itself: who bears the one need not bear the other. What nobody answered for
    counts as held by the replacement, and as not held by what it replaces.
    """
    return any(RISK.get(answer, 2) > RISK.get(than.get(code, "free"), 0) for code, answer in of.items())
