"""Discount codes at a basket and an order: found, counted once for an order, and free again when it falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.kernel.window import local_day
from shortchain.ordering.basket_rows import Applied, BasketView
from shortchain.ordering.discount_models import DiscountCode, DiscountUse
from shortchain.ordering.discounts import (
    CodeNotYet,
    CodeOver,
    CodeUsed,
    Goods,
    NoSuchCode,
    Terms,
    plain,
    take_off,
)
from shortchain.ordering.models import Order, OrderLine

FIELDS = ("discount_code",)
"""The control at which somebody types a code."""


def on_basket(
    session: Session, *, view: BasketView, typed: str, email: str, user_id: int | None, now: datetime
) -> BasketView:
    """Show a basket with what a code takes off it. Writes nothing; `take` counts the use.

    A farm's code lowers the price of its lines; what a hub's takes off is paid by the hub. Nothing typed is no code.

    :raises NoSuchCode, CodeNotYet, CodeOver, CodeUsed: when it does not count (any more)
    :raises NothingForCode, TooLittleForCode: when it does not count for this basket
    """
    if not plain(typed) or not view.rows:
        return view
    hub_id = view.rows[0].hub_id
    found = session.execute(
        select(DiscountCode, Enterprise.name, Enterprise.is_active, Enterprise.is_hub)
        .join(Enterprise, Enterprise.id == DiscountCode.owner_id)
        .where(DiscountCode.code == plain(typed))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None or not found.is_active or not _counts_here(found, view, hub_id):
        raise NoSuchCode(fields=FIELDS)
    code: DiscountCode = found.DiscountCode
    _check_time(code, now)
    if code.per_customer is not None and _used_by(session, code, email, user_id) >= code.per_customer:
        raise CodeUsed(fields=FIELDS)
    by_hub = code.owner_id == hub_id
    parts = take_off(
        terms_of(code, by_hub=by_hub), [Goods(row.farm_id, row.product_id, row.listed_cents) for row in view.rows]
    )
    return replace(
        view,
        rows=tuple(
            replace(row, voucher_cents=part) if by_hub else replace(row, discount_cents=part)
            for row, part in zip(view.rows, parts, strict=True)
        ),
        discount=Applied(code.id, code.code, found.name, by_hub, sum(parts)),
    )


def terms_of(code: DiscountCode, *, by_hub: bool) -> Terms:
    """Give what a code says, as the deciding functions take it."""
    return Terms(code.owner_id, by_hub, code.kind, code.value, code.least_cents, frozenset(code.only))


def _counts_here(found: Any, view: BasketView, hub_id: int) -> bool:
    """Say whether a code is of the hub of this cycle, or of a farm in the basket; another hub's is unknown here."""
    owner_id = found.DiscountCode.owner_id
    return bool(owner_id == hub_id or (not found.is_hub and any(row.farm_id == owner_id for row in view.rows)))


def _check_time(code: DiscountCode, now: datetime) -> None:
    if now < code.starts_at:
        raise CodeNotYet(fields=FIELDS, day=f"{local_day(code.starts_at):%d/%m/%Y}")
    used_up = code.most_uses is not None and code.uses >= code.most_uses
    if code.stopped_at is not None or now >= code.ends_at or used_up:
        raise CodeOver(fields=FIELDS)


def _used_by(session: Session, code: DiscountCode, email: str, user_id: int | None) -> int:
    """Count the orders of a customer that use a code: those of the account, and of the mail address."""
    same = [DiscountUse.email == email.strip().lower()]
    if user_id is not None:
        same.append(DiscountUse.user_id == user_id)
    found = session.scalar(
        select(func.count(DiscountUse.id)).where(
            DiscountUse.code_id == code.id, DiscountUse.freed_at.is_(None), or_(*same)
        )
    )
    return int(found or 0)


def take(session: Session, *, order: Order, lines: Sequence[OrderLine], applied: Applied, now: datetime) -> None:
    """Count the use of a code for an order that is being placed: the last one is given once, whoever comes at once.

    What it took off is what the lines say: a hub's code may pay less, so that enough is left to charge.

    The guarded update holds the row until the commit, so who counts a customer's uses after it counts all of them.

    :raises CodeOver: when it was stopped or used up meanwhile
    :raises CodeUsed: when this customer used it as often as one may
    """
    done = session.execute(
        update(DiscountCode)
        .where(
            DiscountCode.id == applied.code_id,
            DiscountCode.stopped_at.is_(None),
            DiscountCode.starts_at <= now,
            DiscountCode.ends_at > now,
            or_(DiscountCode.most_uses.is_(None), DiscountCode.uses < DiscountCode.most_uses),
        )
        .values(uses=DiscountCode.uses + 1)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise CodeOver(fields=FIELDS)
    code = session.get_one(DiscountCode, applied.code_id, populate_existing=True)
    if code.per_customer is not None and _used_by(session, code, order.email, order.user_id) >= code.per_customer:
        raise CodeUsed(fields=FIELDS)
    order.code_id = code.id
    cents = sum(line.voucher_cents if applied.by_hub else line.discount_cents for line in lines)
    session.add(
        DiscountUse(code_id=code.id, order_id=order.id, email=order.email, user_id=order.user_id, cents=cents, at=now)
    )
    session.flush()


def follow(session: Session, *, order: Order, action: str, now: datetime) -> None:
    """Free the use of a code when its order falls or is called off, and count it again when late money saves the order.

    What was promised at placement stays promised: an order that is saved counts even where all uses were taken meanwhile.
    """
    if order.code_id is None or action not in ("expire", "cancel", "confirm"):
        return
    use = session.scalars(select(DiscountUse).where(DiscountUse.order_id == order.id)).one()
    if (action == "confirm") == (use.freed_at is None):
        return
    use.freed_at = None if action == "confirm" else now
    session.execute(
        update(DiscountCode)
        .where(DiscountCode.id == use.code_id)
        .values(uses=DiscountCode.uses + (1 if action == "confirm" else -1))
        .execution_options(synchronize_session=False)
    )
    session.flush()


def of_order(session: Session, *, order: Order) -> Applied | None:
    """Say which code took something off an order, and how much; None without one."""
    if order.code_id is None:
        return None
    row = session.execute(
        select(DiscountCode, Enterprise.name, DiscountUse.cents)
        .join(Enterprise, Enterprise.id == DiscountCode.owner_id)
        .join(DiscountUse, DiscountUse.code_id == DiscountCode.id)
        .where(DiscountUse.order_id == order.id)
    ).one()
    code = row.DiscountCode
    return Applied(code.id, code.code, row.name, code.owner_id == order.hub_id, row.cents)
