"""Baskets and orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.catalogue.models import Offer, WindowKind
from shortchain.database import Model, enum_column, new_public_id
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.money import Money
from shortchain.kernel.quantity import SellUnit, base_per_unit
from shortchain.kernel.states import StateTable
from shortchain.kernel.window import local_day
from shortchain.ordering.levies import Basis, Payer
from shortchain.ordering.shortages import Cost


class IfMissing(StrEnum):
    """What to do with a line that the farm can not deliver."""

    REFUND = "refund"
    REPLACE = "replace"


class Basket(Model):
    """What somebody collects; holds no stock. Known by its public id in a signed cookie."""

    __tablename__ = "basket"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    postcode: Mapped[str] = mapped_column(String(4), default="")
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(index=True)

    lines: Mapped[list[BasketLine]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="BasketLine.id")


class BasketLine(Model):
    """A quantity of an offer with the price that was shown when it was put in."""

    __tablename__ = "basket_line"
    __table_args__ = (
        UniqueConstraint("basket_id", "offer_id"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    basket_id: Mapped[int] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    amount: Mapped[int]
    shown_price_cents: Mapped[int]
    if_missing: Mapped[IfMissing] = mapped_column(enum_column(IfMissing), default=IfMissing.REFUND)

    offer: Mapped[Offer] = relationship(lazy="raise")


class KeyedRequest(Model):
    """A request of a program that may come twice under one key, and what was answered to it.

    The client's key is kept as a hash; `order_key` is a key of our own making, because the secret of the
    tracking page follows from it and a client's key may be guessable. `status` is empty while it is
    handled.
    """

    __tablename__ = "keyed_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    order_key: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    body: Mapped[str] = mapped_column(default="")


class CycleFee(Model):
    """What an enterprise asks of every order of a cycle; `rate` is in cents with VAT, or basis points."""

    __tablename__ = "cycle_fee"
    __table_args__ = (CheckConstraint("rate > 0", name="rate"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("order_cycle.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    basis: Mapped[Basis] = mapped_column(enum_column(Basis))
    rate: Mapped[int]
    payer: Mapped[Payer] = mapped_column(enum_column(Payer), default=Payer.CUSTOMER, server_default="customer")


class OrderState(StrEnum):
    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    SETTLED = "settled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


ORDER = StateTable(
    {
        (OrderState.AWAITING_PAYMENT, "confirm"): OrderState.CONFIRMED,
        (OrderState.AWAITING_PAYMENT, "expire"): OrderState.EXPIRED,
        (OrderState.AWAITING_PAYMENT, "cancel"): OrderState.CANCELLED,
        (OrderState.EXPIRED, "confirm"): OrderState.CONFIRMED,  # late money, and all is still there
        (OrderState.EXPIRED, "cancel"): OrderState.CANCELLED,  # late money, sent back
        (OrderState.CONFIRMED, "deliver"): OrderState.DELIVERED,
        (OrderState.CONFIRMED, "cancel"): OrderState.CANCELLED,
        (OrderState.DELIVERED, "undo_delivery"): OrderState.CONFIRMED,
        (OrderState.DELIVERED, "settle"): OrderState.SETTLED,
        (OrderState.DELIVERED, "cancel"): OrderState.CANCELLED,
    }
)


class Order(Model):
    """The deal. Prices are frozen here: a different plan later never changes what was promised."""

    __tablename__ = "customer_order"
    __table_args__ = (
        CheckConstraint("goods_cents >= 0 AND services_cents >= 0", name="sums"),
        CheckConstraint("deposit_cents >= 0", name="deposit"),
        CheckConstraint("total_cents = goods_cents + services_cents + deposit_cents", name="total"),
        CheckConstraint("(kind = 'pickup') = (pickup_point_id IS NOT NULL)", name="point"),
        Index("ix_customer_order_state_hold_until", "state", "hold_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    number: Mapped[str] = mapped_column(String(16), unique=True)  # SC-26-04821
    key: Mapped[str] = mapped_column(String(64), unique=True)  # the form's one-time key
    tracking_hash: Mapped[str] = mapped_column(String(64), unique=True)
    claim: Mapped[str] = mapped_column(String(36), unique=True)  # for the chain's capacity
    state: Mapped[OrderState] = mapped_column(enum_column(OrderState))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("order_cycle.id"), index=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_code.id"))
    """The discount code that took something off it, see `DiscountUse`."""
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), index=True)
    phone: Mapped[str] = mapped_column(String(32), default="")
    language: Mapped[str] = mapped_column(String(2), default="nl")
    kind: Mapped[WindowKind] = mapped_column(enum_column(WindowKind))
    window_id: Mapped[int] = mapped_column(ForeignKey("delivery_window.id"), index=True)
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_point.id"), index=True)
    at_gate: Mapped[bool] = mapped_column(default=False)
    """Collected at the farm that grew it: no stage of a chain, the farm hands it over itself."""
    street: Mapped[str] = mapped_column(String(160), default="")
    postcode: Mapped[str] = mapped_column(String(4))
    municipality: Mapped[str] = mapped_column(String(80))
    floor: Mapped[int] = mapped_column(default=0, server_default="0")
    """How high the door is; 0 is the ground floor, and what nobody told of."""
    has_lift: Mapped[bool] = mapped_column(default=False, server_default=false())
    lat: Mapped[float]
    lon: Mapped[float]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    remark: Mapped[str] = mapped_column(String(500), default="")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    goods_cents: Mapped[int]
    services_cents: Mapped[int]
    deposit_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What was paid for containers that come back, see `OrderDeposit`; it is no part of the price."""
    total_cents: Mapped[int]
    placed_at: Mapped[datetime]
    hold_until: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    lines: Mapped[list[OrderLine]] = relationship(lazy="raise", order_by="OrderLine.id")
    fees: Mapped[list[OrderFee]] = relationship(lazy="raise", order_by="OrderFee.id")

    @property
    def total(self) -> Money:
        return Money(self.total_cents, self.currency)

    @property
    def supplied_on(self) -> date:
        """The day of supply, for VAT and documents: that of delivery, or the promised one while it is to come."""
        return local_day(self.delivered_at or self.ends_at)

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = ORDER.after(self.state, action)


class OrderLine(Model):
    """What was bought of one offer, with everything that the law wants kept, as it was then.

    `max_weight_g` is set where the goods are paid by weight: `total_cents` was paid for that much. Once packed,
    `true_weight_g` is what they weighed and `less_cents` what went back for it.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("amount > 0 AND total_cents >= 0", name="amount"),
        CheckConstraint("less_cents >= 0 AND less_cents <= total_cents", name="less"),
        CheckConstraint("discount_cents >= 0", name="discount"),
        CheckConstraint("voucher_cents >= 0 AND voucher_cents <= total_cents", name="voucher"),
        CheckConstraint("missing >= 0 AND missing <= amount", name="missing"),
        CheckConstraint("dropped >= 0 AND missing + dropped <= amount", name="dropped"),
        CheckConstraint(
            "true_weight_g IS NULL OR (true_weight_g > 0 AND true_weight_g <= max_weight_g)", name="weighed"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    claim: Mapped[str] = mapped_column(String(36), unique=True, insert_sentinel=True)  # for stock
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    farm_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    name: Mapped[dict[str, Any]]
    sell_unit: Mapped[SellUnit] = mapped_column(enum_column(SellUnit))
    amount: Mapped[int]  # base units
    weight_g: Mapped[int]
    price_cents: Mapped[int]
    price_list: Mapped[PriceList] = mapped_column(
        enum_column(PriceList), default=PriceList.CONSUMER, server_default="consumer"
    )
    steps: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """[from amount, cents] of this buyer, where less of it costs more: what is left after some is taken off."""
    total_cents: Mapped[int]
    discount_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What a code of its farm took off the price; `total_cents` is without it."""
    voucher_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of `total_cents`: what the hub pays in the customer's place, for a code of its own."""
    max_weight_g: Mapped[int | None]
    true_weight_g: Mapped[int | None]
    less_cents: Mapped[int] = mapped_column(default=0)
    vat_rate_bp: Mapped[int]
    storage_class: Mapped[str] = mapped_column(String(8))
    is_organic: Mapped[bool]
    allergens: Mapped[dict[str, Any]] = mapped_column(default=dict)
    process_service: Mapped[str | None] = mapped_column(String(16))
    if_missing: Mapped[IfMissing] = mapped_column(enum_column(IfMissing), default=IfMissing.REFUND)
    withdrawal: Mapped[str] = mapped_column(String(16), default="none_perishable", server_default="none_perishable")
    missing: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of `amount`, in base units: what the farm turned out not to have."""
    dropped: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of `amount`, in base units: what the customer took off before the cycle closed."""
    meal_voucher: Mapped[bool] = mapped_column(default=False, server_default=false())
    eco_voucher: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether such a voucher may pay this line, as it was when it was sold."""
    replacement: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What came instead of (some of) it: product_id, name, amount in base units, weight_g; empty for nothing."""

    @hybrid_property
    def supplied(self) -> int:
        """How much of what was ordered comes, in base units; in queries too."""
        return self.amount - self.missing - self.dropped

    @property
    def supplied_weight_g(self) -> int:
        """What that weighs by estimate."""
        return self.weight_g * self.supplied // self.amount

    @property
    def cost(self) -> Cost:
        """What it cost, for working out what a part of it is worth."""
        return Cost(self.total_cents, self.amount, self.steps, base_per_unit(self.sell_unit), self.discount_cents)

    @property
    def listed(self) -> Cost:
        """What it would have cost without a code of its farm."""
        return replace(self.cost, total_cents=self.total_cents + self.discount_cents, discount_cents=0)

    @property
    def supplied_max_weight_g(self) -> int | None:
        """The most that what comes may weigh, where it is paid by weight; None too where nothing comes."""
        if not self.max_weight_g or not self.supplied:
            return None
        return self.max_weight_g * self.supplied // self.amount

    @property
    def sold_cents(self) -> int:
        """What the goods cost in the end, by their true weight where they were weighed."""
        return self.total_cents - self.less_cents


class OrderFee(Model):
    """What the customer pays beside goods, as promised: process, transport, pack, deliver, or a levy.

    `enterprise_id` is who was to do it at placement. Who really did it, and for how much, is on the
    jobs and legs; the customer's price stays.
    """

    __tablename__ = "order_fee"
    __table_args__ = (CheckConstraint("amount_cents >= 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    kind: Mapped[str] = mapped_column(String(12))
    amount_cents: Mapped[int]  # VAT included
    vat_rate_bp: Mapped[int]


class SellerFee(Model):
    """What a farm gives out of its price to who asks it, as promised when the order was placed.

    `goods_cents` is what its goods of the order cost then: what goes back of them lowers it in proportion.
    """

    __tablename__ = "seller_fee"
    __table_args__ = (
        UniqueConstraint("order_id", "farm_id", "enterprise_id"),
        CheckConstraint("amount_cents > 0 AND goods_cents >= amount_cents", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    farm_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    amount_cents: Mapped[int]  # VAT included
    goods_cents: Mapped[int]
    vat_rate_bp: Mapped[int]


class OrderDeposit(Model):
    """Containers that come with an order and are to come back, with the deposit that was paid for each.

    With a line they hold its goods, one to a piece; without one they are the crates of the whole order. `cut` of them
    never came, since goods did not; `returned` came back. For both the deposit goes back to the customer.
    """

    __tablename__ = "order_deposit"
    __table_args__ = (
        CheckConstraint("count > 0 AND each_cents > 0", name="amounts"),
        CheckConstraint("cut >= 0 AND returned >= 0 AND cut + returned <= count", name="back"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"))
    container_id: Mapped[int] = mapped_column(ForeignKey("container_type.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    count: Mapped[int]
    each_cents: Mapped[int]
    cut: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)

    @property
    def paid_cents(self) -> int:
        """What the customer paid for them."""
        return self.count * self.each_cents

    @hybrid_property
    def out(self) -> int:
        """How many the customer has, or gets; in queries too."""
        return self.count - self.cut - self.returned
