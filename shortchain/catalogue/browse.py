"""What the shop reads: one product, one farm, the points around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import Session

from shortchain.catalogue import list_pricing
from shortchain.catalogue.list_pricing import Step
from shortchain.catalogue.models import (
    DeliveryWindow,
    Offer,
    Photo,
    Product,
    ShopItem,
    WindowKind,
)
from shortchain.catalogue.reductions import Reduction, standing
from shortchain.containers.models import ContainerType
from shortchain.enterprises import vat_charging
from shortchain.enterprises.certificates import ORGANIC
from shortchain.enterprises.models import Certificate, Enterprise, PickupPoint
from shortchain.enterprises.price_lists import NONE, Grants, lists_for
from shortchain.kernel.errors import NotFound
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.quantity import SellUnit, Unit


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Everything that the law and a buyer want to know before buying (Regulation (EU) 1169/2011 art. 14)."""

    product_id: int
    slug: str
    name: dict[str, Any]
    description: dict[str, Any]
    ingredients: dict[str, Any]
    category: str
    produce: str | None
    sell_unit: SellUnit
    net_amount: int | None
    net_unit: Unit | None
    weight_g: int
    is_weighed: bool
    step: int
    least: int
    most: int | None
    storage_class: str
    allergens: dict[str, str]
    origin_country: str
    origin_place: str
    process_service: str | None
    withdrawal: str
    is_active: bool
    is_organic: bool
    photo: str | None
    photo_alt: dict[str, Any]
    offer: str | None
    price_cents: int | None
    steps: tuple[Step, ...]
    """What it costs this buyer by amount; nothing while it is not on offer."""
    has_vat: bool
    reduction: Reduction | None
    farm: FarmFacts
    organic: tuple[str, str, date] | None
    """Control body, number and last day of the certificate that counts today."""
    container: tuple[str, str, int] | None
    """What each piece is sold in and comes back: its kind, its owner's word, and the deposit in cents."""


@dataclass(frozen=True, slots=True)
class FarmFacts:
    """A farm as its customers see it, with the trader details of the Code of Economic Law (VI.45)."""

    id: int
    slug: str
    name: str
    people: str
    story: dict[str, Any]
    address: str
    municipality: str
    point: Point
    email: str
    phone: str
    kbo: str | None
    photo: str | None


def product_page(
    session: Session, *, slug: str, cycle_id: int | None, today: date, hub_id: int = 0, grants: Grants = NONE
) -> ProductPage:
    """Read a product with its farm, certificate and its offer in a cycle of a hub, at the prices of a buyer.

    :raises NotFound: when there is no such product
    """
    product, farm, photo, alt, offer, container, has_vat = _page_row(session, slug, cycle_id, today)
    certificate = _certificate(session, farm.id, today)
    lists = lists_for(grants, farm_id=farm.id, hub_id=hub_id)
    steps = list_pricing.ladder(offer.price_cents, offer.prices or {}, lists) if offer else ()
    return ProductPage(
        product.id,
        product.slug,
        product.name,
        product.description,
        product.ingredients,
        product.category,
        product.produce,
        product.sell_unit,
        product.net_amount,
        product.net_unit,
        product.weight_g,
        product.is_weighed,
        product.step,
        product.least,
        product.most,
        product.storage_class,
        product.allergens,
        product.origin_country,
        product.origin_place,
        product.process_service,
        product.withdrawal,
        product.is_active,
        product.is_organic and certificate is not None,
        photo,
        alt or {},
        offer.public_id if offer and product.is_active else None,
        steps[0].cents if steps else None,
        steps,
        has_vat,
        _reduction(offer, today) if steps and steps[0].cents == offer.price_cents else None,
        _facts(farm, None),
        certificate,
        (container.kind.value, container.name, container.deposit_cents) if container else None,
    )


def _page_row(session: Session, slug: str, cycle_id: int | None, today: date) -> Any:
    row = session.execute(
        select(Product, Enterprise, Photo.public_id, Photo.alt, Offer, ContainerType, vat_charging.charges(today))
        .join(Enterprise, Enterprise.id == Product.farm_id)
        .outerjoin(Photo, Photo.id == Product.photo_id)
        .outerjoin(
            Offer,
            (Offer.product_id == Product.id)
            & (Offer.cycle_id == cycle_id)
            & Offer.is_active
            & Enterprise.verified_at.is_not(None),
        )
        .outerjoin(ContainerType, (ContainerType.id == Product.container_id) & ContainerType.is_active)
        .where(Product.slug == slug, Enterprise.is_active)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def _reduction(offer: Offer | None, today: date) -> Reduction | None:
    if offer is None:
        return None
    return standing(
        offer.price_cents, was_cents=offer.was_cents, kind=offer.was_kind, until=offer.was_until, today=today
    )


_PRODUCT, _FARM, _OFFER = Product.__table__.c, Enterprise.__table__.c, Offer.__table__.c
_PHOTO, _CERTIFICATE = Photo.__table__.c, Certificate.__table__.c
STAMP = (
    select(
        _PRODUCT.id,
        _PRODUCT.version,
        _FARM.version,
        _OFFER.id,
        _OFFER.version,
        _PHOTO.public_id,
        select(func.max(_CERTIFICATE.valid_to))
        .where(
            _CERTIFICATE.enterprise_id == _FARM.id,
            _CERTIFICATE.kind == ORGANIC,
            _CERTIFICATE.valid_from <= bindparam("today"),
            _CERTIFICATE.valid_to >= bindparam("today"),
        )
        .scalar_subquery(),
        vat_charging.charges(bindparam("today", type_=Date())),
    )
    .join_from(Product.__table__, Enterprise.__table__, _FARM.id == _PRODUCT.farm_id)
    .outerjoin(Photo.__table__, _PHOTO.id == _PRODUCT.photo_id)
    .outerjoin(
        Offer.__table__,
        (_OFFER.product_id == _PRODUCT.id)
        & (_OFFER.cycle_id == bindparam("cycle"))
        & _OFFER.is_active
        & _FARM.verified_at.is_not(None),
    )
    .where(_PRODUCT.slug == bindparam("slug"), _FARM.is_active)
)
"""What changes whenever the page of a product changes, but for its lots; first the product's id."""


def _certificate(session: Session, farm_id: int, today: date) -> tuple[str, str, date] | None:
    row = session.execute(
        select(Certificate.body, Certificate.number, Certificate.valid_to)
        .where(
            Certificate.enterprise_id == farm_id,
            Certificate.kind == ORGANIC,
            Certificate.valid_from <= today,
            Certificate.valid_to >= today,
        )
        .order_by(Certificate.valid_to.desc())
    ).first()
    return (row[0], row[1], row[2]) if row else None


def _facts(farm: Enterprise, photo: str | None) -> FarmFacts:
    return FarmFacts(
        farm.id,
        farm.slug,
        farm.name,
        farm.people,
        farm.story,
        farm.address,
        farm.municipality,
        farm.point,
        farm.email,
        farm.phone,
        farm.kbo,
        photo,
    )


def farm_page(session: Session, *, slug: str, today: date) -> tuple[FarmFacts, tuple[str, str, date] | None]:
    """Read a farm and its organic certificate.

    :raises NotFound: when there is no such farm
    """
    row = session.execute(
        select(Enterprise, Photo.public_id)
        .outerjoin(Photo, Photo.id == Enterprise.photo_id)
        .where(Enterprise.slug == slug, Enterprise.is_active)
    ).one_or_none()
    if row is None or not row[0].is_grower:
        raise NotFound
    return _facts(row[0], row[1]), _certificate(session, row[0].id, today)


def produce_of(session: Session, *, farm_id: int) -> list[str]:
    """List what a farm makes, as slugs of the reference data, for its calendar."""
    return sorted(
        session.scalars(
            select(Product.produce)
            .where(Product.farm_id == farm_id, Product.is_active, Product.produce.is_not(None))
            .distinct()
        )
    )


@dataclass(frozen=True, slots=True)
class PointNear:
    """A pick-up point with its distance and its windows in the open cycle that have places."""

    slug: str
    name: str
    address: str
    point: Point
    metres: int
    windows: tuple[tuple[datetime, datetime], ...]


def points_near(session: Session, *, cycle_id: int, near: Point, limit: int = 12) -> list[PointNear]:
    """List the pick-up points of a cycle from near to far; a farm's own gate stands on the page of that farm."""
    rows = session.execute(
        select(PickupPoint, DeliveryWindow.starts_at, DeliveryWindow.ends_at)
        .join(DeliveryWindow, DeliveryWindow.pickup_point_id == PickupPoint.id)
        .where(
            DeliveryWindow.cycle_id == cycle_id,
            DeliveryWindow.taken < DeliveryWindow.places,
            PickupPoint.is_active,
            ~PickupPoint.is_gate,
        )
        .order_by(DeliveryWindow.starts_at)
    )
    points: dict[int, PickupPoint] = {}
    windows: dict[int, list[tuple[datetime, datetime]]] = {}
    for point, starts_at, ends_at in rows:
        points[point.id] = point
        windows.setdefault(point.id, []).append((starts_at, ends_at))
    found = [
        PointNear(p.slug, p.name, p.address, p.point, distance_m(near, p.point), tuple(windows[p.id]))
        for p in points.values()
    ]
    return sorted(found, key=lambda one: (one.metres, one.name))[:limit]


def gate_windows(session: Session, *, cycle_id: int, farm_id: int) -> list[tuple[datetime, datetime]]:
    """List when a farm's gate is open for orders of a cycle and has places; empty for a farm without one."""
    return [
        (row[0], row[1])
        for row in session.execute(
            select(DeliveryWindow.starts_at, DeliveryWindow.ends_at)
            .join(PickupPoint, PickupPoint.id == DeliveryWindow.pickup_point_id)
            .where(
                DeliveryWindow.cycle_id == cycle_id,
                DeliveryWindow.taken < DeliveryWindow.places,
                PickupPoint.enterprise_id == farm_id,
                PickupPoint.is_gate,
                PickupPoint.is_active,
            )
            .order_by(DeliveryWindow.starts_at)
        )
    ]


def home_windows(session: Session, *, cycle_id: int) -> list[tuple[datetime, datetime]]:
    """List the windows of a cycle for delivery at the door that have places."""
    return [
        (row[0], row[1])
        for row in session.execute(
            select(DeliveryWindow.starts_at, DeliveryWindow.ends_at)
            .where(
                DeliveryWindow.cycle_id == cycle_id,
                DeliveryWindow.kind == WindowKind.HOME,
                DeliveryWindow.taken < DeliveryWindow.places,
            )
            .order_by(DeliveryWindow.starts_at)
        )
    ]


def farms_of_cycle(session: Session, *, cycle_id: int) -> list[tuple[int, str, str, Point, str]]:
    """List the farms that offer something in a cycle: id, slug, name, point, municipality."""
    rows = session.execute(
        select(Enterprise.id, Enterprise.slug, Enterprise.name, Enterprise.lat, Enterprise.lon, Enterprise.municipality)
        .where(Enterprise.id.in_(select(ShopItem.farm_id).where(ShopItem.cycle_id == cycle_id, ShopItem.is_shown)))
        .order_by(Enterprise.name)
    )
    return [(row[0], row[1], row[2], Point(row[3], row[4]), row[5]) for row in rows]


def farm_by_slug(session: Session, *, slug: str) -> tuple[int, str] | None:
    """Find a farm's id and name by its slug."""
    row = session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.slug == slug)).one_or_none()
    return (row[0], row[1]) if row else None
