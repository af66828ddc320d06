"""Containers that go to a customer with an order and come back: what is out, and the moves of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from shortchain.containers.models import ContainerType, MoveReason, PackagingMove
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.ordering.models import Order, OrderDeposit, OrderLine, OrderState

WITH_CUSTOMER = (OrderState.DELIVERED, OrderState.SETTLED)
"""The states of an order of which the containers are with its customer."""


class MoreThanOut(Conflict):
    """More came back than is known to be with this customer, or another press was first."""

    message = N_("Van deze klant staan er niet zoveel uit. Kijk het na.")


@dataclass(frozen=True, slots=True)
class Out:
    """Containers of one kind that are with a customer, over all orders; `cents` is the deposit of all of them."""

    public_id: str
    kind: str
    name: str
    owner_id: int
    owner: str
    count: int
    cents: int


def same_customer(order: Order):  # type: ignore[no-untyped-def]
    """Give the condition for orders of whoever placed this one: by the account, or by the mail address."""
    by_mail = Order.email == order.email
    return or_(by_mail, and_(Order.user_id.is_not(None), Order.user_id == order.user_id))


def out_of(session: Session, *, order: Order, owner_id: int | None = None) -> list[Out]:
    """List the containers that the customer of an order has, of this order and others; of one owner when that is given."""
    return _out(session, same_customer(order) if owner_id is None else and_(same_customer(order), _owned(owner_id)))


def out_by_number(session: Session, *, numbers: Sequence[str]) -> dict[str, list[Out]]:
    """List what the customers of orders have, by the number of the order; who has nothing is left out."""
    found = {
        order.number: out_of(session, order=order)
        for order in session.scalars(select(Order).where(Order.number.in_(list(numbers))).order_by(Order.id))
    }
    return {number: out for number, out in found.items() if out}


def out_of_person(session: Session, *, user_id: int) -> list[Out]:
    """List the containers that somebody with an account has."""
    return _out(session, Order.user_id == user_id)


def _owned(owner_id: int):  # type: ignore[no-untyped-def]
    return OrderDeposit.owner_id == owner_id


def _out(session: Session, where) -> list[Out]:  # type: ignore[no-untyped-def]
    rows = session.execute(
        select(
            ContainerType.public_id,
            ContainerType.kind,
            ContainerType.name,
            OrderDeposit.owner_id,
            Enterprise.name,
            func.sum(OrderDeposit.out),
            func.sum(OrderDeposit.out * OrderDeposit.each_cents),
        )
        .join(OrderDeposit, OrderDeposit.container_id == ContainerType.id)
        .join(Order, Order.id == OrderDeposit.order_id)
        .join(Enterprise, Enterprise.id == OrderDeposit.owner_id)
        .where(where, Order.state.in_(WITH_CUSTOMER), OrderDeposit.out > 0)
        .group_by(ContainerType.id, OrderDeposit.owner_id, Enterprise.id)
        .order_by(Enterprise.name, ContainerType.id)
    )
    return [
        Out(public_id, kind.value, name, owner_id, owner, int(count), int(cents))
        for public_id, kind, name, owner_id, owner, count, cents in rows
    ]


def find_for(session: Session, *, number: str, enterprise_id: int) -> Order:
    """Find an order by its number for who may take its empties: its hub, or who owns some of its containers.

    :raises NotFound: for any other
    """
    owns = exists().where(OrderDeposit.order_id == Order.id, OrderDeposit.owner_id == enterprise_id)
    order = session.scalar(
        select(Order).where(Order.number == number.strip().upper(), or_(Order.hub_id == enterprise_id, owns))
    )
    if order is None:
        raise NotFound(N_("Deze bestelling kennen we niet, of er zit geen leeggoed van jou in."))
    return order


def orders_with(session: Session, *, order: Order, containers: Iterable[str]) -> Sequence[int]:
    """List the ids of the customer's orders that have some of these containers out, the oldest first, for locking them."""
    return session.scalars(
        select(Order.id)
        .join(OrderDeposit, OrderDeposit.order_id == Order.id)
        .join(ContainerType, ContainerType.id == OrderDeposit.container_id)
        .where(
            same_customer(order),
            Order.state.in_(WITH_CUSTOMER),
            OrderDeposit.out > 0,
            ContainerType.public_id.in_(list(containers)),
        )
        .distinct()
        .order_by(Order.id)
    ).all()


def rows_out(session: Session, *, order_ids: Sequence[int], container: str) -> Sequence[OrderDeposit]:
    """Load what is out of one kind in locked orders, the oldest first."""
    return session.scalars(
        select(OrderDeposit)
        .join(Order, Order.id == OrderDeposit.order_id)
        .join(ContainerType, ContainerType.id == OrderDeposit.container_id)
        .where(
            OrderDeposit.order_id.in_(order_ids),
            Order.state.in_(WITH_CUSTOMER),
            ContainerType.public_id == container,
            OrderDeposit.out > 0,
        )
        .order_by(OrderDeposit.id)
        .execution_options(populate_existing=True)
    ).all()


def book_delivered(session: Session, *, order: Order, packer_id: int, now: datetime) -> None:
    """Book the containers of an order that reached its customer: jars from their farm, crates from who packed.

    The farm or packer may hold containers of somebody else; then they have that many less.
    """
    if not order.deposit_cents:
        return
    farms = dict(session.execute(select(OrderLine.id, OrderLine.farm_id).where(OrderLine.order_id == order.id)).all())
    there = _with_customer(session, order)
    for row in session.scalars(select(OrderDeposit).where(OrderDeposit.order_id == order.id)):
        count = row.out - there.get(row.id, 0)
        if count > 0:
            giver = farms[row.order_line_id] if row.order_line_id is not None else packer_id
            session.add(_move(row, giver, None, MoveReason.DELIVERED, count, now))
    session.flush()


def book_undone(session: Session, *, order: Order, packer_id: int, now: datetime) -> None:
    """Book back what `book_delivered` booked, when the delivery is taken back; what was returned meanwhile stays so."""
    if not order.deposit_cents:
        return
    farms = dict(session.execute(select(OrderLine.id, OrderLine.farm_id).where(OrderLine.order_id == order.id)).all())
    there = _with_customer(session, order)
    for row in session.scalars(select(OrderDeposit).where(OrderDeposit.order_id == order.id)):
        if there.get(row.id, 0) > 0:
            taker = farms[row.order_line_id] if row.order_line_id is not None else packer_id
            session.add(_move(row, None, taker, MoveReason.UNDONE, there[row.id], now))
    session.flush()


def book_returned(
    session: Session, *, row: OrderDeposit, taker_id: int, count: int, key: str | None, now: datetime
) -> PackagingMove:
    """Book containers that a customer gave back to an enterprise."""
    move = _move(row, None, taker_id, MoveReason.RETURNED, count, now)
    move.key = key
    session.add(move)
    session.flush()
    return move


def _move(
    row: OrderDeposit, giver: int | None, taker: int | None, reason: MoveReason, count: int, now: datetime
) -> PackagingMove:
    return PackagingMove(
        container_id=row.container_id,
        from_id=giver,
        to_id=taker,
        order_id=row.order_id,
        order_deposit_id=row.id,
        reason=reason,
        count=count,
        deposit_cents=count * row.each_cents,
        at=now,
    )


GAINED = case((PackagingMove.to_id.is_(None), PackagingMove.count), else_=-PackagingMove.count)
"""What a move with a customer brings them: an expression for queries."""


def _with_customer(session: Session, order: Order) -> dict[int, int]:
    """Count by the ledger what the customer has of each deposit of an order."""
    rows = session.execute(
        select(PackagingMove.order_deposit_id, func.sum(GAINED))
        .where(PackagingMove.order_id == order.id)
        .group_by(PackagingMove.order_deposit_id)
    )
    return {number: int(count) for number, count in rows if number is not None}
