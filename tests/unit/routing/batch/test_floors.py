"""A social floor moves work to who has little of it, at a price that is told, and never leaves anybody out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.routing.batch.floors import Floor, solve_with_floors
from shortchain.routing.batch.problem import Problem
from shortchain.routing.batch.solving import solve_batch
from tests.unit.routing.batch.test_solving import SMALL, a_problem, fits


def floors_of(seed: int, resources: int, *, cents: float = 10.0) -> list[Floor]:
    """Put a floor under every third resource."""
    return [Floor((number,), 1.0 + seed % 3, cents) for number in range(0, resources, 3)]


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_it_tells_what_the_floor_costs(seed: int) -> None:
    problem = a_problem(seed, orders=10, rows=3)
    floors = floors_of(seed, len(problem.capacity))
    plain = solve_batch(problem, budget=SMALL)
    found = solve_with_floors(problem, floors, budget=SMALL)
    assert fits(problem, found.plan)
    assert abs(problem.cost(found.plan.chains) - found.plan.cost) < 1e-6, "the bonus is not in the cost"
    assert abs(found.plan.cost - plain.cost - found.price) < 1e-6
    assert found.price >= -1e-6 or found.plan.cost <= plain.cost
    used = problem.used(found.plan.chains)
    missing = sum(max(0.0, floor.units - float(used[list(floor.resources)].sum())) for floor in floors)
    assert abs(missing - found.missing) < 1e-6
    assert found.plan.unserved <= plain.unserved
    worth = sum(floor.cents for floor in floors) * found.missing_before
    assert found.price <= worth + 1e-6, "no more is paid than the missing units are worth"


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_it_changes_nothing_without_a_floor(seed: int) -> None:
    problem = a_problem(seed, orders=8, rows=3)
    found = solve_with_floors(problem, [], budget=SMALL)
    assert found.plan.chains == solve_batch(problem, budget=SMALL).chains
    assert (found.price, found.missing) == (0.0, 0.0)


def test_it_gives_work_to_who_has_none_when_it_costs_little() -> None:
    tight = a_problem(11, orders=3, rows=4)
    problem = Problem(tight.orders, tight.capacity * 10)
    used = problem.used(solve_batch(problem, budget=SMALL).chains)
    idle = [number for number in range(len(problem.capacity)) if number % 5 < 4 and used[number] < 1]
    assert idle, "somebody has nothing to do in this network"
    found = solve_with_floors(problem, [Floor((number,), 1.0, 40.0) for number in idle[:2]], budget=SMALL)
    assert found.missing < found.missing_before
    assert 0 < found.price <= 40.0 * found.missing_before
