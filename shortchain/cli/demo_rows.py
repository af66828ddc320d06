"""The rows of a demo database, gathered before they are written, the same for the same seed."""

from __future__ import annotations

import hashlib
import math
import random
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shortchain.cli.demo_content import Place


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make; `region` is the hand-written region alone."""

    name: str
    farms: int
    providers: int
    offers: int


REGION = Size("region", 40, 15, 300)
FLANDERS = Size("flanders", 500, 300, 20_000)


@dataclass(frozen=True, slots=True)
class PictureWanted:
    """A picture to make: `kind` is 'product' or 'scene', `subject` the slug or the sort of land."""

    photo: str
    kind: str
    subject: str
    seed: int


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody who can sign in to the demo."""

    email: str
    role: str
    enterprise: str | None
    name: str


@dataclass(slots=True)
class Rows:
    """Rows by table name, each with its id, and what else the demo needs."""

    seed: int
    now: datetime
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    pictures: list[PictureWanted] = field(default_factory=list)
    accounts: list[DemoAccount] = field(default_factory=list)
    _photos: dict[tuple[str, str, int], int] = field(default_factory=dict)
    _slugs: set[str] = field(default_factory=set)

    def add(self, table: str, **values: Any) -> int:
        """Keep a row and return its id, counted from 1 since the database is empty."""
        row_id = len(self.tables[table]) + 1
        self.tables[table].append({"id": row_id, **values})
        return row_id

    def chance(self, *about: object) -> random.Random:
        """Give dice that fall the same for the same seed and subject, whatever was thrown before."""
        return random.Random(f"{self.seed}|" + "|".join(map(str, about)))  # noqa: S311 - no secrets here

    def public_id(self, *about: object) -> str:
        """Give an address for a row that stays the same for the same seed."""
        return hashlib.sha256(repr((self.seed, about)).encode()).hexdigest()[:16]

    def photo(self, *, kind: str, subject: str, seed: int, owner_id: int, alt: dict[str, str]) -> int:
        """Ask for a picture once and return the id of its photo row."""
        key = (kind, subject, seed)
        if key not in self._photos:
            public_id = self.public_id("photo", *key)
            self.pictures.append(PictureWanted(public_id, kind, subject, seed))
            self._photos[key] = self.add(
                "photo",
                public_id=public_id,
                enterprise_id=owner_id,
                width=1080,
                height=810,
                alt=alt,
                created_at=self.now,
            )
        return self._photos[key]

    @property
    def drawings(self) -> int:
        """How many different pictures are wanted."""
        return len({(p.kind, p.subject, p.seed) for p in self.pictures})

    def slug(self, name: str) -> str:
        """Make a name fit for an address, unlike every other so far."""
        base = plain(name)[:70]
        slug, number = base, 2
        while slug in self._slugs:
            slug, number = f"{base}-{number}", number + 1
        self._slugs.add(slug)
        return slug


def plain(text: str) -> str:
    """Reduce a text to lower-case letters, digits and hyphens."""
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")


def demo_kbo(number: int) -> str:
    """Give the n-th enterprise number of the demo range (below those of real firms).

    The last two digits are 97 minus the rest of the first eight divided by 97.
    """
    first = 1_000_000 + number
    return f"{first:08d}{97 - first % 97:02d}"


def near(place: Place, dice: random.Random, *, metres: int = 1800) -> tuple[float, float]:
    """Give a point at most `metres` from the middle of a place, spread evenly over the circle."""
    reach, angle = metres * math.sqrt(dice.random()), dice.uniform(0, 2 * math.pi)
    lat = place.lat + reach * math.cos(angle) / 111_195
    lon = place.lon + reach * math.sin(angle) / (111_195 * math.cos(math.radians(place.lat)))
    return round(lat, 6), round(lon, 6)


def texts(row: dict[str, Any], **values: str) -> dict[str, str]:
    """Take the three languages out of a content row and fill in its {placeholders}.

    `people` is written with the Dutch 'en' between two names.
    """
    told = {}
    for language, word in (("nl", " en "), ("fr", " et "), ("en", " and ")):
        people = values.get("people", "").replace(" en ", word)
        told[language] = row[language].format(**{**values, "people": people})
    return told
