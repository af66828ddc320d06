"""What the API answers about money and amounts: whole minor units, quantities with a unit, and who gets which cent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Annotated[str, Field(json_schema_extra={"enum": ["g", "ml", "piece", "m", "box", "stop", "hour"]})]
FeeKind = Annotated[str, Field(json_schema_extra={"enum": ["process", "transport", "pack", "deliver", "levy"]})]


class Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Money(Told):
    """An amount in minor units (cents)."""

    minor: int
    currency: Literal["EUR"] = "EUR"


class Quantity(Told):
    """An amount with its unit."""

    amount: int
    unit: Unit


class Who(Told):
    """An enterprise of a chain."""

    id: str
    name: str
    municipality: str


class Fee(Told):
    kind: FeeKind
    provider: str
    price: Money


class Share(Told):
    """Who gets which cent, with the VAT that it holds. All of a quote add up to `to_pay`.

    `party` is nobody for the platform. `fee`, `ceded` and `voucher` are less than nothing for who gives: a farm to the platform,
    a farm to `about`, and a hub that pays for a discount code of its own.
    """

    kind: str
    party: Who | None
    about: Who | None
    amount: Money
    vat_rate_bp: int
    vat: Money


class Discount(Told):
    """A discount code: whose it is and what it takes off. A seller's is off `goods` already; a hub pays it of the total."""

    code: str
    owner: str
    bearer: Annotated[str, Field(json_schema_extra={"enum": ["seller", "hub"]})]
    amount: Money


class Totals(Told):
    """What is paid, VAT included. `deposit` is paid until the containers are back and holds no VAT.

    `to_pay` is the total without what a hub pays for a discount code of its own.
    """

    goods: Money
    fees: list[Fee]
    services: Money
    deposit: Money
    total: Money
    discount: Discount | None
    to_pay: Money
