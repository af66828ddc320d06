"""Answers routing cases with many orders: `batch`, and `decline` for what follows when providers say no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np

from shortchain.routing.batch.again import plan_again
from shortchain.routing.batch.packing import Packing
from shortchain.routing.batch.problem import NONE, Asked, Chain, Floats, Ints, Problem, Stage, Ways
from shortchain.routing.batch.solving import Budget, solve_batch

RADIUS_KM = 6371.0088
STAGES = ("process", "pack", "deliver")
SECONDS = {True: 60.0, False: 120.0}
"""What is granted when the case does not say: up to two thousand orders, and above."""
Case = Mapping[str, Any]
Answer = list[list[int] | None]


@dataclass(frozen=True, slots=True)
class Network:
    """A case as columns: providers and orders by their ids, distances in km, resources by their names."""

    providers: Sequence[Case]
    orders: Sequence[Case]
    between: Floats
    home: Floats  # providers × orders
    costs: Case
    names: dict[tuple[int, str | None, int], int]
    capacity: Floats
    problem: Problem

    def answer(self, number: int, chain: Chain | None) -> list[int] | None:
        """Write an order's chain as a case wants it: provider and day of each stage."""
        if chain is None:
            return None
        found = []
        for stage, row in zip(self.problem.orders[number].stages, chain, strict=True):
            provider, day = divmod(int(stage.node[row]), DAYS)
            found += [int(self.providers[provider]["id"]), day]
        return found


DAYS = 1000
"""Days in a case are small numbers; a node is provider × this + day."""


def solve_batch_case(case: Case) -> Answer:
    """Plan all orders of a case; the entries stand in the order of the case."""
    network = network_of(case)
    plan = solve_batch(network.problem, budget=budget_for(len(network.orders)), stop=_clock(case))
    place = {order["id"]: number for number, order in enumerate(network.orders)}
    return [network.answer(place[order["id"]], plan.chains[place[order["id"]]]) for order in case["orders"]]


def solve_decline_case(case: Case, base_case: Case) -> Answer:
    """Find other chains for the orders that declines hit, all of them together; everybody else keeps theirs.

    They share what the others leave: one after the other, an early one may take what a later one needs more.

    :raises ValueError: when the assignment does not fit the base case
    """
    network = network_of(base_case)
    place = {order["id"]: number for number, order in enumerate(network.orders)}
    affected = [place[number] for number in case["affected_orders"]]
    packing = Packing(network.problem)
    for order, given in zip(base_case["orders"], case["assignment"], strict=True):
        number = place[order["id"]]
        if number not in affected and given is not None:
            packing.put(number, rows_of(network, number, given))
    for number in _declined(network, case["declined_providers"]):
        packing.left[number] = 0.0
    hit = Problem([network.problem.orders[number] for number in sorted(affected)], np.maximum(packing.left, 0.0))
    plan = plan_again(hit, stop=_clock({"orders": (), **case}))
    chains = dict(zip(sorted(affected), plan.chains, strict=True))
    return [network.answer(number, chains[number]) for number in affected]


def _declined(network: Network, providers: Sequence[int]) -> list[int]:
    return [number for (provider, _service, _day), number in network.names.items() if provider in set(providers)]


def rows_of(network: Network, number: int, given: Sequence[int]) -> Chain:
    """Find the chain of an answer: provider and day of each stage.

    :raises ValueError: when it is not possible
    """
    ids = {provider["id"]: row for row, provider in enumerate(network.providers)}
    rows = []
    for stage, at in zip(network.problem.orders[number].stages, (0, 2, 4), strict=True):
        node = ids[given[at]] * DAYS + given[at + 1]
        found = np.flatnonzero(stage.node == node)
        if not len(found):
            raise ValueError(f"order {network.orders[number]['id']}: {given} is not possible")
        rows.append(int(found[0]))
    return tuple(rows)


def budget_for(orders: int) -> Budget:
    """Say how much work a batch of so many orders is worth."""
    if orders > 2000:
        return Budget(ascent=120, columns=3, moves=2, ejections=300, neighbourhoods=1_800, serving=1)
    return Budget(ascent=200, columns=12, moves=6, ejections=400, neighbourhoods=1_200)


def _clock(case: Case) -> Callable[[], bool]:
    """Stop at nine tenths of the time that was granted, so that writing the answer fits in."""
    granted = float(case.get("seconds", SECONDS[len(case["orders"]) <= 2000]))
    end = monotonic() + 0.9 * granted - 1.0
    return lambda: monotonic() > end


def network_of(case: Case) -> Network:
    """Read a case into columns, orders and providers in the order of their ids."""
    providers = sorted(case["providers"], key=lambda one: one["id"])
    orders = sorted(case["orders"], key=lambda one: one["id"])
    at = np.array([(one["lat"], one["lon"]) for one in providers], dtype=np.float64).reshape(-1, 2)
    homes = np.array([(one["lat"], one["lon"]) for one in orders], dtype=np.float64).reshape(-1, 2)
    names: dict[tuple[int, str | None, int], int] = {}
    capacity: list[float] = []
    for provider in providers:
        for service, days in ((None, provider["capacity_per_day"]), *provider["capacity_per_service_day"].items()):
            for day, amount in days.items():
                names[provider["id"], service, int(day)] = len(capacity)
                capacity.append(float(amount))
    between, home = kilometres(at, at), kilometres(at, homes)
    stages = [[row for row, one in enumerate(providers) if one["stage"] == stage] for stage in STAGES]
    asked = [
        _asked(case["cost"], providers, stages, between, home[:, number], names, order, at)
        for number, order in enumerate(orders)
    ]
    room = np.array(capacity, dtype=np.float64)
    return Network(providers, orders, between, home, case["cost"], names, room, Problem(asked, room))


def kilometres(these: Floats, those: Floats) -> Floats:
    """Measure great circles (haversine, mean earth radius)."""
    a, b = np.radians(these)[:, None, :], np.radians(those)[None, :, :]
    half = np.sin((b - a) / 2) ** 2
    inside = half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]
    return np.asarray(2 * RADIUS_KM * np.arcsin(np.sqrt(inside)), dtype=np.float64)


def _asked(
    costs: Case,
    providers: Sequence[Case],
    stages: Sequence[Sequence[int]],
    between: Floats,
    home: Floats,
    names: Mapping[tuple[int, str | None, int], int],
    order: Case,
    at: Floats,
) -> Asked:
    """Work out who may do what for one order, and what it costs."""
    kg = float(order["kg"])
    farms = np.array([(farm["lat"], farm["lon"]) for farm in order["farms"]], dtype=np.float64).reshape(-1, 2)
    loads = np.array([farm["kg"] for farm in order["farms"]], dtype=np.float64)
    made, who, days = [], [], []
    for stage, (name, rows) in enumerate(zip(STAGES, stages, strict=True)):
        service = order["need"][name]
        able = [
            row for row in rows if service in providers[row]["services"] and order["temp"] in providers[row]["temps"]
        ]
        reach = np.array([providers[row]["radius_km"] for row in able])
        way = kilometres(at[able], farms) if stage == 0 else home[able][:, None]
        reached = np.asarray((way <= reach[:, None]).all(axis=1)).tolist()
        able = [row for row, fits in zip(able, reached, strict=True) if fits]
        nodes = [(row, day) for row in able for day in providers[row]["days"]]
        if stage == len(STAGES) - 1:
            nodes = [(row, day) for row, day in nodes if day in order["deliver_days"]]
        row_of = np.array([row for row, _day in nodes], dtype=np.int64)
        day_of = np.array([day for _row, day in nodes], dtype=np.int64)
        own = np.array([providers[row]["eur_per_kg"] * kg + providers[row]["eur_per_order"] for row in row_of])
        if stage == 0:
            own = own + kilometres(at[row_of], farms) @ loads * costs["eur_per_kg_km_upstream"]
            own = own - kg * costs["eur_per_kg_day_waiting"] * day_of
        elif stage == len(STAGES) - 1:
            own = own + home[row_of] * costs["eur_per_km_last_mile"] + kg * costs["eur_per_kg_day_waiting"] * day_of
        amount = 1.0 if name == "deliver" else kg
        limits = [
            (names.get((providers[row]["id"], None, day), NONE), names.get((providers[row]["id"], service, day), NONE))
            for row, day in nodes
        ]
        made.append(
            Stage(
                row_of * DAYS + day_of,
                np.asarray(own, dtype=np.float64).reshape(-1),
                np.array(limits, dtype=np.int64).reshape(-1, 2),
                np.tile(np.array([amount, kg]), (len(nodes), 1)),
            )
        )
        who.append(row_of)
        days.append(day_of)
    lead = np.array([one["lead_days"] for one in providers], dtype=np.int64)
    first = between[np.ix_(who[0], who[1])] * kg * costs["eur_per_kg_km_upstream"]
    second = (between[np.ix_(who[1], who[2])] + home[who[1]][:, None]) * costs["eur_per_km_last_mile"]
    ends = [day + lead[row] for row, day in zip(who, days, strict=True)]
    ways = [_open(first, ends[0], days[1]), _open(second, ends[1], days[2])]
    return Asked(tuple(made), (ways[0],), ways[1], float(order["eur_if_unserved"]))


def _open(ways: Floats, ends: Ints, starts: Ints) -> Ways:
    """Shut the ways that end before they can be begun; in single precision, as the ways of ten thousand orders are most
    of what a case takes (what that rounds is a ten-thousandth of a cent).
    """
    return np.where(ends[:, None] > starts[None, :], np.inf, ways).astype(np.float32)
