"""A plan that is being made: who has which chain, and what is left. Orders are put in one at a time, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from shortchain.routing.batch.problem import EPSILON, NONE, Asked, Chain, Floats, Ints, Problem, Stage


class Packing:
    """A feasible plan at any moment: nothing is put in that does not fit, and what is kept stays."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.plan: list[Chain | None] = [None] * len(problem.orders)
        self.left = problem.capacity.astype(np.float64).copy()
        self.takers: list[set[int]] = [set() for _ in self.left]
        self._least: dict[int, float] = {}
        for number, order in enumerate(problem.orders):
            if order.kept is not None:
                self.put(number, order.kept)

    def copy(self) -> Packing:
        """Give the same plan, to try something on."""
        other = object.__new__(Packing)
        other.problem, other.plan, other.left = self.problem, list(self.plan), self.left.copy()
        other.takers = [set(numbers) for numbers in self.takers]
        other._least = self._least
        return other

    @property
    def cost(self) -> float:
        """Add the plan up."""
        return self.problem.cost(self.plan)

    def price_of(self, number: int) -> float:
        """Say what an order costs as it stands."""
        chain, order = self.plan[number], self.problem.orders[number]
        return order.penalty if chain is None else order.cost(chain)

    def to_gain(self, number: int) -> float:
        """Say how much cheaper an order could be at most, if it had all room that there is."""
        if number not in self._least:
            order = self.problem.orders[number]
            chain = cheapest(order, [stage.own for stage in order.stages])
            self._least[number] = order.penalty if chain is None else min(order.penalty, order.cost(chain))
        return self.price_of(number) - self._least[number]

    def put(self, number: int, chain: Chain | None) -> None:
        """Give an order a chain; the caller knows that it fits."""
        self.plan[number] = chain
        if chain is not None:
            resource, amount = self.problem.orders[number].uses(chain)
            np.subtract.at(self.left, resource, amount)
            for one in resource.tolist():
                self.takers[one].add(number)

    def take(self, number: int) -> Chain | None:
        """Take an order's chain away and give it."""
        chain = self.plan[number]
        if chain is not None:
            resource, amount = self.problem.orders[number].uses(chain)
            np.add.at(self.left, resource, amount)
            for one in resource.tolist():
                self.takers[one].discard(number)
            self.plan[number] = None
        return chain

    def fits(self, number: int, chain: Chain) -> bool:
        """Say whether there is room for a chain; no two of its stages share a resource."""
        resource, amount = self.problem.orders[number].uses(chain)
        return bool((amount <= self.left[resource] + EPSILON).all())

    def best(self, number: int, prices: Floats | None = None) -> tuple[float, Chain] | None:
        """Find the cheapest chain of an order for which there is room; None when there is none.

        The cost given is the true one; `prices` only steer. No two stages share a resource, so room at
        each node is room for the chain.
        """
        order = self.problem.orders[number]
        nodes = [_priced(stage, self.left, prices) for stage in order.stages]
        chain = cheapest(order, nodes)
        return None if chain is None else (order.cost(chain), chain)


def _priced(stage: Stage, left: Floats | None, prices: Floats | None) -> Floats:
    own = stage.own
    if prices is not None and len(own):
        own = own + (np.where(stage.resource == NONE, 0.0, prices[stage.resource]) * stage.amount).sum(axis=1)
    if left is not None and len(own):
        room = (stage.amount <= left[stage.resource] + EPSILON) | (stage.resource == NONE)
        own = np.where(room.all(axis=1), own, np.inf)
    return own


def priced(order: Asked, prices: Floats) -> list[Floats]:
    """Give the prices of an order's nodes with those of the resources, room or not."""
    return [_priced(stage, None, prices) for stage in order.stages]


def through(order: Asked, nodes: Sequence[Floats]) -> tuple[Floats, list[Floats]]:
    """Give what the cheapest chain through each packer costs at these prices, and of each other stage what every row
    of it costs there (rows × packers).
    """
    arms = [ways + nodes[at][:, None] for at, ways in order.arms()]
    total = nodes[order.middle]
    for arm in arms:
        total = total + arm.min(axis=0)
    return total, arms


def cheapest(order: Asked, nodes: Sequence[Floats]) -> Chain | None:
    """Find the cheapest chain through nodes of these prices: the shortest path through the layers."""
    if not order.is_possible:
        return None
    total, arms = through(order, nodes)
    pack = int(total.argmin())
    if not np.isfinite(total[pack]):
        return None
    rows = [int(arm[:, pack].argmin()) for arm in arms]
    return (*rows[:-1], pack, rows[-1])


def fill(packing: Packing, order: Iterable[int], prices: Floats | None = None) -> None:
    """Put orders that have no chain in one after the other, each at its cheapest while there is room."""
    for number in order:
        if packing.plan[number] is not None:
            continue
        found = packing.best(number, prices)
        if found is not None and found[0] < packing.problem.orders[number].penalty:
            packing.put(number, found[1])


def by_regret(problem: Problem, prices: Floats) -> list[int]:
    """Order the orders: first who would lose most without its best packer, per unit that it takes.

    Regret is the second best middle node less the best, under prices; ties fall by number.
    """
    ranked = []
    for number, order in enumerate(problem.orders):
        if not order.is_possible:
            ranked.append((0.0, number))
            continue
        total, _arms = through(order, priced(order, prices))
        two = np.sort(np.append(total, order.penalty))[:2]
        ranked.append((-float(two[1] - two[0]) if np.isfinite(two).all() else 0.0, number))
    return [number for _regret, number in sorted(ranked)]


def reinsert(packing: Packing, stop: Callable[[], bool], *, rounds: int) -> bool:
    """Take each order out and put it back where it is cheapest now, the dearest first, as long as it helps."""
    free = [number for number, order in enumerate(packing.problem.orders) if order.kept is None]
    helped = False
    for _ in range(rounds):
        gained = 0.0
        for number in sorted(free, key=lambda one: (-packing.price_of(one), one)):
            if stop():
                return helped
            was = packing.price_of(number)
            chain = packing.take(number)
            found = packing.best(number)
            better = found is not None and found[0] < min(was, packing.problem.orders[number].penalty) - EPSILON
            packing.put(number, found[1] if better and found is not None else chain)
            gained += was - packing.price_of(number)
        if gained <= EPSILON:
            return helped
        helped = True
    return helped


def eject(packing: Packing, number: int, prices: Floats, *, tries: int = 40) -> float:
    """Give an order a place by moving one other, when the sum gets cheaper; returns the gain (0: nothing done).

    The others tried are those who take the resources of the order's cheapest chain under prices; an order
    that is kept never moves. A pair that could not gain enough with all room there is need not be tried.
    """
    problem = packing.problem
    if problem.orders[number].kept is not None:
        return 0.0
    chain = cheapest(problem.orders[number], priced(problem.orders[number], prices))
    if chain is None:
        return 0.0
    wanted, _amount = problem.orders[number].uses(chain)
    rivals = _takers(packing, wanted, but=number)[:tries]
    hope = packing.to_gain(number)
    was = packing.take(number)
    before = problem.orders[number].penalty if was is None else problem.orders[number].cost(was)
    best: tuple[float, int, Chain, Chain | None] | None = None
    for rival in rivals:
        if hope + packing.to_gain(rival) <= EPSILON + (best[0] if best is not None else 0.0):
            continue
        old = packing.plan[rival]
        old_price = packing.price_of(rival)
        packing.take(rival)
        mine = packing.best(number)
        if mine is not None:
            packing.put(number, mine[1])
            other = packing.best(rival)
            other_price = min(other[0], problem.orders[rival].penalty) if other else problem.orders[rival].penalty
            gain = before + old_price - mine[0] - other_price
            if gain > EPSILON and (best is None or gain > best[0] + EPSILON):
                stays = other[1] if other is not None and other[0] < problem.orders[rival].penalty else None
                best = (gain, rival, mine[1], stays)
            packing.take(number)
        packing.put(rival, old)
    if best is None:
        packing.put(number, was)
        return 0.0
    gain, rival, mine_now, others_now = best
    packing.take(rival)
    packing.put(number, mine_now)
    packing.put(rival, others_now)
    return gain


def _takers(packing: Packing, wanted: Ints, *, but: int) -> list[int]:
    """List who takes any of some resources and may move."""
    orders = packing.problem.orders
    found = set().union(*(packing.takers[one] for one in wanted.tolist())) - {but}
    return sorted(number for number in found if orders[number].kept is None)
