"""The circuit breaker, by a clock of its own."""

from __future__ import annotations

from shortchain.gateways.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def broken(clock: Clock) -> Breaker:
    breaker = Breaker(failures=3, rest=5, clock=clock)
    for _ in range(3):
        assert breaker.may_ask()
        breaker.failed()
    return breaker


def test_asks_no_more_after_some_failures_in_a_row():
    assert not broken(Clock()).may_ask()


def test_keeps_asking_while_failures_are_not_in_a_row():
    breaker = Breaker(failures=3, rest=5, clock=Clock())
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.worked()
        assert breaker.may_ask()


def test_lets_one_try_after_the_rest():
    clock = Clock()
    breaker = broken(clock)
    clock.seconds = 5
    assert [breaker.may_ask() for _ in range(3)] == [True, False, False]


def test_opens_for_all_after_one_success():
    clock = Clock()
    breaker = broken(clock)
    clock.seconds = 5
    assert breaker.may_ask()
    breaker.worked()
    assert all(breaker.may_ask() for _ in range(10))


def test_rests_again_when_the_try_fails():
    clock = Clock()
    breaker = broken(clock)
    clock.seconds = 5
    assert breaker.may_ask()
    breaker.failed()
    clock.seconds = 9.9
    assert not breaker.may_ask()
    clock.seconds = 10
    assert breaker.may_ask()
