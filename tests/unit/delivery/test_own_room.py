"""What an order itself holds with a candidate counts as free for it: of the day, and of the half day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shortchain.delivery import rerouting
from shortchain.fulfilment.models import Job, Stage
from shortchain.kernel.geo import Point
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.ordering.models import Order
from shortchain.routing.plans import PACK, Candidate

DAY = date(2026, 11, 26)
ORDER = Order(starts_at=datetime(2026, 11, 26, 16, tzinfo=UTC))
"""An order that is delivered in the afternoon: what is packed on its day is packed in the morning."""


def packer(free: int, halves: tuple[int, int]) -> Candidate:
    return Candidate(
        1,
        2,
        "De Pakker",
        "BOX_ASSEMBLE",
        PACK,
        Point(51.0, 3.7),
        9_000,
        "order",
        200,
        free={DAY: free},
        halves={DAY: halves},
    )


@pytest.mark.parametrize(
    ("day", "half", "left"),
    [
        (DAY, "", (1, 4)),  # tied to the morning by its place in the chain
        (DAY, AFTERNOON, (0, 5)),  # its doer chose
        (DAY, MORNING, (1, 4)),
    ],
)
def test_a_job_that_is_tied_to_a_half_has_its_own_place_there(day: date, half: str, left: tuple[int, int]) -> None:
    job = Job(capability_id=1, stage=Stage.PACK, day=day, use=1, half=half)
    own = rerouting.with_own(packer(0, (0, 4)), [job], ORDER)
    assert (own.free, own.halves) == ({DAY: 1}, {DAY: left})


def test_a_job_of_either_half_holds_none_of_them() -> None:
    early = Order(starts_at=ORDER.starts_at + timedelta(days=1))
    job = Job(capability_id=1, stage=Stage.PACK, day=DAY, use=2, half="")
    own = rerouting.with_own(packer(1, (0, 4)), [job], early)
    assert (own.free, own.halves) == ({DAY: 3}, {DAY: (0, 4)})


def test_what_another_holds_stays_taken() -> None:
    job = Job(capability_id=9, stage=Stage.PACK, day=DAY, use=1, half="")
    assert rerouting.with_own(packer(0, (0, 0)), [job], ORDER) == packer(0, (0, 0))
