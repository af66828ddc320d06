"""Reads what a carrier has to drive on a day, with what, and how it was planned before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from shortchain import data, journal
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, StopLock, Tour, TourState
from shortchain.delivery.tour_plans import BREAK, EarlierPlan, EarlierStop, Load, Lock, Place, Vehicle
from shortchain.enterprises.models import Courier, Enterprise
from shortchain.enterprises.vehicles import is_bike
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import BIKE, CAR
from shortchain.kernel.window import at_local
from shortchain.ordering.models import Order, OrderLine, OrderState

FIRST_HOUR, LAST_HOUR = time(6), time(22)
"""Between these hours of the day a tour may be on the road."""
BIKE_DETOUR_PCT, VAN_DETOUR_PCT = 125, 130
"""How much longer a road is than the straight line (`domain.md` 5.2)."""

COLD_C, COLD_RIDE_S = 7, 3_600
"""What must stay at seven degrees or colder is an hour on the road at most, in a box without an engine (`domain.md` 5.2)."""

PROMISED = (JobState.ACCEPTED, JobState.STARTED, JobState.READY)
RUNNING = (TourState.PUBLISHED, TourState.UNDER_WAY, TourState.DONE)


@dataclass(frozen=True, slots=True)
class TourQuestion:
    """What the planner needs for one carrier and day; `versions` are those of the legs that were read.

    `earlier` is the plan of before that may change, None where there is none; `locks` are what was fixed in it.
    """

    loads: tuple[Load, ...]
    vehicles: tuple[Vehicle, ...]
    versions: Mapping[int, int]
    earlier: EarlierPlan | None = None
    locks: tuple[Lock, ...] = ()

    def points(self) -> dict[str, list[Point]]:
        """Give per profile of road the places between which somebody may drive."""
        doors = {place.point for load in self.loads for place in (load.origin, load.destination)}
        found: dict[str, set[Point]] = {}
        for vehicle in self.vehicles:
            found.setdefault(vehicle.profile, set(doors)).add(vehicle.base)
        return {profile: sorted(points, key=lambda p: (p.lat, p.lon)) for profile, points in sorted(found.items())}


def carriers_with_work(session: Session, *, day: date) -> list[int]:
    """List the enterprises that have legs of a day in no tour, or in a draft."""
    rows = session.execute(_plannable(day).with_only_columns(Leg.carrier_id).distinct())
    return sorted(row[0] for row in rows)


def carriers_waiting(session: Session, *, day: date) -> list[int]:
    """List the enterprises that have legs of a day in no tour at all, not even in a draft."""
    rows = session.execute(
        _plannable(day).where(Leg.state == LegState.PLANNED).with_only_columns(Leg.carrier_id).distinct()
    )
    return sorted(row[0] for row in rows)


def question(session: Session, *, enterprise_id: int, day: date, anew: bool = False) -> TourQuestion:
    """Read what one carrier has to drive on a day, and with what.

    Legs in a published tour stay there; a courier who has one is free again when it ends. `anew` forgets the plan of
    before, but not what was fixed in it.
    """
    drafts = session.scalars(
        select(Tour)
        .where(Tour.enterprise_id == enterprise_id, Tour.day == day, Tour.state == TourState.DRAFT, ~Tour.is_kept)
        .options(selectinload(Tour.stops).selectinload(Stop.stop_legs))
        .order_by(Tour.id)
    ).all()
    rows = session.execute(
        _plannable(day)
        .with_only_columns(Leg, Enterprise.name)
        .where(Leg.carrier_id == enterprise_id)
        .join(Enterprise, Enterprise.id == Leg.from_enterprise_id)
        .order_by(Leg.id)
    ).all()
    return TourQuestion(
        _loads(session, rows),
        tuple(vehicles_of(session, enterprise_id=enterprise_id, day=day)),
        {leg.id: leg.version for leg, _name in rows},
        _earlier(session, drafts, enterprise_id, day) if drafts and not anew else None,
        tuple(lock for tour in drafts for lock in _locks(tour)),
    )


def _earlier(session: Session, drafts: Sequence[Tour], enterprise_id: int, day: date) -> EarlierPlan:
    tours: dict[int, tuple[EarlierStop, ...]] = {}
    for tour in drafts:  # of a courier with two (one was kept until now) the second goes into the first
        stops = (EarlierStop(stop.kind, _legs_at(stop), stop.eta) for stop in tour.stops if stop.kind != BREAK)
        tours.setdefault(tour.courier_id, tuple(stops))
    return EarlierPlan(tours, frozenset(why_left(session, enterprise_id=enterprise_id, day=day)))


def _legs_at(stop: Stop) -> tuple[int, ...]:
    return tuple(sorted(row.leg_id for row in stop.stop_legs))


def _locks(tour: Tour) -> list[Lock]:
    """Read what was fixed in a draft; the place of a stop is its number among those of its kind."""
    found = []
    ranks: dict[str, int] = {}
    for stop in tour.stops:
        rank = ranks.get(stop.kind, 0)
        ranks[stop.kind] = rank + 1
        if stop.lock is not None:
            at = rank if stop.lock is StopLock.PLACE else None
            found.append(Lock(_legs_at(stop), tour.courier_id, stop.kind, at))
    return found


def loads_of(session: Session, *, leg_ids: Collection[int]) -> tuple[Load, ...]:
    """Read what some legs are for the planner, by leg id."""
    rows = session.execute(
        select(Leg, Enterprise.name)
        .join(Enterprise, Enterprise.id == Leg.from_enterprise_id)
        .where(Leg.id.in_(leg_ids))
        .order_by(Leg.id)
    ).all()
    return _loads(session, rows)


def _loads(session: Session, rows: Sequence[Row[Leg, str]]) -> tuple[Load, ...]:
    cold = _cold_orders(session, {leg.order_id for leg, _ in rows})
    return tuple(_load(leg, name, COLD_RIDE_S if leg.order_id in cold else None) for leg, name in rows)


def _stays() -> ColumnElement[bool]:
    """Whether planning a day again leaves a tour as it is."""
    return or_(Tour.state.in_(RUNNING), and_(Tour.state == TourState.DRAFT, Tour.is_kept))


def _plannable(day: date) -> Select[Leg]:
    """Select the legs that a provider has promised to drive on a day and that no tour has that stays."""
    taken = (
        select(StopLeg.leg_id)
        .join(Stop, Stop.id == StopLeg.stop_id)
        .join(Tour, Tour.id == Stop.tour_id)
        .where(Tour.day == day, _stays())
    )
    return (
        select(Leg)
        .join(Job, Job.id == Leg.job_id)
        .join(Order, Order.id == Leg.order_id)
        .where(
            Leg.day == day,
            Leg.state.in_([LegState.PLANNED, LegState.SCHEDULED]),
            Job.stage == Stage.DELIVER,
            Job.state.in_(PROMISED),
            Order.state == OrderState.CONFIRMED,
            Leg.id.not_in(taken),
        )
    )


def _cold_orders(session: Session, order_ids: set[int]) -> set[int]:
    """Give the orders with something in them that must stay cold."""
    classes = [one.code for one in data.storage_classes().values() if one.max_c is not None and one.max_c <= COLD_C]
    lines = select(OrderLine.order_id).where(OrderLine.order_id.in_(order_ids), OrderLine.storage_class.in_(classes))
    return set(session.scalars(lines.distinct()))


def _load(leg: Leg, origin_name: str, max_ride_s: int | None) -> Load:
    door = f"punt {leg.pickup_point_id}" if leg.pickup_point_id else f"{leg.to_lat},{leg.to_lon},{leg.to_label}"
    return Load(
        leg_id=leg.id,
        origin=Place(f"van {leg.from_enterprise_id}", origin_name, Point(leg.from_lat, leg.from_lon)),
        destination=Place(door, leg.to_label, Point(leg.to_lat, leg.to_lon)),
        weight_g=leg.weight_g,
        starts_at=leg.starts_at,
        ends_at=leg.ends_at,
        max_ride_s=max_ride_s,
    )


def vehicles_of(session: Session, *, enterprise_id: int, day: date, but_tour_id: int = 0) -> list[Vehicle]:
    """List the couriers that can drive on a day, each from the end of the tours that they have (but for one)."""
    base = session.get_one(Enterprise, enterprise_id).point
    busy = {
        row[0]: row[1]
        for row in session.execute(
            select(Tour.courier_id, func.max(Tour.ends_at))
            .where(Tour.enterprise_id == enterprise_id, Tour.day == day, _stays(), Tour.id != but_tour_id)
            .group_by(Tour.courier_id)
        )
    }
    opens, closes = at_local(day, FIRST_HOUR), at_local(day, LAST_HOUR)
    found = []
    for courier in couriers_of(session, enterprise_id=enterprise_id):
        kind = data.vehicles()[courier.vehicle]
        found.append(
            Vehicle(
                courier_id=courier.id,
                base=base,
                payload_g=courier.payload_g,
                shift_start=max(opens, busy.get(courier.id, opens)),
                shift_end=closes,
                urban_kmh=kind.urban_kmh,
                rural_kmh=kind.rural_kmh,
                detour_pct=detour_pct(courier.vehicle),
                is_cooled=kind.is_cooled,
                profile=BIKE if is_bike(courier.vehicle) else CAR,
            )
        )
    return [vehicle for vehicle in found if vehicle.shift_start < vehicle.shift_end]


def detour_pct(vehicle: str) -> int:
    """Give how much longer than the straight line a kind of vehicle drives (130 = 1.3 times)."""
    return BIKE_DETOUR_PCT if is_bike(vehicle) else VAN_DETOUR_PCT


def why_left(session: Session, *, enterprise_id: int, day: date) -> dict[int, str]:
    """Give the legs that the latest planning of a day left over, each with its reason."""
    for entry in journal.latest_of(session, what="tour.planned", enterprise_id=enterprise_id):
        if entry.data["day"] == day.isoformat():
            return {row["leg"]: row["reason"] for row in entry.data["unplanned"]}
    return {}


def couriers_of(session: Session, *, enterprise_id: int) -> Sequence[Courier]:
    """List the active couriers of an enterprise."""
    return session.scalars(
        select(Courier).where(Courier.enterprise_id == enterprise_id, Courier.is_active).order_by(Courier.id)
    ).all()
