"""A customer takes something off an order while its cycle is open: the goods are for sale again, the money goes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue.models import OrderCycle
from shortchain.delivery import chain, lowering
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict
from shortchain.notifications import changes
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import deposit_refunds, giving_back, line_refunds, order_changes
from shortchain.payments.models import Refund
from shortchain.stock import allocations
from shortchain.transaction import transaction


class TooLate(Conflict):
    """The order is not paid, called off, or its cycle closed and farms harvest by it."""

    message = N_("Aanpassen kan niet (meer): de bestelling is niet betaald, of de ronde is gesloten.")


def take_off(session: Session, *, token: str, keep: Mapping[int, int], by: Actor, now: datetime) -> int:
    """Keep only so much of lines of an order, in base units by the id of the line; returns the cents that go back.

    Amounts are what is kept, not what comes off, so the same press again changes nothing and returns zero.

    :raises NotFound: for an unknown link
    :raises TooLate: when it is not paid, when its cycle has closed, or when work on it began
    :raises NotMore: for more than comes now; nothing changed, as for the next ones
    :raises NotSold: for an amount that the farm does not sell
    :raises Fixed: for goods that were replaced
    :raises KeepSome: for all of what is processed
    :raises NothingKept: when nothing would be left
    :raises TooLittle: when a farm would bring less than it asks for
    :raises BelowCycle: when less would be left than the order cycle asks for
    """
    order_id = orders.find_by_token(session, token=token).id
    session.rollback()
    with transaction(session):
        order = orders.lock(session, order_id=order_id)  # a second press waits here and finds it done
        _refuse_late(session, order, now)
        cuts = order_changes.cuts(session, order=order, keep=keep)
        if not cuts:
            return 0
        lines = {line.id: line for line in orders.lines_of(session, order_id=order.id)}
        asked: list[Refund] = []
        for cut in cuts:
            line = lines[cut.line_id]
            line.dropped += cut.part
            if cut.back_cents:
                asked += line_refunds.give_back(
                    session, order=order, line=line, amount_cents=cut.back_cents, reason=line_refunds.CHANGED, now=now
                )
        session.flush()
        held = deposit_refunds.cut(session, order=order, reason=line_refunds.CHANGED, now=now)
        back = giving_back.whereto(session, asked + held)
        journal.record(session, "order.changed", by=by, now=now, order_id=order.id, back_cents=back.cents)
        changes.order_changed(
            session,
            order=order,
            lines=list(lines.values()),
            cuts=cuts,
            back=back,
            deposit_cents=sum(one.amount_cents for one in held),
            now=now,
        )
        allocations.put_back(session, amounts={lines[cut.line_id].claim: cut.part for cut in cuts})
        lowering.give_room(session, order=order, by=by, now=now)
        return back.cents


def _refuse_late(session: Session, order: Order, now: datetime) -> None:
    closes_at = session.execute(select(OrderCycle.closes_at).where(OrderCycle.id == order.cycle_id)).scalar_one()
    if order.state is not OrderState.CONFIRMED or now >= closes_at or chain.has_started(session, order_id=order.id):
        raise TooLate()
