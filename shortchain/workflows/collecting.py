"""A carrier fetches for others: asked, agreed, ended, left out for a day; and its legs handed over as they come."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy.orm import Session

from shortchain.delivery import collecting, legs_to_fetch
from shortchain.journal import SYSTEM, Actor
from shortchain.notifications import collecting_news
from shortchain.transaction import transaction


def ask(
    session: Session,
    *,
    giver_id: int,
    collector_public_id: str,
    ready_from: time | None,
    note: str,
    by: Actor,
    now: datetime,
) -> None:
    """Ask a carrier to fetch from now on, and mail it.

    :raises CanNotCollect, AlreadyAsked, Invalid: nothing was asked
    """
    with transaction(session):
        row = collecting.ask(
            session,
            giver_id=giver_id,
            collector_public_id=collector_public_id,
            ready_from=ready_from,
            note=note,
            by=by,
            now=now,
        )
        collecting_news.tell(session, collection=row, what=collecting_news.ASKED, by_id=giver_id, now=now)


def answer(session: Session, *, public_id: str, collector_id: int, agrees: bool, by: Actor, now: datetime) -> int:
    """Say yes or no to fetching, and mail who asked; returns how many legs of coming days came along.

    :raises NotFound, AnsweredAlready: nothing was answered
    """
    with transaction(session):
        row = collecting.answer(session, public_id=public_id, collector_id=collector_id, agrees=agrees, by=by, now=now)
        what = collecting_news.AGREED if agrees else collecting_news.DECLINED
        collecting_news.tell(session, collection=row, what=what, by_id=collector_id, now=now)
        return collecting.take_over(session, by=by, now=now) if agrees else 0


def end(session: Session, *, public_id: str, enterprise_id: int, by: Actor, now: datetime) -> str:
    """Take a question back or end an agreement, and mail the other; returns the state it has now.

    :raises NotFound, AnsweredAlready: nothing was ended
    """
    with transaction(session):
        row = collecting.end(session, public_id=public_id, enterprise_id=enterprise_id, by=by, now=now)
        collecting_news.tell(session, collection=row, what=collecting_news.ENDED, by_id=enterprise_id, now=now)
        return row.state.value


def skip(session: Session, *, public_id: str, enterprise_id: int, day: date, by: Actor, now: datetime) -> None:
    """Let the giver bring itself on one day, and mail the other.

    :raises NotFound, AnsweredAlready, OnTheRoad, Invalid: the day stays as it is
    """
    with transaction(session):
        row = collecting.skip(session, public_id=public_id, enterprise_id=enterprise_id, day=day, by=by, now=now)
        collecting_news.tell(
            session, collection=row, what=collecting_news.SKIPPED, by_id=enterprise_id, now=now, days=(day,)
        )


def hand_on(session: Session, *, now: datetime) -> int:
    """Give back what falls on closed days of carriers, then hand over what came since; returns how many legs moved.

    The worker does it all the time: orders come, chains are laid anew, carriers close.
    """
    moved = 0
    with transaction(session):
        for row, days in legs_to_fetch.closed_days(session, now=now):
            moved += collecting.give_back(session, collection=row, days=days, by=SYSTEM, now=now)
            collecting_news.tell(
                session, collection=row, what=collecting_news.SKIPPED, by_id=row.collector_id, now=now, days=days
            )
    with transaction(session):
        return moved + collecting.take_over(session, by=SYSTEM, now=now)
