"""Farms, packers, deliverers, hubs, and who works there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from sqlalchemy.orm import Session

from shortchain.accounts.models import User
from shortchain.enterprises.models import (
    Capability,
    Certificate,
    Closure,
    Enterprise,
    EnterpriseKind,
    MemberRole,
    Membership,
    OpeningWindow,
    PickupPoint,
    PriceForm,
)
from tests.support.clock import MONDAY_MORNING
from tests.support.factories.saving import next_number, save

GENT = (51.0543, 3.7174)
WETTEREN = (51.0053, 3.8829)  # about 13 km from Gent
MOL = (51.1911, 5.1156)  # about 100 km from Gent

EVERY_DAY = (50, 50, 50, 50, 50, 50, 50)


def enterprise(
    session: Session,
    *,
    name: str | None = None,
    at: tuple[float, float] = GENT,
    kind: EnterpriseKind = EnterpriseKind.REGULAR,
    **values: Any,
) -> Enterprise:
    """Any enterprise, in Gent."""
    number = next_number()
    values.setdefault("slug", f"bedrijf-{number}")
    values.setdefault("postcode", "9000")
    values.setdefault("municipality", "Gent")
    values.setdefault("email", f"bedrijf{number}@post.example")
    values.setdefault("created_at", MONDAY_MORNING)
    values.setdefault("verified_at", MONDAY_MORNING)
    return save(
        session,
        Enterprise(
            name=name or f"Bedrijf {number}",
            kind=kind,
            lat=at[0],
            lon=at[1],
            **values,
        ),
    )


def farm(session: Session, *, organic: bool = False, **values: Any) -> Enterprise:
    """A farm that can be paid; with a valid organic certificate when asked."""
    values.setdefault("kind", EnterpriseKind.FARM)
    values.setdefault("stripe_account", f"acct_farm_{next_number()}")
    values.setdefault("payouts_enabled", True)
    made = enterprise(session, **values)
    if organic:
        certificate(session, made)
    return made


def provider(
    session: Session,
    service: str,
    *,
    capacity: Sequence[int] = EVERY_DAY,
    at: tuple[float, float] = GENT,
    price_cents: int = 200,
    price_form: PriceForm = PriceForm.ORDER,
    terms: dict[str, Any] | None = None,
    **values: Any,
) -> Enterprise:
    """An enterprise with one capability; `terms` are columns of the capability."""
    values.setdefault("stripe_account", f"acct_provider_{next_number()}")
    values.setdefault("payouts_enabled", True)
    made = enterprise(session, at=at, **values)
    capability(
        session,
        made,
        service,
        weekday_capacity=list(capacity),
        price_cents=price_cents,
        price_form=price_form,
        **(terms or {}),
    )
    return made


def packer(session: Session, **values: Any) -> Enterprise:
    """A maatwerkbedrijf that packs 50 boxes a day at € 2,00."""
    values.setdefault("kind", EnterpriseKind.MWB)
    return provider(session, "BOX_ASSEMBLE", **values)


def deliverer(session: Session, **values: Any) -> Enterprise:
    """A carrier by bike: 50 stops a day at € 4,00 a stop, € 1,50 to a pick-up point."""
    values.setdefault("price_cents", 400)
    values.setdefault("price_form", PriceForm.STOP)
    values.setdefault("terms", {"pickup_price_cents": 150})
    return provider(session, "DELIVER_BIKE", **values)


def hub(session: Session, **values: Any) -> Enterprise:
    """A cooperative that coordinates."""
    values.setdefault("kind", EnterpriseKind.COOP)
    return enterprise(session, is_hub=True, **values)


def capability(session: Session, enterprise: Enterprise, service: str, **values: Any) -> Capability:
    """A service within 40 km, for ambient and cool goods, every day."""
    values.setdefault("storage_classes", ["AMB", "COOL"])
    values.setdefault("radius_m", 40_000)
    values.setdefault("price_form", PriceForm.ORDER)
    values.setdefault("price_cents", 200)
    values.setdefault("weekday_capacity", list(EVERY_DAY))
    return save(session, Capability(enterprise_id=enterprise.id, service=service, **values))


def member(session: Session, user: User, enterprise: Enterprise, role: MemberRole = MemberRole.OWNER) -> Membership:
    """A person's role at an enterprise."""
    return save(
        session,
        Membership(
            user_id=user.id,
            enterprise_id=enterprise.id,
            role=role,
            created_at=MONDAY_MORNING,
        ),
    )


def certificate(session: Session, enterprise: Enterprise, **values: Any) -> Certificate:
    """An organic certificate for 2026."""
    values.setdefault("kind", "organic")
    values.setdefault("body", "BE-BIO-01")
    values.setdefault("number", f"{next_number():06}")
    values.setdefault("valid_from", date(2026, 1, 1))
    values.setdefault("valid_to", date(2026, 12, 31))
    return save(session, Certificate(enterprise_id=enterprise.id, **values))


def closure(session: Session, enterprise: Enterprise, first: date, last: date | None = None) -> Closure:
    """Closed days."""
    return save(
        session,
        Closure(
            enterprise_id=enterprise.id,
            first_day=first,
            last_day=last or first,
            reason="Verlof",
        ),
    )


def pickup_point(
    session: Session,
    hub: Enterprise,
    *,
    at: tuple[float, float] = GENT,
    opens: Sequence[tuple[int, time, time, int]] = ((3, time(16), time(19), 40),),
    **values: Any,
) -> PickupPoint:
    """A pick-up point in Gent, open on Thursday from 16 to 19 for 40 orders."""
    number = next_number()
    values.setdefault("slug", f"punt-{number}")
    values.setdefault("name", f"Punt {number}")
    values.setdefault("postcode", "9000")
    values.setdefault("municipality", "Gent")
    values.setdefault("storage_classes", ["AMB", "COOL"])
    point = save(session, PickupPoint(enterprise_id=hub.id, lat=at[0], lon=at[1], **values))
    for weekday, start, end, places in opens:
        save(
            session,
            OpeningWindow(
                pickup_point_id=point.id,
                weekday=weekday,
                opens=start,
                closes=end,
                places=places,
            ),
        )
    return point
