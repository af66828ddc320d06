"""Owing somebody a mail: the row is written in the transaction of the deed, sending comes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def waiting(session: Session, *, template: str, to_email: str, language: str) -> Sequence[Notice]:
    """List the mails of a kind to somebody that nobody tried to send yet, locked so that they stay.

    One that another transaction holds is left out instead of waited for: two that each hold one never wait in a circle.
    """
    query = (
        select(Notice)
        .where(
            Notice.state == NoticeState.DUE,
            Notice.template == template,
            Notice.to_email == to_email,
            Notice.language == language,
            Notice.attempts == 0,
            Notice.leased_until.is_(None),
        )
        .order_by(Notice.id)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(query, execution_options={"populate_existing": True}).all()


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
