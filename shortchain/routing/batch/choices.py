"""Chains of many orders side by side as arrays, where there are too many to hold one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from shortchain.routing.batch.problem import Floats, Ints


@dataclass(frozen=True, slots=True)
class Choices:
    """Order `orders[k]` may take the chain `rows[k]` (padded with nothing where it has fewer stages)."""

    orders: Ints
    rows: Ints

    @classmethod
    def none(cls, width: int) -> Self:
        """Start without any, for chains of at most so many stages."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros((0, width), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.orders)

    def of(self, which: Ints | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Choices:
        """Give some of them."""
        return Choices(self.orders[which], self.rows[which])


def joined(parts: Sequence[Choices]) -> Choices:
    """Put choices together, each once, in the order of their orders and rows."""
    orders = np.concatenate([part.orders for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    sequence = np.lexsort((*rows.T[::-1], orders))
    orders, rows = orders[sequence], rows[sequence]
    is_new = np.ones(len(orders), dtype=np.bool_)
    is_new[1:] = (orders[1:] != orders[:-1]) | (rows[1:] != rows[:-1]).any(axis=1)
    return Choices(orders[is_new], rows[is_new])


def cheapest_of_each(choices: Choices, costs: Floats, most: int) -> Choices:
    """Keep of each order at most so many, those that cost least; the first of equals wins."""
    sequence = np.lexsort((np.arange(len(costs)), costs, choices.orders))
    orders = choices.orders[sequence]
    starts = np.flatnonzero(np.r_[True, orders[1:] != orders[:-1]]) if len(orders) else np.zeros(0, dtype=np.int64)
    rank = np.arange(len(orders)) - np.repeat(starts, np.diff(np.r_[starts, len(orders)]))
    return choices.of(np.sort(sequence[rank < most]))
