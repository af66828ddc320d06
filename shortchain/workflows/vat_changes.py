"""An enterprise says from which day it stands otherwise towards VAT; a coordinator looks at it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from shortchain.documents import reading
from shortchain.enterprises import vat_schemes
from shortchain.enterprises.models import VatScheme
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict
from shortchain.transaction import transaction


class DocumentsSince(Conflict):
    """Documents of that time speak of the old scheme, and a document never changes."""

    message = N_("Sinds die dag zijn er al documenten in jullie naam. Kies een latere dag, of bel ons.")


def change(
    session: Session, *, enterprise_id: int, scheme: VatScheme, from_day: date, now: datetime, by: Actor
) -> None:
    """Note a scheme with the day from which it holds; that day may be to come.

    :raises DocumentsSince: when the enterprise sold on paper since that day
    :raises NotInOrder, SameScheme: nothing was changed
    """
    with transaction(session):
        if reading.sold_since(session, enterprise_id=enterprise_id, day=from_day):
            raise DocumentsSince(fields=("from_day",))
        vat_schemes.note(session, enterprise_id=enterprise_id, scheme=scheme, from_day=from_day, now=now, by=by)


def withdraw(session: Session, *, enterprise_id: int, change_id: int, now: datetime, by: Actor) -> None:
    """Take away a change that does not hold yet.

    :raises NotFound, AlreadyHolds: nothing was changed
    """
    with transaction(session):
        vat_schemes.withdraw(session, enterprise_id=enterprise_id, change_id=change_id, now=now, by=by)


def check(session: Session, *, change_id: int, now: datetime, by: Actor) -> None:
    """Note that a coordinator looked at a change.

    :raises NotFound: when there is none
    """
    with transaction(session):
        vat_schemes.check(session, change_id=change_id, now=now, by=by)
