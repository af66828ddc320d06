"""Numbers of documents have no gap and no double, whoever takes them and whatever fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from shortchain.database import engine_options
from shortchain.documents import building, issuing
from shortchain.documents.building import Deal
from shortchain.documents.issuing import Issue
from shortchain.documents.models import Document, DocumentSeries
from shortchain.documents.values import Item, Party
from shortchain.transaction import transaction
from tests.support.forks import processes

pytestmark = pytest.mark.race
NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
US = Party("shortchain", "", "0123456749", "Kouter 1", "9000", "Gent", "post@shortchain.example", "normal")
PEOPLE = Party("Nele", "")
PROCESSES, TURNS = 8, 12


class Interrupted(Exception):
    """Something went wrong after the number was taken."""


def issues(cause: str, *, is_credit: bool) -> list[Issue]:
    deal = Deal(PEOPLE, "SC-26-00001", date(2026, 11, 26), "nl", US.name)
    item = Item("Levering", 1000, "C62", 450, 2100)
    sold = building.sale(US, [item], deal=deal)
    found = [Issue(sold, cause, None, None)]
    if is_credit:
        found.append(Issue(building.credit(sold.kind, US, [item], deal=deal), cause, None, None))
    return found


def take(session: Session, cause: str, *, is_credit: bool, fails: bool) -> None:
    """Make documents, or fail after they got their numbers."""
    try:
        with transaction(session):
            issuing.issue_all(session, issues=issues(cause, is_credit=is_credit), now=NOW)
            if fails:
                raise Interrupted
    except Interrupted:
        pass


def assert_no_gap(session: Session) -> int:
    """Check every series: one, two, three … without a hole; returns how many documents there are."""
    session.rollback()
    series: dict[int, list[int]] = {}
    for owner, sequence in session.execute(select(Document.series_id, Document.sequence).order_by(Document.id)):
        series.setdefault(owner, []).append(sequence)
    for sequences in series.values():
        assert sorted(sequences) == list(range(1, len(sequences) + 1))
    return sum(len(sequences) for sequences in series.values())


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8))
def test_has_no_gap_whatever_fails(session: Session, deeds: list[tuple[bool, bool]]) -> None:
    before = assert_no_gap(session)
    wanted = 0
    for turn, (is_credit, fails) in enumerate(deeds):
        take(session, f"test:{before}:{turn}", is_credit=is_credit, fails=fails)
        wanted += 0 if fails else 1 + is_credit
    assert assert_no_gap(session) == before + wanted


def _work(url: str, name: int, gate: object) -> None:
    """One process: makes documents and lets every third attempt fail."""
    engine = create_engine(url, **engine_options(url))
    gate.wait()  # type: ignore[attr-defined]
    with Session(engine, expire_on_commit=False) as session:
        for turn in range(TURNS):
            take(session, f"{name}:{turn}", is_credit=turn % 2 == 0, fails=turn % 3 == 2)
    engine.dispose()


def test_has_no_gap_with_several_processes(app: Flask, new_database: Callable[[str], str]) -> None:
    url = new_database("document_numbers")
    context = processes()
    gate = context.Barrier(PROCESSES)
    workers = [context.Process(target=_work, args=(url, name, gate)) for name in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    engine = create_engine(url)
    with Session(engine) as session:
        kept = [turn for turn in range(TURNS) if turn % 3 != 2]
        assert assert_no_gap(session) == PROCESSES * sum(1 + (turn % 2 == 0) for turn in kept)
    engine.dispose()


def _read_then_write(url: str, gate: object, taken: object) -> None:
    """One process without the guard: it reads the last number, and only then writes the next."""
    engine = create_engine(url, **engine_options(url))
    with Session(engine) as session:
        last = session.scalars(select(DocumentSeries.last)).one()
        session.rollback()
        gate.wait()  # type: ignore[attr-defined]
        session.execute(update(DocumentSeries).values(last=last + 1))
        session.commit()
    taken.put(last + 1)  # type: ignore[attr-defined]
    engine.dispose()


def test_without_the_guard_processes_take_the_same_number(app: Flask, new_database: Callable[[str], str]) -> None:
    """The control: what the counter row that stays locked prevents."""
    url = new_database("unguarded_numbers")
    engine = create_engine(url, **engine_options(url))
    with Session(engine) as session:
        session.add(DocumentSeries(owner=0, letter="T", year=2026, last=0))
        session.commit()
    engine.dispose()
    context = processes()
    gate, taken = context.Barrier(2), context.Queue()
    workers = [context.Process(target=_read_then_write, args=(url, gate, taken)) for _ in range(2)]
    for worker in workers:
        worker.start()
    numbers = [taken.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join(timeout=120)
    assert numbers == [1, 1]  # two documents, one number
