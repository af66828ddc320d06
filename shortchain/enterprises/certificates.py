"""Certificates with their dates. A label counts on a day, and disappears by itself the day after.

Regulation (EU) 2018/848 art. 35: who sells, prepares or stores organic products has a certificate of a
control body. Its number has the form BE-BIO-nn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises import directory
from shortchain.enterprises.models import Certificate
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound

ORGANIC, FAVV, SOCIAL = "organic", "favv", "social"
KINDS = (ORGANIC, FAVV, SOCIAL)
ORGANIC_BODY = re.compile(r"[A-Z]{2}-BIO-\d{2,3}")
SOON_DAYS = 30


class BadCertificate(Invalid):
    """Something on the certificate cannot be right; the message says what."""


def add(
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
) -> Certificate:
    """Add a certificate of an enterprise.

    :raises BadCertificate: when its kind, body, number or dates cannot be right
    """
    body, number = body.strip().upper()[:32], number.strip()[:64]
    if kind not in KINDS:
        raise BadCertificate(N_("Kies het soort certificaat."), fields=("kind",))
    if kind == ORGANIC and not ORGANIC_BODY.fullmatch(body):
        raise BadCertificate(N_("Een controleorgaan heeft een code zoals BE-BIO-01."), fields=("body",))
    if not number:
        raise BadCertificate(N_("Vul het nummer van het certificaat in."), fields=("number",))
    if valid_to < valid_from:
        raise BadCertificate(N_("De einddatum ligt voor de begindatum."), fields=("valid_to",))
    certificate = Certificate(
        enterprise_id=enterprise_id,
        kind=kind,
        body=body,
        number=number,
        scope=scope.strip()[:200],
        valid_from=valid_from,
        valid_to=valid_to,
    )
    session.add(certificate)
    session.flush()
    directory.touch(session)
    journal.record(
        session,
        "certificate.added",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        certificate_id=certificate.id,
        kind=kind,
    )
    return certificate


def remove(session: Session, *, enterprise_id: int, certificate_id: int, now: datetime, by: Actor) -> None:
    """Remove a certificate.

    :raises NotFound: when it is not this enterprise's
    """
    certificate = session.get(Certificate, certificate_id)
    if certificate is None or certificate.enterprise_id != enterprise_id:
        raise NotFound
    session.delete(certificate)
    session.flush()
    directory.touch(session)
    journal.record(
        session,
        "certificate.removed",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        certificate_id=certificate_id,
        kind=certificate.kind,
    )


def list_of(session: Session, *, enterprise_id: int) -> Sequence[Certificate]:
    """List the certificates of an enterprise, the longest valid first."""
    return session.scalars(
        select(Certificate)
        .where(Certificate.enterprise_id == enterprise_id)
        .order_by(Certificate.valid_to.desc(), Certificate.id.desc())
    ).all()


def find_valid(session: Session, *, enterprise_id: int, on_day: date, kind: str = ORGANIC) -> Certificate | None:
    """Find the certificate that counts on a day; the one that counts longest when there are more."""
    return session.scalar(
        select(Certificate)
        .where(
            Certificate.enterprise_id == enterprise_id,
            Certificate.kind == kind,
            Certificate.valid_from <= on_day,
            Certificate.valid_to >= on_day,
        )
        .order_by(Certificate.valid_to.desc(), Certificate.id)
        .limit(1)
    )


def certified(session: Session, *, enterprise_ids: Iterable[int], on_day: date, kind: str = ORGANIC) -> set[int]:
    """Say which of these enterprises have a certificate that counts on a day; one query."""
    return set(
        session.scalars(
            select(Certificate.enterprise_id).where(
                Certificate.enterprise_id.in_(list(enterprise_ids)),
                Certificate.kind == kind,
                Certificate.valid_from <= on_day,
                Certificate.valid_to >= on_day,
            )
        )
    )


def standing(certificate: Certificate, *, on_day: date) -> str:
    """Say how a certificate stands: 'valid', 'soon' (ends within 30 days), 'over', 'later' or 'unchecked'."""
    if certificate.valid_to < on_day:
        return "over"
    if certificate.kind == SOCIAL and certificate.checked_at is None:
        return "unchecked"
    if certificate.valid_from > on_day:
        return "later"
    return "soon" if (certificate.valid_to - on_day).days < SOON_DAYS else "valid"
