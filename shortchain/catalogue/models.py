"""Products, photos, order cycles with their delivery windows, and offers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.catalogue.reductions import ReferenceKind
from shortchain.database import Model, enum_column, new_public_id
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.quantity import SellUnit, Unit
from shortchain.kernel.states import StateTable


class Photo(Model):
    """A picture made safe and small; the files are `<public_id>-<width>.<format>` in the media store."""

    __tablename__ = "photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Product(Model):
    """What a farm makes. Texts are per language: {"nl": …, "fr": …, "en": …}; Dutch is always there.

    `net_amount`/`net_unit` is the fixed content of one sell unit, if it has one; `weight_g` what one
    sell unit weighs for transport. `step`, `least` and `most` are in base units of the sell unit.
    `allergens` maps the 14 codes of Regulation (EU) 1169/2011 to contains, may_contain, free, free_from (sold so) or
    unknown. `process_service` is the service code that a line of this product needs, if any.
    `is_weighed` goods are sold by the piece and paid by their weight when packed: then `net_amount` is the
    most that a piece may weigh and its price the price at that, and `weight_g` is the estimate.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("step > 0 AND least > 0 AND (most IS NULL OR most >= least)", name="amounts"),
        CheckConstraint("weight_g > 0", name="weight"),
        CheckConstraint("net_amount IS NULL OR net_amount > 0", name="net"),
        CheckConstraint("NOT is_weighed OR (net_unit = 'g' AND net_amount >= weight_g)", name="weighed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    farm_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    produce: Mapped[str | None] = mapped_column(String(40), index=True)  # slug in the reference data
    category: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[dict[str, Any]]
    description: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ingredients: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sell_unit: Mapped[SellUnit] = mapped_column(enum_column(SellUnit))
    net_amount: Mapped[int | None]
    net_unit: Mapped[Unit | None] = mapped_column(enum_column(Unit))
    weight_g: Mapped[int]
    is_weighed: Mapped[bool] = mapped_column(default=False)
    step: Mapped[int] = mapped_column(default=1)
    least: Mapped[int] = mapped_column(default=1)
    most: Mapped[int | None]
    storage_class: Mapped[str] = mapped_column(String(8))
    selling_days: Mapped[int] = mapped_column(default=7)
    is_organic: Mapped[bool] = mapped_column(default=False)
    allergens: Mapped[dict[str, Any]] = mapped_column(default=dict)
    origin_country: Mapped[str] = mapped_column(String(2), default="BE")
    origin_place: Mapped[str] = mapped_column(String(80), default="")
    process_service: Mapped[str | None] = mapped_column(String(16))
    withdrawal: Mapped[str] = mapped_column(String(16), default="none_perishable")
    vouchers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What its farm or a hub said otherwise than the rule of its category, see `catalogue.voucher_choices`."""
    container_id: Mapped[int | None] = mapped_column(ForeignKey("container_type.id"), index=True)
    """What each piece is sold in and comes back, for a deposit."""
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    farm: Mapped[Enterprise] = relationship(lazy="raise")
    photo: Mapped[Photo | None] = relationship(lazy="raise")


class CycleState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


ORDER_CYCLE = StateTable(
    {
        (CycleState.DRAFT, "open"): CycleState.OPEN,
        (CycleState.DRAFT, "withdraw"): CycleState.WITHDRAWN,
        (CycleState.OPEN, "close"): CycleState.CLOSED,
        (CycleState.CLOSED, "finish"): CycleState.DONE,
    }
)


class OrderCycle(Model):
    """The period in which orders are taken for certain delivery days; a hub coordinates it."""

    __tablename__ = "order_cycle"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    hub_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state: Mapped[CycleState] = mapped_column(enum_column(CycleState), index=True)
    has_fees: Mapped[bool] = mapped_column(default=False)
    """Whether something is asked on top of the goods (`cycle_fee`): an order of a cycle without asks nothing more."""
    minimums: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """For how much one orders at least, in cents by price list; that of consumers is everybody's. See `ordering.minimums`."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = ORDER_CYCLE.after(self.state, action)


class WindowKind(StrEnum):
    HOME = "home"
    PICKUP = "pickup"


class DeliveryWindow(Model):
    """A span in which orders of a cycle are delivered at home or wait at a pick-up point."""

    __tablename__ = "delivery_window"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("taken >= 0 AND taken <= places", name="places"),
        CheckConstraint("(kind = 'pickup') = (pickup_point_id IS NOT NULL)", name="point"),
        UniqueConstraint("cycle_id", "pickup_point_id", "starts_at", name="uq_delivery_window_slot"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("order_cycle.id"), index=True)
    kind: Mapped[WindowKind] = mapped_column(enum_column(WindowKind))
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_point.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class Offer(Model):
    """A product of one farm in one order cycle at a price per sell unit, VAT included.

    `was_cents`, `was_kind` and `was_until` are there when the price was announced as a reduction: what it
    is compared with, and the last day on which that is told. `prices` are the lower ones of lists and larger
    amounts as `list_pricing.resolve` gives them; a page shows nobody those of another kind of customer.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("product_id", "cycle_id"),
        CheckConstraint("price_cents > 0", name="price"),
        CheckConstraint("was_cents IS NULL OR was_cents > price_cents", name="reduction"),
        Index("ix_offer_cycle_farm", "cycle_id", "farm_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    farm_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("order_cycle.id"))
    price_cents: Mapped[int]
    was_cents: Mapped[int | None]
    was_kind: Mapped[ReferenceKind | None] = mapped_column(enum_column(ReferenceKind))
    was_until: Mapped[date | None]
    prices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    product: Mapped[Product] = relationship(lazy="raise")
    cycle: Mapped[OrderCycle] = relationship(lazy="raise")


class ListPrice(Model):
    """What a farm asks of a kind of customer, or from an amount on; offers hold what comes of it in cents.

    `from_amount` is in base units, 0 from the first on. Either `cents` per sell unit with VAT, or `less_bp` basis
    points less than the offer.
    """

    __tablename__ = "list_price"
    __table_args__ = (
        UniqueConstraint("product_id", "price_list", "from_amount"),
        CheckConstraint("from_amount >= 0", name="amount"),
        CheckConstraint("(cents IS NULL) <> (less_bp IS NULL)", name="either"),
        CheckConstraint("cents > 0 OR less_bp > 0", name="price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    price_list: Mapped[PriceList] = mapped_column(enum_column(PriceList))
    from_amount: Mapped[int]
    cents: Mapped[int | None]
    less_bp: Mapped[int | None]


class PriceChange(Model):
    """What an offer cost from when on; the 30-day reference price is read from it.

    `was_cents` and `was_kind` say with what a price was compared when it was announced as a reduction.
    """

    __tablename__ = "price_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    price_cents: Mapped[int]
    since: Mapped[datetime]
    was_cents: Mapped[int | None]
    was_kind: Mapped[ReferenceKind | None] = mapped_column(enum_column(ReferenceKind))


class SearchText(Model):
    """The words under which offers are found; one row per distinct text, shared by many offers.

    Words are folded (lower case, no accents, both singular and plural), so that both databases index
    plain words. `farm_id` is set for the words of a farm, empty for those of food. The full-text and
    trigram indexes on it are made by hand in the second migration.
    """

    __tablename__ = "search_text"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    farm_id: Mapped[int | None] = mapped_column(index=True)
    names: Mapped[str]
    more: Mapped[str] = mapped_column(default="")


class ShopItem(Model):
    """One offer as the shop's list shows, filters and sorts it; derived, and kept by `shop_items`.

    `seq` is the number of the change that wrote the row, so that a process that knows everything up to
    a number reads only what came after. `allergens` has one bit per allergen that is or may be in it.
    """

    __tablename__ = "shop_item"
    __table_args__ = (Index("ix_shop_item_cycle_id_seq", "cycle_id", "seq"),)

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int]
    cycle_id: Mapped[int]
    farm_id: Mapped[int] = mapped_column(index=True)
    product_id: Mapped[int] = mapped_column(index=True)
    text_id: Mapped[int]
    is_shown: Mapped[bool]
    public_id: Mapped[str] = mapped_column(String(16))
    slug: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(16))
    produce: Mapped[str] = mapped_column(String(40))
    name_nl: Mapped[str] = mapped_column(String(120))
    name_fr: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    farm_name: Mapped[str] = mapped_column(String(120))
    farm_slug: Mapped[str] = mapped_column(String(80))
    lat: Mapped[float]
    lon: Mapped[float]
    sell_unit: Mapped[SellUnit] = mapped_column(enum_column(SellUnit))
    net_amount: Mapped[int | None]
    net_unit: Mapped[Unit | None] = mapped_column(enum_column(Unit))
    price_cents: Mapped[int]
    unit_cents: Mapped[int]
    unit_per: Mapped[str] = mapped_column(String(5))
    was_cents: Mapped[int | None]
    was_kind: Mapped[ReferenceKind | None] = mapped_column(enum_column(ReferenceKind))
    was_until: Mapped[date | None]
    steps: Mapped[str] = mapped_column(String(80), default="", server_default="")  # of consumers, nobody else's
    allergens: Mapped[int]
    organic_until: Mapped[date | None]
    photo: Mapped[str | None] = mapped_column(String(16))
