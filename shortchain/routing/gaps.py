"""Where nobody can do a step of the work, and who could be asked to. Pure, on plain values.

This looks at what enterprises can do at all: service, temperature class, radius, a price that can be
known beforehand. What a single day lacked (room, days, a certificate) comes from the counted failures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shortchain.enterprises.service_areas import ServiceArea
from shortchain.enterprises.zones import Zones, any_may, reference
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance
from shortchain.routing.rules import PRICED_BY_ORDER

STRETCH_M = 25_000
"""So far beyond its own radius, or from a place it never served, somebody is still worth asking."""
HELPERS = 6

LACKS = (
    "unverified",
    "capacity",
    "closed",
    "lead",
    "organic",
    "apart",
    "zone",
    "area",
    "radius",
    "temperature",
    "price",
    "capability",
)
"""What keeps somebody from helping, the easiest to mend first."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where the work must reach: a postcode, or a farm with its postcode."""

    postcode: str
    name: str
    point: Point


@dataclass(frozen=True, slots=True)
class Need:
    """A step for goods of these temperature classes, everywhere in `spots`. `key` is the planner's."""

    key: str
    services: frozenset[str]
    classes: frozenset[str]
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Ability:
    """One service of an enterprise; `works` says whether its calendar offers anything in a week.

    `vehicles` are the zones that each of its vehicles may enter (`enterprises.zones`); empty when nobody told of one.
    """

    service: str
    radius_m: int
    classes: frozenset[str]
    price_form: str
    works: bool = True
    vehicles: tuple[int, ...] = ()
    area: ServiceArea | None = None
    zones: Zones = field(default_factory=reference)
    handles_apart: bool = False

    def reaches(self, spot: Spot, metres: int) -> bool:
        """Say whether it works at a place that lies so far from its own."""
        return metres <= self.radius_m if self.area is None else self.area.holds(spot.point)

    def may_enter(self, spot: Spot) -> bool:
        """Say whether one of its vehicles may come to a place."""
        return not self.vehicles or any_may(self.vehicles, self.zones.at(spot.point))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An enterprise of the directory with what it can do, and how to reach it."""

    id: int
    public_id: str
    name: str
    kind: str
    postcode: str
    municipality: str
    point: Point
    is_verified: bool
    is_provider: bool
    is_organic: bool
    abilities: tuple[Ability, ...]
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """So many quotes and orders for which a stage had nobody, with the rules that said no."""

    postcode: str
    stage: str
    day: date
    classes: frozenset[str]
    reasons: tuple[str, ...]
    quotes: int
    orders: int


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who could fill a gap: what it lacks, how far the nearest open place is, and its radius now."""

    who: Neighbour
    lacks: str
    metres: int
    radius_m: int = 0


@dataclass(frozen=True, slots=True)
class Cover:
    """How a need is met: the spots that nobody serves, what failed for it and why, and who could help."""

    need: Need
    missing: tuple[Spot, ...]
    failed: tuple[Failure, ...]
    helpers: tuple[Helper, ...]

    @property
    def quotes(self) -> int:
        return sum(failure.quotes for failure in self.failed)

    @property
    def orders(self) -> int:
        return sum(failure.orders for failure in self.failed)

    @property
    def reasons(self) -> Mapping[str, int]:
        """Count the rules that said no, once for each quote and order, the most frequent first."""
        counts: Counter[str] = Counter()
        for failure in self.failed:
            for code in failure.reasons:
                counts[code] += failure.quotes + failure.orders
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def is_gap(self) -> bool:
        return bool(self.missing or self.failed)


def cover(need: Need, neighbours: Sequence[Neighbour], failures: Sequence[Failure], *, distance: Distance) -> Cover:
    """Say where a need is not met and who could meet it. `failures` of other needs are left aside."""
    measured: dict[tuple[int, Point], int] = {}

    def metres(who: Neighbour, spot: Spot) -> int:
        key = (who.id, spot.point)
        if key not in measured:
            measured[key] = distance(who.point, spot.point)
        return measured[key]

    failed = tuple(one for one in failures if one.stage == need.key and one.classes == need.classes)
    missing = tuple(
        spot for spot in need.spots if not any(_serves(who, need, spot, metres(who, spot)) for who in neighbours)
    )
    troubled = {failure.postcode for failure in failed}
    open_spots = (*missing, *(spot for spot in need.spots if spot.postcode in troubled and spot not in missing))
    codes = frozenset(code for failure in failed for code in failure.reasons)
    helpers = [helper for who in neighbours if (helper := _helper(who, need, open_spots, codes, metres)) is not None]
    helpers.sort(key=lambda helper: (LACKS.index(helper.lacks), helper.metres, helper.who.id))
    return Cover(need, missing, failed, tuple(helpers[:HELPERS]))


def _serves(who: Neighbour, need: Need, spot: Spot, metres: int) -> bool:
    return who.is_verified and any(
        ability.service in need.services
        and need.classes <= ability.classes
        and ability.price_form in PRICED_BY_ORDER
        and ability.works
        and ability.reaches(spot, metres)
        and ability.may_enter(spot)
        for ability in who.abilities
    )


def _helper(
    who: Neighbour,
    need: Need,
    spots: Sequence[Spot],
    codes: frozenset[str],
    metres: Callable[[Neighbour, Spot], int],
) -> Helper | None:
    """Say what one enterprise lacks to fill a gap; None when it is too far, or lacks nothing that we know."""
    if not spots:
        return None
    nearest = min(metres(who, spot) for spot in spots)
    own = [ability for ability in who.abilities if ability.service in need.services]
    if not own:
        is_near = who.is_provider and nearest <= STRETCH_M
        return Helper(who, "capability", nearest) if is_near else None
    widest = max(ability.radius_m for ability in own)
    if nearest > widest + STRETCH_M:
        return None
    lacks = _lacks(who, need, own, codes, nearest, spots)
    return Helper(who, lacks, nearest, widest) if lacks else None


def _lacks(
    who: Neighbour,
    need: Need,
    own: Sequence[Ability],
    codes: frozenset[str],
    nearest: int,
    spots: Sequence[Spot],
) -> str:
    """Name the first thing that somebody with the service lacks; '' when it lacks nothing."""
    if not who.is_verified:
        return "unverified"
    fit = [ability for ability in own if need.classes <= ability.classes]
    if not fit:
        return "temperature"
    priced = [ability for ability in fit if ability.price_form in PRICED_BY_ORDER]
    if not priced:
        return "price"
    if all(
        ability.area is not None and not any(ability.area.holds(spot.point) for spot in spots) for ability in priced
    ):
        return "area"
    if not any(ability.area is not None or nearest <= ability.radius_m for ability in priced):
        return "radius"
    if not any(ability.may_enter(spot) for ability in priced for spot in spots):
        return "zone"
    if "organic" in codes and not who.is_organic:
        return "organic"
    if "apart" in codes and not any(ability.handles_apart for ability in priced):
        return "apart"
    if not any(ability.works for ability in priced):
        return "capacity"
    return next((code for code in ("capacity", "closed", "lead") if code in codes), "")
