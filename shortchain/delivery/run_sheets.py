"""Reads for drivers and planners: the tours of a day, one stop, and what is in no tour yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from shortchain import data
from shortchain.delivery import tour_questions
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, StopOutcome, Tour, TourState
from shortchain.delivery.progress import expected_of
from shortchain.delivery.tour_loads import crates_brought
from shortchain.delivery.tour_plans import BREAK, PICKUP
from shortchain.enterprises.models import Enterprise, PickupPoint
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.kernel.errors import NotFound
from shortchain.ordering.models import Order, OrderLine

FAILED = (StopOutcome.NOT_HOME, StopOutcome.PROBLEM)


class Contents(NamedTuple):
    """What an order weighs in at: boxes, whether they stand ready, and codes of its cold classes."""

    boxes: int
    is_packed: bool
    cold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopOrder:
    """An order at a stop: what the driver must know to load it and hand it over."""

    number: str
    name: str
    phone: str
    remark: str
    weight_g: int
    boxes: int
    is_packed: bool
    state: str  # of its leg
    cold: tuple[str, ...]  # codes of the cooled or heated storage classes in it, coldest first
    leg_id: int
    is_last: bool  # it goes to its customer here, not to who works on it next
    floor: int
    has_lift: bool


@dataclass(frozen=True, slots=True)
class StopSheet:
    """A stop as the driver sees it."""

    public_id: str
    number: int
    kind: str
    name: str
    address: str
    phone: str
    lat: float
    lon: float
    starts_at: datetime | None
    ends_at: datetime | None
    eta: datetime
    expected: datetime  # the plan, moved by what was tapped on the way
    metres: int
    outcome: str
    note: str
    recorded_at: datetime | None
    orders: tuple[StopOrder, ...]
    tour_public_id: str
    tour_state: str
    driver_user_id: int | None
    lock: str = ""  # what a planner fixed: "tour", "place" or nothing

    @property
    def is_pickup(self) -> bool:
        return self.kind == PICKUP

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def is_late(self) -> bool:
        """Whether the driver will be there after the window that was promised."""
        return self.is_open and self.ends_at is not None and self.expected > self.ends_at

    @property
    def has_failed(self) -> bool:
        return self.outcome in FAILED


class BreakSheet(NamedTuple):
    """A break of so many seconds, after the stop with this number."""

    after: int
    at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class TourSheet:
    """A tour with its stops in order."""

    public_id: str
    courier: str
    vehicle: str
    driver: str  # their name; empty where the carrier told of none
    driver_public_id: str
    driver_user_id: int | None
    day: date
    state: str
    starts_at: datetime
    ends_at: datetime
    metres: int
    stops: tuple[StopSheet, ...]
    breaks: tuple[BreakSheet, ...]
    is_kept: bool

    @property
    def next_stop(self) -> StopSheet | None:
        """The first stop that is not recorded."""
        return next((stop for stop in self.stops if stop.is_open), None)

    @property
    def done(self) -> int:
        return sum(not stop.is_open for stop in self.stops)

    @property
    def is_draft(self) -> bool:
        return self.state == TourState.DRAFT


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that a carrier has promised and that is in no tour.

    `reason` is why the latest planning left it over (one of `tour_planner.REASONS`); empty when none has seen it.
    """

    number: str
    label: str
    weight_g: int
    starts_at: datetime | None
    ends_at: datetime | None
    reason: str


def tours_of(
    session: Session, *, enterprise_id: int, day: date, driver_id: int | None = None, now: datetime | None = None
) -> list[TourSheet]:
    """List the tours of a carrier on a day; with `driver_id` only the released ones of that driver.

    With `now` (here and below) stops are expected when the driver can be there, without it as planned.
    """
    query = _tours().where(Tour.enterprise_id == enterprise_id, Tour.day == day, Tour.state != TourState.DROPPED)
    found = session.scalars(query.order_by(Tour.starts_at, Tour.id)).all()
    if driver_id is not None:
        found = [tour for tour in found if tour.state is not TourState.DRAFT and _account_of(tour) in (None, driver_id)]
    return _sheets(session, found, now)


def tour_of(session: Session, *, public_id: str, enterprise_id: int, now: datetime | None = None) -> TourSheet:
    """Read one tour of a carrier.

    :raises NotFound: when there is none, or it is another's, or it was dropped
    """
    found = session.scalar(
        _tours().where(
            Tour.public_id == public_id, Tour.enterprise_id == enterprise_id, Tour.state != TourState.DROPPED
        )
    )
    if found is None:
        raise NotFound()
    return _sheets(session, [found], now)[0]


def stop_of(session: Session, *, public_id: str, enterprise_id: int, now: datetime | None = None) -> StopSheet:
    """Read one stop of a carrier.

    :raises NotFound: when there is none, or it is another's, or its tour was dropped
    """
    tour = session.scalar(
        _tours()
        .join(Stop, Stop.tour_id == Tour.id)
        .where(
            Stop.public_id == public_id,
            Tour.enterprise_id == enterprise_id,
            Tour.state != TourState.DROPPED,
        )
    )
    for sheet in _sheets(session, [tour] if tour else [], now):
        for stop in sheet.stops:
            if stop.public_id == public_id:
                return stop
    raise NotFound()


def waiting_of(session: Session, *, enterprise_id: int, day: date) -> list[WaitingOrder]:
    """List what a carrier has promised for a day and has in no tour, not even a draft."""
    asked = tour_questions.question(session, enterprise_id=enterprise_id, day=day)
    rows = session.execute(
        select(Leg, Order.number)
        .join(Order, Order.id == Leg.order_id)
        .where(Leg.id.in_(asked.versions), Leg.state == LegState.PLANNED)
        .order_by(Leg.starts_at, Leg.id)
    )
    why = tour_questions.why_left(session, enterprise_id=enterprise_id, day=day)
    return [
        WaitingOrder(number, leg.to_label, leg.weight_g, leg.starts_at, leg.ends_at, why.get(leg.id, ""))
        for leg, number in rows
    ]


def days_with_work(session: Session, *, enterprise_id: int, first: date, last: date) -> list[date]:
    """List the days on which a carrier has something to drive: what it delivers, and what it fetches for others."""
    rows = session.execute(
        select(Leg.day)
        .outerjoin(Job, Job.id == Leg.job_id)
        .where(
            Leg.carrier_id == enterprise_id,
            Leg.day.between(first, last),
            Leg.state != LegState.WITHDRAWN,
            or_(
                and_(Job.stage == Stage.DELIVER, Job.state.in_(tour_questions.PROMISED)),
                and_(Leg.to_enterprise_id.is_not(None), Leg.from_enterprise_id != enterprise_id),
            ),
        )
        .distinct()
    )
    return sorted(row[0] for row in rows)


def _tours() -> Select[Tour]:
    return select(Tour).options(
        selectinload(Tour.courier),
        selectinload(Tour.driver),
        selectinload(Tour.stops).selectinload(Stop.stop_legs).selectinload(StopLeg.leg).selectinload(Leg.order),
    )


def _account_of(tour: Tour) -> int | None:
    """Give with which account the driver of a tour signs in; None where anybody of the carrier may drive it."""
    return tour.driver.user_id if tour.driver else None


def _sheets(session: Session, found: Sequence[Tour], now: datetime | None) -> list[TourSheet]:
    legs = [row.leg for tour in found for stop in tour.stops for row in stop.stop_legs]
    contents = _contents(session, {leg.order_id for leg in legs})
    places = _places(session, legs)
    brought = crates_brought({leg.id: leg for leg in legs}.values())
    return [_sheet(tour, contents, brought, places, now) for tour in found]


def _contents(session: Session, order_ids: set[int]) -> dict[int, Contents]:
    """Read how many boxes each order has and whether they are packed, off its pack job, and what must stay cold."""
    cold: dict[int, set[str]] = {number: set() for number in order_ids}
    lines = select(OrderLine.order_id, OrderLine.storage_class).where(OrderLine.order_id.in_(order_ids)).distinct()
    for order_id, code in session.execute(lines):
        if data.storage_classes()[code].is_conditioned:
            cold[order_id].add(code)
    sorted_cold = {number: tuple(sorted(codes, key=lambda c: (_warmth(c), c))) for number, codes in cold.items()}
    rows = session.execute(
        select(Job.order_id, Job.use, Job.state).where(
            Job.order_id.in_(order_ids),
            Job.stage == Stage.PACK,
            Job.state.in_([*tour_questions.PROMISED, JobState.OFFERED]),
        )
    )
    packed = {row.order_id: (row.use, row.state is JobState.READY) for row in rows}
    return {number: Contents(*packed.get(number, (1, False)), sorted_cold[number]) for number in order_ids}


def _warmth(code: str) -> int:
    most = data.storage_classes()[code].max_c
    return 100 if most is None else most


def _places(session: Session, legs: Sequence[Leg]) -> dict[tuple[str, int], tuple[str, str, str]]:
    """Read name, address and phone of packers and pick-up points."""
    worked = {leg.from_enterprise_id for leg in legs} | {leg.to_enterprise_id for leg in legs if leg.to_enterprise_id}
    packers = session.scalars(select(Enterprise).where(Enterprise.id.in_(worked)))
    points = session.scalars(
        select(PickupPoint).where(PickupPoint.id.in_({leg.pickup_point_id for leg in legs if leg.pickup_point_id}))
    )
    found = {("from", row.id): (row.name, row.address, row.phone) for row in packers}
    return found | {("point", row.id): (row.name, row.address, "") for row in points}


def _sheet(
    tour: Tour,
    contents: dict[int, Contents],
    brought: dict[int, int],
    places: dict[tuple[str, int], tuple[str, str, str]],
    now: datetime | None,
) -> TourSheet:
    sheets: list[StopSheet] = []
    times = expected_of(tour.stops, state=tour.state, day=tour.day, now=now)
    breaks = []
    for stop, at in zip(tour.stops, times, strict=True):
        if stop.kind == BREAK:
            breaks.append(BreakSheet(len(sheets), at, stop.stay_s))
            continue
        legs = [row.leg for row in stop.stop_legs if row.leg.state is not LegState.WITHDRAWN]
        if legs or stop.outcome is not None:
            sheets.append(
                _stop(tour, stop, at, len(sheets) + 1, sorted(legs, key=lambda leg: leg.id), contents, brought, places)
            )
    return TourSheet(
        public_id=tour.public_id,
        courier=tour.courier.name,
        vehicle=tour.courier.vehicle,
        driver=tour.driver.name if tour.driver else "",
        driver_public_id=tour.driver.public_id if tour.driver else "",
        driver_user_id=_account_of(tour),
        day=tour.day,
        state=tour.state.value,
        starts_at=tour.starts_at,
        ends_at=tour.ends_at,
        metres=tour.metres,
        stops=tuple(sheets),
        breaks=tuple(breaks),
        is_kept=tour.is_kept,
    )


def _stop(
    tour: Tour,
    stop: Stop,
    expected: datetime,
    number: int,
    legs: Sequence[Leg],
    contents: dict[int, Contents],
    brought: dict[int, int],
    places: dict[tuple[str, int], tuple[str, str, str]],
) -> StopSheet:
    orders = tuple(
        StopOrder(
            number=leg.order.number,
            name=leg.order.name,
            phone=leg.order.phone,
            remark=leg.order.remark,
            weight_g=leg.weight_g,
            boxes=brought.get(leg.id, contents[leg.order_id].boxes),
            is_packed=leg.to_enterprise_id is not None or contents[leg.order_id].is_packed,
            state=leg.state.value,
            cold=contents[leg.order_id].cold,
            leg_id=leg.id,
            is_last=leg.to_enterprise_id is None,
            floor=leg.order.floor,
            has_lift=leg.order.has_lift,
        )
        for leg in legs
    )
    name, address, phone = stop.label, stop.label, ""
    if legs and stop.kind == PICKUP:
        name, address, phone = places[("from", legs[0].from_enterprise_id)]
    elif legs and legs[0].to_enterprise_id:
        name, address, phone = places[("from", legs[0].to_enterprise_id)]
    elif legs and legs[0].pickup_point_id:
        name, address, phone = places[("point", legs[0].pickup_point_id)]
    elif orders:
        name, phone = orders[0].name, orders[0].phone
    return StopSheet(
        public_id=stop.public_id,
        number=number,
        kind=stop.kind,
        name=name,
        address=address,
        phone=phone,
        lat=stop.lat,
        lon=stop.lon,
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        eta=stop.eta,
        expected=expected,
        metres=stop.metres,
        outcome=stop.outcome.value if stop.outcome else "",
        note=stop.note,
        recorded_at=stop.recorded_at,
        orders=orders,
        tour_public_id=tour.public_id,
        tour_state=tour.state.value,
        driver_user_id=_account_of(tour),
        lock=stop.lock.value if stop.lock else "",
    )
