"""What changed about an order after it was placed → its customer. Writes notices in the transaction of the deed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.complaints.models import Complaint
from shortchain.complaints.operations import WITHDRAWAL
from shortchain.containers.models import ContainerType
from shortchain.enterprises.models import Enterprise
from shortchain.notifications import notices
from shortchain.ordering import orders
from shortchain.ordering.models import IfMissing, Order, OrderLine
from shortchain.payments.giving_back import Back
from shortchain.payments.order_changes import Cut


def order_weighed(
    session: Session, *, order: Order, key: str, lines: Sequence[OrderLine], back: Back, now: datetime
) -> None:
    """Owe the customer word of what the goods that are paid by weight weighed, and how much comes back.

    `key` names the weighing, so that it is told once.
    """
    notices.owe_customer(
        session,
        order=order,
        key=f"order-weighed-{key}",
        template="order_weighed",
        now=now,
        **_in_mail(back),
        lines=[
            {"name": line.name, "true_weight_g": line.true_weight_g, "sold_cents": line.sold_cents} for line in lines
        ],
    )


def complaint_received(
    session: Session, *, order: Order, complaint: Complaint, line_ids: Sequence[int], now: datetime
) -> None:
    """Owe the customer a copy of what they reported, and who looks at it: a form that was sent leaves nothing behind."""
    bought = {line.id: line for line in orders.lines_of(session, order_id=order.id)}
    notices.owe_customer(
        session,
        order=order,
        key=f"complaint-received-{complaint.public_id}",
        template="complaint_received",
        now=now,
        text=complaint.text,
        hub=session.get_one(Enterprise, order.hub_id).name,
        lines=[bought[one].name for one in line_ids if one in bought],
    )


def complaint_decided(session: Session, *, order: Order, complaint: Complaint, back: Back, now: datetime) -> None:
    """Owe the customer word of what was decided about a complaint: the answer, and what comes back per line."""
    bought = {line.id: line for line in orders.lines_of(session, order_id=order.id)}
    notices.owe_customer(
        session,
        order=order,
        key=f"complaint-decided-{complaint.public_id}",
        template="complaint_decided",
        now=now,
        is_withdrawal=complaint.kind == WITHDRAWAL,
        answer=complaint.answer,
        as_card_cents=back.as_card_cents,
        **_in_mail(back),
        lines=[
            {"name": bought[line.order_line_id].name, "given_cents": line.given_cents or 0} for line in complaint.lines
        ],
    )


def withdrawal_received(
    session: Session, *, order: Order, complaint: Complaint, lines: Sequence[OrderLine], name: str, now: datetime
) -> None:
    """Owe the customer at once what they stated and when, on a durable medium (Dir. 2011/83/EU art. 11a)."""
    hub = session.get_one(Enterprise, order.hub_id)
    notices.owe_customer(
        session,
        order=order,
        key=f"withdrawal-{complaint.public_id}",
        template="withdrawal_received",
        now=now,
        name=name,
        at=now.isoformat(),
        hub={"name": hub.name, "email": hub.email, "phone": hub.phone},
        lines=[{"name": line.name, "amount": line.supplied, "sell_unit": line.sell_unit.value} for line in lines],
    )


def goods_short(
    session: Session,
    *,
    order: Order,
    line: OrderLine,
    missing: int,
    is_replaced: bool,
    back: Back,
    deposit_cents: int,
    is_empty: bool,
    now: datetime,
) -> None:
    """Owe the customer word of what the farm turned out not to have, what comes instead, and what goes back.

    `deposit_cents` of it is for containers that do not come either; `is_empty` says that nothing of the order comes now.
    """
    notices.owe_customer(
        session,
        order=order,
        key=f"goods-short-{line.id}-{line.missing}",
        template="goods_short",
        now=now,
        product=line.name,
        missing=missing,
        sell_unit=line.sell_unit.value,
        instead=line.replacement if is_replaced else {},
        wanted_instead=line.if_missing is IfMissing.REPLACE,
        nothing_left=is_empty,
        **_in_mail(back),
        deposit_cents=deposit_cents,
    )


def order_changed(
    session: Session,
    *,
    order: Order,
    lines: Sequence[OrderLine],
    cuts: Sequence[Cut],
    back: Back,
    deposit_cents: int,
    now: datetime,
) -> None:
    """Owe the customer a proof of what they took off an order, and of what comes back for it.

    What is off only grows, so its sum names the change; `deposit_cents` of it is for containers that do not come.
    """
    by_id = {line.id: line for line in lines}
    notices.owe_customer(
        session,
        order=order,
        key=f"order-changed-{order.public_id}-{sum(line.dropped for line in lines)}",
        template="order_changed",
        now=now,
        lines=[
            {
                "name": by_id[cut.line_id].name,
                "sell_unit": by_id[cut.line_id].sell_unit.value,
                "part": cut.part,
                "back_cents": cut.back_cents,
            }
            for cut in cuts
        ],
        **_in_mail(back),
        deposit_cents=deposit_cents,
    )


def order_added(
    session: Session, *, order: Order, addition: str, lines: Sequence[OrderLine], cents: int, now: datetime
) -> None:
    """Owe the customer a proof of what joined the order, and of what it cost."""
    notices.owe_customer(
        session,
        order=order,
        key=f"order-added-{addition}",
        template="order_added",
        now=now,
        cents=cents,
        lines=[
            {
                "name": line.name,
                "amount": line.amount,
                "sell_unit": line.sell_unit.value,
                "total_cents": line.total_cents,
            }
            for line in lines
        ],
    )


def order_grew(
    session: Session,
    *,
    order: Order,
    addition: str,
    lines: Sequence[OrderLine],
    more_cents: Mapping[int, int],
    now: datetime,
) -> None:
    """Owe who works for an order, by their ids with what they get more, word of what joined it.

    A farm is told of its own goods, also at its gate; who packs, processes or brings, of all.
    """
    farms = {line.farm_id for line in lines}
    for enterprise in session.scalars(
        select(Enterprise).where(Enterprise.id.in_(farms | more_cents.keys())).order_by(Enterprise.id)
    ):
        works = enterprise.id in more_cents
        told = [line for line in lines if works or line.farm_id == enterprise.id]
        if not enterprise.email:
            continue
        notices.owe(
            session,
            key=f"order-grew-{addition}-{enterprise.id}",
            template="order_grew",
            to_email=enterprise.email,
            language=enterprise.language,
            order_id=order.id,
            now=now,
            context={
                "enterprise": enterprise.name,
                "number": order.number,
                "more_cents": more_cents.get(enterprise.id, 0),
                "page": "/boer" if enterprise.id in farms else "/werk",
                "lines": [
                    {"name": line.name, "amount": line.amount, "sell_unit": line.sell_unit.value} for line in told
                ],
            },
        )


def money_back(session: Session, *, order: Order, back: Back, key: str, why: str, now: datetime) -> None:
    """Owe the customer word that the coordinator gives money back, and why; `key` names the refund."""
    notices.owe_customer(
        session,
        order=order,
        key=f"money-back-{key}",
        template="money_back",
        now=now,
        **_in_mail(back),
        why=why,
    )


def empties_back(
    session: Session, *, order: Order, counts: Mapping[str, int], key: str, back: Back, now: datetime
) -> None:
    """Owe the customer word of the empties that came back, and of their deposit.

    `counts` are numbers by the public id of the container, `key` names the return.
    """
    found = session.scalars(
        select(ContainerType).where(ContainerType.public_id.in_(list(counts))).order_by(ContainerType.id)
    )
    notices.owe_customer(
        session,
        order=order,
        key=f"empties-back-{order.public_id}-{key}"[:120],
        template="empties_back",
        now=now,
        containers=[{"kind": row.kind.value, "name": row.name, "count": counts[row.public_id]} for row in found],
        **_in_mail(back),
    )


def _in_mail(back: Back) -> dict[str, int]:
    """Give a mail what it says of money: what comes back, what is owed less, and what goes to a hub for its code."""
    return {
        "back_cents": back.sent_cents,
        "less_owed_cents": back.less_owed_cents,
        "to_hub_cents": back.to_hub_cents,
    }
