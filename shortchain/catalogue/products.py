"""A farm's own products: what it starts from, what it may say, and what the law asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain import data, journal
from shortchain.catalogue import shop_items, words
from shortchain.catalogue.models import Photo, Product
from shortchain.containers import types
from shortchain.enterprises import certificates
from shortchain.enterprises.founding import StaleEdit, slug_of
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound
from shortchain.kernel.quantity import BY_MEASURE, SellUnit, Unit, base_per_unit

ANSWERS = ("contains", "may_contain", "free", "free_from", "unknown")
"""The answers for each allergen. `free_from` is `free` and sold so: whoever works on it keeps it apart. `unknown` is no answer
to give for food that is made."""
COUNTRIES = ("BE", "NL", "FR", "DE", "LU")


class BadProduct(Invalid):
    """Something about the product is missing or cannot be right; the message says what."""


class AllergensUnknown(BadProduct):
    """Food that is made needs an answer for all fourteen (Regulation (EU) 1169/2011 art. 9 and 14)."""

    message = N_("Dit is bereid. Zeg voor alle 14 allergenen of ze erin zitten.")


class NotCertified(BadProduct):
    """Organic needs a certificate that counts today (Regulation (EU) 2018/848 art. 35)."""

    message = N_("Biologisch mag pas met een geldig certificaat. Voeg het eerst toe bij je certificaten.")


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that a farm says of a product; the columns of `Product` that it may change."""

    name: dict[str, str]
    category: str
    sell_unit: SellUnit
    weight_g: int
    storage_class: str
    produce: str | None = None
    description: dict[str, str] = field(default_factory=dict)
    ingredients: dict[str, str] = field(default_factory=dict)
    net_amount: int | None = None
    net_unit: Unit | None = None
    is_weighed: bool = False
    step: int = 1
    least: int = 1
    most: int | None = None
    selling_days: int = 7
    is_organic: bool = False
    allergens: dict[str, str] = field(default_factory=dict)
    origin_country: str = "BE"
    origin_place: str = ""
    process_service: str | None = None
    withdrawal: str = "none_perishable"
    container_id: int | None = None

    @property
    def is_made(self) -> bool:
        """Say whether people make it, so that it has ingredients and all allergens must be known."""
        known = data.produce().get(self.produce or "")
        return bool(self.process_service or any(self.ingredients.values()) or (known and known.is_made))


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """A product as its farm sees it."""

    id: int
    public_id: str
    slug: str
    version: int
    is_active: bool
    photo: str | None
    terms: Terms

    @property
    def unit(self) -> data.UsualUnit:
        return data.UsualUnit(self.terms.sell_unit, self.terms.net_amount, self.terms.net_unit)


def starting_from(slug: str, *, organic: bool, origin_place: str) -> Terms:
    """Give what a farm starts from: unit, class, allergens, life of the reference table.

    :raises BadProduct: for something that the table does not know
    """
    item = data.produce().get(slug)
    if item is None:
        raise BadProduct(N_("Kies iets uit de lijst."), fields=("what",))
    unit = item.units[0]
    single = item.is_made or unit.sell_unit in (SellUnit.PIECE, SellUnit.HEAD)
    name = (item.name if single else item.plural).as_dict()
    weighed = unit.sell_unit in BY_MEASURE
    step = base_per_unit(unit.sell_unit) // 2 if unit.sell_unit is SellUnit.KG else base_per_unit(unit.sell_unit)
    return Terms(
        name={language: text[:1].upper() + text[1:] for language, text in name.items()},
        category=item.category,
        produce=slug,
        sell_unit=unit.sell_unit,
        net_amount=unit.net_amount,
        net_unit=unit.net_unit,
        weight_g=data.weight_of(item, unit),
        step=step if weighed else 1,
        least=step if weighed else 1,
        storage_class=item.storage_class,
        selling_days=item.selling_days,
        is_organic=organic and item.organic is not None,
        allergens=data.allergen_defaults(slug),
        ingredients=item.ingredients.as_dict() if item.ingredients else {},
        origin_place=origin_place,
        process_service=item.process_service,
    )


def find_in_table(text: str) -> str | None:
    """Find the slug of what somebody typed: its name in any language, else the only one that begins so."""
    asked = words.fold(text).strip()
    if len(asked) < 3:
        return None
    names = {slug: [words.fold(word) for word in item.words] for slug, item in data.produce().items()}
    exact = [slug for slug, known in names.items() if asked in known]
    if exact:
        return exact[0]
    begins = [slug for slug, known in names.items() if any(word.startswith(asked) for word in known)]
    return min(begins, key=lambda slug: (len(names[slug][0]), slug)) if begins else None


def add(session: Session, *, farm_id: int, terms: Terms, by: Actor, now: datetime, today: date) -> Product:
    """Add a product to a farm.

    :raises BadProduct, AllergensUnknown, NotCertified: nothing was added
    """
    _check(session, farm_id, terms, today)
    product = Product(slug=_free_slug(session, farm_id, terms), farm_id=farm_id, created_at=now, **_columns(terms))
    session.add(product)
    session.flush()
    journal.record(session, "product.added", by=by, now=now, enterprise_id=farm_id, product=product.id)
    return product


def change(
    session: Session,
    *,
    public_id: str,
    farm_id: int,
    version: int,
    terms: Terms,
    by: Actor,
    now: datetime,
    today: date,
) -> Product:
    """Change a product; the shop shows it at once. What was sold keeps its own words.

    :raises NotFound: when it is not this farm's
    :raises StaleEdit: when somebody saved meanwhile
    :raises BadProduct, AllergensUnknown, NotCertified: nothing was changed
    """
    product = load_own(session, public_id=public_id, farm_id=farm_id)
    if product.version != version:
        raise StaleEdit()
    if (product.sell_unit in BY_MEASURE or terms.sell_unit in BY_MEASURE) and product.sell_unit != terms.sell_unit:
        raise BadProduct(
            N_("Van deze eenheid kan je niet wisselen. Maak er een nieuw product van."),
            fields=("sell_unit",),
        )
    _check(session, farm_id, terms, today)
    for name, value in _columns(terms).items():
        setattr(product, name, value)
    session.flush()
    shop_items.refresh_product(session, product_id=product.id)
    journal.record(session, "product.changed", by=by, now=now, enterprise_id=farm_id, product=product.id)
    return product


def _columns(terms: Terms) -> dict[str, Any]:
    return {one.name: getattr(terms, one.name) for one in fields(Terms)}


def _check(session: Session, farm_id: int, terms: Terms, today: date) -> None:
    """Hold a product against the table and the law."""
    if not terms.name.get("nl", "").strip():
        raise BadProduct(N_("Geef het product een naam."), fields=("name_nl",))
    if terms.category not in data.categories():
        raise BadProduct(N_("Kies een soort."), fields=("category",))
    if terms.storage_class not in data.storage_classes():
        raise BadProduct(N_("Kies hoe het bewaard wordt."), fields=("storage_class",))
    if not 0 < terms.weight_g <= 100_000:
        raise BadProduct(N_("Geef het gewicht, hoogstens 100 kg."), fields=("weight_g",))
    if (terms.net_amount is None) != (terms.net_unit is None) or (terms.net_amount or 1) <= 0:
        raise BadProduct(N_("Geef de inhoud met haar eenheid, bijvoorbeeld 250 g."), fields=("net_amount",))
    if terms.is_weighed and (
        terms.sell_unit in BY_MEASURE or terms.net_unit is not Unit.GRAM or (terms.net_amount or 0) < terms.weight_g
    ):
        raise BadProduct(
            N_("Wat gewogen wordt, verkoop je per stuk. Geef bij Inhoud het meeste dat een stuk weegt, in g of kg."),
            fields=("net_amount",),
        )
    if terms.step <= 0 or terms.least <= 0 or (terms.most is not None and terms.most < terms.least):
        raise BadProduct(N_("Het minste en het meeste per bestelling passen niet samen."), fields=("least",))
    if not 1 <= terms.selling_days <= 730:
        raise BadProduct(N_("Geef op hoeveel dagen het goed blijft, van 1 tot 730."), fields=("selling_days",))
    if terms.origin_country not in COUNTRIES:
        raise BadProduct(N_("Kies het land van herkomst."), fields=("origin_country",))
    _check_container(session, farm_id, terms)
    _check_allergens(terms)
    if terms.is_organic and not certificates.find_valid(session, enterprise_id=farm_id, on_day=today):
        raise NotCertified(fields=("is_organic",))


def _check_container(session: Session, farm_id: int, terms: Terms) -> None:
    if terms.container_id is None:
        return
    if terms.sell_unit in BY_MEASURE:
        raise BadProduct(N_("Waarborg kan alleen bij wat je per stuk verkoopt."), fields=("container",))
    if terms.container_id not in {row.id for row, _owner in types.for_products(session, farm_id=farm_id)}:
        raise BadProduct(N_("Kies een bokaal of fles uit de lijst."), fields=("container",))


def mark_changed(session: Session, *, container_id: int) -> None:
    """Note that what the shop says of products in a container is not what it was, so that their pages are drawn anew."""
    session.execute(update(Product).where(Product.container_id == container_id).values(version=Product.version + 1))
    session.expire_all()


def _check_allergens(terms: Terms) -> None:
    if set(terms.allergens) != set(data.allergens()) or not set(terms.allergens.values()) <= set(ANSWERS):
        raise BadProduct(N_("Geef voor elk allergeen een antwoord."), fields=("allergens",))
    if not terms.is_made:
        return
    if not terms.ingredients.get("nl", "").strip():
        raise BadProduct(
            N_("Dit is bereid. Geef de ingrediënten, van veel naar weinig."),
            fields=("ingredients_nl",),
        )
    if "unknown" in terms.allergens.values():
        raise AllergensUnknown(fields=("allergens",))


def _free_slug(session: Session, farm_id: int, terms: Terms) -> str:
    farm = session.execute(select(Enterprise.slug).where(Enterprise.id == farm_id)).scalar_one()
    base = f"{slug_of(terms.name['nl'], most=50)}-{farm}"[:110]
    taken = set(session.scalars(select(Product.slug).where(Product.slug.startswith(base))))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def load_own(session: Session, *, public_id: str, farm_id: int) -> Product:
    """Load a product of a farm.

    :raises NotFound: when it is another's, or there is none
    """
    product = session.scalar(select(Product).where(Product.public_id == public_id, Product.farm_id == farm_id))
    if product is None:
        raise NotFound()
    return product


def load_many(session: Session, *, public_ids: Sequence[str], farm_id: int) -> dict[str, Product]:
    """Load products of a farm by their public id.

    :raises NotFound: when one is another's
    """
    found = {
        product.public_id: product
        for product in session.scalars(
            select(Product).where(Product.public_id.in_(public_ids), Product.farm_id == farm_id)
        )
    }
    if len(found) != len(set(public_ids)):
        raise NotFound()
    return found


def own_products(session: Session, *, farm_id: int, public_id: str | None = None) -> list[OwnProduct]:
    """List a farm's products, the newest last; with `public_id` that one only."""
    query = (
        select(Product, Photo.public_id)
        .outerjoin(Photo, Photo.id == Product.photo_id)
        .where(Product.farm_id == farm_id)
        .order_by(Product.id)
    )
    if public_id is not None:
        query = query.where(Product.public_id == public_id)
    return [
        OwnProduct(
            product.id,
            product.public_id,
            product.slug,
            product.version,
            product.is_active,
            photo,
            _terms(product),
        )
        for product, photo in session.execute(query.execution_options(populate_existing=True))
    ]


def own_product(session: Session, *, farm_id: int, public_id: str) -> OwnProduct:
    """Read one product of a farm.

    :raises NotFound: when it is another's, or there is none
    """
    found = own_products(session, farm_id=farm_id, public_id=public_id)
    if not found:
        raise NotFound()
    return found[0]


def _terms(product: Product) -> Terms:
    values: Mapping[str, Any] = {one.name: getattr(product, one.name) for one in fields(Terms)}
    return Terms(**values)
