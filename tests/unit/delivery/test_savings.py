"""What a tour saves against separate trips."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shortchain.delivery.savings import Savings, compare
from shortchain.kernel.geo import Point, distance_m

HERE = Point(51.0, 3.7)


def test_counts_every_trip_there_and_back_with_the_detour() -> None:
    found = compare(
        5_000, [(HERE, HERE), (HERE, Point(51.1, 3.7))], detour_pct=130, co2_g_km=250, distance=lambda a, b: 10_000
    )
    assert found.apart_metres == 2 * 2 * 13_000
    assert (found.co2_g, found.apart_co2_g) == (1_250, 13_000)
    assert found.percent == 90


def test_says_so_when_a_tour_is_longer_than_the_trips() -> None:
    assert Savings(1_500, 1_000, 5).percent == -50


def test_saves_nothing_where_nothing_is_brought() -> None:
    assert compare(0, [], detour_pct=125, co2_g_km=5, distance=distance_m).percent == 0


@given(st.lists(st.floats(50.8, 51.3), min_size=1, max_size=8))
def test_a_round_along_all_doors_is_never_longer_than_one_trip_to_each(lats: list[float]) -> None:
    """Triangle inequality: from the packer along every door and back. Whole metres may each lose one to rounding."""
    doors = [Point(lat, 3.7 + n / 50) for n, lat in enumerate(lats)]
    along = [HERE, *doors, HERE]
    metres = sum(distance_m(a, b) for a, b in pairwise(along))
    found = compare(metres, [(HERE, door) for door in doors], detour_pct=100, co2_g_km=5, distance=distance_m)
    assert found.metres <= found.apart_metres + 2 * len(doors)
