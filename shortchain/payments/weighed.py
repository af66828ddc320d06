"""What was paid too much for goods that weigh less than their most goes back the way it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import Actor
from shortchain.ordering import orders, weighing
from shortchain.ordering.models import OrderLine, OrderState
from shortchain.payments import giving_back, line_refunds, shared_codes, vouchers
from shortchain.payments.giving_back import Back
from shortchain.payments.models import VOUCHERS

REASON = "weighed"
"""The reason of a refund that only makes the price right; it is nobody's loss."""


def note(
    session: Session, *, order_id: int, weights: Mapping[int, int], by: Actor, now: datetime
) -> Sequence[OrderLine]:
    """Write down what lines weigh, in grams by the id of the line; returns them. Typing again overwrites.

    Only lines that are paid by weight are looked at.

    :raises NoWeight: for less than a gram
    :raises TooHeavy: for more than was paid; nothing is noted then
    """
    lines = weighed_lines(session, order_id=order_id, among=list(weights))
    for line in lines:
        weighing.check(weights[line.id], max_weight_g=line.supplied_max_weight_g or 0)
    for line in lines:
        line.true_weight_g = weights[line.id]
    if lines:
        grams = {str(line.id): line.true_weight_g for line in lines}
        journal.record(session, "order.weighed", by=by, now=now, order_id=order_id, grams=grams)
    session.flush()
    return lines


def weighed_lines(session: Session, *, order_id: int, among: Sequence[int]) -> Sequence[OrderLine]:
    """List those of some lines of an order that are paid by weight and come; the lock of their job guards them."""
    return session.scalars(
        select(OrderLine)
        .where(
            OrderLine.order_id == order_id,
            OrderLine.id.in_(among),
            OrderLine.max_weight_g.is_not(None),
            OrderLine.supplied > 0,
        )
        .order_by(OrderLine.id)
    ).all()


def give_back(session: Session, *, order_id: int, among: Sequence[int], now: datetime) -> tuple[Back, list[OrderLine]]:
    """Price lines by their true weight and owe the customer the difference; returns where it goes, and the lines.

    The difference is kept on the line, so that the farm's share and the documents follow the true weight. When
    most of what was paid went back before, no more goes back than is left of it. Doing it again does nothing.

    :raises NotWeighed: when a line that is paid by weight has none
    """
    lines = [line for line in weighed_lines(session, order_id=order_id, among=among) if not line.less_cents]
    if not lines:
        return Back(), []
    if any(line.true_weight_g is None for line in lines):
        raise weighing.NotWeighed()
    order = orders.lock(session, order_id=order_id)  # whoever gives money of it back waits for us
    if order.state not in (OrderState.CONFIRMED, OrderState.DELIVERED):
        return Back(), []  # called off meanwhile: all of it went back
    left = giving_back.left_of(session, order_id=order_id)
    given = line_refunds.given(session, order_id=order_id)
    never_came = line_refunds.given(session, order_id=order_id, reasons=line_refunds.NOT_SUPPLIED)
    cents, back = 0, Back()
    for line in lines:
        gone = never_came.get(line.id, 0)  # paid back already, piece by piece at their most
        kept = max(costs_of(line), given.get(line.id, 0) - gone)
        line.less_cents = max(0, min(line.total_cents - gone - kept, left - cents))
        cents += line.less_cents
    if cents:
        lost = {method: sum(line.less_cents for line in lines if method in vouchers.pays(line)) for method in VOUCHERS}
        for line in lines:
            shared = shared_codes.of_line(line, before_cents=given.get(line.id, 0), cents=line.less_cents)
            lost |= {method: lost.get(method, 0) + part for method, part in shared.items()}
        refunds = giving_back.owe(session, order=order, amount_cents=cents, reason=REASON, lost=lost, now=now)
        back = giving_back.whereto(session, refunds)
    session.flush()
    return back, lines


def costs_of(line: OrderLine) -> int:
    """Say what the goods of a line that came cost by their true weight, in cents; nothing where none came.

    The price of a kilo is that of all that the customer kept, so what a farm lacks does not change it; what came
    never costs more than its pieces at their most.

    :raises NoWeight, TooHeavy: for a weight that can not be
    """
    most = line.supplied_max_weight_g
    if most is None:
        return 0
    grams = line.true_weight_g or 0
    weighing.check(grams, max_weight_g=most)
    whole = (line.max_weight_g or 0) * (line.amount - line.dropped) // line.amount
    by_weight = weighing.true_cents(line.cost.left(dropped=line.dropped), max_weight_g=whole, true_weight_g=grams)
    return min(line.cost.left(missing=line.missing, dropped=line.dropped), by_weight)
