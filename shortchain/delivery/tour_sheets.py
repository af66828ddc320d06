"""One tour in full: what is loaded where and in which order, what it costs, what it saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.delivery import run_sheets, tour_questions
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, Tour
from shortchain.delivery.run_sheets import StopOrder, StopSheet, TourSheet
from shortchain.delivery.savings import Savings, compare
from shortchain.delivery.stop_goods import FetchedGoods, goods_on
from shortchain.delivery.tour_plans import DROPOFF
from shortchain.enterprises.models import Courier, Enterprise
from shortchain.fulfilment.models import Job
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance


@dataclass(frozen=True, slots=True)
class ToLoad:
    """An order to put in the vehicle; `stop` is the number of the stop where it gets out."""

    stop: int
    name: str
    order: StopOrder


@dataclass(frozen=True, slots=True)
class LoadingPlace:
    """What is loaded at one place, in the order in which it goes in: what gets out last goes in first.

    `items` are packed orders; `goods` are fetched for who works on them, `loose` are the orders that they are for.
    """

    number: int
    name: str
    address: str
    items: tuple[ToLoad, ...]
    goods: tuple[FetchedGoods, ...]
    loose: tuple[StopOrder, ...]

    @property
    def boxes(self) -> int:
        return sum(order.boxes for order in (*self.loose, *(item.order for item in self.items)))

    @property
    def weight_g(self) -> int:
        return sum(order.weight_g for order in (*self.loose, *(item.order for item in self.items)))


class Mark(NamedTuple):
    """A place on the map of a tour; `text` is what stands in it."""

    lat: float
    lon: float
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class TourDetail:
    """A tour with its loading list, the comparison with separate trips, and what the carrier is paid.

    `pay_cents` adds up the delivery jobs of the tour and what it is paid for bringing, VAT included; `doors` are the stops where goods get out.
    """

    tour: TourSheet
    loading: tuple[LoadingPlace, ...]
    savings: Savings
    pay_cents: int
    doors: int
    base: Point
    back: Point

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What the map shows: the base, and a mark for each place with the numbers of the stops there."""
        found: dict[tuple[float, float], tuple[str, list[int]]] = {}
        for stop in self.tour.stops:
            at = round(stop.lat, 4), round(stop.lon, 4)  # some ten metres
            found.setdefault(at, ("packer" if stop.is_pickup else "customer", []))[1].append(stop.number)
        marks = [Mark(lat, lon, role, ", ".join(map(str, numbers))) for (lat, lon), (role, numbers) in found.items()]
        ends = [Mark(point.lat, point.lon, "deliverer", "") for point in dict.fromkeys((self.base, self.back))]
        return (*ends, *marks)

    @property
    def way(self) -> tuple[tuple[float, float], ...]:
        """The points of the tour in order, from the base and back."""
        stops = ((stop.lat, stop.lon) for stop in self.tour.stops)
        return ((self.base.lat, self.base.lon), *stops, (self.back.lat, self.back.lon))

    @property
    def pay_per_stop_cents(self) -> int:
        """Cents per door, halves rounded up; 0 without doors."""
        return (2 * self.pay_cents + self.doors) // (2 * self.doors) if self.doors else 0


class TourLine(NamedTuple):
    """A tour among the others of its day on a map: the letter that stands for it, who drives, and where it goes."""

    letter: str
    sheet: TourSheet
    way: tuple[tuple[float, float], ...]


class DayMap(NamedTuple):
    """All tours of a day on one map; a place where several come has the letters of all."""

    lines: tuple[TourLine, ...]
    marks: tuple[Mark, ...]

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Every point that must be on it."""
        return tuple(point for line in self.lines for point in line.way)


def day_map(session: Session, sheets: Sequence[TourSheet], *, enterprise_id: int) -> DayMap:
    """Put the tours of a day on one map, A to Z and then AA on, each from its base and back to it."""
    rows = session.execute(
        select(Tour.public_id, Courier)
        .join(Courier, Courier.id == Tour.courier_id)
        .where(Tour.public_id.in_([sheet.public_id for sheet in sheets]))
    )
    couriers: dict[str, Courier] = {row[0]: row[1] for row in rows}
    home = session.get_one(Enterprise, enterprise_id).point
    lines = []
    places: dict[tuple[float, float], tuple[str, list[str]]] = {}
    for number, sheet in enumerate(sheets):
        letter = chr(65 + number % 26) * (1 + number // 26)
        start, end = couriers[sheet.public_id].start or home, couriers[sheet.public_id].end or home
        stops = [(stop.lat, stop.lon) for stop in sheet.stops]
        lines.append(TourLine(letter, sheet, ((start.lat, start.lon), *stops, (end.lat, end.lon))))
        for stop in sheet.stops:
            at = round(stop.lat, 4), round(stop.lon, 4)
            letters = places.setdefault(at, ("packer" if stop.is_pickup else "customer", []))[1]
            if letter not in letters:
                letters.append(letter)
    marks = tuple(Mark(lat, lon, role, ", ".join(letters)) for (lat, lon), (role, letters) in places.items())
    return DayMap(tuple(lines), marks)


def detail_of(
    session: Session, *, public_id: str, enterprise_id: int, distance: Distance, now: datetime | None = None
) -> TourDetail:
    """Read one tour of a carrier; with `now`, stops are expected when the driver can be there.

    :raises NotFound: when there is none, or it is another's, or it was dropped
    """
    sheet = run_sheets.tour_of(session, public_id=public_id, enterprise_id=enterprise_id, now=now)
    rows = session.execute(
        select(Leg, case((Leg.to_enterprise_id.is_(None), func.coalesce(Job.cost_cents, 0)), else_=Leg.cost_cents))
        .join(StopLeg, StopLeg.leg_id == Leg.id)
        .join(Stop, Stop.id == StopLeg.stop_id)
        .join(Tour, Tour.id == Stop.tour_id)
        .outerjoin(Job, Job.id == Leg.job_id)
        .where(Tour.public_id == public_id, Stop.kind == DROPOFF, Leg.state != LegState.WITHDRAWN)
        .order_by(Leg.id)
    ).all()
    trips = [(Point(leg.from_lat, leg.from_lon), Point(leg.to_lat, leg.to_lon)) for leg, _ in rows]
    kind = data.vehicles()[sheet.vehicle]
    savings = compare(
        sheet.metres, trips, detour_pct=tour_questions.detour_pct(kind.code), co2_g_km=kind.co2_g_km, distance=distance
    )
    doors = [stop for stop in sheet.stops if not stop.is_pickup]
    courier = session.scalars(
        select(Courier).join(Tour, Tour.courier_id == Courier.id).where(Tour.public_id == public_id)
    ).one()
    base = courier.start or session.get_one(Enterprise, enterprise_id).point
    pay = sum(cents for _, cents in rows)
    return TourDetail(sheet, _loading(session, sheet), savings, pay, len(doors), base, courier.end or base)


def _loading(session: Session, sheet: TourSheet) -> tuple[LoadingPlace, ...]:
    outs: Mapping[int, StopSheet] = {
        order.leg_id: stop for stop in sheet.stops if not stop.is_pickup for order in stop.orders
    }
    places = []
    for stop in sheet.stops:
        if stop.is_pickup:
            aboard = [order for order in stop.orders if order.leg_id in outs]
            items = [ToLoad(outs[o.leg_id].number, outs[o.leg_id].name, o) for o in aboard if o.is_last]
            items.sort(key=lambda item: (-item.stop, item.order.number))
            loose = tuple(order for order in aboard if not order.is_last)
            goods = goods_on(session, leg_ids=[order.leg_id for order in loose]) if loose else []
            places.append(LoadingPlace(stop.number, stop.name, stop.address, tuple(items), tuple(goods), loose))
    return tuple(places)
