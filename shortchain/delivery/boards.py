"""Reads for providers: what is asked of them, and what is to be done on a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from shortchain.capacity.models import CapacityBucket
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import LIVE_JOBS, Job, JobLine, JobState, Stage
from shortchain.kernel.errors import NotFound
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering.models import OrderLine
from shortchain.routing.requests import claimed
from shortchain.stock import allocations

PROMISED = (JobState.ACCEPTED, JobState.STARTED, JobState.READY)
_WAITS = (Job.state == JobState.OFFERED) & Job.refused_at.is_(None)
"""For an answer: what its doer said no to is not theirs to see, though nobody else has it yet."""
FLOOR = (Stage.PROCESS, Stage.PACK)
"""The stages that are done at a place; delivering is on the drivers' page."""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A line of an order as a hand packs it, as the order keeps it.

    `place` is the line's place in the job, from 1, by which its weight is told: what is not there is not shown, and
    what comes instead has the place of what it stands for.
    """

    place: int
    name: Mapping[str, Any]
    amount: int
    sell_unit: SellUnit
    weight_g: int
    farm: str
    storage_class: str
    is_organic: bool
    free_from: tuple[str, ...]
    lots: tuple[str, ...]
    max_weight_g: int | None = None  # set where it is paid by weight: that, and what it weighs
    true_weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How full the day of a capability is: `before` without this job, `after` with it, of `cap`."""

    before: int
    after: int
    cap: int


@dataclass(frozen=True, slots=True)
class WorkJob:
    """A job as its enterprise sees it. `missing` names who still has to bring something."""

    public_id: str
    order_number: str
    stage: str
    service: str
    state: str
    day: date
    half: str
    use: int
    metres: int
    cost_cents: int
    answer_by: datetime | None
    started_at: datetime | None
    ready_at: datetime | None
    weight_g: int
    storage_classes: tuple[str, ...]
    is_organic: bool
    brought_by: tuple[str, ...]
    missing: tuple[str, ...]
    goes_to: str
    starts_at: datetime
    ends_at: datetime
    load: Load | None
    lines: tuple[WorkLine, ...]

    @property
    def free_from(self) -> tuple[str, ...]:
        """The allergens that some of its goods are sold as free from; closed boxes that are brought ask nothing."""
        return (
            () if self.stage == Stage.DELIVER else tuple(sorted({code for one in self.lines for code in one.free_from}))
        )


@dataclass(frozen=True, slots=True)
class ProductTotal:
    """How much of one product of one farm a day needs, for how many orders."""

    name: Mapping[str, Any]
    farm: str
    sell_unit: SellUnit
    amount: int
    orders: int
    lots: tuple[str, ...]


def requests_of(session: Session, *, enterprise_id: int) -> list[WorkJob]:
    """List the jobs that wait for an answer, the shortest deadline first."""
    return _read(
        session,
        _jobs(enterprise_id).where(_WAITS).order_by(Job.answer_by, Job.id),
    )


def work_of(session: Session, *, enterprise_id: int, day: date, also_late: bool = False) -> list[WorkJob]:
    """List the work at the place on a day; with `also_late` also what should have been ready before."""
    query = _jobs(enterprise_id).where(Job.state.in_(PROMISED), Job.stage.in_(FLOOR))
    on_day = Job.day == day
    late = (Job.day < day) & Job.state.in_([JobState.ACCEPTED, JobState.STARTED])
    return _read(
        session,
        query.where(on_day | late if also_late else on_day).order_by(Job.day, Job.stage.desc(), Job.id),
    )


def job_of(session: Session, *, enterprise_id: int, public_id: str) -> WorkJob:
    """Read one job of an enterprise.

    :raises NotFound: when there is none, it is another's, or it is not its work any more
    """
    is_theirs = Job.state.in_(LIVE_JOBS) & ((Job.state != JobState.OFFERED) | _WAITS)
    found = _read(session, _jobs(enterprise_id).where(Job.public_id == public_id, is_theirs))
    if not found:
        raise NotFound()
    return found[0]


def promised_days(session: Session, *, enterprise_id: int, first: date, last: date) -> dict[date, int]:
    """Count the promised jobs at the place per day."""
    rows = session.execute(
        select(Job.day, func.count())
        .where(
            Job.enterprise_id == enterprise_id,
            Job.state.in_(PROMISED),
            Job.stage.in_(FLOOR),
            Job.day.between(first, last),
        )
        .group_by(Job.day)
        .order_by(Job.day)
    )
    return {row[0]: row[1] for row in rows}


def totals(jobs: Sequence[WorkJob]) -> list[ProductTotal]:
    """Add the lines of jobs up per farm and product."""
    sums: dict[tuple[str, str, SellUnit], list[WorkLine]] = {}
    for job in jobs:
        for line in job.lines:
            sums.setdefault((line.farm, str(line.name.get("nl", "")), line.sell_unit), []).append(line)
    return [
        ProductTotal(
            lines[0].name,
            farm,
            unit,
            sum(line.amount for line in lines),
            len(lines),
            tuple(sorted({lot for line in lines for lot in line.lots})),
        )
        for (farm, _name, unit), lines in sorted(sums.items(), key=lambda item: item[0][:2])
    ]


def _jobs(enterprise_id: int) -> Select[Job]:
    return (
        select(Job)
        .where(Job.enterprise_id == enterprise_id)
        .options(selectinload(Job.lines).selectinload(JobLine.order_line), selectinload(Job.order))
    )


def _read(session: Session, query: Select[Job]) -> list[WorkJob]:
    """Turn jobs into what people see, in five queries however many there are."""
    jobs = session.scalars(query).all()
    if not jobs:
        return []
    legs: dict[int, list[Leg]] = {}
    for leg in session.scalars(
        select(Leg)
        .where(Leg.order_id.in_({job.order_id for job in jobs}), Leg.state != LegState.WITHDRAWN)
        .order_by(Leg.position, Leg.id)
    ):
        legs.setdefault(leg.order_id, []).append(leg)
    names = _names(session, jobs, legs)
    loads = _loads(session, jobs)
    lots = allocations.lots_of_claims(session, claims=[line.order_line.claim for job in jobs for line in job.lines])
    return [_job(job, legs.get(job.order_id, []), names, loads, lots) for job in jobs]


def _names(session: Session, jobs: Sequence[Job], legs: Mapping[int, Sequence[Leg]]) -> dict[int, str]:
    wanted = {line.order_line.farm_id for job in jobs for line in job.lines}
    wanted |= {leg.carrier_id for some in legs.values() for leg in some}
    wanted |= {leg.from_enterprise_id for some in legs.values() for leg in some}
    rows = session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def _loads(session: Session, jobs: Sequence[Job]) -> dict[tuple[int, date], tuple[int, int]]:
    rows = session.execute(
        select(
            CapacityBucket.capability_id,
            CapacityBucket.day,
            CapacityBucket.cap,
            CapacityBucket.held + CapacityBucket.confirmed,
        ).where(
            CapacityBucket.capability_id.in_({job.capability_id for job in jobs}),
            CapacityBucket.day.in_({job.day for job in jobs}),
        )
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _job(
    job: Job,
    legs: Sequence[Leg],
    names: Mapping[int, str],
    loads: Mapping[tuple[int, date], tuple[int, int]],
    lots: Mapping[str, Sequence[tuple[str, int]]],
) -> WorkJob:
    order_lines = [line.order_line for line in job.lines]
    coming = _coming(job, legs)
    going = [leg for leg in legs if leg.from_enterprise_id == job.enterprise_id and leg not in coming]
    if job.stage is Stage.DELIVER:
        coming, going = [], [leg for leg in legs if leg.job_id == job.id]
        brought = tuple(names[leg.from_enterprise_id] for leg in going)
    else:
        brought = tuple(dict.fromkeys(names[_from_whom(leg, job)] for leg in coming))
    known = loads.get((job.capability_id, job.day))
    return WorkJob(
        public_id=job.public_id,
        order_number=job.order.number,
        stage=job.stage.value,
        service=job.service,
        state=job.state.value,
        day=job.day,
        half=job.half,
        use=job.use,
        metres=job.metres,
        cost_cents=job.cost_cents,
        answer_by=job.answer_by,
        started_at=job.started_at,
        ready_at=job.ready_at,
        weight_g=sum(line.supplied_weight_g + int(line.replacement.get("weight_g", 0)) for line in order_lines),
        storage_classes=tuple(sorted({line.storage_class for line in order_lines})),
        is_organic=any(line.is_organic for line in order_lines),
        brought_by=brought,
        missing=tuple(
            dict.fromkeys(names[_from_whom(leg, job)] for leg in coming if leg.state is not LegState.DELIVERED)
        ),
        goes_to=_goes_to(job, going),
        starts_at=job.order.starts_at,
        ends_at=job.order.ends_at,
        load=Load(known[1] - job.use, known[1], known[0]) if known else None,
        lines=tuple(
            found
            for place, line in enumerate(order_lines, start=1)
            for found in _work_lines(place, line, names[line.farm_id], lots.get(line.claim, ()))
        ),
    )


def _work_lines(place: int, line: OrderLine, farm: str, lots: Sequence[tuple[str, int]]) -> Iterator[WorkLine]:
    """Give what comes of a line: what the farm has of it, and what it sends instead."""
    instead = line.replacement
    others = tuple(instead.get("lots", ()))
    if line.supplied:
        yield WorkLine(
            place=place,
            name=line.name,
            amount=line.supplied,
            sell_unit=line.sell_unit,
            weight_g=line.supplied_weight_g,
            farm=farm,
            storage_class=line.storage_class,
            is_organic=line.is_organic,
            free_from=claimed(line.allergens),
            lots=tuple(code for code, _amount in lots if code not in others),
            max_weight_g=line.supplied_max_weight_g,
            true_weight_g=line.true_weight_g,
        )
    if instead:
        yield WorkLine(
            place=place,
            name=instead["name"],
            amount=instead["amount"],
            sell_unit=line.sell_unit,
            weight_g=instead["weight_g"],
            farm=farm,
            storage_class=line.storage_class,
            is_organic=line.is_organic,
            free_from=claimed(line.allergens),
            lots=others,
        )


def _coming(job: Job, legs: Sequence[Leg]) -> list[Leg]:
    """List the ways by which others bring what this job needs to its place.

    One enterprise may process and pack for the same order; then only the farms of the lines bring for
    the processing, and it brings nothing to itself.
    """
    farms = {line.order_line.farm_id for line in job.lines}
    return [
        leg
        for leg in legs
        if leg.to_enterprise_id == job.enterprise_id
        and leg.from_enterprise_id != job.enterprise_id
        and (job.stage is not Stage.PROCESS or leg.from_enterprise_id in farms)
    ]


def _from_whom(leg: Leg, job: Job) -> int:
    """Say whom to expect: who carries it, or where it is when the enterprise fetches it itself."""
    return leg.from_enterprise_id if leg.carrier_id == job.enterprise_id else leg.carrier_id


def _goes_to(job: Job, going: Sequence[Leg]) -> str:
    """Say where the goods go next: an enterprise, or no more than the town of the customer."""
    if not going:
        return ""
    last = going[-1]
    return last.to_label if last.to_enterprise_id else f"{job.order.postcode} {job.order.municipality}"
