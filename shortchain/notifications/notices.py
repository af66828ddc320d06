"""Owing somebody a mail: the row is written in the transaction of the deed, sending comes later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.notifications.models import Notice, NoticeState
from shortchain.ordering import orders
from shortchain.ordering.models import Order


def owe(
    session: Session,
    *,
    key: str,
    template: str,
    to_email: str,
    language: str,
    context: Mapping[str, Any],
    now: datetime,
    order_id: int | None = None,
) -> Notice:
    """Owe a mail, once a `key`: a repeat gives the notice that is there.

    `context` holds plain JSON values for `templates/mails/<template>/`.
    """
    known = session.scalar(select(Notice).where(Notice.key == key))
    if known is not None:
        return known
    notice = Notice(
        key=key,
        template=template,
        to_email=to_email,
        language=language,
        context=dict(context),
        order_id=order_id,
        state=NoticeState.DUE,
        due_at=now,
        created_at=now,
    )
    session.add(notice)
    session.flush()
    return notice


def owe_customer(session: Session, *, order: Order, key: str, template: str, now: datetime, **facts: Any) -> Notice:
    """Owe the customer of an order a mail about it, in their language; every such mail names the order and its link."""
    context = {"number": order.number, "name": order.name, "token": orders.tracking_token(order.key), **facts}
    return owe(
        session,
        key=key,
        template=template,
        to_email=order.email,
        language=order.language,
        order_id=order.id,
        now=now,
        context=context,
    )
