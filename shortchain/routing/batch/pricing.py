"""The cheapest chain of every order under prices for the resources: the layered shortest path, all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortchain.routing.batch.problem import NONE, STAGES, Chain, Floats, Ints, Problem

CHUNK = 256
"""Orders of like size are put in one block, so that little of it is padding."""
Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Block:
    """The columns of some orders, padded to the same length."""

    orders: Ints
    own: tuple[Floats, Floats, Floats]  # orders × rows, infinite where there is none
    resource: tuple[Ints, Ints, Ints]  # orders × rows × limits; one past the last stands for none
    amount: tuple[Floats, Floats, Floats]
    first: Singles
    second: Singles


class Pricer:
    """Knows the columns of a problem in blocks; asked again and again under other prices."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.penalty = np.array([order.penalty for order in problem.orders])
        sizes = [
            (*tuple(len(stage.own) for stage in order.stages), number) for number, order in enumerate(problem.orders)
        ]
        able = [size for size in sorted(sizes) if all(size[:STAGES])]
        self.blocks = [
            self._block([size[-1] for size in able[start : start + CHUNK]]) for start in range(0, len(able), CHUNK)
        ]

    def _block(self, numbers: list[int]) -> Block:
        orders = [self.problem.orders[number] for number in numbers]
        none = len(self.problem.capacity)
        most = [max(len(order.stages[at].own) for order in orders) for at in range(STAGES)]
        limits = max(order.stages[at].resource.shape[1] for order in orders for at in range(STAGES))
        own, resource, amount = [], [], []
        for at in range(STAGES):
            prices = np.full((len(orders), most[at]), np.inf)
            which = np.full((len(orders), most[at], limits), none, dtype=np.int64)
            much = np.zeros((len(orders), most[at], limits))
            for row, order in enumerate(orders):
                stage = order.stages[at]
                rows, wide = stage.resource.shape
                prices[row, :rows] = stage.own
                which[row, :rows, :wide] = np.where(stage.resource == NONE, none, stage.resource)
                much[row, :rows, :wide] = stage.amount
            own.append(prices)
            resource.append(which)
            amount.append(much)
        first = np.full((len(orders), most[0], most[1]), np.inf, dtype=np.float32)
        second = np.full((len(orders), most[1], most[2]), np.inf, dtype=np.float32)
        for row, order in enumerate(orders):
            first[row, : order.first.shape[0], : order.first.shape[1]] = order.first
            second[row, : order.second.shape[0], : order.second.shape[1]] = order.second
        return Block(
            np.array(numbers, dtype=np.int64),
            (own[0], own[1], own[2]),
            (resource[0], resource[1], resource[2]),
            (amount[0], amount[1], amount[2]),
            first,
            second,
        )

    def best(self, prices: Floats) -> tuple[Floats, Ints]:
        """Give each order's least cost under prices, and its chain; infinite where it has none."""
        cost = np.full(len(self.problem.orders), np.inf)
        chosen = np.zeros((len(self.problem.orders), STAGES), dtype=np.int64)
        padded = np.append(prices, 0.0)
        for block in self.blocks:
            nodes = [
                block.own[at] + (padded[block.resource[at]] * block.amount[at]).sum(axis=2) for at in range(STAGES)
            ]
            before = block.first + nodes[0][:, :, None].astype(np.float32)
            after = block.second + nodes[2][:, None, :].astype(np.float32)
            total = nodes[1] + before.min(axis=1) + after.min(axis=2)
            middle = total.argmin(axis=1)
            row = np.arange(len(block.orders))
            cost[block.orders] = total[row, middle]
            chosen[block.orders, 0] = before[row, :, middle].argmin(axis=1)
            chosen[block.orders, 1] = middle
            chosen[block.orders, 2] = after[row, middle, :].argmin(axis=1)
        return cost, chosen

    def bound(self, prices: Floats, cost: Floats) -> float:
        """Say below which cost no plan can be, whatever the prices: the best of each order alone, less
        what all capacity is worth (Lagrange). `cost` is what `best` gave for these prices.
        """
        return float(np.minimum(self.penalty, cost).sum() - prices @ self.problem.capacity)


def as_chain(rows: Ints) -> Chain:
    """Give a row of `Pricer.best` as a chain."""
    return int(rows[0]), int(rows[1]), int(rows[2])
