"""What a batch is asked: orders with their possibilities, and resources with their capacity.

A chain is one node per stage; a node is a provider on a day. The problem does not know what a provider
is: an adapter works out who may do what, at which price, and puts orders and nodes in the order of their
ids, so that the same question always looks the same (`routing.md` 2b).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ways = NDArray[np.float32] | Floats
"""What lies between two stages, rows × packers: by far the most of a big batch, so who asks may hold it in single precision."""
Chain = tuple[int, ...]
"""The chosen row of each stage, in the order's own columns."""

NONE = -1
"""A resource that is none: a stage that is absent, or without a second limit."""
EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Stage:
    """The nodes that may do one stage of one order.

    `node` names each for who asked; `own` is its price for this order, everything up to its own door
    included. It uses `amount[k, r]` of the resources `resource[k, r]`.
    """

    node: Ints
    own: Floats
    resource: Ints
    amount: Floats


@dataclass(frozen=True, slots=True)
class Asked:
    """One order: its stages, what lies between them (infinite where days do not fit), and the cost of not serving it.

    The stages are one for each kind of processing (or one of nothing), then packing, then delivering. All goods meet at
    the packer: for a given one the other stages do not depend on one another. `kept` is a chain that must stay as it
    is, because its work is promised or begun.
    """

    stages: tuple[Stage, ...]
    first: tuple[Ways, ...]  # of each kind of processing: its rows × rows of packing
    second: Ways  # rows of packing × rows of delivering
    penalty: float
    kept: Chain | None = None

    @property
    def middle(self) -> int:
        """Say which stage is packing."""
        return len(self.first)

    @property
    def is_possible(self) -> bool:
        """Say whether every stage has somebody."""
        return all(len(stage.own) for stage in self.stages)

    def arms(self) -> tuple[tuple[int, Ways], ...]:
        """Give every stage but packing, with what lies between its rows and those of packing."""
        return (*enumerate(self.first), (self.middle + 1, self.second.T))

    def cost(self, chain: Chain) -> float:
        """Add up a chain: a price for each stage, and a way between each of them and packing."""
        pack = chain[self.middle]
        total = float(self.second[pack, chain[-1]])
        for stage, row in zip(self.stages, chain, strict=True):
            total += float(stage.own[row])
        for ways, row in zip(self.first, chain, strict=False):
            total += float(ways[row, pack])
        return total

    def uses(self, chain: Chain) -> tuple[Ints, Floats]:
        """Give the resources of a chain and how much of each."""
        pairs = [(stage.resource[row], stage.amount[row]) for stage, row in zip(self.stages, chain, strict=True)]
        resource = np.concatenate([pair[0] for pair in pairs])
        amount = np.concatenate([pair[1] for pair in pairs])
        real = resource != NONE
        return resource[real], amount[real]

    def uses_each(self, chains: Ints, none: int) -> tuple[Ints, Floats]:
        """Give the resources of many chains (chains × uses), `none` where there is none, and how much of each."""
        pairs = list(zip(self.stages, chains.T, strict=True))
        resource = np.concatenate([stage.resource[rows] for stage, rows in pairs], axis=1)
        amount = np.concatenate([stage.amount[rows] for stage, rows in pairs], axis=1)
        return np.where(resource == NONE, none, resource), np.where(resource == NONE, 0.0, amount)


@dataclass(frozen=True, slots=True)
class Problem:
    """All orders of a batch, and how much there is of each resource."""

    orders: Sequence[Asked]
    capacity: Floats

    @property
    def movable(self) -> int:
        """Count the orders that may move."""
        return sum(order.kept is None for order in self.orders)

    def cost(self, plan: Sequence[Chain | None]) -> float:
        """Add up a plan; who is not served costs the penalty."""
        return sum(
            order.penalty if chain is None else order.cost(chain)
            for order, chain in zip(self.orders, plan, strict=True)
        )

    def used(self, plan: Sequence[Chain | None]) -> Floats:
        """Add up how much of each resource a plan takes."""
        used = np.zeros(len(self.capacity))
        for order, chain in zip(self.orders, plan, strict=True):
            if chain is not None:
                resource, amount = order.uses(chain)
                np.add.at(used, resource, amount)
        return used
