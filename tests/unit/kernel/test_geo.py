"""Boxes on the globe. That they hold every point of the circle is tested where they find rows (`test_near.py`)."""

from __future__ import annotations

import pytest

from shortchain.kernel.geo import Point, box_around


@pytest.mark.parametrize("radius_m", [11_000_000, 15_000_000, 19_347_943])
def test_a_circle_over_more_than_a_quarter_of_the_world_reaches_all_longitudes(radius_m: int) -> None:
    """A property test found it: a box around 0° N with a radius of 174° was 6° to each side."""
    box = box_around(Point(0.0, 0.0), radius_m)
    assert (box.west, box.east) == (-180.0, 180.0)


def test_a_circle_that_holds_a_pole_reaches_all_longitudes() -> None:
    box = box_around(Point(89.0, 10.0), 200_000)
    assert (box.west, box.east) == (-180.0, 180.0)


def test_a_small_circle_is_wider_in_degrees_than_high() -> None:
    box = box_around(Point(51.05, 3.72), 10_000)
    assert box.east - box.west > box.north - box.south
    assert 3.86 < box.east < 3.88
