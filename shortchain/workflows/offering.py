"""An enterprise says what it can do, when, and with which certificates; a hub says where to collect.

Each change raises the directory's version in its transaction, so that routing sees it, and lets the
capacity that exists already follow the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.catalogue import next_cycle, shop_items
from shortchain.enterprises import calendar, capabilities, certificates, pickup_points, recognitions, weeks
from shortchain.enterprises.capabilities import Terms
from shortchain.enterprises.founding import Address
from shortchain.enterprises.pickup_points import Opening
from shortchain.enterprises.weeks import HalfDay
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict
from shortchain.kernel.halves import HALVES
from shortchain.kernel.window import local_day
from shortchain.transaction import transaction


class WorkPromised(Conflict):
    """Work is promised on days that would be closed; `days` says which."""

    message = N_("Op deze dagen is al werk beloofd: %(days)s. Regel dat eerst met de coördinator.")

    def __init__(self, days: Sequence[date]) -> None:
        self.days = tuple(days)
        super().__init__(days=", ".join(f"{day:%d/%m}" for day in days), fields=("first_day",))


class BelowPromise(Conflict):
    """A week would offer less than is promised; `short` says of which service, on which day, and how much that is."""

    message = N_("Er is al meer beloofd dan je wilt bewaren. Niets is gewijzigd.")

    def __init__(self, short: Sequence[Promise]) -> None:
        super().__init__()
        self.short = tuple(short)


@dataclass(frozen=True, slots=True)
class Promise:
    """So much of a service is promised on a day, or in a half of it, in its unit."""

    capability_id: int
    day: date
    amount: int
    half: str = ""


def save_week(
    session: Session,
    *,
    enterprise_id: int,
    monday: date,
    version: int,
    halves: Sequence[HalfDay],
    now: datetime,
    by: Actor,
) -> None:
    """Save the plan of a week as a whole. `version` is that of the page that was opened, 0 for a first plan.

    :raises BelowPromise: when less would be offered than is promised; nothing is changed
    :raises StaleEdit, BadWeek: nothing is changed
    """
    today = local_day(now)
    with transaction(session):
        weeks.save(
            session,
            enterprise_id=enterprise_id,
            monday=monday,
            version=version,
            halves=[half for half in halves if half.day >= today],
            now=now,
            by=by,
        )
        sunday = monday + timedelta(days=6)
        over = [
            (one.id, day)
            for one in capabilities.list_of(session, enterprise_id=enterprise_id)
            for day in ledger.follow_calendar(session, capability_id=one.id, from_day=max(monday, today))
            if day <= sunday
        ]
        if over:
            raise BelowPromise(_short(session, over, monday, sunday))


def _short(session: Session, over: Sequence[tuple[int, date]], first: date, last: date) -> list[Promise]:
    """Say what is promised on days that would offer less: of the whole day, else of the halves that are short."""
    numbers = sorted({one for one, _day in over})
    whole = ledger.taken(session, first=first, last=last, capability_ids=numbers)
    halves = ledger.taken_of_halves(session, first=first, last=last, capability_ids=numbers)
    planned = weeks.planned_halves(session, capability_ids=numbers, first=first, last=last)
    found = []
    for place in over:
        wanted = planned.get(place, (0, 0))
        if sum(wanted) < whole[place][1]:
            found.append(Promise(*place, whole[place][1]))
            continue
        short = [row for row in zip(HALVES, halves[place], wanted, strict=True) if row[2] < row[1]]
        found += [Promise(*place, promised, half) for half, promised, _wanted in short]
    return found


def offer_service(
    session: Session, *, enterprise_id: int, service: str, terms: Terms, now: datetime, by: Actor
) -> None:
    """Begin to offer a service.

    :raises UnknownService, BadTerms, AlreadyOffered: nothing was changed
    """
    with transaction(session):
        made = capabilities.offer(session, enterprise_id=enterprise_id, service=service, terms=terms, now=now, by=by)
        ledger.follow_calendar(session, capability_id=made.id, from_day=local_day(now))


def change_service(
    session: Session,
    *,
    enterprise_id: int,
    service: str,
    version: int,
    terms: Terms,
    now: datetime,
    by: Actor,
) -> list[date]:
    """Change the terms of a service; returns days on which more is promised than the new calendar.

    What is promised stays promised: the capacity of such a day is lowered to the promise only.

    :raises NotFound, StaleEdit, BadTerms: nothing was changed
    """
    with transaction(session):
        changed = capabilities.change(
            session,
            enterprise_id=enterprise_id,
            service=service,
            version=version,
            terms=terms,
            now=now,
            by=by,
        )
        return ledger.follow_calendar(session, capability_id=changed.id, from_day=local_day(now))


def choose_area(
    session: Session,
    *,
    enterprise_id: int,
    service: str,
    version: int,
    area: Mapping[str, Any],
    now: datetime,
    by: Actor,
) -> None:
    """Choose where a service is done.

    :raises NotFound, StaleEdit: nothing was changed
    """
    with transaction(session):
        capabilities.set_area(
            session, enterprise_id=enterprise_id, service=service, version=version, area=area, now=now, by=by
        )


def stop_service(session: Session, *, enterprise_id: int, service: str, now: datetime, by: Actor) -> list[date]:
    """Offer a service no longer; returns days on which work is still promised.

    :raises NotFound: when it is not offered
    """
    with transaction(session):
        stopped = capabilities.stop(session, enterprise_id=enterprise_id, service=service, now=now, by=by)
        return ledger.follow_calendar(session, capability_id=stopped.id, from_day=local_day(now))


def close_days(
    session: Session,
    *,
    enterprise_id: int,
    first_day: date,
    last_day: date,
    reason: str,
    now: datetime,
    by: Actor,
    is_collective: bool = False,
) -> None:
    """Close an enterprise for some days; `is_collective` proposes them to all around a hub.

    :raises BadClosure: when the days cannot be right
    :raises WorkPromised: when work was promised on one of them
    """
    with transaction(session):
        calendar.close(
            session,
            enterprise_id=enterprise_id,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
            now=now,
            by=by,
            is_collective=is_collective,
        )
        promised = [
            day
            for one in capabilities.list_of(session, enterprise_id=enterprise_id, also_stopped=True)
            for day in ledger.follow_calendar(session, capability_id=one.id, from_day=first_day)
            if first_day <= day <= last_day
        ]
        if promised:
            raise WorkPromised(sorted(set(promised)))


def reopen_days(session: Session, *, enterprise_id: int, closure_id: int, now: datetime, by: Actor) -> None:
    """Take closed days back.

    :raises NotFound: when they are not this enterprise's
    """
    with transaction(session):
        closure = calendar.reopen(session, enterprise_id=enterprise_id, closure_id=closure_id, now=now, by=by)
        for one in capabilities.list_of(session, enterprise_id=enterprise_id):
            ledger.follow_calendar(session, capability_id=one.id, from_day=max(closure.first_day, local_day(now)))


def add_certificate(
    session: Session,
    *,
    enterprise_id: int,
    kind: str,
    body: str,
    number: str,
    scope: str,
    valid_from: date,
    valid_to: date,
    now: datetime,
    by: Actor,
) -> None:
    """Add a certificate.

    :raises BadCertificate: when something on it cannot be right
    """
    with transaction(session):
        certificates.add(
            session,
            enterprise_id=enterprise_id,
            kind=kind,
            body=body,
            number=number,
            scope=scope,
            valid_from=valid_from,
            valid_to=valid_to,
            now=now,
            by=by,
        )
        shop_items.refresh_farm(session, farm_id=enterprise_id)


def remove_certificate(session: Session, *, enterprise_id: int, certificate_id: int, now: datetime, by: Actor) -> None:
    """Remove a certificate.

    :raises NotFound: when it is not this enterprise's
    """
    with transaction(session):
        certificates.remove(session, enterprise_id=enterprise_id, certificate_id=certificate_id, now=now, by=by)
        shop_items.refresh_farm(session, farm_id=enterprise_id)


def check_recognition(session: Session, *, certificate_id: int, now: datetime, by: Actor) -> None:
    """Note that a coordinator looked at a recognition, so that services carry 6 % from today.

    :raises NotFound: when there is none
    """
    with transaction(session):
        recognitions.check(session, certificate_id=certificate_id, now=now, by=by)


def open_pickup_point(
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
) -> str:
    """Open a pick-up point of a hub, or the gate of a farm, where it is open at once; returns its public id.

    :raises BadPoint: when something about it cannot be right
    """
    with transaction(session):
        point = pickup_points.open_point(
            session,
            hub_id=hub_id,
            name=name,
            address=address,
            note=note,
            storage_classes=storage_classes,
            openings=openings,
            now=now,
            by=by,
        )
        next_cycle.make_gate_windows(session, farm_id=hub_id, now=now)
        return point.public_id


def change_pickup_point(
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
) -> None:
    """Change a pick-up point of a hub.

    :raises NotFound, BadPoint: nothing was changed
    """
    with transaction(session):
        pickup_points.change_point(
            session,
            hub_id=hub_id,
            public_id=public_id,
            name=name,
            address=address,
            note=note,
            storage_classes=storage_classes,
            openings=openings,
            now=now,
            by=by,
        )
        next_cycle.make_gate_windows(session, farm_id=hub_id, now=now)


def pause_pickup_point(
    session: Session, *, hub_id: int, public_id: str, is_active: bool, now: datetime, by: Actor
) -> None:
    """Close a point for new orders, or open it again.

    :raises NotFound: when it is not this hub's
    """
    with transaction(session):
        pickup_points.set_active(session, hub_id=hub_id, public_id=public_id, is_active=is_active, now=now, by=by)
