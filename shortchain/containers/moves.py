"""Where containers went, and who has how many: the ledger beside the money. Writes and reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, aliased

from shortchain import journal
from shortchain.containers.models import ContainerType, MoveReason, PackagingMove
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound

MOST_AT_ONCE = 10_000


class BadMove(Invalid):
    """Nothing can go that way; the message says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many containers of one kind stand with somebody; no holder stands for customers. `cents` is their deposit."""

    container: ContainerType
    owner: str
    holder_id: int | None
    holder: str
    count: int

    @property
    def cents(self) -> int:
        return self.count * self.container.deposit_cents


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move as the page and the file show it; an empty party is a customer."""

    at: datetime
    reason: str
    kind: str
    name: str
    owner: str
    giver: str
    taker: str
    count: int
    deposit_cents: int


def balance(session: Session, *, container_id: int, enterprise_id: int) -> int:
    """Say how many containers of a kind an enterprise has of somebody else; below zero it gave more than it got."""
    gained = case((PackagingMove.to_id == enterprise_id, PackagingMove.count), else_=-PackagingMove.count)
    query = select(func.coalesce(func.sum(gained), 0)).where(
        PackagingMove.container_id == container_id,
        or_(PackagingMove.from_id == enterprise_id, PackagingMove.to_id == enterprise_id),
    )
    return int(session.scalar(query) or 0)


def is_booked(session: Session, *, key: str) -> bool:
    """Say whether the form with this one-time key was booked already."""
    return session.scalar(select(PackagingMove.id).where(PackagingMove.key == key)) is not None


def hand(
    session: Session,
    *,
    public_id: str,
    giver_id: int,
    taker_id: int,
    count: int,
    key: str,
    by: Actor,
    now: datetime,
) -> None:
    """Book containers that one enterprise hands to another. Who owns them may give any number, others what they have.

    The same `key` counts once.

    :raises NotFound: for a container that there is not, or a party that is none
    :raises BadMove: for none, for more than the giver has, or for handing to oneself
    """
    container = session.scalar(
        select(ContainerType).where(ContainerType.public_id == public_id).with_for_update()
    )  # the lock lets two who give the last ones come one after the other
    if container is None:
        raise NotFound()
    if is_booked(session, key=key):
        return
    if giver_id == taker_id:
        raise BadMove(N_("Kies een andere onderneming."), fields=("party",))
    if not 0 < count <= MOST_AT_ONCE:
        raise BadMove(N_("Geef een aantal, van 1 tot 10.000."), fields=("count",))
    if giver_id != container.owner_id:
        has = balance(session, container_id=container.id, enterprise_id=giver_id)
        if count > has:
            raise BadMove(N_("Daar staan er maar %(has)s."), fields=("count",), has=max(has, 0))
    move = PackagingMove(
        container_id=container.id,
        from_id=giver_id,
        to_id=taker_id,
        reason=MoveReason.HANDED,
        count=count,
        deposit_cents=count * container.deposit_cents,
        key=key,
        at=now,
    )
    session.add(move)
    session.flush()
    journal.record(
        session,
        "container.handed",
        by=by,
        now=now,
        enterprise_id=giver_id,
        container=container.id,
        count=count,
        taker=taker_id,
    )


def standings(session: Session, *, enterprise_id: int) -> list[Standing]:
    """List where the containers of an enterprise are, and those of others that stand with it."""
    sums: dict[tuple[int, int | None], int] = {}
    known = select(PackagingMove.container_id).where(
        or_(PackagingMove.from_id == enterprise_id, PackagingMove.to_id == enterprise_id)
    )
    own = select(ContainerType.id).where(ContainerType.owner_id == enterprise_id)
    where = or_(PackagingMove.container_id.in_(own), PackagingMove.container_id.in_(known))
    for column, sign in ((PackagingMove.to_id, 1), (PackagingMove.from_id, -1)):
        rows = session.execute(
            select(PackagingMove.container_id, column, func.sum(PackagingMove.count))
            .where(where)
            .group_by(PackagingMove.container_id, column)
        )
        for container_id, party, count in rows:
            sums[container_id, party] = sums.get((container_id, party), 0) + sign * int(count)
    types = {
        row.id: row for row in session.scalars(select(ContainerType).where(ContainerType.id.in_({k[0] for k in sums})))
    }
    parties = {key[1] for key in sums if key[1]} | {row.owner_id for row in types.values()}
    query = select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(parties))
    names = {row[0]: row[1] for row in session.execute(query)}
    found = [
        Standing(types[kind], names[types[kind].owner_id], party, names.get(party or 0, ""), count)
        for (kind, party), count in sums.items()
        if count and party != types[kind].owner_id and enterprise_id in (party, types[kind].owner_id)
    ]
    return sorted(found, key=lambda one: (one.owner, one.container.id, one.holder_id is None, one.holder))


def moves_of(session: Session, *, enterprise_id: int, limit: int | None = None) -> Sequence[MoveView]:
    """List the moves of containers of an enterprise, and of others' to and from it, the newest first."""
    owner, giver, taker = aliased(Enterprise), aliased(Enterprise), aliased(Enterprise)
    query = (
        select(PackagingMove, ContainerType.kind, ContainerType.name, owner.name, giver.name, taker.name)
        .join(ContainerType, ContainerType.id == PackagingMove.container_id)
        .join(owner, owner.id == ContainerType.owner_id)
        .outerjoin(giver, giver.id == PackagingMove.from_id)
        .outerjoin(taker, taker.id == PackagingMove.to_id)
        .where(
            or_(
                ContainerType.owner_id == enterprise_id,
                PackagingMove.from_id == enterprise_id,
                PackagingMove.to_id == enterprise_id,
            )
        )
        .order_by(PackagingMove.id.desc())
        .limit(limit)
    )
    return [
        MoveView(
            move.at, move.reason.value, kind.value, name, whose, from_ or "", to or "", move.count, move.deposit_cents
        )
        for move, kind, name, whose, from_, to in session.execute(query)
    ]
