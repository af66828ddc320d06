"""The values that the macros in `templates/components/` read.

A page may hand over anything with the same attributes (a row of a query, for example); these
classes say which, and are the shortest way to make them. Texts are ready to be read: formatted and
translated. `docs/ui.md` shows each macro with an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Role = Literal["farm", "packer", "processor", "deliverer", "pickup", "customer"]
"""Whose hands: decides shape, colour and pictogram (circle, square, drop, house)."""
Tone = Literal["plain", "good", "notice", "warning", "info", "work"]
"""The mood of a tag, status or notice: decides tint and icon, the word says the rest."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo in three widths and three formats: `{base}-{360,720,1080}.{avif,webp,jpg}`."""

    base: str
    alt: str = ""
    width: int = 4
    height: int = 3


@dataclass(frozen=True, slots=True)
class Ticket:
    """A product card."""

    id: str
    url: str
    name: str
    farm: str
    harvest: str
    distance: str
    price: str
    content: str
    unit_price: str
    photo: Photo | None = None
    pictogram: str = "sprout"
    tags: Sequence[tuple[Tone, str]] = ()
    left: int | None = None
    in_basket: str = ""
    sold_out: str = ""
    reduction: str = ""
    """How much lower an announced price is, and than what; stands beside the price."""
    whose: str = ""
    """That this is the price of the reader's kind of customer, and what it is without VAT for an enterprise."""
    more: str = ""
    """From how much on it costs less, and how much."""


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One pair of hands of a chain, or one moment of its timeline."""

    role: Role
    what: str
    who: str = ""
    where: str = ""
    distance: str = ""
    amount: str = ""
    when: str = ""
    note: str = ""
    url: str = ""
    state: Literal["", "done", "now", "next", "problem"] = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio card: a pick-up point or a window. `full` is the reason why it cannot be chosen."""

    value: str
    title: str
    facts: Sequence[str] = ()
    price: str = ""
    left: str = ""
    full: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """A place on the map and in its list."""

    role: Role
    name: str
    lat: float
    lon: float
    url: str = ""
    facts: Sequence[str] = ()


ShareKind = Literal["farm", "packer", "deliverer", "levy", "platform"]


class Share(NamedTuple):
    """A part of a price; `kind` decides the colour and `minor` the width in the bar, `vat` is the VAT paid for it."""

    kind: ShareKind
    label: str
    minor: int
    text: str
    vat: str = ""


class Crumb(NamedTuple):
    """A step of the way back; the last one has no address."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A link of a row of views. `count` shows behind the label when it is not empty."""

    label: str
    url: str
    current: bool = False
    count: str = ""
    icon: str = ""


class Column(NamedTuple):
    """A column of a table; numbers stand to the right."""

    label: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class StopFact:
    """A line of a stop card: crates, note, phone."""

    icon: str
    label: str
    text: str
