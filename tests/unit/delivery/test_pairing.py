"""Who drives which vehicle: only who may, as much as can be driven, and otherwise as usual."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.delivery.pairing import DriverSeat, VehicleAsk, _best, manned, pair
from shortchain.delivery.tour_plans import DRIVE, NO_BOUND
from shortchain.enterprises.licences import may_drive
from tests.unit.delivery.test_tour_planner import load, vehicle


def asks(**licences: str) -> dict[int, VehicleAsk]:
    return {int(name[1:]): VehicleAsk(int(name[1:]), licence) for name, licence in licences.items()}


def test_a_van_gets_who_holds_its_licence_and_the_bike_the_other() -> None:
    fleet = [vehicle(1), vehicle(2, payload_g=900_000)]
    crew = [DriverSeat(7, "B"), DriverSeat(8, "")]
    assert pair(fleet, asks(v1="", v2="B"), crew, [load(1)]) == {1: 8, 2: 7}


def test_with_one_driver_the_vehicle_that_carries_more_of_the_day_leaves() -> None:
    fleet = [vehicle(1, payload_g=8_000), vehicle(2, payload_g=900_000)]
    loads = [load(n, weight_g=7_000) for n in range(1, 6)]
    assert pair(fleet, asks(v1="", v2="B"), [DriverSeat(7, "B")], loads) == {2: 7}
    shut = [vehicle(1, payload_g=8_000), vehicle(2, payload_g=900_000, closed=frozenset({"e1"}))]
    assert pair(shut, asks(v1="", v2="B"), [DriverSeat(7, "B")], loads) == {1: 7}, "the van may not come there"


def test_who_lifts_gets_the_vehicle_with_the_heavy_goods_before_any_habit() -> None:
    from dataclasses import replace

    fleet = [vehicle(1, payload_g=900_000), vehicle(2, payload_g=900_000, closed=frozenset({"e1"}))]
    heavy = [replace(load(1), heaviest_g=25_000)]
    usual = {1: VehicleAsk(1, "B", usual_id=7), 2: VehicleAsk(2, "B", usual_id=8)}
    crew = [DriverSeat(7, "B", 12_000), DriverSeat(8, "B")]
    assert pair(fleet, usual, crew, heavy) == {1: 8, 2: 7}
    assert pair(fleet, usual, crew, [load(1)]) == {1: 7, 2: 8}, "with nothing heavy, as usual"


def test_who_was_chosen_stays_while_they_may() -> None:
    fleet = [vehicle(1), vehicle(2)]
    chosen = {1: VehicleAsk(1, "", usual_id=7, chosen_id=8), 2: VehicleAsk(2, "", usual_id=8)}
    assert pair(fleet, chosen, [DriverSeat(7, ""), DriverSeat(8, "")], [load(1)]) == {1: 8, 2: 7}
    lost = {1: VehicleAsk(1, "B", chosen_id=8)}
    assert pair([vehicle(1)], lost, [DriverSeat(8, "")], [load(1)]) == {}


def test_a_vehicle_without_driver_may_not_be_driven() -> None:
    assert DRIVE not in manned(vehicle(rights=frozenset({DRIVE})), None).rights
    driven = manned(vehicle(), DriverSeat(1, "B", 9_000))
    assert (DRIVE in driven.rights, driven.lift_g) == (True, 9_000)
    assert manned(vehicle(), DriverSeat(1, "B")).lift_g == NO_BOUND


def test_licences_cover_what_lies_below_them() -> None:
    assert all(may_drive(held, "") for held in ("", "B", "BE", "C1", "C"))
    assert [asked for asked in ("B", "BE", "C1", "C") if may_drive("C", asked)] == ["B", "C1", "C"]
    assert not may_drive("", "B")
    assert not may_drive("B", "C1")


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=4))
@settings(max_examples=120, deadline=None)
def test_no_way_to_pair_is_worth_more(worth: list[list[int]]) -> None:
    def value(chosen: list[int | None]) -> int:
        return sum(row[column] for row, column in zip(worth, chosen, strict=True) if column is not None)

    found = _best(worth)
    taken = [column for column in found if column is not None]
    assert len(taken) == len(set(taken))
    columns: list[int | None] = [0, 1, 2, *([None] * len(worth))]
    assert value(found) == max(value(list(chosen)) for chosen in permutations(columns, len(worth)))
