"""How an enterprise stands towards VAT, from which day (domain.md 4.2): history, and changes that are to come.

The day of supply decides which scheme a document follows. A change counts as the enterprise enters it, since it answers
for its own VAT; a coordinator looks at each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises.models import Enterprise, VatScheme
from shortchain.enterprises.vat_models import VatChange
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.window import local_day


class SameScheme(Invalid):
    """The enterprise stands so already on that day."""

    message = N_("Dit stelsel geldt dan al.")


class NotInOrder(Conflict):
    """A later change is known already; history is not written backwards."""

    message = N_("Er is al een wijziging vanaf %(day)s. Kies een latere dag, of haal die wijziging eerst weg.")


class AlreadyHolds(Conflict):
    """What holds by now can not be taken away, only followed by another change."""

    message = N_("Deze wijziging geldt al. Voeg een nieuwe wijziging toe.")


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A change that no coordinator has looked at."""

    change: VatChange
    enterprise: Enterprise


def on_day(first: VatScheme, changes: Sequence[tuple[date, VatScheme]], day: date) -> VatScheme:
    """Say which scheme holds on a day: that of the last change up to then, and before all of them the first. Pure."""
    held = [(since, scheme) for since, scheme in changes if since <= day]
    return max(held, key=lambda one: one[0])[1] if held else first


def history(session: Session, *, enterprise_id: int) -> Sequence[VatChange]:
    """List the changes of an enterprise, the oldest first."""
    query = select(VatChange).where(VatChange.enterprise_id == enterprise_id).order_by(VatChange.from_day)
    return session.scalars(query).all()


def of(session: Session, enterprise: Enterprise, *, day: date) -> VatScheme:
    """Say which scheme holds for an enterprise on a day."""
    return of_all(session, [enterprise], day=day)[enterprise.id]


def of_all(session: Session, enterprises: Sequence[Enterprise], *, day: date) -> Mapping[int, VatScheme]:
    """Say which scheme holds for each on a day, by their ids."""
    scheme_on = by_day(session, enterprises)
    return {one.id: scheme_on(one, day) for one in enterprises}


def by_day(session: Session, enterprises: Sequence[Enterprise]) -> Callable[[Enterprise, date], VatScheme]:
    """Read the changes of some enterprises once; the answer says which scheme holds for one of them on a day."""
    ids = {one.id for one in enterprises}
    found: dict[int, list[tuple[date, VatScheme]]] = {}
    for change in session.scalars(select(VatChange).where(VatChange.enterprise_id.in_(ids))):
        found.setdefault(change.enterprise_id, []).append((change.from_day, change.scheme))
    return lambda one, day: on_day(one.vat_scheme, found.get(one.id, ()), day)


def note(
    session: Session, *, enterprise_id: int, scheme: VatScheme, from_day: date, now: datetime, by: Actor
) -> VatChange:
    """Note that an enterprise stands otherwise from a day; a second change of the same day takes its place.

    :raises NotInOrder: when a later change is known
    :raises SameScheme: when nothing would change
    """
    enterprise = session.get_one(Enterprise, enterprise_id, with_for_update=True)
    before = list(history(session, enterprise_id=enterprise_id))
    same = next((one for one in before if one.from_day == from_day), None)
    if before and before[-1].from_day > from_day:
        raise NotInOrder(day=f"{before[-1].from_day:%d/%m/%Y}", fields=("from_day",))
    others = [(one.from_day, one.scheme) for one in before if one is not same]
    if on_day(enterprise.vat_scheme, others, from_day) is scheme:
        raise SameScheme(fields=("scheme",))
    change = same or VatChange(enterprise_id=enterprise_id, from_day=from_day)
    change.scheme, change.noted_at, change.checked_at = scheme, now, None
    session.add(change)
    session.flush()
    journal.record(
        session,
        "enterprise.vat_changed",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        scheme=scheme.value,
        from_day=from_day.isoformat(),
    )
    return change


def withdraw(session: Session, *, enterprise_id: int, change_id: int, now: datetime, by: Actor) -> None:
    """Take away a change that does not hold yet.

    :raises NotFound: when the enterprise has no such change
    :raises AlreadyHolds: when its day has come
    """
    change = session.get(VatChange, change_id, with_for_update=True)
    if change is None or change.enterprise_id != enterprise_id:
        raise NotFound()
    if change.from_day <= local_day(now):
        raise AlreadyHolds()
    session.delete(change)
    session.flush()
    journal.record(
        session,
        "enterprise.vat_change_withdrawn",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        from_day=change.from_day.isoformat(),
    )


def unchecked(session: Session) -> list[Unchecked]:
    """List the changes that no coordinator has looked at, the longest waiting first."""
    rows = session.execute(
        select(VatChange, Enterprise)
        .join(Enterprise, Enterprise.id == VatChange.enterprise_id)
        .where(VatChange.checked_at.is_(None), Enterprise.is_active)
        .order_by(VatChange.noted_at, VatChange.id)
    )
    return [Unchecked(change, enterprise) for change, enterprise in rows]


def check(session: Session, *, change_id: int, now: datetime, by: Actor) -> None:
    """Note that a coordinator looked at a change; a second time changes nothing.

    :raises NotFound: when there is none
    """
    change = session.get(VatChange, change_id, with_for_update=True)
    if change is None:
        raise NotFound()
    if change.checked_at is None:
        change.checked_at = now
        session.flush()
        journal.record(session, "enterprise.vat_checked", by=by, now=now, enterprise_id=change.enterprise_id)
