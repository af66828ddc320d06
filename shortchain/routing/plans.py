"""The words of routing: what is asked, who could do it, and what was chosen. Plain values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from shortchain.enterprises.fetch_tariffs import Fetch, fetch_of
from shortchain.enterprises.service_areas import ServiceArea
from shortchain.enterprises.zones import Hours, Zones, any_may, reference
from shortchain.kernel.errors import N_, Conflict
from shortchain.kernel.geo import Point
from shortchain.kernel.halves import HALVES, half_of
from shortchain.ordering.deposits import CRATE_G

PROCESS, PACK, DELIVER = "process", "pack", "deliver"
STAGES = (PROCESS, PACK, DELIVER)

PACK_SERVICE = "BOX_ASSEMBLE"
DELIVER_SERVICES = frozenset({"DELIVER_BIKE", "DELIVER_VAN"})
ENGINE = "layers-1"
"""Name and version of the search, stored with every decision."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order: where its goods are, what they weigh and what they need."""

    ref: int
    farm_id: int
    farm_name: str
    farm_point: Point
    weight_g: int
    storage_class: str
    is_organic: bool
    process_service: str | None = None
    allergens: tuple[str, ...] = ()
    """What is or may be in the goods, by the codes of the reference table."""
    free_from: tuple[str, ...] = ()
    """What the goods are sold as free from: whoever works on them must keep them apart from it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One capability of one enterprise on the days that matter.

    `free` maps each working day to what is left of its capacity (grams, boxes or stops); a day that
    is missing is a day without work. `organic` holds the periods of valid organic certificates.
    Prices are cents, VAT included; `pickup_price_cents` zero means: does not go to pick-up points.
    """

    capability_id: int
    enterprise_id: int
    name: str
    service: str
    stage: str
    point: Point
    radius_m: int
    price_form: str
    price_cents: int
    minimum_cents: int = 0
    pickup_price_cents: int = 0
    recognised: tuple[tuple[date, date], ...] = ()
    """Periods in which its services carry the rate of recognised social-purpose bodies."""
    lead_days: int = 0
    storage_classes: frozenset[str] = frozenset()
    organic: tuple[tuple[date, date], ...] = ()
    free: Mapping[date, int] = field(default_factory=dict)
    bids: Mapping[date, int] = field(default_factory=dict)
    """What a unit of a day is worth to the last batch run, in millicents: steers, is never billed."""
    half_bids: Mapping[date, tuple[int, int]] = field(default_factory=dict)
    """What a unit of its morning and of its afternoon is worth on top of that, on days that it plans by half days."""
    entry: Mapping[date, tuple[int, ...]] = field(default_factory=dict)
    """Per day the zones that each of a deliverer's vehicles may enter (`enterprises.zones`); empty when one may
    enter all on every day, or when nobody told of a vehicle."""
    area: ServiceArea | None = None
    """The area that it chose to work in; None: the circle of its radius."""
    halves: Mapping[date, tuple[int, int]] = field(default_factory=dict)
    """What is left of mornings and afternoons, on days that it plans by half days; `free` holds for the whole day."""
    refuses: frozenset[str] = frozenset()
    """Allergens that may not come in."""
    trip_share_pct: int = 100
    """How much of a trip of its own a stop costs this deliverer in a tour (`stop_costs`): steers, is never billed."""
    handles_apart: bool = False
    """Keeps goods that are sold as free from an allergen apart from all others."""

    def with_free(self, free: Mapping[date, int], halves: Mapping[date, tuple[int, int]] | None = None) -> Candidate:
        """Give the same candidate with other free capacity; half the time of `dataclasses.replace`,
        which counts when hundreds are made for each question."""
        return Candidate(
            self.capability_id,
            self.enterprise_id,
            self.name,
            self.service,
            self.stage,
            self.point,
            self.radius_m,
            self.price_form,
            self.price_cents,
            self.minimum_cents,
            self.pickup_price_cents,
            self.recognised,
            self.lead_days,
            self.storage_classes,
            self.organic,
            free,
            self.bids,
            self.half_bids,
            self.entry,
            self.area,
            self.halves if halves is None else halves,
            self.refuses,
            self.trip_share_pct,
            self.handles_apart,
        )

    def room(self, day: date, half: str) -> int:
        """Say how much is left on a day that it works, for work of one half of it ('': of either)."""
        pair = self.halves.get(day) if half else None
        return self.free[day] if pair is None else min(self.free[day], pair[HALVES.index(half)])

    def bid(self, day: date, half: str) -> int:
        """Say what a unit is worth to the last batch run on a day, for work of one half of it ('': of either)."""
        more = self.half_bids.get(day) if half else None
        return self.bids.get(day, 0) + (0 if more is None else more[HALVES.index(half)])

    def reaches(self, place: Point, metres: int) -> bool:
        """Say whether it works at a place that lies so far from its own."""
        return metres <= self.radius_m if self.area is None else self.area.holds(place)

    def keeps_apart(self, free_from: frozenset[str]) -> bool:
        """Say whether goods may come that are sold as free from these: it handles them apart, or lets none of it in."""
        return self.handles_apart or free_from <= self.refuses

    def may_enter(self, zones: int, day: date) -> bool:
        """Say whether one of its vehicles may enter all these zones on a day."""
        return not zones or not self.entry or any_may(self.entry.get(day, ()), zones)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A stage that stays as it is: planned, accepted or done by this capability on this day, at its rate of VAT."""

    capability_id: int
    enterprise_id: int
    name: str
    point: Point
    day: date
    vat_rate_bp: int


class Slot(NamedTuple):
    """What a price is of: a capability on a day, or on a weekday (Monday 0), as a whole or (`half`) one half of it on top of that."""

    capability: int
    when: date | int
    half: str = ""


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """What is asked: these lines, to this place, on this day.

    `first_day` is the first day on which work can be done. `without` names enterprises that must not
    be chosen for it, such as one that declined. `packs_same_day` says whether the delivery is so late
    in the day that the box can be packed that day. `at_gate`: collected at the farm of all its lines, so nobody
    works on it or brings it. `fixed` keeps stages: keys are `pack`, `deliver` and
    `process:<service>`. `zones` are those that count, and `hours` the clock times between which it is brought.
    `fetches` says, by who hands over, which carrier fetches there for a tariff of its own.
    """

    lines: tuple[Line, ...]
    destination: Point
    is_pickup: bool
    delivery_day: date
    first_day: date
    without: frozenset[int] = frozenset()
    packs_same_day: bool = True
    at_gate: bool = False
    fixed: Mapping[str, Fixed] = field(default_factory=dict)
    zones: Zones = field(default_factory=reference)
    hours: Hours | None = None
    fetches: Mapping[int, Fetch] = field(default_factory=dict)

    def zones_at_door(self) -> int:
        """Give the zones that keep a vehicle from the door for all of these hours."""
        return self.zones.at(self.destination, self.hours)

    def fetch(self, giver_id: int, to_id: int, lines: Sequence[Line]) -> Fetch | None:
        """Give who fetches these lines at one enterprise for another; what stays within one is not moved by anybody."""
        return None if giver_id == to_id else fetch_of(self.fetches, giver_id=giver_id, goods=lines)

    @property
    def weight_g(self) -> int:
        return sum(line.weight_g for line in self.lines)

    def half_of(self, day: date, *, delivers: bool) -> str:
        """Give the half of a day in which a stage must be done; '' when either will do."""
        return half_of(delivers=delivers, day=day, delivery_day=self.delivery_day, is_late=self.packs_same_day)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rates and bounds that a coordinator may set; changing one changes `settings` in explanations.

    Without `runner_ups` the explanation is only good for a quote: nobody's absence is priced and the
    input has no fingerprint. `upstream_millicents` is paid per kg and km to whoever brings goods to the next place, where
    no carrier fetches them for a tariff of its own. The two
    `steer_…` rates only steer the choice and are never billed (`routing.md` 2).
    """

    upstream_millicents: int = 800
    steer_last_mile_millicents_km: int = 9_000
    steer_waiting_millicents_kg_day: int = 4_000
    box_g: int = CRATE_G
    pack_days_before: int = 1
    process_days_before: int = 2
    farm_transport_vat_bp: int = 600
    runner_ups: bool = True


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """Work for one enterprise. `use` is grams, boxes or stops; `metres` from the place before."""

    stage: str
    service: str
    capability_id: int
    enterprise_id: int
    name: str
    day: date
    use: int
    metres: int
    cost_cents: int
    vat_rate_bp: int
    lines: tuple[int, ...]
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One movement. `job` is the index of the job whose doer moves the goods; None: the farm brings.

    `fetch` is whose tariff it is priced by, where that is not the rate of the policy.
    """

    carrier_id: int
    job: int | None
    from_enterprise_id: int
    from_point: Point
    to_enterprise_id: int | None
    to_point: Point
    day: date
    metres: int
    weight_g: int
    cost_cents: int
    vat_rate_bp: int
    is_fixed: bool = False
    fetch: Fetch | None = None


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """The chosen chain, with what it costs and why. `billed_cents` is what the customer pays for it."""

    jobs: tuple[PlannedJob, ...]
    legs: tuple[PlannedLeg, ...]
    billed_cents: int
    steering_millicents: int
    metres: int
    explanation: dict[str, Any]

    def job(self, stage: str) -> PlannedJob:
        """Give the first job of a stage."""
        return next(job for job in self.jobs if job.stage == stage)


class Unroutable(Conflict):
    """Nobody can do one of the steps.

    `stages` maps each stage that has nobody to how many candidates each rule removed; `classes` maps it to
    the temperature classes of its goods.
    """

    message = N_("Voor dit moment vinden we niemand die kan inpakken en leveren. Kies een ander moment.")

    def __init__(
        self, stages: Mapping[str, Mapping[str, int]], classes: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        super().__init__()
        self.stages = {stage: dict(reasons) for stage, reasons in stages.items()}
        self.classes = dict(classes or {})
