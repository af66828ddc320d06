"""The candidates of one stage as numpy columns: a row for each, with all that the rules and the prices ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from shortchain.kernel.halves import HALVES
from shortchain.routing.entering import entry_of
from shortchain.routing.half_days import pairs_of
from shortchain.routing.places import Ints, Places
from shortchain.routing.plans import Candidate
from shortchain.routing.reaching import EVERYWHERE_M, Reach, reach_of
from shortchain.routing.rules import PRICED_BY_ORDER

Bools = npt.NDArray[np.bool_]
CLOSED = -1
"""Free capacity of a day without work."""
FORMS = ("kg", "piece", "box", "order", "stop", "km")
NO_FORM = len(FORMS)


@dataclass(frozen=True, slots=True)
class Codes:
    """What stands for what in the columns: a number for each service, a bit for each temperature class, a column for each day."""

    service: Mapping[str, int]
    bit: Mapping[str, int]
    days: tuple[date, ...]

    @classmethod
    def of(cls, who: Sequence[Candidate], days: Sequence[date]) -> Codes:
        """Number what some candidates offer."""
        service = {name: code for code, name in enumerate(sorted({one.service for one in who}))}
        kinds = sorted({kind for one in who for kind in one.storage_classes})
        return cls(service, {kind: 1 << bit for bit, kind in enumerate(kinds)}, tuple(days))


@dataclass(frozen=True, slots=True)
class Stage:
    """The candidates of one stage, in the order of their enterprises' and their own ids."""

    who: tuple[Candidate, ...]
    place: Ints  # in the whole list of candidates
    enterprise: Ints
    capability: Ints
    service: Ints
    classes: Ints
    form: Ints
    price: Ints
    minimum: Ints
    pickup: Ints
    lead: Ints
    refuses: tuple[frozenset[str], ...] | None  # None: nobody refuses an allergen
    apart: Bools  # keeps what is sold as free from an allergen apart
    radius: Ints  # of who chose an area one that holds everything
    reach: Reach | None
    at: Places
    organic: Bools  # per day of the columns
    bid: Ints  # millicents per unit, per day of the columns
    half_bid: Ints | None  # more in mornings and in afternoons (the first axis); None: nobody asks that
    share: Ints  # per cent of a trip of its own that a stop in a tour costs
    is_any_by_km: bool
    entry: Ints | None  # per day of the columns and vehicle: the zones that it may enter; None: all may everywhere

    def bids(self, rows: Ints, days: Ints, tied: tuple[int | None, str]) -> Ints:
        """Give what a unit costs more on days of rows; `tied` is the day (its column) of which one half only will do."""
        found = self.bid[rows, days]
        if self.half_bid is not None and tied[0] is not None:
            found = found + np.where(days == tied[0], self.half_bid[HALVES.index(tied[1]), rows, days], 0)
        return found


def stage_of(stage: str, everybody: Sequence[Candidate], codes: Codes) -> Stage:
    """Lay out the candidates of a stage among everybody, whose places they keep."""
    days = codes.days
    found = [(one, place) for place, one in enumerate(everybody) if one.stage == stage]
    found.sort(key=lambda pair: (pair[0].enterprise_id, pair[0].capability_id))
    who = tuple(one for one, _place in found)

    def column(values: Sequence[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    def per_day(values: list[list[int]]) -> Ints:
        return np.array(values, dtype=np.int64).reshape(len(who), len(days))

    return Stage(
        who=who,
        place=column([place for _one, place in found]),
        enterprise=column([one.enterprise_id for one in who]),
        capability=column([one.capability_id for one in who]),
        service=column([codes.service[one.service] for one in who]),
        classes=column([sum(codes.bit[kind] for kind in one.storage_classes) for one in who]),
        form=column([FORMS.index(one.price_form) if one.price_form in PRICED_BY_ORDER else NO_FORM for one in who]),
        price=column([one.price_cents for one in who]),
        minimum=column([one.minimum_cents for one in who]),
        pickup=column([one.pickup_price_cents for one in who]),
        lead=column([one.lead_days for one in who]),
        refuses=tuple(one.refuses for one in who) if any(one.refuses for one in who) else None,
        apart=np.array([one.handles_apart for one in who], dtype=np.bool_),
        radius=column([one.radius_m if one.area is None else EVERYWHERE_M for one in who]),
        reach=reach_of(who),
        at=Places.of([one.point for one in who]),
        organic=per_day(
            [[any(first <= day <= last for first, last in one.organic) for day in days] for one in who]
        ).astype(np.bool_),
        bid=per_day([[one.bids.get(day, 0) for day in days] for one in who]),
        half_bid=pairs_of([one.half_bids for one in who], days, missing=0),
        share=np.array([one.trip_share_pct for one in who], dtype=np.int64),
        is_any_by_km=any(one.price_form == "km" for one in who),
        entry=entry_of(who, days) if any(one.entry for one in who) else None,
    )
