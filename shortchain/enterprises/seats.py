"""Reads about who may act for which enterprise."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import GROWER_KINDS, Capability, Enterprise, Membership

# The words of this package that the web needs too; it does not import models.
from shortchain.enterprises.models import EnterpriseKind as EnterpriseKind
from shortchain.enterprises.models import MemberRole as MemberRole
from shortchain.enterprises.models import PriceForm as PriceForm
from shortchain.enterprises.models import VatScheme as VatScheme
from shortchain.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's place at one enterprise: all their roles there, and what the enterprise is."""

    enterprise_id: int
    public_id: str
    slug: str
    name: str
    kind: EnterpriseKind
    roles: frozenset[MemberRole]
    is_grower: bool
    is_provider: bool
    is_hub: bool
    is_verified: bool


def seats_of(session: Session, *, user_id: int) -> list[Seat]:
    """List the enterprises for which a person may act, by name."""
    provides = exists().where(Capability.enterprise_id == Enterprise.id, Capability.is_active)
    rows = session.execute(
        select(
            Enterprise.id,
            Enterprise.public_id,
            Enterprise.slug,
            Enterprise.name,
            Enterprise.kind,
            Enterprise.is_hub,
            provides,
            Membership.role,
            Enterprise.verified_at.is_not(None),
        )
        .join(Membership, Membership.enterprise_id == Enterprise.id)
        .where(Membership.user_id == user_id, Enterprise.is_active)
        .order_by(Enterprise.name, Enterprise.id)
    ).all()
    roles: dict[int, set[MemberRole]] = {}
    for row in rows:
        roles.setdefault(row[0], set()).add(row[7])
    seats = {}
    for enterprise_id, public_id, slug, name, kind, is_hub, is_provider, _role, is_verified in rows:
        seats[enterprise_id] = Seat(
            enterprise_id,
            public_id,
            slug,
            name,
            kind,
            frozenset(roles[enterprise_id]),
            is_grower=kind in GROWER_KINDS,
            is_provider=bool(is_provider),
            is_hub=is_hub,
            is_verified=is_verified,
        )
    return list(seats.values())


def hub_of(session: Session, *, slug: str) -> int:
    """Find a hub by its name in an address; returns its id.

    :raises NotFound: when no hub is called so
    """
    found = session.scalar(select(Enterprise.id).where(Enterprise.slug == slug, Enterprise.is_hub))
    if found is None:
        raise NotFound()
    return found
