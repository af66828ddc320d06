"""An order whose time to pay ran out and whose money came all the same: everything is held anew, or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shortchain.capacity.ledger import CapacityGone
from shortchain.catalogue import windows
from shortchain.catalogue.windows import WindowFull
from shortchain.delivery import chain
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Distance
from shortchain.kernel.window import local_day
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.routing import candidates, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Policy, Unroutable
from shortchain.stock import allocations
from shortchain.stock.allocations import SoldOut, Wanted

LONG_ENOUGH = timedelta(minutes=5)
"""How long what is held anew stays held: it is confirmed in the same transaction."""


def stands(session: Session, distance: Distance, *, order: Order, now: datetime) -> bool:
    """Say whether everything is still held; what ran out is held anew, all of it or nothing."""
    if order.state is OrderState.AWAITING_PAYMENT and order.hold_until > now:
        return True
    lines = orders.lines_of(session, order_id=order.id)
    try:
        with session.begin_nested():
            if order.state is OrderState.AWAITING_PAYMENT:
                # The deadline has passed but nothing was freed yet: free it, so that one way serves both.
                allocations.release(session, claims=[line.claim for line in lines], now=now)
                chain.clear(session, order=order, by=SYSTEM, now=now)
                windows.give_back(session, window_id=order.window_id)
            allocations.hold(
                session,
                until=now + LONG_ENOUGH,
                now=now,
                wanted=[Wanted(line.claim, line.product_id, line.amount, local_day(order.starts_at)) for line in lines],
            )
            windows.take_place(session, window_id=order.window_id)
            request = requests.for_order(session, order=order, lines=lines, now=now)
            days = candidates.work_days(request.delivery_day, request.first_day)
            plan = plan_route(
                request, candidates.read_candidates(session, days=days), distance=distance, policy=Policy()
            )
            anew = chain.write(session, order=order, lines=lines, plan=plan, by=SYSTEM, now=now)
            chain.hold(session, order=order, jobs=anew, until=now + LONG_ENOUGH, now=now)
    except (SoldOut, WindowFull, Unroutable, CapacityGone):
        return False
    return True
