"""When a driver will be where."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shortchain.delivery.expecting import OnTheWay, expected
from shortchain.kernel.window import BRUSSELS

FIVE = datetime(2026, 11, 26, 17, 0, tzinfo=BRUSSELS)


def at(minutes: float) -> datetime:
    return FIVE + timedelta(minutes=minutes)


def tour(left: tuple[float | None, ...] = (None, None, None, None)) -> list[OnTheWay]:
    """Load at five, then three doors: ten minutes on the way and five at each stop. The second waits for its window."""
    windows = (None, at(0), at(40), at(40))
    etas = (at(0), at(15), at(40), at(55))
    return [
        OnTheWay(eta, window, 600, 300, None if gone is None else at(gone))
        for eta, window, gone in zip(etas, windows, left, strict=True)
    ]


def test_keeps_to_the_plan_while_there_is_time() -> None:
    assert expected(tour(), now=at(-30)) == [at(0), at(15), at(40), at(55)]


def test_moves_everything_behind_a_stop_that_took_long_and_uses_the_waiting_up_first() -> None:
    assert expected(tour((12, None, None, None)), now=at(12)) == [at(0), at(22), at(40), at(55)]
    assert expected(tour((45, None, None, None)), now=at(45)) == [at(0), at(55), at(70), at(85)]


def test_is_never_before_the_promised_window_when_the_driver_is_early() -> None:
    assert expected(tour((-10, None, None, None)), now=at(-10)) == [at(0), at(0), at(40), at(55)]


def test_does_not_say_that_somebody_was_where_nothing_was_tapped() -> None:
    assert expected(tour((5, None, None, None)), now=at(60)) == [at(0), at(60), at(75), at(90)]
    assert expected(tour((5, None, None, None)), now=None) == [at(0), at(15), at(40), at(55)]


def test_takes_taps_out_of_order() -> None:
    assert expected(tour((5, None, 50, None)), now=at(50)) == [at(0), at(50), at(40), at(65)]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(-60, 120), st.integers(0, 60))
def test_a_later_tap_and_a_later_hour_never_bring_anybody_forward(ways: list[int], hour: int, delay: int) -> None:
    stops, eta = [], FIVE
    for minutes in ways:
        eta += timedelta(minutes=minutes)
        stops.append(OnTheWay(eta, None, minutes * 60, 0))
    first = replace(stops[0], left_at=at(hour))
    late = replace(stops[0], left_at=at(hour + delay))
    on_time = expected([first, *stops[1:]], now=at(hour))
    delayed = expected([late, *stops[1:]], now=at(hour + delay))
    assert all(a <= b for a, b in zip(on_time, delayed, strict=True))
    assert on_time[1:] == sorted(on_time[1:])
