"""Which containers come with an order, and what is paid for them until they are back. Pure.

A product in a jar or bottle has one to a piece; a hub that packs in crates of its own has one for each box of an
order. The rules with worked examples are in docs/money.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

CRATE_G = 12_000
"""What a crate holds: the box by which packing and bringing are priced (`routing.plans.Policy.box_g`)."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container that somebody may ask a deposit for: whose it is, and cents for each."""

    id: int
    owner_id: int
    each_cents: int


@dataclass(frozen=True, slots=True)
class Filled:
    """Pieces of one line: its number, how many, what they weigh together, and what each is sold in."""

    ref: int
    pieces: int
    grams: int
    container: Container | None


@dataclass(frozen=True, slots=True)
class Deposit:
    """Containers of one kind that come with an order; `ref` is the line that they hold, None for its crates."""

    container: Container
    count: int
    ref: int | None = None

    @property
    def cents(self) -> int:
        return self.count * self.container.each_cents


class Kept(Protocol):
    """What is known of a container where it is kept."""

    id: Any
    owner_id: Any
    deposit_cents: Any


def container_of(row: Kept | None) -> Container | None:
    """Take what counts here of a container that is kept; none stays none."""
    return Container(row.id, row.owner_id, row.deposit_cents) if row else None


def crates_for(grams: int) -> int:
    """Say how many crates so much fills: at least one where anything comes, none where nothing does."""
    return max(1, -(-grams // CRATE_G)) if grams > 0 else 0


def charge(lines: Sequence[Filled], crate: Container | None) -> list[Deposit]:
    """List the containers of an order: those of its lines, then its crates."""
    found = [Deposit(line.container, line.pieces, line.ref) for line in lines if line.container and line.pieces]
    crates = crates_for(sum(line.grams for line in lines)) if crate else 0
    return [*found, Deposit(crate, crates)] if crate and crates else found


def total_cents(deposits: Iterable[Deposit]) -> int:
    """Add up what is paid for containers, in cents."""
    return sum(one.cents for one in deposits)
