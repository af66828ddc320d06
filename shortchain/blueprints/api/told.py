"""What the API answers. Money is whole minor units, quantities carry a unit, times an offset."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from shortchain.blueprints.api.told_money import Discount, Fee, Money, Quantity, Share, Told, Totals, Who

__all__ = ["Discount", "Fee", "Money", "Quantity", "Share", "Told", "Totals", "Who"]


Kind = Annotated[str, Field(json_schema_extra={"enum": ["home", "pickup"]})]
Presence = Annotated[str, Field(json_schema_extra={"enum": ["contains", "may_contain", "unknown"]})]
Standing = Annotated[str, Field(json_schema_extra={"enum": ["done", "now", "next", "problem"]})]
Place = Annotated[str, Field(json_schema_extra={"enum": ["body", "query", "header"]})]
Stage = Annotated[str, Field(json_schema_extra={"enum": ["process", "pack", "deliver", "levy"]})]


class Fault(Told):
    """One place of the request that can not be right: a JSON Pointer in a body, a name elsewhere."""

    place: Place
    path: str
    code: str
    detail: str
    least: Quantity | None = None
    step: Quantity | None = None
    most: Quantity | None = None
    left: Quantity | None = None


class Problem(Told):
    """A refusal (RFC 9457). `code` is for programs, `detail` for people, `total` the new total if that changed."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: str
    detail: str | None = None
    instance: str
    errors: list[Fault] = Field(default_factory=list)
    total: Money | None = None


class Farm(Told):
    slug: str
    name: str
    page: str


class AllergenInside(Told):
    """An allergen that is in it, may be in it, or of which nobody knows."""

    code: str
    name: str
    presence: Presence


class UnitPrice(Told):
    """The price to compare by."""

    price: Money
    per: str


class VolumeStep(Told):
    """A lower price of the whole amount, for one `sell_unit` with VAT, from an amount on."""

    amount: Quantity
    price: Money


class Offer(Told):
    """A product of a farm in the open order cycle; `price` is for one `sell_unit`, VAT included."""

    id: str
    name: str
    page: str
    category: str
    farm: Farm
    distance: Quantity | None = Field(description="From the postcode to the farm, as the crow flies.")
    sell_unit: str
    price: Money
    price_list: str = Field(description="Whose price it is: consumer is everybody's.")
    unit_price: UnitPrice
    volume_prices: list[VolumeStep] = Field(description="What is paid from larger amounts on, the smallest first.")
    left: Quantity
    least: Quantity
    step: Quantity
    most: Quantity | None
    harvested_on: date | None
    storage_class: str
    organic: bool
    allergens: list[AllergenInside]


class Container(Told):
    """Something that comes back: what is paid for it until then, and whether goods or whole orders come in it."""

    id: str
    kind: str
    name: str
    owner: Who
    deposit: Money
    use: Annotated[str, Field(json_schema_extra={"enum": ["goods", "order"]})]


class Containers(Told):
    """The containers of all hubs and farms."""

    containers: list[Container]


class Cycle(Told):
    name: str
    closes_at: datetime


class Offers(Told):
    """A page of offers. Without an open order cycle there are none, and `opens_at` says when the next opens."""

    cycle: Cycle | None
    opens_at: datetime | None
    page: int
    has_more: bool
    offers: list[Offer]


class FetchTariff(Told):
    """What fetching costs: so much an order and place, a kilometre and a kilogram added up, and at least `minimum`."""

    stop: Money
    per_km: Money
    per_kg: Money
    minimum: Money


class Capability(Told):
    """A service on its terms; `price` is for one `price_form`, VAT included. `free` is of the asked day.

    Who fetches at farms (`COLLECT_FARM`) is paid by `fetching`; without one it is paid as who brings, and not `price`.
    """

    service: str
    name: str
    storage_classes: list[str]
    reach: Quantity
    price: Money
    price_form: str
    minimum: Money
    lead_days: int
    free: Quantity | None
    fetching: FetchTariff | None


class Provider(Told):
    id: str
    name: str
    kind: str
    municipality: str
    distance: Quantity
    capabilities: list[Capability]


class Providers(Told):
    """The nearest providers, the nearest first."""

    on: date | None
    has_more: bool
    providers: list[Provider]


class RunnerUp(Told):
    """What the whole chain would be without this provider; nothing when nobody else can."""

    name: str | None
    extra_price: Money | None
    extra_distance: Quantity | None


class Reason(Told):
    """Why this one: how many do this work, how many could, why the others could not, who is next."""

    candidates: int
    able: int
    left_out: dict[str, int]
    runner_up: RunnerUp | None


class Job(Told):
    """One step of the work. `distance` is the way from the place before."""

    stage: Stage
    service: str
    provider: Who
    on: date
    distance: Quantity
    amount: Quantity
    price: Money
    reason: Reason | None


class Leg(Told):
    """One movement of goods; without `to` it goes to the customer. Its price is besides that of the jobs.

    With `fetching` it is priced by the tariff of `fetched_by`, who fetches there by agreement.
    """

    carrier: Who
    origin: Who
    to: Who | None
    on: date
    distance: Quantity
    weight: Quantity
    price: Money
    fetched_by: Who | None
    fetching: FetchTariff | None


class Chain(Told):
    """Through whose hands the food goes."""

    jobs: list[Job]
    legs: list[Leg]
    distance: Quantity


class Point(Told):
    name: str
    address: str
    distance: Quantity | None


class Window(Told):
    """A moment that can be chosen, or why not."""

    id: str
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    places_left: int
    point: Point | None
    total: Money | None
    unavailable: str | None = Field(description="`full`, or `unroutable`: nobody near can do every step.")


class QuotedLine(Told):
    """A line: whose price counts, what the line costs after a seller's discount, and what it holds of containers."""

    offer: str
    name: str
    farm: str
    quantity: Quantity
    price_list: Annotated[str, Field(json_schema_extra={"enum": ["consumer", "member", "shop", "canteen"]})]
    price: Money
    discount: Money
    deposit: Money


class Quote(Told):
    """What it would cost and who would do it. Nothing is held; `windows` are all that can be chosen."""

    window: str | None
    closes_at: datetime
    lines: list[QuotedLine]
    chain: Chain | None
    money: Totals | None
    shares: list[Share]
    windows: list[Window]


class Instead(Told):
    """What came instead of (some of) a line."""

    name: str
    quantity: Quantity


class OrderedLine(Told):
    """A line as it was ordered, and what comes of it: `supplied` is less where something was taken off or missing.

    `price` is what was agreed, `costs` what it costs by now, less what went back for it.
    """

    name: str
    farm: str
    quantity: Quantity
    price: Money
    supplied: Quantity
    weighed: Quantity | None
    instead: Instead | None
    costs: Money


class OrderWindow(Told):
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    place: str
    floor: int = Field(description="As it was asked; 0 is the ground floor.")
    has_lift: bool


class Step(Told):
    """How far it is: ordered, brought, processed, packed, on_the_way, delivered."""

    code: str
    state: Standing
    who: str
    at: datetime | None


class PaymentPart(Told):
    """One of the ways in which an order is paid; `is_there` once it is paid or set aside."""

    method: str
    amount: Money
    is_there: bool


class Payment(Told):
    """How the payment stands; `page` is where to pay what is to be paid next, while that can be."""

    state: str
    method: str
    page: str | None
    structured_message: str | None
    parts: list[PaymentPart]


class Order(Told):
    """An order. `chain` is as it was last decided; `progress` says how far it is."""

    id: str
    number: str
    state: str
    placed_at: datetime
    pay_before: datetime | None
    window: OrderWindow
    lines: list[OrderedLine]
    chain: Chain | None
    progress: list[Step]
    expected_at: datetime | None
    money: Totals
    payment: Payment | None
    tracking_page: str


class OwnOrder(Told):
    """An order in a list. `total` is what it cost when it was placed; the order itself says what went back."""

    id: str
    number: str
    state: str
    placed_at: datetime
    total: Money
    tracking_page: str


class OwnOrders(Told):
    """A page of the orders of the key's person, the newest first."""

    page: int
    has_more: bool
    orders: list[OwnOrder]


class PlacedOrder(Order):
    """An order that was placed; `token` is its secret, needed to look at it later."""

    token: str
