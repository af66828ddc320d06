"""Enterprises begin, tell who and where they are, and are verified."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from stdnum.be import vat
from stdnum.exceptions import ValidationError

from shortchain import journal
from shortchain.enterprises import directory
from shortchain.enterprises.models import Enterprise, EnterpriseKind
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.ports import Place

STORY_MOST = 2000


MOST_LEAST_CENTS = 50_000


class BadMinimum(Invalid):
    """A minimum per order that can not be."""

    message = N_("Kies een bedrag van € 0 tot € 500.")


class BadKbo(Invalid):
    """The text is not an enterprise number."""

    message = N_("Dit is geen ondernemingsnummer. Het telt 10 cijfers, bijvoorbeeld 0123.456.749.")


class KboTaken(Conflict):
    """Another enterprise has this number."""

    message = N_("Er is al een onderneming met dit nummer. Vraag haar om je uit te nodigen.")


class CourtWithoutForm(Invalid):
    """Only a legal person stands in the register of legal persons."""

    message = N_("Vul ook de rechtsvorm in, of laat de rechtbank leeg.")


class NameMissing(Invalid):
    """An enterprise needs a name."""

    message = N_("Geef de onderneming een naam van 2 tot 120 tekens.")


RESERVED_SLUGS = frozenset({"vandaag", "oogst", "aanbod", "plukken", "geld", "afgeven", "profiel", "lot"})
"""Words that stand behind `/boer/` already, so that no farm can be called so in an address."""


class StaleEdit(Conflict):
    """Somebody else saved meanwhile."""

    message = N_("Iemand anders heeft dit intussen gewijzigd. Kijk het na en bewaar opnieuw.")


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it was typed, with the place that the geocoder made of it."""

    street: str
    house_number: str
    box: str
    place: Place

    @property
    def is_exact(self) -> bool:
        """Say whether the point is that of the street, not just of the municipality."""
        return self.place.precision in ("address", "street")


def normal_kbo(text: str) -> str:
    """Write a Belgian enterprise number in ten digits.

    The last two are 97 minus the first eight modulo 97 (Crossroads Bank for Enterprises).

    :raises BadKbo: when it is no such number
    """
    try:
        return vat.validate(text)
    except ValidationError as error:
        raise BadKbo(fields=("kbo",)) from error


def written_kbo(number: str | None) -> str:
    """Write a number as people read it: `0123.456.749`."""
    return f"{number[:4]}.{number[4:7]}.{number[7:]}" if number else ""


def slug_of(text: str, *, most: int = 60) -> str:
    """Make a part of a web address out of a name: small letters, digits and single hyphens."""
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:most].strip("-") or "x"


def found(
    session: Session,
    *,
    name: str,
    kind: EnterpriseKind,
    kbo: str,
    address: Address,
    email: str,
    phone: str,
    language: str,
    now: datetime,
    by: Actor,
) -> Enterprise:
    """Begin an enterprise; it still has to be verified by a coordinator.

    :raises NameMissing, BadKbo, KboTaken: nothing was made
    """
    enterprise = Enterprise(
        name=_checked_name(name),
        kind=kind,
        kbo=normal_kbo(kbo),
        email=email,
        phone=phone,
        language=language,
        slug=_free_slug(session, name),
        created_at=now,
        **place_columns(address),
    )
    try:
        with session.begin_nested():
            session.add(enterprise)
            session.flush()
    except IntegrityError as error:
        raise KboTaken(fields=("kbo",)) from error
    journal.record(session, "enterprise.founded", by=by, now=now, enterprise_id=enterprise.id, kind=kind.value)
    return enterprise


def get(session: Session, *, enterprise_id: int) -> Enterprise:
    """Give an enterprise.

    :raises NotFound: when there is none of this number
    """
    enterprise = session.get(Enterprise, enterprise_id)
    if enterprise is None:
        raise NotFound
    return enterprise


def save_profile(
    session: Session,
    *,
    enterprise_id: int,
    version: int,
    name: str,
    email: str,
    phone: str,
    language: str,
    people: str,
    legal_form: str,
    court: str,
    story: dict[str, str],
    now: datetime,
    by: Actor,
) -> None:
    """Change what people read about an enterprise. `version` is that of the form that was opened.

    `legal_form` and `court` (the business court of its register of legal persons) stand on its documents, as the Code
    of Companies art. 2:20 wants; both are empty for a natural person.

    :raises StaleEdit: when somebody saved in between
    :raises NameMissing: when the name is empty
    :raises CourtWithoutForm: when there is a court and no legal form
    """
    enterprise = get(session, enterprise_id=enterprise_id)
    if enterprise.version != version:
        raise StaleEdit
    enterprise.name = _checked_name(name)
    enterprise.email, enterprise.phone, enterprise.language = email, phone, language
    enterprise.people = people.strip()[:120]
    enterprise.legal_form, enterprise.court = " ".join(legal_form.split())[:40], " ".join(court.split())[:60]
    if enterprise.court and not enterprise.legal_form:
        raise CourtWithoutForm(fields=("legal_form",))
    enterprise.story = {
        code: text.strip()[:STORY_MOST] for code, text in story.items() if code in ("nl", "fr", "en") and text.strip()
    }
    session.flush()
    journal.record(session, "enterprise.profile_changed", by=by, now=now, enterprise_id=enterprise_id)


def move(session: Session, *, enterprise_id: int, address: Address, now: datetime, by: Actor) -> None:
    """Change where an enterprise is; routing must see it."""
    enterprise = get(session, enterprise_id=enterprise_id)
    for column, value in place_columns(address).items():
        setattr(enterprise, column, value)
    session.flush()
    directory.touch(session)
    journal.record(session, "enterprise.moved", by=by, now=now, enterprise_id=enterprise_id)


def find(session: Session, *, public_id: str) -> Enterprise:
    """Give an enterprise by its public id.

    :raises NotFound: when there is none
    """
    enterprise = session.scalar(select(Enterprise).where(Enterprise.public_id == public_id))
    if enterprise is None:
        raise NotFound
    return enterprise


def unverified(session: Session) -> Sequence[Enterprise]:
    """List the enterprises that nobody has checked yet, the longest waiting first."""
    return session.scalars(
        select(Enterprise)
        .where(Enterprise.verified_at.is_(None), Enterprise.is_active)
        .order_by(Enterprise.created_at, Enterprise.id)
    ).all()


def verify(session: Session, *, enterprise_id: int, now: datetime, by: Actor) -> None:
    """Note that a coordinator has checked number, registrations and people of an enterprise."""
    enterprise = get(session, enterprise_id=enterprise_id)
    if enterprise.verified_at is None:
        enterprise.verified_at = now
        session.flush()
        directory.touch(session)
        journal.record(session, "enterprise.verified", by=by, now=now, enterprise_id=enterprise_id)


def set_active(session: Session, *, enterprise_id: int, is_active: bool, now: datetime, by: Actor) -> None:
    """Let an enterprise take part, or not any more."""
    enterprise = get(session, enterprise_id=enterprise_id)
    enterprise.is_active = is_active
    session.flush()
    directory.touch(session)
    what = "enterprise.activated" if is_active else "enterprise.deactivated"
    journal.record(session, what, by=by, now=now, enterprise_id=enterprise_id)


def make_hub(session: Session, *, enterprise_id: int, now: datetime, by: Actor) -> None:
    """Let an enterprise coordinate cycles and pick-up points."""
    enterprise = get(session, enterprise_id=enterprise_id)
    enterprise.is_hub = True
    session.flush()
    journal.record(session, "enterprise.became_hub", by=by, now=now, enterprise_id=enterprise_id)


def note_payout_account(session: Session, *, enterprise_id: int, account: str, now: datetime, by: Actor) -> None:
    """Keep the connected account of an enterprise; a second one never replaces the first."""
    enterprise = get(session, enterprise_id=enterprise_id)
    if enterprise.stripe_account is None:
        enterprise.stripe_account = account
        session.flush()
        journal.record(session, "enterprise.account_opened", by=by, now=now, enterprise_id=enterprise_id)


def note_iban(session: Session, *, enterprise_id: int, iban: str, now: datetime, by: Actor) -> None:
    """Keep the bank account of an enterprise, or forget it when it is empty; the journal keeps its end only."""
    enterprise = get(session, enterprise_id=enterprise_id)
    if enterprise.iban != iban:
        enterprise.iban = iban
        session.flush()
        journal.record(
            session, "enterprise.iban_changed", by=by, now=now, enterprise_id=enterprise_id, ends_with=iban[-4:]
        )


def note_least_order(session: Session, *, enterprise_id: int, cents: int, now: datetime, by: Actor) -> None:
    """Keep for how much one orders of a farm at least; 0 takes the rule away.

    :raises BadMinimum: for less than nothing, or more than anybody would order
    """
    if not 0 <= cents <= MOST_LEAST_CENTS:
        raise BadMinimum(fields=("least",))
    enterprise = get(session, enterprise_id=enterprise_id)
    if enterprise.least_order_cents != cents:
        enterprise.least_order_cents = cents
        session.flush()
        journal.record(session, "enterprise.least_order", by=by, now=now, enterprise_id=enterprise_id, cents=cents)


def find_by_account(session: Session, *, account: str) -> Enterprise | None:
    """Find whose connected account this is."""
    return session.scalar(select(Enterprise).where(Enterprise.stripe_account == account)) if account else None


def note_payouts(session: Session, *, enterprise_id: int, enabled: bool, now: datetime, by: Actor) -> None:
    """Note whether the payment provider can pay an enterprise."""
    enterprise = get(session, enterprise_id=enterprise_id)
    if enterprise.payouts_enabled != enabled:
        enterprise.payouts_enabled = enabled
        session.flush()
        directory.touch(session)
        journal.record(
            session,
            "enterprise.payouts_changed",
            by=by,
            now=now,
            enterprise_id=enterprise_id,
            enabled=enabled,
        )


def place_columns(address: Address) -> dict[str, object]:
    """Give the values of the columns of a `PlaceMixin`."""
    place = address.place
    return {
        "street": address.street.strip()[:120],
        "house_number": address.house_number.strip()[:16],
        "box": address.box.strip()[:16],
        "postcode": place.postcode,
        "municipality": place.municipality[:80],
        "nis": place.nis,
        "lat": round(place.point.lat, 6),
        "lon": round(place.point.lon, 6),
    }


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 2 <= len(name) <= 120:
        raise NameMissing(fields=("name",))
    return name


def _free_slug(session: Session, name: str) -> str:
    base = slug_of(name)
    taken = set(session.scalars(select(Enterprise.slug).where(Enterprise.slug.startswith(base))))
    taken |= RESERVED_SLUGS
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
