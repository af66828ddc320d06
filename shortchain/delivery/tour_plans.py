"""The words of tour planning: what is to drive, with what, what was planned before, and the plan. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shortchain.kernel.geo import Point
from shortchain.kernel.ports import BIKE

PICKUP, DROPOFF, BREAK = "pickup", "dropoff", "break"
DRIVE = "drive"
"""The right to drive a vehicle: that of who holds the licence that it asks."""
REASONS = (
    "no_vehicle",
    "driver",
    "zone",
    "frozen",
    "payload",
    "crates",
    "volume",
    "stops",
    "locked",
    "window",
    "cold",
    "shift",
)
"""Why a leg is in no tour. The further down, the nearer a vehicle came to driving it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stop is. Two loads with the same `key` share one stop; `kind` is one of `TourPolicy.base_s`."""

    key: str
    label: str
    point: Point
    kind: str = "home"


@dataclass(frozen=True, slots=True)
class Load:
    """One leg to drive: `weight_g` in `crates` from one place to another, to hand over within a window if it has one.

    `volume_ml` is the room that it takes, `heaviest_g` the piece that whoever drives must lift. `chilled` and `frozen`
    are how many of the crates must be kept so. `max_ride_s` bounds the time between loading and handing over in a
    vehicle that does not cool. Nothing is loaded before `ready_at`, nothing handed over after `until`, where a zone closes then.
    `needs` names rights that the driver must have. `floor` is how high its door is, `has_lift` whether a lift goes there.
    """

    leg_id: int
    origin: Place
    destination: Place
    weight_g: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_ride_s: int | None = None
    crates: int = 1
    chilled: int = 0
    frozen: int = 0
    ready_at: datetime | None = None
    needs: frozenset[str] = frozenset()
    volume_ml: int = 0
    heaviest_g: int = 0
    until: datetime | None = None
    floor: int = 0
    has_lift: bool = False


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its driver, from `base` to `end` (the base where there is none), between two times.

    Speeds are km/h with traffic; `detour_pct` turns straight lines into roads (130 = 1.3 times) where no road is
    known for its `profile`. What bounds it not is None. `chilled` and `frozen` are crates that it keeps so; with
    0 such goods ride among the others, for no longer than they may. `closed` are the keys of places
    where it may not come, `rights` and `lift_g` what its driver may do and lift.
    """

    courier_id: int
    base: Point
    payload_g: int
    shift_start: datetime
    shift_end: datetime
    urban_kmh: int = 15
    rural_kmh: int = 17
    detour_pct: int = 125
    profile: str = BIKE
    is_cooled: bool = False
    end: Point | None = None
    crates: int | None = None
    chilled: int = 0
    frozen: int = 0
    max_stops: int | None = None
    rights: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    volume_ml: int | None = None
    lift_g: int = 10**9

    @property
    def back(self) -> Point:
        """Where the day ends."""
        return self.end or self.base

    @property
    def keeps_cold(self) -> bool:
        return self.is_cooled or self.chilled > 0

    def keeps(self, load: Load) -> bool:
        """Say whether it cools and freezes what must be in a load, so that the ride may be long."""
        chills = self.keeps_cold or (load.frozen > 0 and load.chilled == 0)
        return chills and (load.frozen == 0 or self.frozen > 0)

    def capacity(self) -> tuple[int, int, int, int, int]:
        """Give grams, crates, chilled and frozen crates, millilitres; what is not bounded is more than anybody loads."""
        most = NO_BOUND if self.crates is None else self.crates
        chilled = most if self.is_cooled and not self.chilled else self.chilled or NO_BOUND
        volume = NO_BOUND if self.volume_ml is None else self.volume_ml
        return self.payload_g, most, chilled, self.frozen or NO_BOUND, volume


NO_BOUND = 10**9

BASE_S = {"home": 180, "home_van": 240, "point": 480, "farm": 600, "packer": 600}
EACH_S = dict.fromkeys(BASE_S, 30)
FLOOR_S = 30
"""A crate one floor up and the way back down: our own assumption, half a minute; a carrier sets its own."""


@dataclass(frozen=True, slots=True)
class TourPolicy:
    """How long things take, in seconds, and how late is too late (`domain.md` 5.2).

    A stop takes `base_s` of its kind, `each_s` for each crate and `climb_s` for each order above the ground floor,
    stretched by `pace_pct` for the team (130 = 1.3 times), which is never shown. After `break_after_s` of work without as much rest as `break_s`, a break of that
    long comes before driving on. With an earlier plan, an order comes to another tour or hour only where that saves
    `calm_m` metres an order.
    """

    base_s: Mapping[str, int] = field(default_factory=lambda: BASE_S)
    each_s: Mapping[str, int] = field(default_factory=lambda: EACH_S)
    floor_s: int = FLOOR_S
    pace_pct: int = 130
    urban_below_m: int = 5_000
    late_most_s: int = 1_800
    break_after_s: int = 9_000
    break_s: int = 900
    calm_m: int = 1_000

    def climb_s(self, load: Load) -> int:
        """Give the seconds that handing a load over takes more because of its floor, before they are stretched.

        On stairs every crate is carried up by itself; a lift takes all at once and counts as one floor, however high.
        """
        if load.has_lift:
            return self.floor_s if load.floor else 0
        return self.floor_s * load.floor * load.crates


@dataclass(frozen=True, slots=True)
class Lock:
    """Legs that a person fixed: to the tour of a courier, and with `rank` to a place among its stops of that kind.

    The first has rank 0. In a shorter tour it comes as late as it can.
    """

    leg_ids: tuple[int, ...]
    courier_id: int
    kind: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class EarlierStop:
    """A stop of the plan before: its kind, its legs, and when it was expected."""

    kind: str
    leg_ids: tuple[int, ...]
    eta: datetime


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """The plan before: the stops of each courier in order, without breaks, and the legs that were left over."""

    tours: Mapping[int, tuple[EarlierStop, ...]]
    left: frozenset[int] = frozenset()

    def hours(self) -> dict[int, tuple[int, datetime]]:
        """Give per leg who was to hand it over, and when."""
        return {
            leg: (courier, stop.eta)
            for courier, stops in self.tours.items()
            for stop in stops
            if stop.kind == DROPOFF
            for leg in stop.leg_ids
        }


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A visit with its expected time; `metres` and `seconds` from the stop before, `late_s` after its window.

    `stay_s` is how long the visit takes.
    """

    kind: str
    place: Place
    starts_at: datetime | None
    ends_at: datetime | None
    eta: datetime
    metres: int
    late_s: int
    leg_ids: tuple[int, ...]
    seconds: int
    stay_s: int


@dataclass(frozen=True, slots=True)
class PlannedTour:
    """The stops of one courier in order; `metres` and `ends_at` include the way back."""

    courier_id: int
    stops: tuple[PlannedStop, ...]
    starts_at: datetime
    ends_at: datetime
    metres: int


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A leg that fits in no tour, and why: one of `REASONS`."""

    leg_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class TourPlan:
    """The tours by courier id, and what is left over by leg id."""

    tours: tuple[PlannedTour, ...]
    unplanned: tuple[Unplanned, ...]

    def as_earlier(self) -> EarlierPlan:
        """Give this plan as the one before."""
        tours = {
            tour.courier_id: tuple(
                EarlierStop(stop.kind, stop.leg_ids, stop.eta) for stop in tour.stops if stop.kind != BREAK
            )
            for tour in self.tours
        }
        return EarlierPlan(tours, frozenset(row.leg_id for row in self.unplanned))
