"""Bid prices are kept per run; the newest run counts."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Capability
from shortchain.routing import bids, candidates
from tests.support.factories import enterprises

DAY = date(2026, 11, 26)


@pytest.fixture
def packer(session: Session) -> int:
    owner = enterprises.packer(session, name="De Inpakkers")
    return session.query(Capability.id).filter(Capability.enterprise_id == owner.id).scalar()  # type: ignore[no-any-return]


def test_it_reads_back_the_newest_run_only(session: Session, packer: int) -> None:
    assert not bids.read(session)
    bids.store(session, run="week-46", prices={(packer, DAY): 900, (packer, 2): 100})
    assert bids.store(session, run="week-47", prices={(packer, DAY): 250, (packer, 4): 70, (packer, 5): 0}) == 2
    found = bids.read(session)
    assert found.run == "week-47"
    assert (found.of(packer, DAY), found.of(packer, date(2026, 11, 27)), found.of(packer, date(2026, 11, 25))) == (
        250,
        70,
        0,
    )


def test_it_reads_the_asked_days_only(session: Session, packer: int) -> None:
    bids.store(session, run="week-47", prices={(packer, DAY): 250, (packer, 4): 70})
    assert bids.read(session, days=[DAY]).by_weekday == {}
    assert bids.read(session, days=[date(2026, 11, 27)]).by_day == {}


def test_it_replaces_what_a_run_stored_before(session: Session, packer: int) -> None:
    bids.store(session, run="week-47", prices={(packer, DAY): 250})
    bids.store(session, run="week-47", prices={(packer, 3): 40})
    assert bids.read(session).by_day == {}
    assert bids.read(session).of(packer, DAY) == 40


def test_it_refuses_a_negative_price(session: Session, packer: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        bids.store(session, run="week-47", prices={(packer, DAY): -1})


def test_it_reaches_the_candidates_with_the_run_it_comes_from(session: Session, packer: int) -> None:
    before = candidates.read_candidates(session, days=[DAY])
    assert before.bids_from == "" and [dict(one.bids) for one in before] == [{}]
    bids.store(session, run="week-47", prices={(packer, DAY): 250})
    after = candidates.read_candidates(session, days=[DAY])
    assert after.bids_from == "week-47" and [dict(one.bids) for one in after] == [{DAY: 250}]
    assert after.mark != before.mark
