"""One line of a basket as it stands now: what was shown, what it costs, what is left. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Date, bindparam, func, select

from shortchain.catalogue import list_prices, list_pricing
from shortchain.catalogue.list_pricing import Step
from shortchain.catalogue.models import CycleState, Offer, OrderCycle, Product
from shortchain.catalogue.reductions import Reduction, standing
from shortchain.containers.models import ContainerType
from shortchain.enterprises import vat_charging
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.price_lists import NONE, Grants, PriceList
from shortchain.kernel.money import Money
from shortchain.kernel.quantity import SellUnit, base_per_unit, line_total
from shortchain.kernel.window import local_day
from shortchain.ordering import minimums
from shortchain.ordering.deposits import Container, Filled
from shortchain.ordering.minimums import Lacking
from shortchain.ordering.models import IfMissing
from shortchain.stock.models import Lot

_OF_PRODUCT = (
    "slug",
    "name",
    "sell_unit",
    "net_amount",
    "net_unit",
    "weight_g",
    "is_weighed",
    "step",
    "least",
    "most",
    "category",
    "storage_class",
    "is_organic",
    "allergens",
    "process_service",
    "withdrawal",
    "vouchers",
    "photo_id",
)
"""What a basket row takes from the product as it is."""


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One line as it stands now: what was shown, what it costs now, and what is left."""

    offer_id: int
    offer_public_id: str
    product_id: int
    slug: str
    name: dict[str, str]
    farm_id: int
    farm_name: str
    farm_slug: str
    farm_least_cents: int
    farm_lat: float
    farm_lon: float
    cycle_id: int
    hub_id: int
    is_open: bool
    amount: int
    sell_unit: SellUnit
    net_amount: int | None
    net_unit: str | None
    weight_g: int
    is_weighed: bool
    step: int
    least: int
    most: int | None
    category: str
    storage_class: str
    is_organic: bool
    allergens: dict[str, str]
    process_service: str | None
    withdrawal: str
    vouchers: dict[str, str]
    """What its farm or hub said otherwise of meal and eco vouchers."""
    photo_id: int | None
    shown_price_cents: int
    price_cents: int
    left: int
    if_missing: IfMissing
    has_vat: bool
    """Whether who sells it charges VAT."""
    steps: tuple[Step, ...]
    """What it costs this buyer by amount; `price_cents` is the one that counts for all of `amount`."""
    reduction: Reduction | None = None
    """How much lower the price is, when the farm announced that and the buyer pays it."""
    container: Container | None = None
    """What each piece is sold in and comes back."""
    discount_cents: int = 0
    """What a code of its farm takes off."""
    voucher_cents: int = 0
    """Of `total_cents`: what the hub pays for a code of its own."""
    minimums: Mapping[str, Any] = field(default_factory=dict)
    """For how much one orders in its cycle at least."""

    @property
    def listed_cents(self) -> int:
        """What it costs before a code takes something off."""
        return line_total(Money(self.price_cents), sell_unit=self.sell_unit, amount=self.amount).minor

    @property
    def total_cents(self) -> int:
        return self.listed_cents - self.discount_cents

    @property
    def price_list(self) -> PriceList:
        """Whose price counts here."""
        return list_pricing.step_at(self.steps, self.amount).price_list

    @property
    def next_step(self) -> Step | None:
        """From how much on it costs less, where the farm sells and has that much."""
        step = list_pricing.step_after(self.steps, self.amount)
        most = self.left if self.most is None else min(self.left, self.most)
        return step if step is not None and step.from_amount <= most else None

    @property
    def line_weight_g(self) -> int:
        """The weight of the line: measured goods weigh their amount, pieces their piece weight."""
        per = base_per_unit(self.sell_unit)
        return self.amount if per > 1 else self.amount * self.weight_g

    @property
    def filled(self) -> Filled:
        """What it fills: containers of its own, and crates by its weight."""
        return Filled(self.offer_id, self.amount, self.line_weight_g, self.container)

    @property
    def deposit_cents(self) -> int:
        """What is paid for the containers of the line."""
        return self.amount * self.container.each_cents if self.container else 0

    @property
    def max_weight_g(self) -> int | None:
        """The most that the line may weigh, where it is paid by weight; its price is the price at that."""
        return self.amount * (self.net_amount or 0) if self.is_weighed else None

    @property
    def has_changed_price(self) -> bool:
        return self.price_cents != self.shown_price_cents

    @property
    def is_short(self) -> bool:
        return self.left < self.amount

    @property
    def is_buyable(self) -> bool:
        return self.is_open and not self.is_short and not self.has_changed_price


@dataclass(frozen=True, slots=True)
class Below:
    """A farm of which somebody orders too little: what it asks for, and what is still to come, in cents."""

    farm_name: str
    farm_slug: str
    least_cents: int
    lacking_cents: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A discount code on a basket: whose it is, and what it takes off. `by_hub`: the hub pays that in the customer's place."""

    code_id: int
    code: str
    owner: str
    by_hub: bool
    cents: int


@dataclass(frozen=True, slots=True)
class BasketView:
    """A basket as the page shows it."""

    public_id: str
    postcode: str
    rows: tuple[BasketRow, ...]
    discount: Applied | None = None

    @property
    def goods_cents(self) -> int:
        return sum(row.total_cents for row in self.rows if row.is_open and not row.is_short)

    @property
    def deposit_cents(self) -> int:
        """What is paid for jars and bottles; crates follow from the hub of the order."""
        return sum(row.deposit_cents for row in self.rows if row.is_open and not row.is_short)

    @property
    def without_code(self) -> BasketView:
        """The same without what a discount code takes off."""
        rows = tuple(replace(row, discount_cents=0, voucher_cents=0) for row in self.rows)
        return replace(self, rows=rows, discount=None)

    @property
    def hub_pays_cents(self) -> int:
        """What the hub pays of it for a code of its own."""
        return sum(row.voucher_cents for row in self.rows)

    @property
    def is_ready(self) -> bool:
        """Everything in it can be bought as shown, in one order cycle."""
        return self.is_unchanged and not self.below and self.lacking is None

    @property
    def is_unchanged(self) -> bool:
        """Everything in it can be bought as shown, in one order cycle, but perhaps too little of a farm."""
        return bool(self.rows) and all(row.is_buyable for row in self.rows) and len(self.cycle_ids) == 1

    @property
    def below(self) -> tuple[Below, ...]:
        """The farms of which it holds less than they ask for."""
        sums: dict[int, int] = {}
        for row in self.rows:
            sums[row.farm_id] = sums.get(row.farm_id, 0) + row.listed_cents
        known = {row.farm_id: row for row in self.rows}
        return tuple(
            Below(row.farm_name, row.farm_slug, row.farm_least_cents, row.farm_least_cents - sums[number])
            for number, row in known.items()
            if sums[number] < row.farm_least_cents
        )

    @property
    def lacking(self) -> Lacking | None:
        """What its order cycle asks for, when it holds less."""
        if not self.rows:
            return None
        return minimums.lacking(self.rows[0].minimums, [(row.price_list, row.listed_cents) for row in self.rows])

    @property
    def cycle_ids(self) -> tuple[int, ...]:
        return tuple(sorted({row.cycle_id for row in self.rows}))

    @property
    def by_farm(self) -> list[tuple[str, str, list[BasketRow]]]:
        """The rows per farm: (name, slug, rows)."""
        farms: dict[int, list[BasketRow]] = {}
        for row in self.rows:
            farms.setdefault(row.farm_id, []).append(row)
        return [(rows[0].farm_name, rows[0].farm_slug, rows) for rows in farms.values()]


_LEFT = (
    select(func.coalesce(func.sum(Lot.quantity - Lot.allocated), 0))
    .where(Lot.product_id == Product.id, Lot.best_before >= bindparam("today"))
    .correlate(Product)
    .scalar_subquery()
)
OFFER_FACTS: tuple[Any, ...] = (
    Offer.id.label("offer_id"),
    Offer.public_id.label("offer_public_id"),
    Offer.cycle_id,
    Offer.price_cents,
    Offer.prices,
    Offer.was_cents,
    Offer.was_kind,
    Offer.was_until,
    Offer.is_active.label("offer_is_active"),
    *(getattr(Product, name) for name in _OF_PRODUCT),
    Product.id.label("product_id"),
    Product.is_active.label("product_is_active"),
    Enterprise.id.label("farm_id"),
    Enterprise.name.label("farm_name"),
    Enterprise.slug.label("farm_slug"),
    Enterprise.least_order_cents.label("farm_least_cents"),
    vat_charging.charges(bindparam("today", type_=Date())).label("has_vat"),
    (Enterprise.is_active & Enterprise.verified_at.is_not(None)).label("farm_sells"),
    Enterprise.lat.label("farm_lat"),
    Enterprise.lon.label("farm_lon"),
    OrderCycle.hub_id,
    OrderCycle.minimums,
    OrderCycle.state.label("cycle_state"),
    OrderCycle.opens_at,
    OrderCycle.closes_at,
    _LEFT.label("left"),
    ContainerType.id.label("container"),
    ContainerType.owner_id.label("container_owner"),
    ContainerType.deposit_cents.label("container_cents"),
)
"""The columns from which `row_of` makes a row; the statement must bind `today` and join `IN_CONTAINER`."""
IN_CONTAINER = (Product.container_id == ContainerType.id) & ContainerType.is_active


def suits_gate(rows: Sequence[BasketRow], *, farm_id: int) -> bool:
    """Say whether all of a basket can be collected at the gate of a farm: it grew it, and nobody works on it first."""
    return all(row.farm_id == farm_id and row.process_service is None for row in rows)


def row_of(
    row: Any,
    *,
    amount: int,
    shown_price_cents: int | None,
    if_missing: IfMissing,
    now: datetime,
    grants: Grants = NONE,
) -> BasketRow:
    """Make the row of an amount of an offer out of `OFFER_FACTS`, at the price of a buyer with these grants.

    Without a `shown_price_cents` the price of now counts as shown.
    """
    steps = list_prices.steps_of(row, grants)
    price_cents = list_pricing.step_at(steps, amount).cents
    return BasketRow(
        offer_id=row.offer_id,
        offer_public_id=row.offer_public_id,
        product_id=row.product_id,
        farm_id=row.farm_id,
        farm_name=row.farm_name,
        farm_slug=row.farm_slug,
        farm_least_cents=row.farm_least_cents,
        farm_lat=row.farm_lat,
        farm_lon=row.farm_lon,
        cycle_id=row.cycle_id,
        hub_id=row.hub_id,
        minimums=row.minimums,
        is_open=row.offer_is_active
        and row.product_is_active
        and row.farm_sells
        and row.cycle_state is CycleState.OPEN
        and row.opens_at <= now < row.closes_at,
        amount=amount,
        shown_price_cents=price_cents if shown_price_cents is None else shown_price_cents,
        price_cents=price_cents,
        has_vat=row.has_vat,
        steps=steps,
        left=int(row.left),
        if_missing=if_missing,
        reduction=standing(
            row.price_cents, was_cents=row.was_cents, kind=row.was_kind, until=row.was_until, today=local_day(now)
        )
        if price_cents == row.price_cents
        else None,
        container=Container(row.container, row.container_owner, row.container_cents) if row.container else None,
        **{name: getattr(row, name) for name in _OF_PRODUCT},
    )
