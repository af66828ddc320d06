"""What a program may ask: strict, bounded, and nothing that is not named here."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from shortchain import data
from shortchain.kernel.quantity import Unit
from shortchain.ordering.orders import HIGHEST_FLOOR

MOST_AMOUNT = 10_000_000
"""Base units of one line: ten tonnes."""
MOST_CENTS = 100_000_000
LAST_PAGE = 400
FARTHEST_KM = 150
MOST_LINES = 120

NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"

Postcode = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{3}$"), Field(description="A Belgian postcode.", examples=["9000"])
]
PublicId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,16}$")]
Line120 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=NO_CONTROLS)]


def _one_of(kind: str, known: list[str]) -> tuple[AfterValidator, WithJsonSchema]:
    """Accept the codes of a reference table, and list them in the contract."""

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"there is no such {kind}")
        return value

    return AfterValidator(check), WithJsonSchema({"type": "string", "enum": known})


Category = Annotated[str, *_one_of("category", list(data.categories()))]
Allergen = Annotated[str, *_one_of("allergen", list(data.allergens()))]
Service = Annotated[str, *_one_of("service", list(data.services()))]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OffersAsked(_Asked):
    """Which offers of the open order cycle to list."""

    postcode: Postcode | None = Field(None, description="Where the food goes; gives distances, near before far.")
    km: int | None = Field(None, ge=1, le=FARTHEST_KM, description="At most so far; needs `postcode`.")
    q: str = Field("", max_length=200, description="Words in Dutch, French or English; small mistakes are forgiven.")
    category: Category | None = Field(None, description="A category or a branch of categories.")
    without: list[Allergen] = Field(
        default_factory=list,
        max_length=14,
        description="Allergens (GS1 codes) that must not be in it, also not perhaps; repeat for several.",
    )
    page: int = Field(1, ge=1, le=LAST_PAGE)

    @model_validator(mode="after")
    def _near_something(self) -> OffersAsked:
        if self.km is not None and self.postcode is None:
            raise ValueError("km needs a postcode")
        return self


class ProvidersAsked(_Asked):
    """Which providers to list."""

    postcode: Postcode
    km: int = Field(30, ge=1, le=FARTHEST_KM)
    service: Service | None = Field(None, description="Only who does this, and only this of them.")
    on: date | None = Field(None, description="The day of which to tell the free capacity.")


class QuantityAsked(_Asked):
    """An amount in the base unit of the offer: grams, millilitres or pieces."""

    amount: int = Field(ge=1, le=MOST_AMOUNT)
    unit: Literal["g", "ml", "piece"]

    @property
    def base(self) -> Unit:
        return Unit(self.unit)


class LineAsked(_Asked):
    """So much of an offer."""

    offer: PublicId
    quantity: QuantityAsked


class DestinationAsked(_Asked):
    """Where it goes. Collecting needs the postcode only."""

    postcode: Postcode
    address: Line120 = Field("", description="Street and number.", examples=["Kouter 1"])
    floor: int = Field(
        0, ge=0, le=HIGHEST_FLOOR, description="How high the door is, 0 the ground floor; no price follows from it."
    )
    has_lift: bool = Field(False, description="Whether a lift goes to that floor.")


class QuoteAsked(_Asked):
    """What something would cost. Without `window` the first one that can be is worked out."""

    lines: list[LineAsked] = Field(min_length=1, max_length=MOST_LINES)
    destination: DestinationAsked
    window: PublicId | None = None
    discount_code: Annotated[str, StringConstraints(max_length=40, pattern=NO_CONTROLS)] = Field(
        "", description="A discount code of the hub or of a farm.", examples=["LENTE10"]
    )

    @model_validator(mode="after")
    def _each_once(self) -> QuoteAsked:
        offers = [line.offer for line in self.lines]
        if len(set(offers)) < len(offers):
            raise ValueError("an offer may stand in one line only")
        return self


class CustomerAsked(_Asked):
    """Who orders; the mails go to them."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120, pattern=NO_CONTROLS)]
    email: EmailStr = Field(max_length=254)
    phone: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(\+?[0-9 ()./-]{8,24})?$")] = Field(
        "", description="For the courier."
    )


class MoneyAsked(_Asked):
    """Money in minor units."""

    minor: int = Field(ge=0, le=MOST_CENTS)
    currency: Literal["EUR"]


class PartAsked(_Asked):
    """A part of an order that is paid otherwise: off a gift card by its code, or with vouchers whose holder agrees on a page."""

    method: Literal["gift_card", "meal_voucher", "eco_voucher"]
    amount: MoneyAsked
    code: Annotated[str, StringConstraints(max_length=40, pattern=NO_CONTROLS)] = ""

    @model_validator(mode="after")
    def _with_a_code(self) -> PartAsked:
        if (self.method == "gift_card") != bool(self.code):
            raise ValueError("a gift card has a code, and nothing else has")
        return self


class OrderAsked(QuoteAsked):
    """An order, of a guest or in the name of whose key it is. `accepted_total` is the total that was seen in the quote.

    What `pay_with` does not pay is paid by `method`.
    """

    window: PublicId
    customer: CustomerAsked
    accepted_total: MoneyAsked
    method: Literal["bancontact", "card", "transfer"] = "bancontact"
    pay_with: list[PartAsked] = Field(default_factory=list, max_length=7)
    language: Literal["nl", "fr", "en"] | None = Field(None, description="Of the mails; else Accept-Language.")
    remark: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=NO_CONTROLS)] = ""


class OrderHeaders(BaseModel):
    """The header that lets a request be repeated."""

    key: str = Field(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_-]{16,64}$",
        description="Random, one for each order, for example a UUID; kept for a week.",
    )


class OrdersAsked(_Asked):
    """Which of one's orders."""

    page: int = Field(1, ge=1, le=LAST_PAGE)


class EnterpriseAsked(_Asked):
    """For which enterprise of the key's person."""

    enterprise: PublicId | None = Field(None, description="Needed when the person manages several.")


class CollectionAsked(_Asked):
    """Whom to ask to fetch, and from which hour on the goods are ready (local time, ten at the latest)."""

    carrier: PublicId
    ready_from: time | None = Field(None, description="Any hour without it.")
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=NO_CONTROLS)] = Field(
        "", description="For the driver."
    )


class CollectionAnswered(_Asked):
    """Yes or no to fetching."""

    agrees: bool


class FollowAsked(_Asked):
    """The order's secret, for who can not send a header."""

    token: str | None = Field(None, max_length=64, description="The tracking token, instead of the header.")
