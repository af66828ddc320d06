"""Whatever happens to a calendar, no more is promised than the bucket allows, and new work follows the calendar."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import CapacityGone, Want
from shortchain.capacity.models import CapacityBucket
from shortchain.enterprises.models import Capability, Closure
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises as make

DAYS = [date(2026, 11, 25) + timedelta(days=number) for number in range(3)]
LATER = NOW + timedelta(minutes=30)
DEEDS = ["hold", "confirm", "release", "edit", "close", "reopen"]
steps = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 5), st.integers(0, 8)), max_size=25)


def do(session: Session, capability: Capability, deed: str, who: int, amount: int, prefix: str) -> None:
    key, day = f"{prefix}{who}", DAYS[who % len(DAYS)]
    if deed == "hold":
        wants = [Want(capability.id, day, amount + 1)]
        ledger.hold(session, key=key, claim=key, wants=wants, until=LATER, now=NOW)
    elif deed == "confirm":
        ledger.confirm(session, claim=key, now=NOW)
    elif deed == "release":
        ledger.release(session, claim=key, now=NOW)
    elif deed == "edit":
        changed = list(capability.weekday_capacity)
        changed[day.weekday()] = amount
        capability.weekday_capacity = changed
    elif deed == "close":
        session.add(Closure(enterprise_id=capability.enterprise_id, first_day=day, last_day=day, reason=""))
    else:
        found = session.scalars(select(Closure).where(Closure.enterprise_id == capability.enterprise_id)).all()
        for closure in found[:1]:
            session.delete(closure)
    session.flush()
    if deed in ("edit", "close", "reopen"):
        ledger.follow_calendar(session, capability_id=capability.id, from_day=DAYS[0])


@given(steps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_promises_more_than_there_is(session: Session, sequence: list[tuple[str, int, int]]) -> None:
    owner = make.packer(session, capacity=(6,) * 7)
    capability = session.scalars(select(Capability).where(Capability.enterprise_id == owner.id)).one()
    number = capability.id
    session.rollback()
    for deed, who, amount in sequence:
        day = DAYS[who % len(DAYS)]
        before = ledger.taken(session, first=day, last=day, capability_ids=[number]).get((number, day), (0, 0))
        cap = ledger.calendar_caps(session, capability_id=number, day=day)[0]
        session.rollback()
        try:
            with transaction(session):
                do(session, session.get_one(Capability, number), deed, who, amount, f"run{number}-")
        except CapacityGone:
            assert before[1] + amount + 1 > min(cap, before[0]) or not before[0]
        rows = ledger.taken(session, first=DAYS[0], last=DAYS[-1], capability_ids=[number])
        for (_capability, on), (bucket_cap, promised) in rows.items():
            wanted = ledger.calendar_caps(session, capability_id=number, day=on)[0]
            assert promised <= bucket_cap
            if deed in ("edit", "close", "reopen"):
                assert bucket_cap == max(wanted, promised)
        session.rollback()
    totals = session.scalars(select(CapacityBucket).where(CapacityBucket.capability_id == number)).all()
    assert all(0 <= one.held + one.confirmed <= one.cap for one in totals)
    session.rollback()
