"""Plans and drives tours. Each function is one deed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from shortchain import crash, progress
from shortchain.delivery import kept_tours, paces, stops, tour_drivers, tour_engine, tour_questions, tours
from shortchain.delivery.models import StopLock, StopOutcome
from shortchain.delivery.tour_plans import TourPlan, TourPolicy, Unplanned
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.ports import Gateways, Ways
from shortchain.kernel.window import BRUSSELS, local_day
from shortchain.transaction import transaction

AlreadyRecorded = stops.AlreadyRecorded
NotOnTheRoad = stops.NotOnTheRoad
NotPacked = stops.NotPacked
StalePlan = tours.StalePlan
Outcome = StopOutcome
TOMORROW_FROM = time(16)
"""When the worker starts to plan tomorrow: what was promised by then is most of it."""


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """What planning a day gave: how many tours, and which legs are left over with why."""

    tours: int
    orders: int
    unplanned: tuple[Unplanned, ...]


ASKED = "tours"
"""The kind of long work that planning a carrier's day is."""
PARTS = 3


def ask_plan(session: Session, *, enterprise_id: int, day: date, now: datetime, anew: bool = False) -> str:
    """Ask the worker to plan a carrier's day; returns the public id of the run, for the page that waits.

    Drafts of before change as little as they can; with `anew` they are forgotten, but not what was fixed in them.
    """
    with transaction(session):
        asked = {"day": day.isoformat(), "anew": anew}
        return progress.ask(
            session, kind=ASKED, enterprise_id=enterprise_id, asked=asked, total=PARTS, now=now
        ).public_id


def cancel_plan(session: Session, *, public_id: str, enterprise_id: int, now: datetime) -> None:
    """Stop a run that is not over; what is over stays as it is.

    :raises NotFound: when there is none, or it is another's
    """
    with transaction(session):
        run = progress.own(session, public_id=public_id, enterprise_id=enterprise_id, lock=True)
        if run.state in progress.OPEN:
            run.move("cancel")
            run.updated_at = now


def plan_asked(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Plan the days that somebody asked for; returns how many runs were ended.

    Each run is taken up in one transaction, worked out outside any, and written down in another, unless
    it was cancelled meanwhile. A plan that went stale is made anew; the third time the run fails.
    """
    ended = 0
    for number in progress.due(session, kind=ASKED, now=now):
        with transaction(session):
            run = progress.take(session, progress_id=number)
            if run is None:
                continue
            run.move("begin")
            run.done, run.updated_at = 1, now
            enterprise_id, day = run.enterprise_id or 0, date.fromisoformat(run.asked["day"])
            anew = bool(run.asked.get("anew"))
        for _ in range(PARTS):
            try:
                ended += _plan_run(session, gateways, number, enterprise_id, day, now, anew)
                break
            except StalePlan:
                continue
        else:
            with transaction(session):
                run = progress.take(session, progress_id=number)
                if run is not None:
                    run.move("fail")
                    ended += 1
    return ended


def _plan_run(
    session: Session, gateways: Gateways, number: int, enterprise_id: int, day: date, now: datetime, anew: bool
) -> bool:
    asked = tour_questions.question(session, enterprise_id=enterprise_id, day=day, anew=anew)
    plan = _worked_out(session, gateways, asked)
    crash.point("tours.worked_out")
    with transaction(session):
        run = progress.take(session, progress_id=number)
        if run is None:
            return False
        made = tours.save(
            session,
            enterprise_id=enterprise_id,
            day=day,
            plan=plan,
            versions=asked.versions,
            drivers=asked.drivers,
            by=SYSTEM,
            now=now,
        )
        run.result = {"tours": len(made), "left": Counter(row.reason for row in plan.unplanned)}
        run.done, run.updated_at = run.total, now
        run.move("finish")
    return True


def _worked_out(session: Session, gateways: Gateways, asked: tour_questions.TourQuestion) -> TourPlan:
    """Ask for the roads and work out the tours, with no transaction open meanwhile."""
    session.rollback()  # what was read is plain values; the snapshot need not wait for a road service
    roads = {profile: gateways.roads.ways(points, profile=profile) for profile, points in asked.points().items()}
    return tour_engine.plan(
        asked.loads,
        asked.vehicles,
        distance=gateways.distance,
        roads=roads,
        earlier=asked.earlier,
        locks=asked.locks,
        policy=asked.policy,
    )


def plan_everybody(
    session: Session, gateways: Gateways, *, day: date, now: datetime, by: Actor = SYSTEM
) -> dict[int, PlannedDay]:
    """Plan the day of every carrier that has something to drive, each in a transaction of its own.

    A carrier whose legs change meanwhile is left for the next time.
    """
    return _plan(session, gateways, tour_questions.carriers_with_work(session, day=day), day, now, by)


def plan_due(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Draft tours where there are none: for today, and from four in the afternoon on for tomorrow.

    Only carriers with legs in no tour at all are planned, so that a draft that a planner looks at stays as
    it is; published tours are never touched. Returns how many carriers got a plan.
    """
    today = local_day(now)
    days = [today, today + timedelta(days=1)] if now.astimezone(BRUSSELS).time() >= TOMORROW_FROM else [today]
    return sum(
        len(_plan(session, gateways, tour_questions.carriers_waiting(session, day=day), day, now, SYSTEM))
        for day in days
    )


def _plan(
    session: Session, gateways: Gateways, carriers: Sequence[int], day: date, now: datetime, by: Actor
) -> dict[int, PlannedDay]:
    planned = {}
    for enterprise_id in carriers:
        asked = tour_questions.question(session, enterprise_id=enterprise_id, day=day)
        plan = _worked_out(session, gateways, asked)
        try:
            with transaction(session):
                made = tours.save(
                    session,
                    enterprise_id=enterprise_id,
                    day=day,
                    plan=plan,
                    versions=asked.versions,
                    drivers=asked.drivers,
                    by=by,
                    now=now,
                )
        except StalePlan:
            continue
        planned[enterprise_id] = PlannedDay(len(made), len(asked.loads) - len(plan.unplanned), plan.unplanned)
    return planned


def publish_tour(session: Session, *, public_id: str, enterprise_id: int, now: datetime, by: Actor) -> None:
    """Give a draft tour to its driver."""
    with transaction(session):
        tour = tours.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
        tours.publish(session, tour=tour, by=by, now=now)


def keep_tour(session: Session, *, public_id: str, enterprise_id: int, kept: bool, now: datetime, by: Actor) -> None:
    """Keep a draft as it is when the day is planned again, or let go of it.

    :raises NoDraft: when it is released
    """
    with transaction(session):
        tour = tours.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
        kept_tours.keep(session, tour=tour, kept=kept, by=by, now=now)


def move_stop(
    session: Session, gateways: Gateways, *, public_id: str, enterprise_id: int, up: bool, now: datetime, by: Actor
) -> None:
    """Bring a stop of a draft one place forward or back, time the tour anew, and keep it so.

    The roads are asked for between reading and writing.

    :raises NoDraft, CanNotMove, DoesNotFit: when it stays as it is
    :raises StalePlan: when the tour changed meanwhile
    """
    asked, roads = _by_hand(session, gateways, public_id, enterprise_id)
    planned = kept_tours.moved(asked, up=up, distance=gateways.distance, roads=roads)
    with transaction(session):
        kept_tours.rewrite(session, asked=asked, planned=planned, keep=True, by=by, now=now)


def fix_stop(
    session: Session, gateways: Gateways, *, public_id: str, enterprise_id: int, how: str, now: datetime, by: Actor
) -> None:
    """Fix a stop of a draft so that planning again leaves it where it is.

    `how` is "" (not at all), "tour" (in this tour), "place" (at its place in it) or "first" (brought there and fixed).

    :raises ValueError: for another word
    :raises NoDraft, DoesNotFit: when it stays as it is
    :raises StalePlan: when the tour changed meanwhile
    """
    lock = StopLock.PLACE if how == "first" else StopLock(how) if how else None
    asked, planned = None, None
    if how == "first":
        asked, roads = _by_hand(session, gateways, public_id, enterprise_id)
        planned = kept_tours.fronted(asked, distance=gateways.distance, roads=roads)
    with transaction(session):
        if asked is not None and planned is not None:
            kept_tours.rewrite(session, asked=asked, planned=planned, keep=False, by=by, now=now)
        kept_tours.fix(session, stop_public_id=public_id, enterprise_id=enterprise_id, lock=lock, by=by, now=now)


def _by_hand(
    session: Session, gateways: Gateways, public_id: str, enterprise_id: int
) -> tuple[kept_tours.HandQuestion, dict[str, Ways]]:
    """Read a draft for changing it by hand, then ask for its roads outside any transaction."""
    asked = kept_tours.question(session, stop_public_id=public_id, enterprise_id=enterprise_id)
    session.rollback()
    profile = asked.vehicle.profile
    return asked, {profile: gateways.roads.ways(asked.points(), profile=profile)}


def keep_pace(session: Session, *, enterprise_id: int, policy: TourPolicy, by: Actor, now: datetime) -> None:
    """Keep how long stops take for a team; plans made from now on use it.

    :raises BadPace: when one of the times can not be
    """
    with transaction(session):
        paces.keep(session, enterprise_id=enterprise_id, policy=policy, by=by, now=now)


def choose_driver(
    session: Session, *, public_id: str, enterprise_id: int, driver_public_id: str, now: datetime, by: Actor
) -> None:
    """Let somebody drive a tour that has not left.

    :raises NotFound: when tour or driver is another's
    :raises HasLeft, MayNotDrive, CanNotLift, DrivesAlready: when it stays as it is
    """
    with transaction(session):
        tour = tours.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
        tour_drivers.choose(session, tour=tour, driver_public_id=driver_public_id, by=by, now=now)


def drop_tour(session: Session, *, public_id: str, enterprise_id: int, now: datetime, by: Actor) -> None:
    """Drop a tour that has not left, so that its orders can be planned anew."""
    with transaction(session):
        tour = tours.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
        tours.drop(session, tour=tour, by=by, now=now)


def record_stop(
    session: Session,
    *,
    public_id: str,
    enterprise_id: int,
    outcome: str,
    note: str,
    key: str,
    tapped_at: datetime,
    now: datetime,
    by: Actor,
) -> None:
    """Write down what happened at a stop; the same `key` counts once.

    `outcome` is collected, delivered, not_home or problem.

    :raises NotFound: for a stop of another enterprise
    :raises AlreadyRecorded: when another tap was first
    :raises NotPacked: when nothing is ready to collect
    """
    with transaction(session):
        stop = stops.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
        stops.record(
            session,
            stop=stop,
            outcome=StopOutcome(outcome),
            note=note,
            key=key,
            tapped_at=tapped_at,
            by=by,
            now=now,
        )


def undo_stop(session: Session, *, public_id: str, enterprise_id: int, now: datetime, by: Actor) -> None:
    """Take back what was recorded at a stop.

    :raises IllegalTransition: when the goods have moved on since
    """
    with transaction(session):
        stop = stops.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
        stops.undo(session, stop=stop, by=by, now=now)
