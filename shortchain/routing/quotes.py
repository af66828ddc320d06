"""What a basket would cost, and who would do it, for each moment that can be chosen. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue import windows
from shortchain.catalogue.models import DeliveryWindow, OrderCycle, WindowKind
from shortchain.containers import types
from shortchain.enterprises import zones
from shortchain.enterprises.models import PickupPoint
from shortchain.enterprises.vat_charging import Exemptions
from shortchain.enterprises.zones import Hours
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance
from shortchain.kernel.window import local_day
from shortchain.ordering import cycle_fees, deposits
from shortchain.ordering.basket_rows import suits_gate
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.deposits import Container, Deposit
from shortchain.ordering.levies import Levy, Load, cede, charge
from shortchain.ordering.pricing import LEVY, Fee, GoodsLine, PriceSheet, price_sheet
from shortchain.routing import candidates, requests
from shortchain.routing.columns import Columns
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Candidate, Line, Policy, RoutePlan, RouteRequest, Unroutable

HOME, PICKUP = WindowKind.HOME.value, WindowKind.PICKUP.value
NEAREST_POINTS = 8


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would cost and who would do it; nothing is held."""

    plan: RoutePlan
    sheet: PriceSheet
    deposits: tuple[Deposit, ...] = ()
    """The containers that come along and are to come back; `ref` is the offer."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A pick-up point as a customer sees it; `metres` from where they live, when that is known."""

    id: int
    name: str
    street: str
    postcode: str
    municipality: str
    address: str
    point: Point
    note: dict[str, str]
    gate_of: int | None = None
    """The farm whose gate it is: for baskets of its own goods alone."""
    metres: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A window that could be chosen. `why_not` is empty, 'full', 'unroutable' or 'place' (not known)."""

    window: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    left: int
    spot: Spot | None = None
    quote: Quote | None = None
    why_not: str = ""
    refusal: Unroutable | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """All that can be chosen for one basket. An order cycle that is over gives nothing."""

    cycle_name: str
    closes_at: datetime
    is_open: bool
    hub_id: int
    options: tuple[Option, ...] = ()
    levies: tuple[Levy, ...] = ()
    crate: Container | None = None

    def of(self, kind: str) -> list[Option]:
        """List the windows of a kind, 'home' or 'pickup'."""
        return [option for option in self.options if option.kind == kind]

    def missing(self) -> dict[str, str]:
        """Say which way of delivery is not on offer at all, and why (WER VI.45/2 asks for both)."""
        reasons = {}
        for kind in (HOME, PICKUP):
            found = self.of(kind)
            if not any(not option.why_not for option in found):
                reasons[kind] = found[0].why_not if found else "no_window"
        return reasons

    def find(self, window: str) -> Option | None:
        """Find one by its window's public id."""
        return next((option for option in self.options if option.window == window), None)


def fees_of(plan: RoutePlan) -> list[Fee]:
    """List what a plan costs the customer, by kind and by who does it."""
    fees = [Fee(job.stage, job.enterprise_id, job.cost_cents, job.vat_rate_bp) for job in plan.jobs]
    return fees + [Fee("transport", leg.carrier_id, leg.cost_cents, leg.vat_rate_bp) for leg in plan.legs]


def quote(
    session: Session,
    *,
    view: BasketView,
    destination: Point,
    is_pickup: bool,
    delivery_day: date,
    closes_at: datetime,
    distance: Distance,
    packs_same_day: bool = True,
    able: Sequence[Candidate] | None = None,
    policy: Policy | None = None,
    levies: Sequence[Levy] = (),
    crate: Container | None = None,
    at_gate: bool = False,
    exemptions: Exemptions | None = None,
    hours: Hours | None = None,
) -> Quote:
    """Plan and price a basket for a place and a day. `able` and `exemptions` save reading the same again.

    `levies` are what its order cycle asks on top, `crate` is what its hub packs in when it is to come back;
    `at_gate`: collected at its farm, where nobody packs; `hours` are the clock times of its window.

    :raises Unroutable: with the reasons per stage
    """
    first = min(requests.first_work_day(closes_at), delivery_day)
    if able is None or at_gate:
        able = () if at_gate else candidates.read_candidates(session, days=candidates.work_days(delivery_day, first))
    request = RouteRequest(
        lines=tuple(
            Line(
                row.offer_id,
                row.farm_id,
                row.farm_name,
                Point(row.farm_lat, row.farm_lon),
                row.line_weight_g,
                row.storage_class,
                row.is_organic,
                row.process_service,
                requests.inside(row.allergens),
                requests.claimed(row.allergens),
            )
            for row in view.rows
        ),
        destination=destination,
        is_pickup=is_pickup,
        delivery_day=delivery_day,
        first_day=first,
        packs_same_day=packs_same_day,
        at_gate=at_gate,
        zones=able.zones if isinstance(able, Columns) else zones.reference(),
        hours=hours,
        fetches=able.fetches if isinstance(able, Columns) else {},
    )
    plan = plan_route(request, able, distance=distance, policy=policy or Policy(runner_ups=False))
    held = deposits.charge([row.filled for row in view.rows], None if at_gate else crate)
    exemptions = exemptions or Exemptions(session)
    return Quote(
        plan, _sheet(view, plan, levies, held, exemptions, is_home=not is_pickup, on=delivery_day), tuple(held)
    )


def _sheet(
    view: BasketView,
    plan: RoutePlan,
    levies: Sequence[Levy],
    held: Sequence[Deposit],
    exemptions: Exemptions,
    *,
    is_home: bool,
    on: date,
) -> PriceSheet:
    """Price the goods, the work of a plan, what the cycle asks on top, and the deposits."""
    deposit = deposits.total_cents(held)
    rates = [data.vat_rate(row.category, on) for row in view.rows]
    goods = [
        GoodsLine(row.offer_id, row.farm_id, row.amount, row.sell_unit, row.price_cents, rate, row.discount_cents)
        for row, rate in zip(view.rows, rates, strict=True)
    ]
    fees, given = fees_of(plan), 0
    if levies:
        loads = [
            Load(row.farm_id, row.total_cents, row.line_weight_g, rate)
            for row, rate in zip(view.rows, rates, strict=True)
        ]
        fees += charge(levies, loads, is_home=is_home, vat_rate_bp=data.service_vat_rate(LEVY, on))
        given = sum(one.cents for one in cede(levies, loads, is_home=is_home))
    exempt = exemptions({line.seller_id for line in goods} | {fee.enterprise_id for fee in fees}, on)
    return price_sheet(goods, fees, ceded_cents=given, deposit_cents=deposit, exempt=exempt)


def options(
    session: Session, *, view: BasketView, home: Point | None, distance: Distance, now: datetime
) -> Options | None:
    """List every window of the basket's order cycle with its price and chain, or why it can not be.

    `home` is where the person lives; without it a delivery can not be priced yet and points stand by
    name. None for an empty basket.
    """
    if not view.rows:
        return None
    cycle = session.get_one(OrderCycle, view.cycle_ids[0])
    is_open = all(row.is_open for row in view.rows) and cycle.opens_at <= now < cycle.closes_at
    found = [window for window in windows.of_cycle(session, cycle_id=cycle.id) if window.starts_at > now]
    spots = _spots(session, found, home, distance, view)
    levies = tuple(cycle_fees.of_cycle(session, cycle=cycle))
    crate = deposits.container_of(types.crate_of(session, hub_id=cycle.hub_id))
    pricing = _Pricing(session, view, cycle.closes_at, distance, levies, crate)
    made = []
    for window in found:
        spot = spots.get(window.pickup_point_id) if window.pickup_point_id else None
        if window.kind is WindowKind.PICKUP and spot is None:
            continue  # further away than the nearest ones
        made.append(_option(window, spot, home, pricing))
    order = {number: place for place, number in enumerate(spots)}
    made.sort(key=lambda option: (order.get(option.spot.id, -1) if option.spot else -1, option.starts_at))
    return Options(cycle.name, cycle.closes_at, is_open, cycle.hub_id, tuple(made), levies, crate)


def explained(
    session: Session, *, view: BasketView, options: Options, chosen: Option, home: Point | None, distance: Distance
) -> Quote:
    """Work the quote of a chosen option out again with what the chain would be without each of its enterprises.

    The chain and the price are those of `chosen.quote`; only the explanation says more.

    :raises Unroutable: when somebody took the last place since
    """
    place = chosen.spot.point if chosen.spot else home
    assert place is not None, "an option without a place has no price"
    return quote(
        session,
        view=view,
        destination=place,
        is_pickup=chosen.spot is not None,
        delivery_day=local_day(chosen.starts_at),
        closes_at=options.closes_at,
        distance=distance,
        packs_same_day=requests.packs_same_day(chosen.starts_at),
        policy=Policy(),
        levies=options.levies,
        crate=options.crate,
        at_gate=chosen.spot is not None and chosen.spot.gate_of is not None,
        hours=requests.hours_of(chosen.starts_at, chosen.ends_at),
    )


class _Pricing:
    """Prices of a basket per place and day, each worked out once."""

    def __init__(
        self,
        session: Session,
        view: BasketView,
        closes_at: datetime,
        distance: Distance,
        levies: Sequence[Levy] = (),
        crate: Container | None = None,
    ) -> None:
        self._levies, self._crate = levies, crate
        self._session, self._view, self._closes_at, self._distance = (
            session,
            view,
            closes_at,
            distance,
        )
        self._exemptions = Exemptions(session)
        self._able: dict[date, Sequence[Candidate]] = {}
        self._known: dict[tuple[Point, bool, bool, date, bool, int], Quote | Unroutable] = {}

    def __call__(
        self, place: Point, *, is_pickup: bool, starts_at: datetime, ends_at: datetime, at_gate: bool = False
    ) -> Quote | Unroutable:
        day, same_day = local_day(starts_at), requests.packs_same_day(starts_at)
        hours = requests.hours_of(starts_at, ends_at)
        able = () if at_gate else self._candidates(day)
        barred = able.zones.at(place, hours) if isinstance(able, Columns) else 0
        key = (place, is_pickup, at_gate, day, same_day, barred)
        if key not in self._known:
            try:
                self._known[key] = quote(
                    self._session,
                    view=self._view,
                    destination=place,
                    is_pickup=is_pickup,
                    delivery_day=day,
                    closes_at=self._closes_at,
                    distance=self._distance,
                    packs_same_day=same_day,
                    able=able,
                    levies=self._levies,
                    crate=self._crate,
                    at_gate=at_gate,
                    exemptions=self._exemptions,
                    hours=hours,
                )
            except Unroutable as refusal:
                self._known[key] = refusal
        return self._known[key]

    def _candidates(self, day: date) -> Sequence[Candidate]:
        if day not in self._able:
            first = min(requests.first_work_day(self._closes_at), day)
            self._able[day] = candidates.read_candidates(self._session, days=candidates.work_days(day, first))
        return self._able[day]


def _option(window: DeliveryWindow, spot: Spot | None, home: Point | None, pricing: _Pricing) -> Option:
    left = window.places - window.taken
    bare = Option(window.public_id, window.kind.value, window.starts_at, window.ends_at, left, spot)
    place = spot.point if spot else home
    if left <= 0:
        return replace(bare, why_not="full")
    if place is None:
        return replace(bare, why_not="place")
    at_gate = spot is not None and spot.gate_of is not None
    priced = pricing(
        place, is_pickup=spot is not None, starts_at=window.starts_at, ends_at=window.ends_at, at_gate=at_gate
    )
    if isinstance(priced, Unroutable):
        return replace(bare, why_not="unroutable", refusal=priced)
    return replace(bare, quote=priced)


def _spots(
    session: Session, found: Sequence[DeliveryWindow], home: Point | None, distance: Distance, view: BasketView
) -> dict[int, Spot]:
    """Read the points of these windows that suit the basket, the nearest first.

    At a gate one collects what that farm alone grew, as it is.
    """
    ids = {window.pickup_point_id for window in found if window.pickup_point_id}
    spots = [
        Spot(
            row.id,
            row.name,
            " ".join(part for part in (row.street, row.house_number) if part),
            row.postcode,
            row.municipality,
            row.address,
            row.point,
            row.note,
            row.enterprise_id if row.is_gate else None,
            distance(home, row.point) if home else None,
        )
        for row in session.scalars(
            select(PickupPoint).where(PickupPoint.id.in_(ids), PickupPoint.is_active).order_by(PickupPoint.name)
        )
        if not row.is_gate or suits_gate(view.rows, farm_id=row.enterprise_id)
    ]
    spots.sort(key=lambda spot: (spot.metres or 0, spot.name, spot.id))
    return {spot.id: spot for spot in spots[:NEAREST_POINTS]}
