"""Who is recognised as a body with a social purpose, so that its services carry 6 % VAT instead of 21 %.

The enterprise enters number and dates among its certificates; a coordinator looks at each. `social_rate` says what follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises import directory
from shortchain.enterprises.certificates import SOCIAL
from shortchain.enterprises.models import Certificate, Enterprise
from shortchain.enterprises.social_rate import Span, span
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.window import local_day


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A recognition that no coordinator has looked at."""

    certificate: Certificate
    enterprise: Enterprise


def spans(session: Session, *, enterprise_id: int | None = None) -> Mapping[int, tuple[Span, ...]]:
    """Read when whose recognition counts, of all enterprises or one, by their ids."""
    query = select(Certificate).where(Certificate.kind == SOCIAL, Certificate.checked_at.is_not(None))
    if enterprise_id is not None:
        query = query.where(Certificate.enterprise_id == enterprise_id)
    found: dict[int, tuple[Span, ...]] = {}
    for one in session.scalars(query.order_by(Certificate.id)):
        checked_on = local_day(one.checked_at) if one.checked_at else None
        if counts := span(one.valid_from, one.valid_to, checked_on):
            found[one.enterprise_id] = (*found.get(one.enterprise_id, ()), counts)
    return found


def unchecked(session: Session, *, day: date) -> list[Unchecked]:
    """List the recognitions that no coordinator has looked at and that are not over, the oldest first."""
    rows = session.execute(
        select(Certificate, Enterprise)
        .join(Enterprise, Enterprise.id == Certificate.enterprise_id)
        .where(
            Certificate.kind == SOCIAL,
            Certificate.checked_at.is_(None),
            Certificate.valid_to >= day,
            Enterprise.is_active,
        )
        .order_by(Certificate.id)
    )
    return [Unchecked(certificate, enterprise) for certificate, enterprise in rows]


def check(session: Session, *, certificate_id: int, now: datetime, by: Actor) -> None:
    """Note that a coordinator looked at a recognition; a second time changes nothing.

    :raises NotFound: when there is none
    """
    found = session.get(Certificate, certificate_id, with_for_update=True)
    if found is None or found.kind != SOCIAL:
        raise NotFound()
    if found.checked_at is None:
        found.checked_at = now
        session.flush()
        directory.touch(session)
        journal.record(
            session,
            "certificate.checked",
            by=by,
            now=now,
            enterprise_id=found.enterprise_id,
            certificate_id=certificate_id,
            kind=found.kind,
        )
