"""Bid prices are kept per run; the newest run counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Capability, DayCapacity
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.routing import bids, candidates
from shortchain.routing.plans import Slot
from tests.support.factories import enterprises

DAY = date(2026, 11, 26)


@pytest.fixture
def packer(session: Session) -> int:
    owner = enterprises.packer(session, name="De Inpakkers")
    return session.query(Capability.id).filter(Capability.enterprise_id == owner.id).scalar()  # type: ignore[no-any-return]


def test_it_reads_back_the_newest_run_only(session: Session, packer: int) -> None:
    assert not bids.read(session)
    bids.store(session, run="week-46", prices={Slot(packer, DAY): 900, Slot(packer, 2): 100})
    assert (
        bids.store(session, run="week-47", prices={Slot(packer, DAY): 250, Slot(packer, 4): 70, Slot(packer, 5): 0})
        == 2
    )
    found = bids.read(session)
    assert found.run == "week-47"
    assert (found.of(packer, DAY), found.of(packer, date(2026, 11, 27)), found.of(packer, date(2026, 11, 25))) == (
        250,
        70,
        0,
    )


def test_it_reads_the_asked_days_only(session: Session, packer: int) -> None:
    bids.store(session, run="week-47", prices={Slot(packer, DAY): 250, Slot(packer, 4): 70})
    assert set(bids.read(session, days=[DAY]).by_slot) == {Slot(packer, DAY)}
    assert set(bids.read(session, days=[date(2026, 11, 27)]).by_slot) == {Slot(packer, 4)}


def test_it_replaces_what_a_run_stored_before(session: Session, packer: int) -> None:
    bids.store(session, run="week-47", prices={Slot(packer, DAY): 250})
    bids.store(session, run="week-47", prices={Slot(packer, 3): 40})
    assert set(bids.read(session).by_slot) == {Slot(packer, 3)}
    assert bids.read(session).of(packer, DAY) == 40


def test_it_refuses_a_negative_price(session: Session, packer: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        bids.store(session, run="week-47", prices={Slot(packer, DAY): -1})


def test_it_reaches_the_candidates_with_the_run_it_comes_from(session: Session, packer: int) -> None:
    before = candidates.read_candidates(session, days=[DAY])
    assert before.bids_from == "" and [dict(one.bids) for one in before] == [{}]
    bids.store(session, run="week-47", prices={Slot(packer, DAY): 250})
    after = candidates.read_candidates(session, days=[DAY])
    assert after.bids_from == "week-47" and [dict(one.bids) for one in after] == [{DAY: 250}]
    assert after.mark != before.mark


def test_the_price_of_a_half_reaches_who_plans_that_day_by_halves(session: Session, packer: int) -> None:
    """Elsewhere no half limits anything, so nothing is asked for it."""
    prices = {Slot(packer, 3): 40, Slot(packer, 3, AFTERNOON): 70, Slot(packer, 4, MORNING): 30}
    bids.store(session, run="week-47", prices=prices)
    kept = bids.read(session)
    assert (kept.of_halves(packer, DAY), kept.of_halves(packer, DAY + timedelta(days=1))) == ((0, 70), (30, 0))
    (usual,) = candidates.read_candidates(session, days=[DAY])
    assert (usual.bid(DAY, MORNING), usual.bid(DAY, AFTERNOON)) == (40, 40)
    session.add(DayCapacity(capability_id=packer, day=DAY, morning=5, afternoon=5))
    bids.store(session, run="week-48", prices=prices)
    (planned,) = candidates.read_candidates(session, days=[DAY])
    assert (planned.bid(DAY, ""), planned.bid(DAY, MORNING), planned.bid(DAY, AFTERNOON)) == (40, 40, 110)
