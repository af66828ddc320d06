"""Planned faults count down and match what they name."""

from __future__ import annotations

import pytest

from stripe_stand_in.switches import CALL_SWITCHES, Switches


def planned(**values) -> Switches:
    switches = Switches(CALL_SWITCHES)
    switches.plan(values)
    return switches


def test_applies_as_often_as_asked():
    switches = planned(name="429", times=2)
    assert [len(switches.take("POST /v1/refunds")) for _ in range(4)] == [1, 1, 0, 0]


def test_never_ends_with_minus_one():
    switches = planned(name="429", times=-1)
    assert all(switches.take("POST /v1/refunds") for _ in range(5))


def test_applies_only_where_it_matches():
    switches = planned(name="429", match="POST /v1/refunds*")
    assert not switches.take("POST /v1/transfers")
    assert switches.take("POST /v1/refunds")


def test_takes_no_more_than_asked():
    switches = planned(name="429")
    switches.plan({"name": "409"})
    assert [one.name for one in switches.take("x", at_most=1)] == ["429"]
    assert [one.name for one in switches.take("x", at_most=1)] == ["409"]


@pytest.mark.parametrize(
    "values",
    [{"name": "boom"}, {}, {"name": "429", "colour": "red"}, {"name": "429", "times": "often"}],
)
def test_refuses_what_means_nothing(values):
    with pytest.raises(ValueError):
        Switches(CALL_SWITCHES).plan(values)
