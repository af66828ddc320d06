"""An order became smaller before the work on it began: whoever promised the work gets room back for others.

What the work costs stays as agreed: the customer's price and the provider's pay were fixed together at placement.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.capacity import ledger
from shortchain.delivery.chain import MAY_MOVE
from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import Job, Stage
from shortchain.journal import Actor
from shortchain.ordering import deposits, orders
from shortchain.ordering.models import Order, OrderLine


def give_room(session: Session, *, order: Order, by: Actor, now: datetime) -> int:
    """Give back the capacity that an order does not need any more; returns how many jobs became smaller.

    Packing counts boxes, processing grams; a stop stays a stop. The caller holds the lock of the order, and takes
    nothing else after this: buckets are what many want at once.
    """
    lines = {line.id: line for line in orders.lines_of(session, order_id=order.id)}
    smaller = 0
    live = jobs.live_jobs(session, order_id=order.id)
    for job in sorted(live, key=lambda one: (one.capability_id, one.day)):
        needed = _needed(job, lines)
        if job.state not in MAY_MOVE or needed >= job.use:
            continue
        ledger.shrink(session, key=job.reservation_key, to=needed)
        journal.record(
            session,
            "job.smaller",
            by=by,
            now=now,
            order_id=order.id,
            enterprise_id=job.enterprise_id,
            job=job.id,
            before=job.use,
            after=needed,
        )
        job.use = needed
        smaller += 1
    session.flush()
    return smaller


def _needed(job: Job, lines: dict[int, OrderLine]) -> int:
    if job.stage is Stage.PACK:
        return max(1, deposits.crates_for(sum(_grams(line) for line in lines.values())))
    if job.stage is Stage.PROCESS:
        return max(1, sum(_grams(lines[one.order_line_id]) for one in job.lines))
    return job.use


def _grams(line: OrderLine) -> int:
    return line.supplied_weight_g + int(line.replacement.get("weight_g", 0))
