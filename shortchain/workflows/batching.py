"""Plans the orders of a cycle together once it has closed, and answers what would happen if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.orm import Session

from shortchain import crash, journal, progress
from shortchain.delivery import batches, social, what_ifs
from shortchain.delivery.batches import Cycle
from shortchain.delivery.what_ifs import WhatIf
from shortchain.fulfilment.models import Job
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.ports import Gateways
from shortchain.notifications import telling
from shortchain.progress import Progress
from shortchain.routing import bids
from shortchain.routing.batch.asking import Place, Question, Standing, ask_together
from shortchain.routing.batch.floors import solve_with_floors
from shortchain.routing.batch.solving import BatchPlan, Budget, solve_batch
from shortchain.routing.plans import Policy, Unroutable
from shortchain.transaction import transaction

NotThisHub = batches.NotThisHub
PARTS = {"regret": (0, 5), "ascent": (5, 20), "columns": (20, 40), "moves": (40, 50), "neighbourhoods": (50, 85)}
"""From where to where in a hundred each phase goes; the rest is following the plan."""
BUDGET = Budget(ascent=250, columns=8, moves=4, ejections=200, neighbourhoods=600)


class BadFloor(Invalid):
    """A share is between nothing and all."""

    message = N_("Vul een percentage in tussen 0 en 100.")


def ask_batch(session: Session, *, cycle: str, hub_id: int, now: datetime, floor: int | None = None) -> str:
    """Ask the worker to plan a cycle's orders together; returns the public id of the run.

    `floor` is the share, in per cent, of what each social enterprise offers that it should get at least;
    without it the last one that the hub asked for holds.

    :raises NotThisHub: for a cycle of another hub
    :raises BadFloor: for what is no share
    """
    if floor is not None and not 0 <= floor <= 100:
        raise BadFloor(fields=("floor",))
    with transaction(session):
        own = batches.own_cycle(session, public_id=cycle, hub_id=hub_id)
        return batches.ask(session, cycle=own, now=now, floor=floor).public_id


def ask_what_if(
    session: Session, gateways: Gateways, *, cycle: str, hub_id: int, what: WhatIf, where: str, now: datetime
) -> str:
    """Ask the worker what would happen if; returns the public id of the run. A new provider is at `where`.

    :raises NotThisHub: for a cycle of another hub
    :raises Invalid: when nothing would be otherwise, when it is too much, or when we do not know who or where
    """
    if what.service:
        place = gateways.geocoder.locate(where).place
        if place is not None:
            what = replace(what, at=place.point, label=f"{place.postcode} {place.municipality}")
    with transaction(session):
        own = batches.own_cycle(session, public_id=cycle, hub_id=hub_id)
        return what_ifs.ask(session, cycle=own, what=what, now=now).public_id


def cancel(session: Session, *, public_id: str, hub_id: int, now: datetime) -> None:
    """Stop a run that is not over. What was moved already stays moved: each order has a whole chain.

    :raises NotFound: when there is none, or it is another's
    """
    with transaction(session):
        run = progress.own(session, public_id=public_id, enterprise_id=hub_id, lock=True)
        if run.state in progress.OPEN:
            run.move("cancel")
            run.updated_at = now


def run_asked(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Plan what is asked for, one run after the other; returns how many ended."""
    ended = 0
    for number in progress.due(session, kind=batches.ASKED, now=now):
        ended += _plan(session, gateways, _Watch(session, number, now))
    for number in progress.due(session, kind=what_ifs.ASKED, now=now):
        ended += _imagine(session, _Watch(session, number, now))
    return ended


class _Watch:
    """Keeps the page that waits up to date, and hears when somebody stops the run."""

    def __init__(self, session: Session, number: int, now: datetime) -> None:
        self._session, self.number, self._now = session, number, now
        self._began = monotonic()
        self._shown = -1
        self.is_wanted = True

    @property
    def now(self) -> datetime:
        """Say how late it is, so that nobody takes the run for dead: planning takes minutes."""
        return self._now + timedelta(seconds=monotonic() - self._began)

    def begin(self) -> Progress | None:
        """Take the run up; None when it was stopped meanwhile."""
        with transaction(self._session):
            run = progress.take(self._session, progress_id=self.number)
            if run is not None:
                run.move("begin")
                run.done, run.updated_at = 0, self.now
            return run

    def show(self, done: int) -> None:
        """Show how far it is, in a hundred."""
        if done <= self._shown or not self.is_wanted:
            return
        self._shown = done
        with transaction(self._session):
            run = progress.take(self._session, progress_id=self.number)
            self.is_wanted = run is not None
            if run is not None:
                run.done, run.updated_at = done, self.now

    def tell(self, phase: str, done: int, total: int, _cost: float, _bound: float) -> None:
        """Hear from the solver."""
        if phase in PARTS:
            first, last = PARTS[phase]
            self.show(first + (last - first) * done // max(1, total))

    def stop(self) -> bool:
        return not self.is_wanted


def _plan(session: Session, gateways: Gateways, watch: _Watch) -> bool:
    """Do one run: read, plan outside any transaction, follow order by order, keep what came of it."""
    run = watch.begin()
    if run is None:
        return False
    with transaction(session):
        cycle = batches.read_cycle(session, cycle_id=run.asked["cycle"], now=watch.now)
        offered = social.offers(session, columns=cycle.columns) if cycle.columns is not None else {}
    if cycle.columns is None:
        return _end(session, watch, {"orders": 0, "staying": cycle.staying})
    question = ask_together(cycle.orders, cycle.columns, policy=Policy())
    floored = solve_with_floors(
        question.problem,
        social.floors(offered, question.limits, percent=run.asked.get("floor", 0)),
        budget=BUDGET,
        start=question.start,
        progress=watch.tell,
        stop=watch.stop,
    )
    plan = floored.plan
    crash.point("batch.worked_out")
    if not watch.is_wanted:
        return False
    moves = {} if question.abandoned(plan) else question.moves(plan)
    moved = _follow_all(session, gateways, watch, question, moves, run.public_id)
    crash.point("batch.followed")
    with transaction(session):
        kept = progress.take(session, progress_id=watch.number)
        if kept is None:
            return False
        row = batches.store(
            session, run=kept, cycle=cycle, question=question, floored=floored, moved=moved, now=watch.now
        )
        bids.store(session, run=run.public_id, prices=question.prices_by_weekday(plan))
        told = batches.offered_by(session, cycle_id=cycle.cycle_id, since=kept.started_at)
        telling.jobs_offered(session, jobs=told, now=watch.now)
        kept.result = {"orders": row.orders, "staying": row.staying, "moved": moved, "unserved": row.unserved}
        kept.done, kept.updated_at = kept.total, watch.now
        kept.move("finish")
        journal.record(
            session,
            "batch.planned",
            by=SYSTEM,
            now=watch.now,
            enterprise_id=kept.enterprise_id,
            orders=row.orders,
            moved=moved,
            gap_bp=row.gap_bp,
        )
    return True


def _end(session: Session, watch: _Watch, result: Mapping[str, object]) -> bool:
    with transaction(session):
        run = progress.take(session, progress_id=watch.number)
        if run is None:
            return False
        run.result, run.done, run.updated_at = dict(result), run.total, watch.now
        run.move("finish")
    return True


def _follow_all(
    session: Session,
    gateways: Gateways,
    watch: _Watch,
    question: Question,
    moves: Mapping[int, Mapping[str, Place]],
    public_id: str,
) -> int:
    """Move the orders one by one, as long as there is room for some; then the rest in one go.

    One by one keeps transactions short and lets a stop or a crash leave whole chains. Orders that wait for
    one another's places can only go together. Who still finds no room stays where it is.
    """
    was = {order.order_id: order for order in question.orders}
    left, moved = sorted(moves), 0
    while left and watch.is_wanted:
        again = []
        for order_id in left:
            done = _follow(session, gateways, watch, [order_id], was, moves, public_id)
            moved += bool(done)
            if done is None:
                again.append(order_id)
            watch.show(85 + 14 * moved // len(moves))
        if len(again) == len(left):
            break
        left = again
    if len(left) > 1 and watch.is_wanted:
        moved += _follow(session, gateways, watch, left, was, moves, public_id) or 0
    return moved


def _follow(
    session: Session,
    gateways: Gateways,
    watch: _Watch,
    numbers: list[int],
    was: Mapping[int, Standing],
    moves: Mapping[int, Mapping[str, Place]],
    public_id: str,
) -> int | None:
    """Move some orders in one transaction, all or none; returns how many, None when there is no room."""
    if not watch.is_wanted:
        return 0
    opened: list[Job] = []
    count = 0
    try:
        with transaction(session):
            session.expire_all()  # others may have answered since we looked
            if len(numbers) > 1:
                for order_id in numbers:
                    batches.let_go(session, order_id=order_id, keys=list(moves[order_id]), now=watch.now)
            for order_id in numbers:
                new = batches.follow(
                    session,
                    order_id=order_id,
                    was=was[order_id],
                    places=moves[order_id],
                    note=public_id,
                    distance=gateways.distance,
                    by=SYSTEM,
                    now=watch.now,
                )
                if new is None and len(numbers) > 1:
                    raise Unroutable({})  # its places are counted on by the others
                count += new is not None
                opened += new or []
    except Unroutable:
        return None
    return count


def _imagine(session: Session, watch: _Watch) -> bool:
    """Work out what would happen if, and write nothing but the answer."""
    run = watch.begin()
    if run is None:
        return False
    what = WhatIf.of(run.asked)
    with transaction(session):
        base, then = what_ifs.read(session, cycle_id=run.asked["cycle"], what=what, now=watch.now)
    now_said, now_costs = _answer(base, watch, 0)
    then_said, then_costs = _answer(then, watch, 50)
    if not watch.is_wanted:
        return False
    compared, now_each, then_each = what_ifs.compare(now_costs, then_costs)
    if compared:
        now_said["cents_each"], then_said["cents_each"] = now_each, then_each
    return _end(session, watch, {"now": now_said, "then": then_said, "compared": compared})


def _answer(cycle: Cycle, watch: _Watch, first: int) -> tuple[dict[str, object], dict[int, float]]:
    """Plan a cycle that is only thought of; gives what is told of it, and what each order costs."""
    if cycle.columns is None:
        watch.show(first + 49)
        return {"orders": 0, "staying": cycle.staying}, {}

    def tell(phase: str, done: int, total: int, _cost: float, _bound: float) -> None:
        if phase in PARTS:
            begin, last = PARTS[phase]
            watch.show(first + (begin + (last - begin) * done // max(1, total)) // 2)

    question = ask_together(cycle.orders, cycle.columns, policy=Policy())
    plan: BatchPlan = solve_batch(
        question.problem, budget=what_ifs.BUDGET, start=question.start, progress=tell, stop=watch.stop
    )
    watch.show(first + 49)
    return what_ifs.summary(cycle, question, plan), what_ifs.costs_of(question, plan)
