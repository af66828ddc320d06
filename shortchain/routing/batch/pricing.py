"""The cheapest chain of every order under prices for the resources: the layered shortest path, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortchain.routing.batch.choices import Choices
from shortchain.routing.batch.problem import NONE, Asked, Chain, Floats, Ints, Problem

CHUNK = 64
"""Orders of like size are put in one block, so that little of it is padding."""
ROUNDING = 1e-6
"""Single precision keeps seven digits; this share of what was added up is more than it can be off."""
Singles = NDArray[np.float32]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of one stage of some orders, padded to the same length."""

    own: Singles  # orders × rows, infinite where there is none
    resource: Numbers  # limits × orders × rows; one past the last stands for none
    amount: Singles

    def priced(self, prices: Singles) -> Singles:
        """Add what the resources cost; the price past the last is nothing."""
        total = self.own.copy()
        for resource, amount in zip(self.resource, self.amount, strict=True):
            total += prices.take(resource) * amount
        return total


@dataclass(frozen=True, slots=True)
class Parts:
    """What chains cost, and how much (columns beside each other) of which resources; one past the last is none."""

    cost: Floats
    resource: Ints
    amount: Floats

    def priced(self, prices: Floats) -> Floats:
        """Add what the resources cost."""
        return np.asarray(self.cost + (np.append(prices, 0.0)[self.resource] * self.amount).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Block:
    """The columns of some orders with as many stages: the packers, and every other stage with the ways between."""

    orders: Ints
    middle: Nodes
    arms: tuple[tuple[Nodes, Singles], ...]  # ways are orders × rows × packers

    def best(self, prices: Singles) -> tuple[Floats, Ints]:
        """Give each order's least cost, and its rows."""
        row = np.arange(len(self.orders))
        total, through = self.middle.priced(prices), []
        for nodes, ways in self.arms:
            whole = ways + nodes.priced(prices)[:, :, None]
            total += whole.min(axis=1)
            through.append(whole)
        pack = total.argmin(axis=1)
        rows = [whole[row, :, pack].argmin(axis=1) for whole in through]
        return total[row, pack].astype(np.float64), np.stack([*rows[:-1], pack, rows[-1]], axis=1)

    def nodes(self) -> tuple[Nodes, ...]:
        """Give the stages in their order."""
        arms = [nodes for nodes, _ways in self.arms]
        return (*arms[:-1], self.middle, arms[-1])


class Pricer:
    """Knows the columns of a problem in blocks; asked again and again under other prices."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.penalty = np.array([order.penalty for order in problem.orders])
        self.widths = [len(order.stages) for order in problem.orders]
        self.width = max(self.widths, default=0)
        able = [number for number, order in enumerate(problem.orders) if order.is_possible]
        self.blocks = [
            _block(problem, numbers)
            for width in sorted({self.widths[number] for number in able})
            for numbers in _alike(problem.orders, [number for number in able if self.widths[number] == width])
        ]
        self._block_of = np.zeros(len(problem.orders), dtype=np.int64)
        self._row_of = np.zeros(len(problem.orders), dtype=np.int64)
        for at, block in enumerate(self.blocks):
            self._block_of[block.orders] = at
            self._row_of[block.orders] = np.arange(len(block.orders))

    def with_penalties(self, penalty: Floats) -> Pricer:
        """Give the same blocks for orders that cost other amounts when they are left out."""
        made = copy(self)
        made.penalty = penalty
        return made

    def best(self, prices: Floats) -> tuple[Floats, Ints]:
        """Give each order's least cost under prices, and its rows; infinite where it has none."""
        cost = np.full(len(self.problem.orders), np.inf)
        chosen = np.zeros((len(self.problem.orders), self.width), dtype=np.int64)
        padded = np.append(prices, 0.0).astype(np.float32)
        for block in self.blocks:
            least, rows = block.best(padded)
            cost[block.orders] = least
            chosen[block.orders, : rows.shape[1]] = rows
        return cost, chosen

    def chain(self, number: int, rows: Ints) -> Chain:
        """Give rows of an order, padded as `best` gives them, as a chain."""
        return tuple(rows[: self.widths[number]].tolist())

    def bound(self, prices: Floats, cost: Floats) -> float:
        """Say below which cost no plan can be, whatever the prices: the best of each order alone, less
        what all capacity is worth (Lagrange). `cost` is what `best` gave for these prices.
        """
        least = np.minimum(self.penalty, cost)
        return float(least.sum() - ROUNDING * np.abs(least).sum() - prices @ self.problem.capacity)

    def asked(self, chosen: Ints, served: NDArray[np.bool_]) -> Floats:
        """Add up what the chosen chains of who is served would take of each resource."""
        who = np.flatnonzero(served)
        parts = self.parts(Choices(who, chosen[who]))
        used = np.bincount(parts.resource.ravel(), parts.amount.ravel(), minlength=len(self.problem.capacity) + 1)
        return np.asarray(used[:-1], dtype=np.float64)

    def parts(self, choices: Choices) -> Parts:
        """Look up what many chains cost and use."""
        limits = max((len(nodes.resource) for block in self.blocks for nodes in block.nodes()), default=1)
        cost = np.zeros(len(choices))
        resource = np.full((len(choices), self.width * limits), len(self.problem.capacity), dtype=np.int64)
        amount = np.zeros(resource.shape)
        block_of = self._block_of[choices.orders]
        sequence = np.argsort(block_of, kind="stable")
        starts = np.searchsorted(block_of[sequence], np.arange(len(self.blocks) + 1))
        for block, first, end in zip(self.blocks, starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            own = sequence[first:end]
            row, rows = self._row_of[choices.orders[own]], choices.rows[own].T
            for at, nodes in enumerate(block.nodes()):
                cost[own] += nodes.own[row, rows[at]]
                for limit in range(len(nodes.resource)):
                    resource[own, at * limits + limit] = nodes.resource[limit, row, rows[at]]
                    amount[own, at * limits + limit] = nodes.amount[limit, row, rows[at]]
            pack = len(block.arms) - 1
            for arm, (_nodes, ways) in enumerate(block.arms):
                cost[own] += ways[row, rows[arm if arm < pack else pack + 1], rows[pack]]
        return Parts(cost, resource, amount)


def _alike(orders: Sequence[Asked], numbers: list[int]) -> list[list[int]]:
    """Part orders into blocks of like size: halve them by the stage in which they differ most."""
    if len(numbers) <= CHUNK:
        return [numbers] if numbers else []
    sizes = np.array([[len(stage.own) for stage in orders[number].stages] for number in numbers])
    spread = sizes.max(axis=0) / sizes.min(axis=0)
    by_size = np.argsort(sizes[:, int(spread.argmax())], kind="stable").tolist()
    half = len(numbers) // 2
    parts = ([numbers[at] for at in by_size[:half]], [numbers[at] for at in by_size[half:]])
    return [block for part in parts for block in _alike(orders, part)]


def _block(problem: Problem, numbers: list[int]) -> Block:
    orders = [problem.orders[number] for number in numbers]
    none = len(problem.capacity)
    nodes = [_nodes(orders, at, none) for at in range(len(orders[0].stages))]
    middle = orders[0].middle
    arms = []
    for arm, (at, _ways) in enumerate(orders[0].arms()):
        rows, packers = nodes[at].own.shape[1], nodes[middle].own.shape[1]
        ways = np.full((len(orders), rows, packers), np.inf, dtype=np.float32)
        for row, order in enumerate(orders):
            own = order.arms()[arm][1]
            ways[row, : own.shape[0], : own.shape[1]] = own
        arms.append((nodes[at], ways))
    return Block(np.array(numbers, dtype=np.int64), nodes[middle], tuple(arms))


def _nodes(orders: Sequence[Asked], at: int, none: int) -> Nodes:
    stages = [order.stages[at] for order in orders]
    most = max(len(stage.own) for stage in stages)
    limits = max(stage.resource.shape[1] for stage in stages)
    own = np.full((len(orders), most), np.inf, dtype=np.float32)
    resource = np.full((limits, len(orders), most), none, dtype=np.int32)
    amount = np.zeros((limits, len(orders), most), dtype=np.float32)
    for row, stage in enumerate(stages):
        rows, wide = stage.resource.shape
        own[row, :rows] = stage.own
        resource[:wide, row, :rows] = np.where(stage.resource == NONE, none, stage.resource).T
        amount[:wide, row, :rows] = np.where(stage.resource == NONE, 0.0, stage.amount).T
    return Nodes(own, resource, amount)
