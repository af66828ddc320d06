"""The shapes of the reference tables: frozen values, one class a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shortchain.kernel.quantity import SellUnit, Unit

LANGUAGES = ("nl", "fr", "en")
MADE = "A" * 12
"""The season of goods that are made and not harvested: always there."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the three languages."""

    nl: str
    fr: str
    en: str

    def __getitem__(self, language: str) -> str:
        """Give the text in `language`, in Dutch for a language that we do not speak."""
        return getattr(self, language) if language in LANGUAGES else self.nl

    def as_dict(self) -> dict[str, str]:
        """Give the texts as they are stored in a JSON column."""
        return {"nl": self.nl, "fr": self.fr, "en": self.en}


@dataclass(frozen=True, slots=True)
class UsualUnit:
    """A way in which something is usually sold: the word, and the fixed content if it has one."""

    sell_unit: SellUnit
    net_amount: int | None = None
    net_unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode with the name of its place and the middle of it, in degrees."""

    code: str
    place: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class PriceRange:
    """From `low` to `high` cents, VAT included, for one `per`."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Produce:
    """What a farm can offer, with the defaults that a farmer starts from.

    `season` has twelve letters, January first: H harvested outdoors, G greenhouse, S from storage,
    F forced or grown indoors, '.' not available, A made and always there. `weight_g` is the weight
    of one piece, bunch, head or package. `units` starts with the default.
    """

    slug: str
    category: str
    name: Text
    plural: Text
    synonyms: tuple[str, ...]
    season: str
    units: tuple[UsualUnit, ...]
    weight_g: int
    per: UsualUnit
    conventional: PriceRange
    organic: PriceRange | None
    storage_class: str
    selling_days: int
    allergens: frozenset[str]
    process_service: str | None = None
    ingredients: Text | None = None

    @property
    def is_made(self) -> bool:
        """Say whether people make it (cheese, soup, a box) rather than harvest it."""
        return self.season == MADE

    @property
    def words(self) -> tuple[str, ...]:
        """Every word under which people look for it, in any language."""
        names = (*self.name.as_dict().values(), *self.plural.as_dict().values(), *self.synonyms)
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Category:
    """A branch of the category tree; `VEG.LEAF` lies under `VEG`."""

    code: str
    name: Text

    @property
    def parent(self) -> str | None:
        return self.code.rpartition(".")[0] or None


@dataclass(frozen=True, slots=True)
class Allergen:
    """One of the fourteen groups of Annex II of Regulation (EU) 1169/2011, by its GS1 code."""

    code: str
    name: Text
    full: Text


@dataclass(frozen=True, slots=True)
class Service:
    """Work that enterprises do for others. `stage` is 'process', 'pack', 'deliver' or 'other'."""

    code: str
    stage: str
    name: Text
    price_forms: tuple[str, ...]
    evidence: tuple[str, ...]
    capacity_unit: str


@dataclass(frozen=True, slots=True)
class StorageClass:
    """How goods are kept: at most `max_c` and at least `min_c` degrees Celsius, where there is a limit."""

    code: str
    max_c: int | None
    min_c: int | None
    name: Text

    @property
    def is_conditioned(self) -> bool:
        """Whether goods of it may not ride at the temperature of the day."""
        return self.max_c is not None or self.min_c is not None


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate in basis points from `valid_from` until before `valid_to`."""

    applies_to: str
    valid_from: date
    valid_to: date | None
    rate_bp: int
    source: str


@dataclass(frozen=True, slots=True)
class EnterpriseKindName:
    code: str
    name: Text
    help: Text


@dataclass(frozen=True, slots=True)
class SellUnitName:
    """The words for a sell unit and its UN/ECE Recommendation 20/21 code for invoices."""

    code: SellUnit
    name: Text
    plural: Text
    unece: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Planning defaults of a kind of vehicle; speeds are km/h with traffic included.

    `co2_g_km` is CO₂e in grams per kilometre driven, the making of the vehicle left out.
    """

    code: str
    name: Text
    payload_kg: int
    volume_l: int
    crates: int
    urban_kmh: int
    rural_kmh: int
    range_km: int | None
    is_cooled: bool
    co2_g_km: int
    licence: str
