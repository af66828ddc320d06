"""The containers of an owner: what kinds, what deposit, and which the hub packs its orders in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.containers.models import ContainerKind, ContainerType
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound

USUAL_CENTS = {
    ContainerKind.POOL_CRATE: 400,
    ContainerKind.HALF_CRATE: 300,
    ContainerKind.INSULATED_BOX: 1500,
    ContainerKind.JAR: 30,
    ContainerKind.BOTTLE: 50,
}
"""What an owner starts from, in cents (domain.md 2.4)."""
LITRES = {ContainerKind.POOL_CRATE: 48, ContainerKind.HALF_CRATE: 24, ContainerKind.INSULATED_BOX: 40}
"""What one takes of a vehicle, measured outside: 600 × 400 and 400 × 300 mm, 200 high, and a box of 40 l (domain.md 2.4)."""
OF_GOODS = (ContainerKind.JAR, ContainerKind.BOTTLE)
"""What a piece of a product may be sold in."""
OF_ORDERS = (ContainerKind.POOL_CRATE, ContainerKind.HALF_CRATE, ContainerKind.INSULATED_BOX)
"""What a whole order may be packed in."""
MOST_CENTS, MOST_TYPES = 10_000, 30


class BadContainer(Invalid):
    """What was said of a container cannot be; the message says why."""


def usual_cents(kind: str) -> int:
    """Say what deposit is usual for a kind, in cents."""
    return USUAL_CENTS[ContainerKind(kind)]


def of_owner(session: Session, *, owner_id: int) -> Sequence[ContainerType]:
    """List the containers of an owner, those in use first."""
    return session.scalars(
        select(ContainerType)
        .where(ContainerType.owner_id == owner_id)
        .order_by(ContainerType.is_active.desc(), ContainerType.kind, ContainerType.id)
    ).all()


def for_products(session: Session, *, farm_id: int) -> Sequence[tuple[ContainerType, str]]:
    """List what a farm may sell its products in, with the name of the owner: its own, then those of hubs."""
    rows = session.execute(
        select(ContainerType, Enterprise.name)
        .join(Enterprise, Enterprise.id == ContainerType.owner_id)
        .where(
            ContainerType.is_active,
            ContainerType.kind.in_(OF_GOODS),
            or_(ContainerType.owner_id == farm_id, Enterprise.is_hub & Enterprise.is_active),
        )
        .order_by(ContainerType.owner_id != farm_id, Enterprise.name, ContainerType.id)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Listed:
    """A container with its owner, as everybody may know it; `of_orders` when a whole order is packed in it."""

    public_id: str
    kind: str
    name: str
    owner_id: int
    deposit_cents: int
    of_orders: bool


def listed(session: Session, *, limit: int = 500) -> list[Listed]:
    """List the containers in use of active enterprises, by owner and kind."""
    rows = session.scalars(
        select(ContainerType)
        .join(Enterprise, Enterprise.id == ContainerType.owner_id)
        .where(ContainerType.is_active, Enterprise.is_active)
        .order_by(Enterprise.name, ContainerType.kind, ContainerType.id)
        .limit(limit)
    )
    return [
        Listed(row.public_id, row.kind.value, row.name, row.owner_id, row.deposit_cents, row.kind in OF_ORDERS)
        for row in rows
    ]


_CRATE = select(ContainerType).where(
    ContainerType.owner_id == bindparam("owner"), ContainerType.packs_orders, ContainerType.is_active
)


def crate_of(session: Session, *, hub_id: int) -> ContainerType | None:
    """Find the crate in which a hub packs its orders; None where it packs in something that nobody returns."""
    return session.scalar(_CRATE, {"owner": hub_id})


def load_own(session: Session, *, public_id: str, owner_id: int) -> ContainerType:
    """Load a container of an owner for changing it.

    :raises NotFound: when it is another's, or there is none
    """
    found = session.scalar(
        select(ContainerType)
        .where(ContainerType.public_id == public_id, ContainerType.owner_id == owner_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound()
    return found


def add(
    session: Session, *, owner_id: int, kind: str, name: str, deposit_cents: int, by: Actor, now: datetime
) -> ContainerType:
    """Add a kind of container to an owner's.

    :raises BadContainer: for a kind that we do not know, a deposit of nothing or more than € 100, or one too many
    """
    if kind not in set(ContainerKind):
        raise BadContainer(N_("Kies wat het is."), fields=("kind",))
    _check_deposit(deposit_cents)
    used = select(func.count(ContainerType.id)).where(ContainerType.owner_id == owner_id, ContainerType.is_active)
    if (session.scalar(used) or 0) >= MOST_TYPES:
        raise BadContainer(N_("Je gebruikt al 30 soorten. Gebruik er eerst een niet meer."), fields=("kind",))
    made = ContainerType(
        owner_id=owner_id,
        kind=ContainerKind(kind),
        name=" ".join(name.split())[:60],
        deposit_cents=deposit_cents,
        created_at=now,
    )
    session.add(made)
    session.flush()
    journal.record(
        session,
        "container.added",
        by=by,
        now=now,
        enterprise_id=owner_id,
        container=made.id,
        deposit_cents=deposit_cents,
    )
    return made


def change(
    session: Session, *, container: ContainerType, name: str, deposit_cents: int, in_use: bool, by: Actor, now: datetime
) -> None:
    """Change the word, the deposit of orders to come, and whether it is used at all. What was sold stays as it was.

    :raises BadContainer: for a deposit of nothing or more than € 100
    """
    _check_deposit(deposit_cents)
    container.name = " ".join(name.split())[:60]
    container.deposit_cents = deposit_cents
    container.is_active = in_use
    container.packs_orders = container.packs_orders and in_use
    session.flush()
    journal.record(
        session,
        "container.changed",
        by=by,
        now=now,
        enterprise_id=container.owner_id,
        container=container.id,
        deposit_cents=deposit_cents,
        in_use=in_use,
    )


def pack_orders_in(session: Session, *, hub_id: int, public_id: str, by: Actor, now: datetime) -> ContainerType | None:
    """Pack the orders of a hub in this container from now on; empty for something that nobody returns.

    :raises NotFound: for another's container
    :raises BadContainer: for one that is not in use, or holds no orders
    """
    chosen = load_own(session, public_id=public_id, owner_id=hub_id) if public_id else None
    if chosen is not None and (not chosen.is_active or chosen.kind not in OF_ORDERS):
        raise BadContainer(N_("Hierin passen geen bestellingen."), fields=("crate",))
    for other in session.scalars(
        select(ContainerType).where(ContainerType.owner_id == hub_id, ContainerType.packs_orders).with_for_update()
    ):
        other.packs_orders = False
    session.flush()  # the database knows one at most
    if chosen is not None:
        chosen.packs_orders = True
        session.flush()
    journal.record(
        session,
        "container.packs_orders",
        by=by,
        now=now,
        enterprise_id=hub_id,
        container=chosen.id if chosen else None,
    )
    return chosen


def _check_deposit(cents: int) -> None:
    if not 0 < cents <= MOST_CENTS:
        raise BadContainer(N_("Geef een waarborg tussen € 0,01 en € 100."), fields=("deposit",))


def packing_kinds(session: Session, *, hub_ids: Collection[int]) -> dict[int, ContainerKind]:
    """Say what each of some hubs packs its orders in; who told of nothing is not in it."""
    rows = select(ContainerType.owner_id, ContainerType.kind).where(
        ContainerType.owner_id.in_(hub_ids), ContainerType.packs_orders, ContainerType.is_active
    )
    return {row[0]: row[1] for row in session.execute(rows)}
