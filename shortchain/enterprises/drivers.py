"""The people who drive for an enterprise: their licence, and how heavy a piece they may lift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.licences import LICENCES
from shortchain.enterprises.models import Courier, Driver, Membership
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound

LIFT_MOST_G = 100_000
MOST = 200


class BadDriver(Invalid):
    """Something about a driver cannot be right; the message says what."""


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """What an enterprise tells of a driver: the name by which it knows them, the licence ("" for none), how many grams a
    piece may weigh that they lift (None: no bound), and the account with which they sign in."""

    name: str
    licence: str
    lift_g: int | None = None
    user_id: int | None = None


def add(session: Session, *, enterprise_id: int, facts: DriverFacts, now: datetime, by: Actor) -> Driver:
    """Add a driver.

    :raises BadDriver: when something about them cannot be right
    """
    _check(session, enterprise_id, facts)
    if len(list_of(session, enterprise_id=enterprise_id)) >= MOST:
        raise BadDriver(N_("Meer dan 200 bestuurders kan niet."), fields=("name",))
    driver = Driver(enterprise_id=enterprise_id, is_active=True, **_columns(facts))
    session.add(driver)
    _changed(session, "driver.added", driver, now, by)
    return driver


def change(
    session: Session, *, enterprise_id: int, public_id: str, version: int, facts: DriverFacts, now: datetime, by: Actor
) -> None:
    """Change what is known of a driver. `version` is that of the form that was opened.

    :raises NotFound: when they are not this enterprise's
    :raises StaleEdit: when somebody saved in between
    :raises BadDriver: when something about them cannot be right
    """
    _check(session, enterprise_id, facts)
    driver = get(session, enterprise_id=enterprise_id, public_id=public_id)
    if driver.version != version:
        raise StaleEdit
    for column, value in _columns(facts).items():
        setattr(driver, column, value)
    _changed(session, "driver.changed", driver, now, by)


def set_active(
    session: Session, *, enterprise_id: int, public_id: str, is_active: bool, now: datetime, by: Actor
) -> None:
    """Count on a driver no longer, or again; tours that they have stay, and no vehicle is usually theirs any more.

    :raises NotFound: when they are not this enterprise's
    """
    driver = get(session, enterprise_id=enterprise_id, public_id=public_id)
    driver.is_active = is_active
    if not is_active:
        session.execute(update(Courier).where(Courier.driver_id == driver.id).values(driver_id=None))
    _changed(session, "driver.resumed" if is_active else "driver.stopped", driver, now, by)


def get(session: Session, *, enterprise_id: int, public_id: str) -> Driver:
    """Give a driver of an enterprise.

    :raises NotFound: when there is none such
    """
    found = session.scalar(
        select(Driver)
        .where(Driver.enterprise_id == enterprise_id, Driver.public_id == public_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_of(session: Session, *, enterprise_id: int, also_stopped: bool = True) -> Sequence[Driver]:
    """List the drivers of an enterprise, those that drive first, by name."""
    query = select(Driver).where(Driver.enterprise_id == enterprise_id)
    if not also_stopped:
        query = query.where(Driver.is_active)
    return session.scalars(query.order_by(Driver.is_active.desc(), Driver.name, Driver.id)).all()


def _check(session: Session, enterprise_id: int, facts: DriverFacts) -> None:
    if not facts.name.strip():
        raise BadDriver(N_("Geef de bestuurder een naam."), fields=("name",))
    if facts.licence not in LICENCES:
        raise BadDriver(N_("Kies een rijbewijs."), fields=("licence",))
    if facts.lift_g is not None and not 1_000 <= facts.lift_g <= LIFT_MOST_G:
        raise BadDriver(N_("Een bestuurder tilt 1 tot 100 kg. Leeg: geen grens."), fields=("lift_kg",))
    if facts.user_id is not None and not session.scalar(
        select(Membership.id).where(Membership.enterprise_id == enterprise_id, Membership.user_id == facts.user_id)
    ):
        raise BadDriver(N_("Wie rijdt, werkt bij deze onderneming."), fields=("account",))


def _columns(facts: DriverFacts) -> dict[str, object]:
    return {
        "name": facts.name.strip()[:80],
        "licence": facts.licence,
        "lift_g": facts.lift_g,
        "user_id": facts.user_id,
    }


def _changed(session: Session, what: str, driver: Driver, now: datetime, by: Actor) -> None:
    session.flush()
    journal.record(session, what, by=by, now=now, enterprise_id=driver.enterprise_id, driver=driver.public_id)
