"""Puts the orders of a cycle side by side as one problem, with the rules and prices of the online search.

What may do what, and at which price, is worked out by the same columns that route a single order; here
it only becomes rows of one programme. Costs are cents: what is billed, plus the steering terms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from shortchain.kernel.halves import HALVES
from shortchain.routing.batch.problem import NONE, Asked, Chain, Floats, Ints, Problem, Stage
from shortchain.routing.batch.solving import BatchPlan
from shortchain.routing.column_rows import Carriers, Rows
from shortchain.routing.column_stages import CLOSED
from shortchain.routing.columns import Columns
from shortchain.routing.half_days import NO_LIMIT
from shortchain.routing.planner import groups_of, search_columns
from shortchain.routing.plans import DELIVER, PACK, PROCESS, Policy, RouteRequest, Slot, Unroutable
from shortchain.routing.search import MILLI

DAY = 10**6
"""A node is a capability × this + the ordinal of a day."""
UNSERVED = 5
"""Serving nobody costs so many times the dearest chain: no saving elsewhere is worth an order."""
MOVE_CENTS = 25.0
"""What asking somebody else must save, per stage: work that stays where it is can be counted on."""
Place = tuple[int, date]
"""A capability on a day."""
Keys = tuple[str, ...]
"""The stages of an order as the problem has them: kinds of processing (an empty one without), packing, delivering."""


class Limit(NamedTuple):
    """A resource: what a capability can do on a day, or in a half of it."""

    capability: int
    day: date
    half: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One order of a batch: what it asks, and where its stages are now.

    Keys are `pack`, `deliver` and `process:<service>`, one for each kind of processing. What must stay is fixed in
    `request`; a stage that is neither fixed nor in `places` has nobody yet.
    """

    order_id: int
    request: RouteRequest
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """The problem, with what its rows mean: `orders` stand as in the problem, `limits` name its resources.

    `left_out` are orders that the batch can not speak about; they stay as they are. `start` is the plan
    as it stands.
    """

    problem: Problem
    orders: tuple[Standing, ...]
    keys: tuple[Keys, ...]
    start: tuple[Chain | None, ...]
    limits: tuple[Limit, ...]
    left_out: tuple[int, ...]

    def places(self, number: int, chain: Chain) -> dict[str, Place]:
        """Say who does each stage of an order's chain and when, without stages that are fixed or absent."""
        found = {}
        standing = self.orders[number]
        for key, stage, row in zip(self.keys[number], self.problem.orders[number].stages, chain, strict=True):
            if key and key not in standing.request.fixed:
                capability, ordinal = divmod(int(stage.node[row]), DAY)
                found[key] = (capability, date.fromordinal(ordinal))
        return found

    def moves(self, plan: BatchPlan) -> dict[int, dict[str, Place]]:
        """List what the plan changes: of each order the stages that get another place, and which."""
        changed = {}
        for number, chain in enumerate(plan.chains):
            if chain is not None:
                standing = self.orders[number]
                own = {key: to for key, to in self.places(number, chain).items() if standing.places.get(key) != to}
                if own:
                    changed[standing.order_id] = own
        return changed

    def abandoned(self, plan: BatchPlan) -> list[int]:
        """List orders that stand now and would not in the plan; such a plan must not be followed."""
        pairs = zip(self.orders, self.start, plan.chains, strict=True)
        return [order.order_id for order, old, new in pairs if old is not None and new is None]

    def prices_by_weekday(self, plan: BatchPlan) -> dict[Slot, int]:
        """Give what a unit of each capability's weekday was worth, in millicents, and what its halves on top of that:
        bid prices for the next cycle."""
        worth: dict[Slot, int] = {}
        for limit, price in zip(self.limits, plan.prices.tolist(), strict=True):
            slot = Slot(limit.capability, limit.day.weekday(), limit.half)
            worth[slot] = max(worth.get(slot, 0), round(price * MILLI))
        return {slot: millicents for slot, millicents in worth.items() if millicents}


def ask_together(orders: Sequence[Standing], columns: Columns, *, policy: Policy) -> Question:
    """Make one problem of many orders. `columns` must count as free what the orders' own movable stages hold.

    The orders are put in the order of their ids, so that the same question always looks the same.
    """
    limits = _Limits(columns)
    asked, kept, keys, start, left_out = [], [], [], [], []
    for order in sorted(orders, key=lambda one: one.order_id):
        try:
            made, own_keys = _asked(order, columns, limits, policy)
        except Unroutable:
            left_out.append(order.order_id)
            continue
        chain = _where_it_stands(order, made, own_keys)
        if chain is None and _is_whole(order, own_keys):
            left_out.append(order.order_id)  # a rule says no to what was promised: a person's decision
            continue
        asked.append(made)
        kept.append(order)
        keys.append(own_keys)
        start.append(chain)
    problem = Problem(asked, np.array(limits.room, dtype=np.float64))
    return Question(problem, tuple(kept), tuple(keys), tuple(start), tuple(limits.names), tuple(left_out))


class _Limits:
    """Numbers for the days of capabilities, given out as they are needed."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._numbers: dict[Limit, int] = {}
        self.names: list[Limit] = []
        self.room: list[float] = []

    def number(self, place: Place, half: str = "") -> int:
        """Number the day of a capability, or a half of it; `NONE` for a half without a limit of its own."""
        limit = Limit(*place, half)
        if limit not in self._numbers:
            at, column = self._columns.where[limit.capability], self._columns.day_at[limit.day]
            if not half:
                free = int(self._columns.free[at, column])
            elif self._columns.halves is None:
                return NONE
            else:
                free = int(self._columns.halves[HALVES.index(half), at, column])
                if free == NO_LIMIT:
                    return NONE
            self._numbers[limit] = len(self.names)
            self.names.append(limit)
            self.room.append(0.0 if free == CLOSED else float(free))
        return self._numbers[limit]


def _asked(order: Standing, columns: Columns, limits: _Limits, policy: Policy) -> tuple[Asked, Keys]:
    """Work out the possibilities of one order.

    :raises Unroutable: when some stage has nobody
    """
    search = search_columns(order.request, columns, policy=policy)
    first, second = search.between()
    kinds = tuple(f"{PROCESS}:{service}" for service, _lines in groups_of(order.request))
    process = [
        _stage(order, key, rows, limits, weight)
        for key, rows, weight in zip(kinds, search.processors, search.weights, strict=True)
    ]
    pack = _stage(order, PACK, search.packers, limits, search.boxes)
    deliver = _deliver_stage(order, search.carriers, limits) if search.carriers is not None else _nothing()
    stages = (*(process or [_nothing()]), pack, deliver)
    dearest = sum(float(stage.own.max()) for stage in stages) + sum(map(_most, first)) + _most(second)
    return Asked(stages, first, second, UNSERVED * (dearest + 100)), (*(kinds or ("",)), PACK, DELIVER)


def _most(ways: Floats) -> float:
    return float(np.max(ways, where=np.isfinite(ways), initial=0.0))


def _nothing() -> Stage:
    """Make the one free row of a stage that is absent, or fixed and paid for."""
    return Stage(np.zeros(1, dtype=np.int64), np.zeros(1), np.full((1, 1), NONE, dtype=np.int64), np.zeros((1, 1)))


def _stage(order: Standing, key: str, rows: Rows, limits: _Limits, use: int) -> Stage:
    """Turn the rows of a stage into nodes. Bid prices are left out: the batch finds its own."""
    capabilities = np.array([rows.who[int(at)].capability_id for at in rows.index], dtype=np.int64)
    own = (rows.cost - rows.bid) / MILLI
    if rows.is_fixed:
        nothing = _nothing()
        return Stage(_nodes(capabilities, rows.day), own, nothing.resource, nothing.amount)
    return _free_stage(order, key, capabilities, rows.day, own, limits, use)


def _deliver_stage(order: Standing, carriers: Carriers, limits: _Limits) -> Stage:
    """Turn deliverers into nodes; what they cost depends on the packer and stands between the stages."""
    capabilities = np.array([carriers.who[int(at)].capability_id for at in carriers.index], dtype=np.int64)
    days = np.full(len(capabilities), order.request.delivery_day.toordinal(), dtype=np.int64)
    return _free_stage(order, DELIVER, capabilities, days, np.zeros(len(capabilities)), limits, 1)


def _free_stage(
    order: Standing, key: str, capabilities: Ints, days: Ints, own: Floats, limits: _Limits, use: int
) -> Stage:
    """Make the nodes of a stage that may go to somebody else; that must be worth the move."""
    nodes = _nodes(capabilities, days)
    if key in order.places:
        own = own + MOVE_CENTS * (nodes != _node(order.places[key]))
    places = list(zip(capabilities.tolist(), map(date.fromordinal, days.tolist()), strict=True))
    resource = np.array([limits.number(place) for place in places], dtype=np.int64).reshape(len(nodes), 1)
    parts = [order.request.half_of(day, delivers=key == DELIVER) for _capability, day in places]
    tied = [limits.number(place, half) if half else NONE for place, half in zip(places, parts, strict=True)]
    if any(number != NONE for number in tied):
        resource = np.column_stack([resource, np.array(tied, dtype=np.int64)])
    amount = np.where(resource == NONE, 0.0, float(use))
    return Stage(nodes, np.asarray(own, dtype=np.float64), resource, amount)


def _nodes(capabilities: Ints, days: Ints) -> Ints:
    return np.asarray(capabilities * DAY + days, dtype=np.int64)


def _node(place: Place) -> int:
    return place[0] * DAY + place[1].toordinal()


def _is_whole(order: Standing, keys: Sequence[str]) -> bool:
    return all(not key or key in order.request.fixed or key in order.places for key in keys)


def _where_it_stands(order: Standing, asked: Asked, keys: Keys) -> Chain | None:
    """Find the rows of the chain as it stands; None when a stage has nobody, or stands where a rule says no."""
    rows = []
    for key, stage in zip(keys, asked.stages, strict=True):
        if not key or key in order.request.fixed:
            rows.append(0)
            continue
        if key not in order.places:
            return None
        found = np.flatnonzero(stage.node == _node(order.places[key]))
        if not len(found):
            return None
        rows.append(int(found[0]))
    chain = tuple(rows)
    return chain if np.isfinite(asked.cost(chain)) else None
