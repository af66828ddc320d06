"""Who drives which vehicle on a day: the pairs with which most of the day's goods can be driven. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from shortchain.delivery.tour_plans import DRIVE, NO_BOUND, Load, Vehicle
from shortchain.enterprises.licences import may_drive

USUAL, KEPT = 1, 10**9
"""What it is worth to keep who usually drives a vehicle (it settles ties), and who was chosen for it already."""
GRAM = 10
"""A gram that can be driven is worth more than any habit."""


@dataclass(frozen=True, slots=True)
class DriverSeat:
    """A driver with a licence, who lifts pieces of at most `lift_g` grams; None for no bound."""

    driver_id: int
    licence: str
    lift_g: int | None = None


@dataclass(frozen=True, slots=True)
class VehicleAsk:
    """What a vehicle asks of who drives it, who usually does, and who was chosen for it that day."""

    courier_id: int
    licence: str
    usual_id: int | None = None
    chosen_id: int | None = None


def pair(
    vehicles: Sequence[Vehicle], asks: Mapping[int, VehicleAsk], drivers: Sequence[DriverSeat], loads: Collection[Load]
) -> dict[int, int]:
    """Give each vehicle one driver at most, by courier and driver id; the same question gives the same answer.

    Only who holds the licence that a vehicle asks drives it. Of all ways to pair them it is one in which the grams that
    can be driven, each vehicle up to its payload, add up to most; then one that keeps habits.
    """
    fleet = sorted(vehicles, key=lambda one: one.courier_id)
    crew = sorted(drivers, key=lambda one: one.driver_id)
    worth = [[_worth(vehicle, asks[vehicle.courier_id], driver, loads) for driver in crew] for vehicle in fleet]
    chosen = _best(worth)
    return {
        vehicle.courier_id: crew[column].driver_id
        for vehicle, column in zip(fleet, chosen, strict=True)
        if column is not None
    }


def manned(vehicle: Vehicle, driver: DriverSeat | None) -> Vehicle:
    """Give a vehicle with what its driver may do; without one it may not be driven."""
    if driver is None:
        return replace(vehicle, rights=vehicle.rights - {DRIVE})
    return replace(
        vehicle, rights=vehicle.rights | {DRIVE}, lift_g=NO_BOUND if driver.lift_g is None else driver.lift_g
    )


def _worth(vehicle: Vehicle, ask: VehicleAsk, driver: DriverSeat, loads: Collection[Load]) -> int:
    if not may_drive(driver.licence, ask.licence):
        return 0
    most = driver.lift_g if driver.lift_g is not None else NO_BOUND
    grams = sum(
        load.weight_g
        for load in loads
        if load.heaviest_g <= most
        and load.weight_g <= vehicle.payload_g
        and vehicle.closed.isdisjoint((load.origin.key, load.destination.key))
    )
    habit = USUAL * (ask.usual_id == driver.driver_id) + KEPT * (ask.chosen_id == driver.driver_id)
    return 1 + (1 + min(grams, vehicle.payload_g)) * GRAM + habit


def _best(worth: Sequence[Sequence[int]]) -> list[int | None]:
    """Solve the assignment of rows to columns with the greatest sum (Kuhn's method with potentials); 0 is no pair."""
    rows, columns = len(worth), len(worth[0]) if worth else 0
    wide = columns + rows  # a column of nothing for each row, so that a row may stay alone
    cost = [[-value for value in row] + [0] * rows for row in worth]
    by_row, by_column = [0] * (rows + 1), [0] * (wide + 1)
    taken = [0] * (wide + 1)  # the row of each column, from 1; column 0 is where the search starts
    for row in range(1, rows + 1):
        taken[0] = row
        least = [NO_BOUND * NO_BOUND] * (wide + 1)
        came, seen, column = [0] * (wide + 1), [False] * (wide + 1), 0
        while taken[column]:
            seen[column] = True
            here, step, after = taken[column], NO_BOUND * NO_BOUND, 0
            for other in range(1, wide + 1):
                if not seen[other]:
                    reduced = cost[here - 1][other - 1] - by_row[here] - by_column[other]
                    if reduced < least[other]:
                        least[other], came[other] = reduced, column
                    if least[other] < step:
                        step, after = least[other], other
            for other in range(wide + 1):
                if seen[other]:
                    by_row[taken[other]] += step
                    by_column[other] -= step
                else:
                    least[other] -= step
            column = after
        while column:
            taken[column] = taken[came[column]]
            column = came[column]
    found: list[int | None] = [None] * rows
    for column in range(1, columns + 1):
        if taken[column] and worth[taken[column] - 1][column - 1]:
            found[taken[column] - 1] = column - 1
    return found
