"""What the possibilities of each stage cost, as columns: a row for each candidate and day that passed the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shortchain.enterprises.fetch_tariffs import Fetch
from shortchain.routing import costs
from shortchain.routing.column_rules import Able
from shortchain.routing.column_stages import FORMS, Bools
from shortchain.routing.columns import Columns
from shortchain.routing.places import Ints, Places, places_of
from shortchain.routing.plans import Candidate, Fixed, Line, Policy, RouteRequest
from shortchain.routing.search import MILLI, Farm

KM = FORMS.index("km")


@dataclass(frozen=True, slots=True)
class Rows:
    """One stage's possibilities, a row for each candidate and day, in the order of ids and days.

    `cost` adds up own price, inbound transport and steering, in millicents. `index` says which candidate of the
    stage a row is of, `pool` which of those that passed the rules: own price and inbound transport stand per
    candidate, since they are the same each day and only looked at for the best.
    """

    who: Sequence[Candidate | Fixed]
    index: Ints
    pool: Ints
    day: Ints
    lead: Ints
    places: Places  # of the whole stage
    enterprises: Ints  # of the whole stage
    own: Ints  # cents, of those that passed
    inbound: Ints  # cents per farm, of those that passed
    steering: Ints  # millicents, bid prices included
    bid: Ints  # millicents of those that are bid prices
    metres: Ints
    cost: Ints
    is_fixed: bool = False

    @property
    def at(self) -> Places:
        return self.places[self.index]

    def of(self, enterprises: frozenset[int]) -> Ints:
        """Find the rows of some enterprises."""
        return rows_of(self.enterprises[self.index], enterprises)


@dataclass(frozen=True, slots=True)
class Carriers:
    """Deliverers before the packer is known, a row each, in the order of ids.

    `home` is their way from the destination. Who is not paid `by_the_way` costs `own` cents wherever the
    packer is; `bid` is in millicents.
    """

    who: Sequence[Candidate | Fixed]
    index: Ints
    places: Places  # of the whole stage
    enterprises: Ints  # of the whole stage
    home: Ints
    own: Ints
    bid: Ints
    price: Ints
    minimum: Ints
    by_the_way: Bools
    is_any_by_the_way: bool
    entry: Ints | None  # per vehicle the zones that it may enter on the day; None: all may everywhere
    share: Ints

    @property
    def at(self) -> Places:
        return self.places[self.index]

    def of(self, enterprises: frozenset[int]) -> Ints:
        """Find the rows of some enterprises."""
        return rows_of(self.enterprises[self.index], enterprises)

    def floors(self, steer_millicents_km: int) -> tuple[Ints, Ints]:
        """Give what each costs at least wherever the packer is, in millicents, and what it would for no way at all.

        A trip is at least twice the way from the destination home (triangle inequality; two metres are
        for the rounding of three ways).
        """
        trip = np.maximum(2 * self.home - 2, 0)
        if self.is_any_by_the_way:
            every = slice(None)
            no_way = np.zeros_like(trip)
            return self.carried(every, trip, steer_millicents_km), self.carried(every, no_way, steer_millicents_km)
        basic = self.own * MILLI + self.bid
        return basic + trip * (steer_millicents_km * self.share // 100) // 1000, basic

    def carried(self, rows: Ints | slice, trip: Ints, steer_millicents_km: int) -> Ints:
        """Price trips of some rows (the first axis) in millicents: own price, steering and bid."""
        trip = np.maximum(trip, 0)
        shape = (-1,) + (1,) * (trip.ndim - 1)
        own = self.own[rows].reshape(shape)
        if self.is_any_by_the_way:
            by_km = (self.price[rows].reshape(shape) * trip + 500) // 1000
            by_km = np.maximum(by_km, self.minimum[rows].reshape(shape))
            own = np.where(self.by_the_way[rows].reshape(shape), by_km, own)
        steer = (steer_millicents_km * self.share[rows] // 100).reshape(shape)
        cost = own * MILLI + self.bid[rows].reshape(shape) + trip * steer // 1000
        return np.asarray(cost, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Pricing:
    """Prices what passed the rules for one question."""

    request: RouteRequest
    columns: Columns
    policy: Policy

    def rows(self, pool: Able | Fixed, farms: Sequence[Farm], lines: Sequence[Line], use: int) -> Rows:
        """Price everybody of a stage up to its own door, per day it can."""
        if isinstance(pool, Fixed):
            return fixed_rows(pool)
        stage, rows = pool.stage, pool.rows
        weight = sum(line.weight_g for line in lines)
        way = pool.metres_to([farm.point for farm in farms])
        inbound, length = self._inbound(way, farms, stage.enterprise[rows])
        own = self._own(pool, weight, costs.boxes_for(weight, self.policy), len(lines), length)
        at, days = pool.days.nonzero()
        index = rows[at]
        waits = [
            costs.waiting_millicents(weight, day, self.request.delivery_day, self.policy) for day in self.columns.days
        ]
        bid = stage.bids(index, days, self._tied(delivers=False)) * use
        steering = np.array(waits, dtype=np.int64)[days] + bid
        whole = (own + inbound.sum(axis=1) if farms else own) * MILLI
        return Rows(
            who=stage.who,
            index=index,
            pool=at,
            day=self.columns.ordinals[days],
            lead=stage.lead[index],
            places=stage.at,
            enterprises=stage.enterprise,
            own=own,
            inbound=inbound,
            steering=steering,
            bid=bid,
            metres=length[at],
            cost=whole[at] + steering,
        )

    def _tied(self, *, delivers: bool) -> tuple[int | None, str]:
        """Give the day, as a column, of which one half only will do, and that half."""
        day = self.request.delivery_day
        return self.columns.day_at.get(day), self.request.half_of(day, delivers=delivers)

    def _inbound(self, way: Ints, farms: Sequence[Farm], to: Ints) -> tuple[Ints, Ints]:
        """Price bringing each farm's goods to some enterprises, in cents, and add the metres up."""
        if not farms:
            return way, np.zeros(len(way), dtype=np.int64)
        loads = np.array([farm.weight_g * self.policy.upstream_millicents for farm in farms], dtype=np.int64)
        cents = (way * loads + 500_000_000) // 10**9
        for number, farm in enumerate(farms):
            if farm.fetch is not None:
                asked = fetched(way[:, number], farm.weight_g, farm.fetch)
                cents[:, number] = np.where(to == farm.enterprise_id, cents[:, number], asked)
        return cents, way.sum(axis=1)

    def _own(self, pool: Able, weight: int, boxes: int, pieces: int, way: Ints) -> Ints:
        """Price services by their price forms, not below the minimum, in cents."""
        times: Mapping[str, int] = {"kg": weight, "piece": pieces * 1000, "box": boxes * 1000, "km": 0}
        stage, form = pool.stage, pool.stage.form[pool.rows]
        thousandths = np.array([times.get(form, 1000) for form in FORMS], dtype=np.int64)[form]
        if stage.is_any_by_km:
            thousandths = np.where(form == KM, way, thousandths)
        cents = (stage.price[pool.rows] * thousandths + 500) // 1000
        return np.asarray(np.maximum(cents, stage.minimum[pool.rows]), dtype=np.int64)

    def carriers(self, pool: Able) -> Carriers:
        """Price every deliverer without the way by the packer. Who can deliver can on one day, that of the delivery."""
        stage, lines = pool.stage, self.request.lines
        weight = self.request.weight_g
        at, days = pool.days.nonzero()
        index = pool.rows[at]
        home = pool.metres_to([self.request.destination])[:, 0]
        is_any_by_the_way = stage.is_any_by_km and not self.request.is_pickup
        if self.request.is_pickup:
            own = stage.pickup[index]
        else:
            boxes = costs.boxes_for(weight, self.policy)
            own = self._own(pool, weight, boxes, len(lines), np.zeros(len(pool), dtype=np.int64))[at]
        return Carriers(
            who=stage.who,
            index=index,
            places=stage.at,
            enterprises=stage.enterprise,
            home=home[at],
            own=own,
            bid=stage.bids(index, days, self._tied(delivers=True)),
            price=stage.price[index],
            minimum=stage.minimum[index],
            by_the_way=stage.form[index] == KM,
            is_any_by_the_way=is_any_by_the_way,
            entry=None if stage.entry is None else stage.entry[index, days],
            share=stage.share[index],
        )


def fetched(way: Ints, weight_g: int, fetch: Fetch) -> Ints:
    """Price fetching so many grams over ways in metres, in cents: `FetchTariff.cents` of all at once."""
    asks = fetch.tariff
    cents = (way * asks.km_cents + (asks.stop_cents * 1000 + asks.kg_cents * weight_g + 500)) // 1000
    return np.asarray(np.maximum(cents, asks.minimum_cents), dtype=np.int64)


def fixed_rows(kept: Fixed) -> Rows:
    """Make the one row of a stage that stays: it costs nothing more."""
    nothing = np.zeros(1, dtype=np.int64)
    return Rows(
        who=(kept,),
        index=nothing,
        pool=nothing,
        day=np.array([kept.day.toordinal()], dtype=np.int64),
        lead=nothing,
        places=places_of((kept.point,)),
        enterprises=np.array([kept.enterprise_id], dtype=np.int64),
        own=nothing,
        inbound=np.zeros((1, 0), dtype=np.int64),
        steering=nothing,
        bid=nothing,
        metres=nothing,
        cost=nothing,
        is_fixed=True,
    )


def rows_of(enterprise: Ints, some: frozenset[int]) -> Ints:
    """Find the rows of some enterprises."""
    if len(some) == 1:
        (one,) = some
        return np.flatnonzero(enterprise == one)
    return np.flatnonzero(np.isin(enterprise, list(some)))
