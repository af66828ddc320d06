"""What is told of agreements about fetching: who could fetch, what was agreed, and what is to be fetched."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import Field

from shortchain.blueprints.api.told import FetchTariff, Money, Quantity, Told, Who

CollectionState = Annotated[
    str, Field(json_schema_extra={"enum": ["asked", "agreed", "declined", "withdrawn", "ended"]})
]


class Collector(Told):
    """A carrier that fetches at this enterprise. Without `fetching` it is paid as who brings."""

    carrier: Who
    distance: Quantity
    storage_classes: list[str]
    fetching: FetchTariff | None


class Collectors(Told):
    """Who could be asked, the nearest first."""

    collectors: list[Collector]


class FetchDay(Told):
    """A coming day. `giver_brings`: one of the two left it out."""

    on: date
    orders: int
    weight: Quantity
    pay: Money
    giver_brings: bool


class Collection(Told):
    """A question or an agreement. `other` is the carrier to who hands over (`is_giver`), and the giver to the carrier."""

    id: str
    state: CollectionState
    is_giver: bool
    other: Who
    phone: str
    ready_from: time | None
    note: str
    fetching: FetchTariff | None
    days: list[FetchDay]


class Collections(Told):
    """The questions and agreements of an enterprise that stand: whom it asked, and who asks it."""

    enterprise: Who
    collections: list[Collection]


class CollectionStep(Told):
    """What became of a question or an agreement."""

    id: str
    state: CollectionState
