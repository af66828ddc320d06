"""Places where people collect their order, and when they are open: a hub's points, and the gates of farms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shortchain import data, journal
from shortchain.enterprises import directory
from shortchain.enterprises.founding import Address, place_columns, slug_of
from shortchain.enterprises.models import Enterprise, OpeningWindow, PickupPoint
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound


class BadPoint(Invalid):
    """Something about the point cannot be right; the message says what."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on a weekday (Monday is 0) from `opens` to `closes`, for at most `places` orders."""

    weekday: int
    opens: time
    closes: time
    places: int


def open_point(
    session: Session,
    *,
    hub_id: int,
    name: str,
    address: Address,
    note: dict[str, str],
    storage_classes: Sequence[str],
    openings: Sequence[Opening],
    now: datetime,
    by: Actor,
) -> PickupPoint:
    """Open a pick-up point of a hub, or the gate of a farm that is no hub.

    :raises BadPoint: when name, classes or opening times cannot be right
    """
    _check(name, storage_classes, openings)
    point = PickupPoint(
        enterprise_id=hub_id,
        is_gate=not session.get_one(Enterprise, hub_id).is_hub,
        slug=_free_slug(session, name),
        name=" ".join(name.split()),
        note=_texts(note),
        storage_classes=list(storage_classes),
        **place_columns(address),
    )
    session.add(point)
    session.flush()
    _set_openings(session, point.id, openings)
    _changed(session, "pickup_point.opened", point, now, by)
    return point


def change_point(
    session: Session,
    *,
    hub_id: int,
    public_id: str,
    name: str,
    address: Address | None,
    note: dict[str, str],
    storage_classes: Sequence[str],
    openings: Sequence[Opening],
    now: datetime,
    by: Actor,
) -> PickupPoint:
    """Change a pick-up point; without `address` it stays where it is.

    Windows of cycles that were made from the old times stay as people were promised them.

    :raises NotFound: when it is not this hub's
    :raises BadPoint: when name, classes or opening times cannot be right
    """
    _check(name, storage_classes, openings)
    point = get(session, hub_id=hub_id, public_id=public_id)
    point.name, point.note = " ".join(name.split()), dict(_texts(note))
    point.storage_classes = list(storage_classes)
    if address is not None:
        for column, value in place_columns(address).items():
            setattr(point, column, value)
    for window in list(point.opening_windows):
        session.delete(window)
    session.flush()
    session.expire(point, ["opening_windows"])
    _set_openings(session, point.id, openings)
    _changed(session, "pickup_point.changed", point, now, by)
    return point


def set_active(session: Session, *, hub_id: int, public_id: str, is_active: bool, now: datetime, by: Actor) -> None:
    """Close a point for new orders, or open it again.

    :raises NotFound: when it is not this hub's
    """
    point = get(session, hub_id=hub_id, public_id=public_id)
    point.is_active = is_active
    session.flush()
    _changed(session, "pickup_point.resumed" if is_active else "pickup_point.paused", point, now, by)


def get(session: Session, *, hub_id: int, public_id: str) -> PickupPoint:
    """Give a point of a hub with its opening times.

    :raises NotFound: when it is not this hub's
    """
    point = session.scalar(
        select(PickupPoint)
        .where(PickupPoint.public_id == public_id, PickupPoint.enterprise_id == hub_id)
        .options(selectinload(PickupPoint.opening_windows))
    )
    if point is None:
        raise NotFound
    return point


def list_of(session: Session, *, hub_id: int) -> Sequence[PickupPoint]:
    """List the points of a hub with their opening times, by name."""
    return session.scalars(
        select(PickupPoint)
        .where(PickupPoint.enterprise_id == hub_id)
        .options(selectinload(PickupPoint.opening_windows))
        .order_by(PickupPoint.name, PickupPoint.id)
    ).all()


def _check(name: str, storage_classes: Sequence[str], openings: Sequence[Opening]) -> None:
    if not 2 <= len(name.strip()) <= 120:
        raise BadPoint(N_("Geef het punt een naam van 2 tot 120 tekens."), fields=("name",))
    if not storage_classes or not set(storage_classes) <= set(data.storage_classes()):
        raise BadPoint(N_("Kies minstens één temperatuurklasse."), fields=("storage_classes",))
    if not openings:
        raise BadPoint(N_("Geef minstens één moment waarop het punt open is."), fields=("openings",))
    for one in openings:
        if one.closes <= one.opens:
            raise BadPoint(N_("Een punt sluit later dan het opent."), fields=("openings",))
        if not 1 <= one.places <= 5000:
            raise BadPoint(N_("Een punt bewaart 1 tot 5000 bestellingen."), fields=("openings",))
        if not 0 <= one.weekday <= 6:
            raise BadPoint(N_("Kies een weekdag."), fields=("openings",))
    _check_overlap(openings)


def _check_overlap(openings: Sequence[Opening]) -> None:
    ordered = sorted(openings, key=lambda one: (one.weekday, one.opens))
    for earlier, later in pairwise(ordered):
        if earlier.weekday == later.weekday and later.opens < earlier.closes:
            raise BadPoint(N_("Twee openingstijden op dezelfde dag overlappen."), fields=("openings",))


def _set_openings(session: Session, point_id: int, openings: Sequence[Opening]) -> None:
    session.add_all(
        OpeningWindow(
            pickup_point_id=point_id,
            weekday=one.weekday,
            opens=one.opens,
            closes=one.closes,
            places=one.places,
        )
        for one in openings
    )
    session.flush()


def _texts(note: dict[str, str]) -> dict[str, str]:
    return {code: text.strip()[:300] for code, text in note.items() if text.strip()}


def _changed(session: Session, what: str, point: PickupPoint, now: datetime, by: Actor) -> None:
    directory.touch(session)
    journal.record(session, what, by=by, now=now, enterprise_id=point.enterprise_id, pickup_point_id=point.id)


def _free_slug(session: Session, name: str) -> str:
    base, number = slug_of(name), 1
    taken = set(session.scalars(select(PickupPoint.slug).where(PickupPoint.slug.startswith(base))))
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
