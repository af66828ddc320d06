"""Keeps the shop's read table in step with products, offers, farms and certificates.

Every change takes the next number inside its transaction. The number's row stays locked until the
commit, so changes become visible in the order of their numbers, and a process that has read up to a
number has missed nothing below it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, insert, select, text
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue import list_pricing, words
from shortchain.catalogue.models import Offer, Photo, Product, SearchText, ShopItem
from shortchain.enterprises.certificates import ORGANIC
from shortchain.enterprises.models import Certificate, DirectoryVersion, Enterprise
from shortchain.kernel.money import Money
from shortchain.kernel.quantity import unit_price

NAME = "shop"
CHUNK = 500
_BITS = {code: 1 << place for place, code in enumerate(sorted(data.allergens()))}


def allergen_mask(codes: Iterable[str]) -> int:
    """Turn allergen codes into bits; an unknown code counts for nothing."""
    return sum(_BITS.get(code, 0) for code in set(codes))


def number(session: Session) -> int:
    """Give the number of the last change; 0 when there was none."""
    query = select(DirectoryVersion.number).where(DirectoryVersion.name == NAME)
    return session.scalar(query) or 0


def refresh_offers(session: Session, *, offer_ids: Sequence[int]) -> None:
    """Write the rows of some offers anew."""
    if offer_ids:
        _write(session, _facts().where(Offer.id.in_(offer_ids)))


def refresh_product(session: Session, *, product_id: int) -> None:
    """Write the rows of a product's offers anew, after it changed."""
    _write(session, _facts().where(Offer.product_id == product_id))


def refresh_farm(session: Session, *, farm_id: int) -> None:
    """Write the rows of a farm's offers anew, after its name, place or certificates changed."""
    _write(session, _facts().where(Offer.farm_id == farm_id))


def rebuild(session: Session) -> int:
    """Write every row anew, after offers were written in bulk; returns how many."""
    return _write(session, _facts())


def _facts() -> Select[Offer, Product, Enterprise, str]:
    return (
        select(Offer, Product, Enterprise, Photo.public_id)
        .join(Product, Product.id == Offer.product_id)
        .join(Enterprise, Enterprise.id == Offer.farm_id)
        .outerjoin(Photo, Photo.id == Product.photo_id)
        .order_by(Offer.id)
    )


def _next_number(session: Session) -> int:
    return int(
        session.execute(
            text(
                "INSERT INTO directory_version (name, number) VALUES (:name, 1) ON CONFLICT (name) "
                "DO UPDATE SET number = directory_version.number + 1 RETURNING number"
            ),
            {"name": NAME},
        ).scalar_one()
    )


def _write(session: Session, facts: Select[Offer, Product, Enterprise, str]) -> int:
    session.flush()
    seq = _next_number(session)  # before reading: its lock keeps two writers from mixing their facts
    rows = session.execute(facts).all()
    farms = {farm.id: farm for _offer, _product, farm, _photo in rows}
    certified = _certified(session, list(farms))
    texts = _texts(session, [_product_words(product) for _o, product, _f, _p in rows], list(farms.values()))
    values = [
        _row(offer, product, farm, photo, seq, texts[_product_words(product)[0]], certified.get(farm.id))
        for offer, product, farm, photo in rows
    ]
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK]
        session.execute(delete(ShopItem).where(ShopItem.offer_id.in_([row["offer_id"] for row in part])))
        session.execute(insert(ShopItem), part)
    return len(values)


def _certified(session: Session, farms: Sequence[int]) -> dict[int, date]:
    """Say until when each farm's organic certificates count, also one that begins later."""
    found: dict[int, date] = {}
    for farm_id, valid_to in session.execute(
        select(Certificate.enterprise_id, Certificate.valid_to).where(
            Certificate.kind == ORGANIC, Certificate.enterprise_id.in_(farms)
        )
    ):
        found[farm_id] = max(found.get(farm_id, valid_to), valid_to)
    return found


def _row(
    offer: Offer,
    product: Product,
    farm: Enterprise,
    photo: str | None,
    seq: int,
    text_id: int,
    organic_until: date | None,
) -> dict[str, Any]:
    found = unit_price(
        Money(offer.price_cents),
        sell_unit=product.sell_unit,
        net_amount=product.net_amount,
        net_unit=product.net_unit,
    )
    name = product.name
    inside = [code for code, answer in product.allergens.items() if answer in ("contains", "may_contain", "unknown")]
    return {
        "offer_id": offer.id,
        "seq": seq,
        "cycle_id": offer.cycle_id,
        "farm_id": farm.id,
        "product_id": product.id,
        "text_id": text_id,
        "is_shown": offer.is_active and product.is_active and farm.is_active and farm.verified_at is not None,
        "public_id": offer.public_id,
        "slug": product.slug,
        "category": product.category,
        "produce": product.produce or "",
        "name_nl": name["nl"],
        "name_fr": name.get("fr") or name["nl"],
        "name_en": name.get("en") or name["nl"],
        "farm_name": farm.name,
        "farm_slug": farm.slug,
        "lat": farm.lat,
        "lon": farm.lon,
        "sell_unit": product.sell_unit,
        "net_amount": product.net_amount,
        "net_unit": product.net_unit,
        "price_cents": offer.price_cents,
        "unit_cents": found.price.minor,
        "unit_per": found.per,
        "was_cents": offer.was_cents,
        "was_kind": offer.was_kind,
        "was_until": offer.was_until,
        "steps": list_pricing.as_text(offer.prices or {}),
        "allergens": allergen_mask(inside),
        "organic_until": organic_until if product.is_organic else None,
        "photo": photo,
    }


def _product_words(product: Product) -> tuple[str, str, str]:
    """Give the key, the names and the further words of a product, folded."""
    names = words.with_stems(words.words(" ".join(str(name) for name in product.name.values())))
    more: list[str] = []
    if product.produce and product.produce in data.produce():
        more += data.produce()[product.produce].words
    code: str | None = product.category
    while code:
        if code in data.categories():
            more += data.categories()[code].name.as_dict().values()
        code = code.rpartition(".")[0] or None
    rest = words.with_stems(words.words(" ".join(more)))
    return hashlib.sha256(f"{names}|{rest}".encode()).hexdigest(), names, rest


def _texts(session: Session, products: Sequence[tuple[str, str, str]], farms: Sequence[Enterprise]) -> dict[str, int]:
    """Find or make the search texts; returns their ids by key."""
    wanted: dict[str, dict[str, Any]] = {
        key: {"key": key, "farm_id": None, "names": names, "more": more} for key, names, more in products
    }
    for farm in farms:
        key = f"farm-{farm.id}"
        wanted[key] = {
            "key": key,
            "farm_id": farm.id,
            "names": words.with_stems(words.words(farm.name)),
            "more": words.with_stems(words.words(f"{farm.municipality} {farm.people}")),
        }
    known: dict[str, tuple[int, str, str]] = {}
    keys = sorted(wanted)
    for start in range(0, len(keys), CHUNK):
        for row in session.execute(
            select(SearchText.key, SearchText.id, SearchText.names, SearchText.more).where(
                SearchText.key.in_(keys[start : start + CHUNK])
            )
        ):
            known[row[0]] = (row[1], row[2], row[3])
    for key in keys:
        new = wanted[key]
        if key in known and known[key][1:] != (new["names"], new["more"]):
            text = session.get_one(SearchText, known[key][0])
            text.names, text.more = new["names"], new["more"]
    session.flush()
    missing = [wanted[key] for key in keys if key not in known]
    if missing:
        for made in session.scalars(insert(SearchText).returning(SearchText), missing):
            known[made.key] = (made.id, made.names, made.more)
    return {key: value[0] for key, value in known.items()}
