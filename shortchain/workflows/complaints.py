"""A customer says that something went wrong; the coordinator gets it as a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.fulfilment import jobs
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid
from shortchain.ordering import orders
from shortchain.transaction import transaction

KINDS = frozenset({"missing", "bad", "wrong", "late", "other"})
LONGEST = 2000


class SaySomething(Invalid):
    """Neither a kind nor words were given."""

    message = N_("Kies wat er misging, of schrijf het op.")


def report(
    session: Session, *, token: str, kind: str, text: str, lines: Sequence[str], by: Actor, now: datetime
) -> str:
    """Report a problem with an order by its tracking link; returns the task's public id.

    `lines` are positions of order lines (from 1), as the page numbers them.

    :raises NotFound: for an unknown link
    :raises SaySomething: when nothing was said
    """
    text = " ".join(text.split())[:LONGEST]
    if kind not in KINDS:
        raise SaySomething(fields=("kind",))
    if kind == "other" and not text:
        raise SaySomething(fields=("text",))
    with transaction(session):
        order = orders.find_by_token(session, token=token)
        count = len(orders.lines_of(session, order_id=order.id))
        chosen = sorted({int(line) for line in lines if line.isascii() and line.isdigit() and 0 < int(line) <= count})
        task = jobs.ask_coordinator(
            session, order=order, kind="complaint", now=now, what=kind, text=text, lines=chosen, by=by.kind
        )
        return task.public_id
