"""Questions for tour engines, and three engines that answer them: ours, VROOM and OR-Tools, on one core each.

Questions are drawn from a seed, in the format of `flask routing solve`: towns of Flanders, time windows, two kinds of
crates, a fixed cost a van and a shift of eight hours; or classic ones, without shift and fixed cost. `pyvroom` and
`ortools` come with requirements-dev.txt. `bench.tour_targets` measures.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from typing import Any

from bench.routing_batch import TOWNS
from shortchain.delivery.tour_engine.problem import DROP, PICK, STOP, Answer, Budget, Problem, Round
from shortchain.delivery.tour_engine.solving import solve

WINDOWS = ((28_800, 72_000), (28_800, 43_200), (43_200, 61_200), (61_200, 72_000))
DEPOT = {"lat": 51.0543, "lon": 3.7174, "open_s": 21_600, "close_s": 79_200}
SHIFT_S, NEAR = 8 * 3600, ("Gent", "Aalst", "Sint-Niklaas", "Brugge", "Kortrijk")
SLACK_S = 86_400
SHIFTS = 5
"""Into so many shifts VROOM's vans are divided where a shift is shorter than the day."""

OURS = "ours"

Engine = Callable[[Problem, float], Answer]


def make_case(seed: int, *, stops: int = 0, shipments: int = 0, classic: bool = False) -> dict[str, Any]:
    """Draw a case with stops from the depot, or with shipments to collect and drop.

    A `classic` one asks for the fewest metres alone: a van costs nothing and may be out all day.
    """
    dice = random.Random(seed)
    towns = [town for town in TOWNS if town[0] in NEAR]

    def visit() -> dict[str, Any]:
        _, lat, lon, _ = dice.choices(towns, weights=[town[3] for town in towns])[0]
        spread = 0.15 if dice.random() < 0.3 else 0.05
        opens, closes = dice.choice(WINDOWS)
        at = {"lat": round(lat + dice.gauss(0, spread * 0.6), 5), "lon": round(lon + dice.gauss(0, spread), 5)}
        return at | {"open_s": opens, "close_s": closes, "service_s": dice.choice([180, 240, 300, 480])}

    rows: list[dict[str, Any]] = []
    for number in range(stops or shipments):
        crates = {"id": number, "crates": dice.randint(1, 4), "cooled_crates": dice.choice([0, 0, 1])}
        if stops:
            rows.append(crates | visit())
        else:
            pick = visit() | {"open_s": 25_200, "close_s": 46_800}
            rows.append(crates | {"pick": pick, "drop": visit() | {"open_s": 32_400, "close_s": 72_000}})
    fleet = {"crates": 60, "cooled_crates": 12, "fixed_m": 15_000, "max_shift_s": SHIFT_S}
    if classic:
        fleet |= {"fixed_m": 0, "max_shift_s": int(DEPOT["close_s"] - DEPOT["open_s"])}
    return {
        "kind": "tour" if stops else "pdtour",
        "depot": DEPOT,
        "vehicle": fleet | {"count": max(6, len(rows) // 6)},
        "stops" if stops else "shipments": rows,
    }


def by_us(problem: Problem, seconds: float, *, cpu: bool = False) -> Answer:
    """Ask our engine, by the clock on the wall or by that of the processor."""
    return solve(problem, Budget(iterations=None, seconds=seconds, seed=1, cpu=cpu))


def by_vroom(problem: Problem, seconds: float) -> Answer:
    """Ask VROOM at its highest level.

    It can not be told how long a shift may be. Where a shift is shorter than the day, each van gets hours of that
    length, from the earliest to the latest in turn: then its plans are lawful too.
    """
    import vroom

    asked = vroom.Input()
    asked.set_durations_matrix("car", problem.seconds)
    asked.set_costs_matrix("car", problem.metres)
    for number, van in enumerate(problem.vans):
        late = max(0, van.close_s - van.open_s - van.max_shift_s)
        opens = van.open_s + late * (number % SHIFTS) // (SHIFTS - 1)
        asked.add_vehicle(
            vroom.Vehicle(
                van.id + 1, start=van.start, end=van.end, capacity=list(van.capacity),
                time_window=vroom.TimeWindow(opens, min(van.close_s, opens + van.max_shift_s)),
                costs=vroom.VehicleCosts(fixed=van.fixed_m),
            )
        )  # fmt: skip
    for task in problem.tasks:
        drop, amount = task.drop, vroom.Amount(list(task.amounts))
        window = [vroom.TimeWindow(drop.open_s, drop.close_s)]
        if task.pick is None:
            asked.add_job(vroom.Job(task.id + 1, drop.place, 0, drop.service_s, delivery=amount, time_windows=window))
            continue
        picks = [vroom.TimeWindow(task.pick.open_s, task.pick.close_s)]
        asked.add_shipment(
            vroom.ShipmentStep(task.id + 1, task.pick.place, 0, task.pick.service_s, picks),
            vroom.ShipmentStep(task.id + 1, drop.place, 0, drop.service_s, window),
            amount,
        )
    found = asked.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    kinds = {"job": STOP, "pickup": PICK, "delivery": DROP}
    rounds: dict[int, list[tuple[str, int]]] = {}
    for row in found.routes.to_dict("records"):
        if row["type"] in kinds:
            rounds.setdefault(int(row["vehicle_id"]) - 1, []).append((kinds[row["type"]], int(row["id"]) - 1))
    return answer_of(problem, rounds)


def by_ortools(problem: Problem, seconds: float) -> Answer:
    """Ask OR-Tools with guided local search, every bound of ours told to it."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    tasks, vans = problem.tasks, problem.vans
    steps = [(PICK, task) for task in tasks if task.pick] + [(DROP if task.pick else STOP, task) for task in tasks]
    visits = [task.pick if kind == PICK else task.drop for kind, task in steps]
    places = [vans[0].start, *(visit.place for visit in visits if visit)]
    stay = [0, *(visit.service_s for visit in visits if visit)]
    manager = pywrapcp.RoutingIndexManager(len(places), len(vans), 0)
    model = pywrapcp.RoutingModel(manager)
    far = problem.metres[places][:, places].tolist()
    long = problem.seconds[places][:, places].tolist()
    node = manager.IndexToNode
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitCallback(lambda a, b: far[node(a)][node(b)]))
    model.SetFixedCostOfAllVehicles(vans[0].fixed_m)
    clock = model.RegisterTransitCallback(lambda a, b: long[node(a)][node(b)] + stay[node(a)])
    model.AddDimension(clock, SLACK_S, vans[0].close_s, False, "time")
    times = model.GetDimensionOrDie("time")
    for number, visit in enumerate(visits, start=1):
        assert visit is not None
        times.CumulVar(manager.NodeToIndex(number)).SetRange(visit.open_s, visit.close_s)
    for number, van in enumerate(vans):
        times.CumulVar(model.Start(number)).SetRange(van.open_s, van.close_s)
        times.CumulVar(model.End(number)).SetRange(van.open_s, van.close_s)
        times.SetSpanUpperBoundForVehicle(van.max_shift_s, number)
        model.AddVariableMinimizedByFinalizer(times.CumulVar(model.End(number)))
        model.AddVariableMaximizedByFinalizer(times.CumulVar(model.Start(number)))
    for size in range(len(vans[0].capacity)):
        loads = [0, *(task.amounts[size] * (-1 if kind == DROP else 1) for kind, task in steps)]
        weigh = model.RegisterUnaryTransitCallback(lambda a, loads=loads: loads[node(a)])
        model.AddDimension(weigh, 0, vans[0].capacity[size], True, f"load {size}")
    numbers = {(kind, task.id): manager.NodeToIndex(n) for n, (kind, task) in enumerate(steps, start=1)}
    for task in tasks:
        if task.pick:
            a, b = numbers[PICK, task.id], numbers[DROP, task.id]
            model.AddPickupAndDelivery(a, b)
            model.solver().Add(model.VehicleVar(a) == model.VehicleVar(b))
            model.solver().Add(times.CumulVar(a) <= times.CumulVar(b))
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.FromMilliseconds(int(seconds * 1000))
    found = model.SolveWithParameters(how)
    rounds: dict[int, list[tuple[str, int]]] = {}
    for number, van in enumerate(vans if found else ()):
        index = found.Value(model.NextVar(model.Start(number)))
        while not model.IsEnd(index):
            kind, task = steps[node(index) - 1]
            rounds.setdefault(van.id, []).append((kind, task.id))
            index = found.Value(model.NextVar(index))
    return answer_of(problem, rounds)


def answer_of(problem: Problem, rounds: dict[int, list[tuple[str, int]]]) -> Answer:
    """Put rounds in our words; what is in none of them is left."""
    done = {task_id for steps in rounds.values() for _, task_id in steps}
    left = tuple((task.id, "full") for task in problem.tasks if task.id not in done)
    return Answer(tuple(Round(van, tuple(steps)) for van, steps in sorted(rounds.items())), left)


def engines(*, cpu: bool = False) -> dict[str, Engine]:
    """Give the engines that are installed, ours first."""
    found: dict[str, Engine] = {OURS: partial(by_us, cpu=cpu)}
    if find_spec("vroom"):
        found["VROOM"] = by_vroom
    if find_spec("ortools"):
        found["OR-Tools"] = by_ortools
    return found
