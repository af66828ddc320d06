"""What an enterprise can do for others, on which terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain import data, journal
from shortchain.enterprises import directory
from shortchain.enterprises.fetch_tariffs import SERVICE
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.models import Capability, PriceForm
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound

RADIUS_MOST_M = 150_000
LEAD_MOST_DAYS = 30
ANSWER_MOST_HOURS = 72
CAPACITY_MOST = 100_000_000
PRICE_MOST_CENTS = 100_000_00
MINUTES_MOST = 600
FETCH_MOST_CENTS, FETCH_EACH_MOST_CENTS = 500_00, 20_00
"""What a tariff for fetching asks at most: for an order or in all, and for each kilometre or kilogram."""


class UnknownService(NotFound):
    """There is no service of this code."""


class BadTerms(Invalid):
    """One of the terms of a service cannot be right; the message says which and why."""


class AlreadyOffered(Conflict):
    """The enterprise offers this service already."""

    message = N_("Je biedt deze dienst al aan.")


@dataclass(frozen=True, slots=True)
class Terms:
    """How an enterprise does a service.

    Prices are cents per `price_form`, VAT included, and a `pickup_price_cents` of zero means that a
    deliverer does not go to pick-up points; goods with one of `refused_allergens`, or with traces, do not come in;
    who `handles_apart` keeps goods that are sold as free from an allergen apart from all others; `weekday_capacity` counts grams, boxes or stops a
    day (the service says which), Monday first; `radius_m` is how far it works from its own place. `minutes_each` is how long one person works on a
    box, a kilogram, a piece or a stop: in a planned week people and hours then bound what is offered; 0 where it is not told.
    `km_cents` and `kg_cents` make, with the price per stop and the minimum, the tariff of who fetches at farms; None: it
    is paid as who brings.
    """

    storage_classes: tuple[str, ...]
    radius_m: int
    price_form: PriceForm
    price_cents: int
    weekday_capacity: tuple[int, ...]
    minimum_cents: int = 0
    pickup_price_cents: int = 0
    lead_days: int = 0
    answer_hours: int = 12
    refused_allergens: tuple[str, ...] = ()
    handles_apart: bool = False
    minutes_each: int = 0
    km_cents: int | None = None
    kg_cents: int | None = None


def offer(session: Session, *, enterprise_id: int, service: str, terms: Terms, now: datetime, by: Actor) -> Capability:
    """Begin to offer a service, or offer it again on new terms.

    :raises UnknownService: when there is no such service
    :raises BadTerms: when a term cannot be right
    :raises AlreadyOffered: when it is offered now
    """
    _check(service, terms)
    capability = find(session, enterprise_id=enterprise_id, service=service)
    if capability is not None and capability.is_active:
        raise AlreadyOffered
    if capability is None:
        capability = Capability(enterprise_id=enterprise_id, service=service, **_columns(terms))
        try:
            with session.begin_nested():
                session.add(capability)
                session.flush()
        except IntegrityError as error:
            raise AlreadyOffered from error
    else:
        _assign(capability, terms)
        capability.is_active = True
        session.flush()
    _changed(session, "capability.offered", capability, now, by)
    return capability


def change(
    session: Session,
    *,
    enterprise_id: int,
    service: str,
    version: int,
    terms: Terms,
    now: datetime,
    by: Actor,
) -> Capability:
    """Change the terms of a service. `version` is that of the form that was opened.

    :raises NotFound: when it is not offered
    :raises StaleEdit: when somebody saved in between
    :raises BadTerms: when a term cannot be right
    """
    _check(service, terms)
    capability = find(session, enterprise_id=enterprise_id, service=service)
    if capability is None or not capability.is_active:
        raise NotFound
    if capability.version != version:
        raise StaleEdit
    _assign(capability, terms)
    session.flush()
    _changed(session, "capability.changed", capability, now, by)
    return capability


def set_area(
    session: Session,
    *,
    enterprise_id: int,
    service: str,
    version: int,
    area: Mapping[str, Any],
    now: datetime,
    by: Actor,
) -> None:
    """Choose where a service is done: an area of `service_areas`, or `{}` for the circle of the terms.

    :raises NotFound: when it is not offered
    :raises StaleEdit: when somebody saved in between
    """
    capability = find(session, enterprise_id=enterprise_id, service=service)
    if capability is None or not capability.is_active:
        raise NotFound
    if capability.version != version:
        raise StaleEdit
    capability.area = dict(area)
    session.flush()
    _changed(session, "capability.area_chosen", capability, now, by)


def stop(session: Session, *, enterprise_id: int, service: str, now: datetime, by: Actor) -> Capability:
    """Offer a service no longer; work that was promised stays promised.

    :raises NotFound: when it is not offered
    """
    capability = find(session, enterprise_id=enterprise_id, service=service)
    if capability is None or not capability.is_active:
        raise NotFound
    capability.is_active = False
    session.flush()
    _changed(session, "capability.stopped", capability, now, by)
    return capability


def find(session: Session, *, enterprise_id: int, service: str) -> Capability | None:
    """Find how an enterprise does a service, offered now or before."""
    return session.scalar(
        select(Capability).where(Capability.enterprise_id == enterprise_id, Capability.service == service)
    )


def list_of(session: Session, *, enterprise_id: int, also_stopped: bool = False) -> Sequence[Capability]:
    """List the services of an enterprise, in the order of the reference table."""
    query = select(Capability).where(Capability.enterprise_id == enterprise_id)
    if not also_stopped:
        query = query.where(Capability.is_active)
    order = list(data.services())
    return sorted(session.scalars(query), key=lambda one: order.index(one.service))


def terms_of(capability: Capability) -> Terms:
    """Read the terms back."""
    names = Terms.__dataclass_fields__
    values = {name: getattr(capability, name) for name in names}
    values["storage_classes"] = tuple(values["storage_classes"])
    values["weekday_capacity"] = tuple(values["weekday_capacity"])
    values["refused_allergens"] = tuple(values["refused_allergens"])
    return Terms(**values)


def _check(service: str, terms: Terms) -> None:
    known = data.services().get(service)
    if known is None:
        raise UnknownService
    if terms.price_form.value not in known.price_forms:
        raise BadTerms(N_("Deze prijsvorm past niet bij deze dienst."), fields=("price_form",))
    if not terms.storage_classes or not set(terms.storage_classes) <= set(data.storage_classes()):
        raise BadTerms(N_("Kies minstens één temperatuurklasse."), fields=("storage_classes",))
    if not set(terms.refused_allergens) <= set(data.allergens()):
        raise BadTerms(N_("Kies allergenen uit de lijst."), fields=("refused_allergens",))
    if not 1_000 <= terms.radius_m <= RADIUS_MOST_M:
        raise BadTerms(N_("Kies een afstand van 1 tot 150 km."), fields=("radius_km",))
    prices = (terms.price_cents, terms.minimum_cents, terms.pickup_price_cents)
    if min(prices) < 0 or max(prices) > PRICE_MOST_CENTS:
        raise BadTerms(N_("Een prijs ligt tussen € 0 en € 100.000."), fields=("price",))
    _check_fetching(service, terms)
    if not 0 <= terms.lead_days <= LEAD_MOST_DAYS:
        raise BadTerms(N_("Kies een voorbereiding van 0 tot 30 dagen."), fields=("lead_days",))
    if not 1 <= terms.answer_hours <= ANSWER_MOST_HOURS:
        raise BadTerms(N_("Kies een antwoordtijd van 1 tot 72 uur."), fields=("answer_hours",))
    if not 0 <= terms.minutes_each <= MINUTES_MOST or (terms.minutes_each and known.capacity_unit == "hour"):
        raise BadTerms(N_("Kies 1 tot 600 minuten, of laat het leeg."), fields=("minutes_each",))
    capacity = terms.weekday_capacity
    if len(capacity) != 7 or min(capacity) < 0 or max(capacity) > CAPACITY_MOST:
        raise BadTerms(N_("Geef voor elke weekdag een hoeveelheid, 0 als je niet werkt."), fields=("capacity",))


def _check_fetching(service: str, terms: Terms) -> None:
    """See that only who fetches asks for kilometres and kilograms, for both, and not absurdly much."""
    each = [cents for cents in (terms.km_cents, terms.kg_cents) if cents is not None]
    if not each:
        return
    if service != SERVICE or len(each) == 1:
        raise BadTerms(
            N_("Een prijs per km en per kg is er alleen voor ophalen, en dan allebei."), fields=("km_price",)
        )
    if min(each) < 0 or max(each) > FETCH_EACH_MOST_CENTS:
        raise BadTerms(N_("Een prijs per km of per kg ligt tussen € 0 en € 20."), fields=("km_price",))
    if max(terms.price_cents, terms.minimum_cents) > FETCH_MOST_CENTS:
        raise BadTerms(N_("Voor ophalen vraag je hoogstens € 500 per bestelling."), fields=("price",))


def _columns(terms: Terms) -> dict[str, object]:
    values = asdict(terms)
    values["storage_classes"] = [code for code in data.storage_classes() if code in terms.storage_classes]
    values["weekday_capacity"] = list(terms.weekday_capacity)
    values["refused_allergens"] = [code for code in data.allergens() if code in terms.refused_allergens]
    return values


def _assign(capability: Capability, terms: Terms) -> None:
    for column, value in _columns(terms).items():
        setattr(capability, column, value)


def _changed(session: Session, what: str, capability: Capability, now: datetime, by: Actor) -> None:
    directory.touch(session)
    journal.record(
        session,
        what,
        by=by,
        now=now,
        enterprise_id=capability.enterprise_id,
        capability_id=capability.id,
        service=capability.service,
    )
