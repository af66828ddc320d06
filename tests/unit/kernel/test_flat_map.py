"""The drawn map."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.kernel.flat_map import WHOLE, map_view, on_map
from shortchain.kernel.geo import Point, distance_m

GENT, BRUGGE = (51.0543, 3.7174), (51.2089, 3.2242)
in_flanders = st.tuples(st.floats(50.7, 51.5), st.floats(2.6, 5.9))


def test_it_keeps_the_proportions_of_distances() -> None:
    (ax, ay), (bx, by) = on_map(*GENT), on_map(*BRUGGE)
    units = math.hypot(ax - bx, ay - by)
    metres = distance_m(Point(*GENT), Point(*BRUGGE))
    assert abs(metres / units - 278) < 3  # 400 units a degree of latitude of 111.2 km


def test_it_shows_the_whole_of_flanders_without_points() -> None:
    assert map_view([]) == WHOLE


@settings(max_examples=60)
@given(st.lists(in_flanders, min_size=1, max_size=8))
def test_it_shows_every_point_with_room_around_it(points: list[tuple[float, float]]) -> None:
    view = map_view(points)
    for lat, lon in points:
        x, y = on_map(lat, lon)
        assert view.left + 10 <= x <= view.left + view.width - 10
        assert view.top + 10 <= y <= view.top + view.height - 10
    assert abs(view.width / view.height - 1.5) < 0.01
