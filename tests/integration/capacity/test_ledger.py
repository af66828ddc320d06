"""Capacity is held whole or not at all, confirmed, freed, and never exceeded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import CapacityGone, Want
from shortchain.capacity.models import CapacityBucket, ReservationState
from shortchain.enterprises.models import Capability
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises as make

DAY = date(2026, 11, 26)  # a Thursday
LATER = NOW + timedelta(minutes=30)


def capability_of(session: Session, **values: object) -> int:
    owner = make.packer(session, **values)
    return session.scalars(select(Capability.id).where(Capability.enterprise_id == owner.id)).one()


def bucket(session: Session, capability_id: int) -> tuple[int, int, int]:
    session.expire_all()
    row = session.scalars(select(CapacityBucket).where(CapacityBucket.capability_id == capability_id)).one()
    return row.cap, row.held, row.confirmed


def hold(session: Session, key: str, *wants: Want, claim: str | None = None) -> object:
    with transaction(session):
        return ledger.hold(session, key=key, claim=claim or key, wants=wants, until=LATER, now=NOW)


def test_makes_a_bucket_from_the_calendar(session: Session) -> None:
    number = capability_of(session, capacity=(1, 2, 3, 4, 5, 0, 0))
    hold(session, "a", Want(number, DAY, 3))
    assert bucket(session, number) == (4, 3, 0)


def test_holds_nothing_when_one_part_is_short(session: Session) -> None:
    roomy, tight = capability_of(session), capability_of(session, capacity=(1,) * 7)
    with pytest.raises(CapacityGone) as refusal:
        hold(session, "a", Want(roomy, DAY, 1), Want(tight, DAY, 2))
    assert refusal.value.wants == (Want(tight, DAY, 2),)
    assert session.scalars(select(CapacityBucket.held)).all() in ([], [0, 0])


def test_gives_the_first_answer_when_asked_again(session: Session) -> None:
    number = capability_of(session)
    hold(session, "a", Want(number, DAY, 3))
    hold(session, "a", Want(number, DAY, 3))
    assert bucket(session, number)[1] == 3


def test_confirms_and_frees_a_claim(session: Session) -> None:
    number = capability_of(session)
    hold(session, "a", Want(number, DAY, 3))
    with transaction(session):
        assert ledger.confirm(session, claim="a", now=NOW) == 1
    assert bucket(session, number)[1:] == (0, 3)
    with transaction(session):
        assert ledger.release(session, claim="a", now=NOW) == 1
    with transaction(session):
        assert ledger.release(session, claim="a", now=NOW) == 0
    assert bucket(session, number)[1:] == (0, 0)


def test_frees_only_what_ran_out(session: Session) -> None:
    number = capability_of(session)
    hold(session, "a", Want(number, DAY, 3))
    with transaction(session):
        assert ledger.release_expired(session, now=LATER - timedelta(seconds=1)) == 0
    with transaction(session):
        assert ledger.release_expired(session, now=LATER) == 1
    assert bucket(session, number)[1:] == (0, 0)


def test_keeps_what_is_promised_when_the_calendar_shrinks(session: Session) -> None:
    number = capability_of(session)
    hold(session, "a", Want(number, DAY, 7))
    with transaction(session):
        session.get_one(Capability, number).weekday_capacity = [5] * 7
        assert ledger.follow_calendar(session, capability_id=number, from_day=DAY) == [DAY]
    assert bucket(session, number) == (7, 7, 0)


def test_offers_nothing_on_a_closed_day(session: Session) -> None:
    owner = make.packer(session)
    make.closure(session, owner, DAY, DAY)
    number = session.scalars(select(Capability.id).where(Capability.enterprise_id == owner.id)).one()
    with pytest.raises(CapacityGone):
        hold(session, "a", Want(number, DAY, 1))


steps = st.lists(
    st.tuples(st.sampled_from(["hold", "confirm", "release", "expire"]), st.integers(0, 5), st.integers(1, 4)),
    max_size=25,
)


@given(steps)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_what_reservations_say_after_any_sequence(
    session: Session, sequence: list[tuple[str, int, int]]
) -> None:
    number = capability_of(session, capacity=(6,) * 7)
    prefix = f"run{number}-"
    for deed, who, amount in sequence:
        key = f"{prefix}{who}"
        try:
            with transaction(session):
                if deed == "hold":
                    ledger.hold(session, key=key, claim=key, wants=[Want(number, DAY, amount)], until=LATER, now=NOW)
                elif deed == "confirm":
                    ledger.confirm(session, claim=key, now=NOW)
                elif deed == "release":
                    ledger.release(session, claim=key, now=NOW)
                else:
                    ledger.release_expired(session, now=LATER)
        except CapacityGone:
            continue
    session.expire_all()
    row = session.scalars(select(CapacityBucket).where(CapacityBucket.capability_id == number)).one_or_none()
    if row is None:
        return
    from shortchain.capacity.models import Reservation, ReservationLine

    sums = dict.fromkeys(ReservationState, 0)
    for state, amount in session.execute(
        select(Reservation.state, ReservationLine.amount)
        .join(ReservationLine, ReservationLine.reservation_id == Reservation.id)
        .where(ReservationLine.bucket_id == row.id)
    ):
        sums[state] += amount
    assert (row.held, row.confirmed) == (sums[ReservationState.HELD], sums[ReservationState.CONFIRMED])
    assert row.held + row.confirmed <= row.cap == 6
