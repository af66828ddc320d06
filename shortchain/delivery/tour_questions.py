"""Reads what a carrier has to drive on a day, with what, and how it was planned before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from shortchain import data, journal
from shortchain.delivery import paces, zone_hours
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, StopLock, Tour, TourState
from shortchain.delivery.pairing import DriverSeat, VehicleAsk, manned, pair
from shortchain.delivery.tour_loads import loads_of_rows
from shortchain.delivery.tour_plans import BREAK, EarlierPlan, EarlierStop, Load, Lock, TourPolicy, Vehicle
from shortchain.enterprises import drawn_zones, drivers
from shortchain.enterprises.licences import C
from shortchain.enterprises.models import Courier, Enterprise
from shortchain.enterprises.vehicles import engine_of, is_bike, licence_of
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import BIKE, CAR
from shortchain.kernel.window import at_local
from shortchain.ordering.models import Order, OrderState

FIRST_HOUR, LAST_HOUR = time(6), time(22)
"""Between these hours of the day a tour may be on the road."""
BIKE_DETOUR_PCT, VAN_DETOUR_PCT = 125, 130
"""How much longer a road is than the straight line (`domain.md` 5.2)."""

NEVER = datetime.min.replace(tzinfo=UTC)

PROMISED = (JobState.ACCEPTED, JobState.STARTED, JobState.READY)
RUNNING = (TourState.PUBLISHED, TourState.UNDER_WAY, TourState.DONE)


@dataclass(frozen=True, slots=True)
class TourQuestion:
    """What the planner needs for one carrier and day; `versions` are those of the legs that were read.

    `drivers` says who drives which vehicle, both by id; nobody where the carrier told of no drivers. `earlier` is the plan of before that may change, None where there is none; `locks` are what was fixed in it.
    """

    loads: tuple[Load, ...]
    vehicles: tuple[Vehicle, ...]
    versions: Mapping[int, int]
    earlier: EarlierPlan | None = None
    locks: tuple[Lock, ...] = ()
    policy: TourPolicy = field(default_factory=TourPolicy)
    drivers: Mapping[int, int] = field(default_factory=dict)

    def points(self) -> dict[str, list[Point]]:
        """Give per profile of road the places between which somebody may drive."""
        doors = {place.point for load in self.loads for place in (load.origin, load.destination)}
        found: dict[str, set[Point]] = {}
        for vehicle in self.vehicles:
            found.setdefault(vehicle.profile, set(doors)).update({vehicle.base, vehicle.back})
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
    asked = loads_of_rows(session, rows)
    fleet = vehicles_of(session, enterprise_id=enterprise_id, day=day, loads=asked)
    loads = outside_zones(session, asked, enterprise_id=enterprise_id, day=day)
    pairs, manned_fleet = crewed(session, fleet, enterprise_id=enterprise_id, day=day, loads=loads, anew=anew)
    return TourQuestion(
        loads,
        tuple(manned_fleet),
        {leg.id: leg.version for leg, _name in rows},
        _earlier(session, drafts, enterprise_id, day) if drafts and not anew else None,
        tuple(lock for tour in drafts for lock in _locks(tour)),
        paces.policy_of(session, enterprise_id=enterprise_id),
        pairs,
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
    return loads_of_rows(session, rows)


def _stays() -> ColumnElement[bool]:
    """Whether planning a day again leaves a tour as it is."""
    return or_(Tour.state.in_(RUNNING), and_(Tour.state == TourState.DRAFT, Tour.is_kept))


def _plannable(day: date) -> Select[Leg]:
    """Select the legs that somebody has promised to drive on a day and that no tour has that stays.

    The last legs of orders; what a carrier fetches for others (`collecting`); and of who has a vehicle also what it
    brings to the next place itself: a farm its goods, a processor what it made.
    """
    taken = (
        select(StopLeg.leg_id)
        .join(Stop, Stop.id == StopLeg.stop_id)
        .join(Tour, Tour.id == Stop.tour_id)
        .where(Tour.day == day, _stays())
    )
    has_vehicle = exists().where(Courier.enterprise_id == Leg.carrier_id, Courier.is_active)
    return (
        select(Leg)
        .outerjoin(Job, Job.id == Leg.job_id)
        .join(Order, Order.id == Leg.order_id)
        .where(
            Leg.day == day,
            Leg.state.in_([LegState.PLANNED, LegState.SCHEDULED]),
            or_(
                and_(Job.stage == Stage.DELIVER, Job.state.in_(PROMISED)),
                and_(
                    Leg.to_enterprise_id.is_not(None),
                    or_(Leg.job_id.is_(None), Job.state.in_(PROMISED)),
                    or_(has_vehicle, Leg.carrier_id != Leg.from_enterprise_id),
                ),
            ),
            Order.state == OrderState.CONFIRMED,
            Leg.id.not_in(taken),
        )
    )


def vehicles_of(
    session: Session, *, enterprise_id: int, day: date, loads: Sequence[Load], but_tour_id: int = 0
) -> list[Vehicle]:
    """List the couriers that can drive on a day, each from the end of the tours that they have (but for one).

    Places of the loads in a zone that a vehicle may not enter that day are closed to it.
    """
    home = session.get_one(Enterprise, enterprise_id).point
    busy = {
        row[0]: row[1]
        for row in session.execute(
            select(Tour.courier_id, func.max(Tour.ends_at))
            .where(Tour.enterprise_id == enterprise_id, Tour.day == day, _stays(), Tour.id != but_tour_id)
            .group_by(Tour.courier_id)
        )
    }
    known = drawn_zones.known(session)
    zoned: dict[str, int] = {}
    for load in loads:
        for key, bits in zone_hours.barred(known, load).items():
            zoned[key] = zoned.get(key, 0) | bits
    opens, closes = at_local(day, FIRST_HOUR), at_local(day, LAST_HOUR)
    found = []
    for courier in couriers_of(session, enterprise_id=enterprise_id):
        open_to = known.open_to(engine_of(courier), day)
        found.append(
            replace(
                _vehicle(courier, home),
                shift_start=max(opens, busy.get(courier.id, opens)),
                shift_end=closes,
                closed=frozenset(key for key, bits in zoned.items() if bits & ~open_to),
            )
        )
    return [vehicle for vehicle in found if vehicle.shift_start < vehicle.shift_end]


def outside_zones(session: Session, loads: Sequence[Load], *, enterprise_id: int, day: date) -> tuple[Load, ...]:
    """Narrow the windows of loads to the hours in which the zones at their doors are open to this carrier."""
    known = drawn_zones.known(session)
    engines = [engine_of(courier) for courier in couriers_of(session, enterprise_id=enterprise_id)]
    return zone_hours.outside(known, loads, [known.open_to(engine, day) for engine in engines], day)


def crewed(
    session: Session,
    fleet: Sequence[Vehicle],
    *,
    enterprise_id: int,
    day: date,
    loads: Sequence[Load],
    anew: bool = False,
) -> tuple[dict[int, int], list[Vehicle]]:
    """Give who drives which vehicle, and the vehicles with what their drivers may do.

    Who has a tour of that day keeps its vehicle; `anew` forgets it for drafts that planning may change. A carrier that told of no drivers has some all the same: then every vehicle is driven by somebody who may.
    """
    crew = [
        DriverSeat(row.id, row.licence, row.lift_g)
        for row in drivers.list_of(session, enterprise_id=enterprise_id, also_stopped=False)
    ]
    if not crew:
        return {}, [manned(vehicle, DriverSeat(0, C)) for vehicle in fleet]
    chosen = {
        row[0]: row[1]
        for row in session.execute(
            select(Tour.courier_id, Tour.driver_id)
            .where(
                Tour.enterprise_id == enterprise_id,
                Tour.day == day,
                _stays() if anew else Tour.state != TourState.DROPPED,
                Tour.driver_id.is_not(None),
            )
            .order_by(Tour.id)
        )
    }
    asks = {
        one.id: VehicleAsk(one.id, licence_of(one.vehicle, one.licence), one.driver_id, chosen.get(one.id))
        for one in couriers_of(session, enterprise_id=enterprise_id)
    }
    pairs = pair(fleet, asks, crew, loads)
    seats = {seat.driver_id: seat for seat in crew}
    return pairs, [
        manned(vehicle, seats[pairs[vehicle.courier_id]] if vehicle.courier_id in pairs else None) for vehicle in fleet
    ]


def _vehicle(courier: Courier, home: Point) -> Vehicle:
    kind, bike = data.vehicles()[courier.vehicle], is_bike(courier.vehicle)
    return Vehicle(
        courier_id=courier.id,
        base=courier.start or home,
        payload_g=courier.payload_g,
        shift_start=NEVER,
        shift_end=NEVER,
        urban_kmh=kind.urban_kmh,
        rural_kmh=kind.rural_kmh,
        detour_pct=detour_pct(courier.vehicle),
        is_cooled=kind.is_cooled,
        profile=BIKE if bike else CAR,
        end=courier.end,
        crates=courier.crates or kind.crates,
        chilled=courier.chilled_crates,
        frozen=courier.frozen_crates,
        max_stops=courier.max_stops,
        volume_ml=(courier.volume_l or kind.volume_l) * 1000,
    )


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
        select(Courier)
        .where(Courier.enterprise_id == enterprise_id, Courier.is_active)
        .options(selectinload(Courier.rights))
        .order_by(Courier.id)
    ).all()
