"""What the planner is told of providers is what the database says now, in few queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import Want
from shortchain.enterprises import directory, recognitions
from shortchain.enterprises.models import Capability, Certificate, Enterprise
from shortchain.fulfilment.models import Job, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.routing import candidates
from shortchain.routing.plans import Candidate
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import enterprises
from tests.support.factories.fulfilment import THURSDAY, WEDNESDAY
from tests.support.market import market

DAYS = [THURSDAY, WEDNESDAY]


@pytest.fixture(autouse=True)
def _fresh(session: Session) -> None:
    candidates.forget()


def read(session: Session) -> list[Candidate]:
    session.rollback()
    return list(candidates.read_candidates(session, days=DAYS))


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_reads_place_terms_and_free_capacity(session: Session) -> None:
    packer = enterprises.packer(session, name="De Pakker", capacity=(0, 0, 7, 5, 0, 0, 0))
    [found] = read(session)
    assert (found.enterprise_id, found.name, found.stage) == (packer.id, "De Pakker", "pack")
    assert found.point == packer.point
    assert found.free == {THURSDAY: 5, WEDNESDAY: 7}


def test_subtracts_what_is_held(session: Session) -> None:
    enterprises.packer(session)
    capability = session.scalars(select(Capability.id)).one()
    with transaction(session):
        ledger.hold(
            session,
            key="k",
            claim="c",
            wants=[Want(capability, THURSDAY, 20)],
            until=MONDAY_MORNING + timedelta(hours=1),
            now=MONDAY_MORNING,
        )
    [found] = read(session)
    assert found.free == {THURSDAY: 30, WEDNESDAY: 50}


def test_leaves_out_closed_days(session: Session) -> None:
    packer = enterprises.packer(session)
    enterprises.closure(session, packer, WEDNESDAY)
    [found] = read(session)
    assert found.free == {THURSDAY: 50}


@pytest.mark.parametrize("change", [{"is_active": False}, {"verified_at": None}])
def test_leaves_out_who_can_not_be_asked(session: Session, change: dict[str, object]) -> None:
    enterprises.packer(session, **change)
    assert read(session) == []


def test_knows_the_dates_of_organic_certificates_only(session: Session) -> None:
    packer = enterprises.packer(session)
    enterprises.certificate(session, packer)
    enterprises.certificate(session, packer, kind="favv", valid_to=date(2030, 1, 1))
    [found] = read(session)
    assert found.organic == ((date(2026, 1, 1), date(2026, 12, 31)),)


def test_sees_a_change_of_terms_when_the_directory_version_rises(session: Session) -> None:
    enterprises.packer(session)
    read(session)
    capability = session.scalars(select(Capability)).one()
    capability.price_cents = 999
    directory.touch(session)
    session.commit()
    assert read(session)[0].price_cents == 999


def test_asks_the_database_once_when_it_knows_the_directory(session: Session) -> None:
    for _ in range(5):
        enterprises.packer(session)
    read(session)
    with counted(session) as statements:
        assert len(read(session)) == 5
    assert len(statements) == 1, statements


def test_the_rate_of_a_job_follows_the_recognition_on_the_day_of_delivery(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    day = local_day(shop.window.starts_at)

    def rates() -> set[int]:
        order = shop.order(1, 1)
        found = session.scalars(select(Job.vat_rate_bp).where(Job.order_id == order.id, Job.stage == Stage.PACK))
        return set(found)

    ids = [packer.id for packer in shop.packers]
    session.rollback()
    assert rates() == {2100}
    for one in ids:
        recognise(session, one, first=day, last=day, checked_at=None)
    assert rates() == {2100}
    with transaction(session):
        for number in session.scalars(select(Certificate.id)).all():
            recognitions.check(session, certificate_id=number, now=shop.now, by=SYSTEM)
    assert rates() == {600}
    with transaction(session):
        for late in session.scalars(select(Certificate)):
            late.valid_from = late.valid_to = day + timedelta(days=1)
        directory.touch(session)
    assert rates() == {2100}


def recognise(session: Session, number: int, *, first: date, last: date, checked_at: datetime | None) -> None:
    with transaction(session):
        owner = session.get_one(Enterprise, number)
        enterprises.certificate(
            session, owner, kind="social", body="", valid_from=first, valid_to=last, checked_at=checked_at
        )
        directory.touch(session)
