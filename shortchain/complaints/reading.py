"""Reads of complaints: for the customer by the link, for the hub, and for a farm only what is about its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from shortchain.complaints import operations
from shortchain.complaints.models import Complaint, ComplaintLine, ComplaintPhoto
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.errors import NotFound
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import line_refunds


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a complaint; `most_cents` is what may still go back, `given_cents` None until it is decided."""

    line_id: int
    name: dict[str, Any]
    farm: str
    amount: int
    sell_unit: str
    sold_cents: int
    most_cents: int
    given_cents: int | None
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint with the lines that the reader may see."""

    public_id: str
    number: str
    order_public_id: str
    customer: str
    kind: str
    text: str
    made_at: datetime
    decided_at: datetime | None
    answer: str
    lines: tuple[LineRow, ...]
    wants_card: bool = False

    @property
    def given_cents(self) -> int:
        """What went back for these lines, in cents."""
        return sum(line.given_cents or 0 for line in self.lines)


def of_order(session: Session, *, order_id: int) -> list[ComplaintRow]:
    """List the complaints of an order, the newest first."""
    return _rows(session, Complaint.order_id == order_id)


def withdrawable_lines(session: Session, *, token: str, now: datetime) -> list[LineRow]:
    """List the lines from which the customer of a tracking link may withdraw now.

    :raises NotFound: for an unknown link
    """
    order = orders.find_by_token(session, token=token)
    return [
        LineRow(row.id, row.name, "", row.supplied, row.sell_unit.value, row.sold_cents, 0, None, ())
        for row in operations.withdrawable(session, order=order, now=now)
    ]


def of_hub(session: Session, *, public_id: str, hub_id: int) -> ComplaintRow:
    """Read one complaint about an order of a hub.

    :raises NotFound: when there is none such
    """
    found = _rows(session, (Complaint.public_id == public_id) & (Order.hub_id == hub_id))
    if not found:
        raise NotFound()
    return found[0]


def of_farm(session: Session, *, farm_id: int, limit: int = 100) -> list[ComplaintRow]:
    """List complaints about goods of a farm, the newest first, with its own lines only."""
    mine = (
        select(ComplaintLine.complaint_id)
        .join(OrderLine, OrderLine.id == ComplaintLine.order_line_id)
        .where(OrderLine.farm_id == farm_id)
    )
    return _rows(session, Complaint.id.in_(mine), farm_id=farm_id, limit=limit)


def _rows(
    session: Session, which: ColumnElement[bool], *, farm_id: int | None = None, limit: int = 100
) -> list[ComplaintRow]:
    found = session.execute(
        select(Complaint, Order)
        .join(Order, Order.id == Complaint.order_id)
        .where(which)
        .options(selectinload(Complaint.lines).selectinload(ComplaintLine.photos))
        .order_by(Complaint.id.desc())
        .limit(limit)
    ).all()
    bought = _bought(session, [one.order_line_id for complaint, _order in found for one in complaint.lines])
    most = {order.id: line_refunds.most(session, order=order) for _complaint, order in found} if not farm_id else {}
    return [
        ComplaintRow(
            public_id=complaint.public_id,
            number=order.number,
            order_public_id=order.public_id,
            customer=order.name,
            kind=complaint.kind,
            text=complaint.text,
            made_at=complaint.made_at,
            decided_at=complaint.decided_at,
            answer=complaint.answer,
            wants_card=complaint.wants_card,
            lines=tuple(
                LineRow(
                    line_id=row.id,
                    name=row.name,
                    farm=farm,
                    amount=row.amount,
                    sell_unit=row.sell_unit.value,
                    sold_cents=row.sold_cents,
                    most_cents=most.get(order.id, {}).get(row.id, 0),
                    given_cents=one.given_cents,
                    photos=tuple(photo.public_id for photo in one.photos),
                )
                for one in complaint.lines
                for row, farm in [bought[one.order_line_id]]
                if farm_id is None or row.farm_id == farm_id
            ),
        )
        for complaint, order in found
    ]


def _bought(session: Session, ids: Sequence[int]) -> dict[int, tuple[OrderLine, str]]:
    rows = session.execute(
        select(OrderLine, Enterprise.name)
        .join(Enterprise, Enterprise.id == OrderLine.farm_id)
        .where(OrderLine.id.in_(ids))
    )
    return {line.id: (line, farm) for line, farm in rows}


def photo_of_customer(session: Session, *, token: str, public_id: str) -> str:
    """Give the name in the media store of a photo of the order of a tracking link.

    :raises NotFound: for an unknown link, or a photo of another order
    """
    order = orders.find_by_token(session, token=token)
    return _photo(session, public_id, OrderLine.order_id == order.id)


def photo_of_hub(session: Session, *, public_id: str, hub_id: int) -> str:
    """Give the name in the media store of a photo about an order of a hub.

    :raises NotFound: when there is none such
    """
    return _photo(session, public_id, OrderLine.order_id.in_(select(Order.id).where(Order.hub_id == hub_id)))


def photo_of_farm(session: Session, *, public_id: str, farm_id: int) -> str:
    """Give the name in the media store of a photo of goods that a farm sold.

    :raises NotFound: when there is none such
    """
    return _photo(session, public_id, OrderLine.farm_id == farm_id)


def _photo(session: Session, public_id: str, whose: ColumnElement[bool]) -> str:
    found = session.scalar(
        select(ComplaintPhoto)
        .join(ComplaintLine, ComplaintLine.id == ComplaintPhoto.complaint_line_id)
        .join(OrderLine, OrderLine.id == ComplaintLine.order_line_id)
        .where(ComplaintPhoto.public_id == public_id, whose)
    )
    if found is None:
        raise NotFound()
    return found.file_name
