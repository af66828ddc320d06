"""A customer withdraws from goods that have the right, by a button, without a reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.complaints import operations
from shortchain.complaints.operations import WITHDRAWAL, Said
from shortchain.fulfilment import jobs
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.notifications import changes
from shortchain.ordering import orders
from shortchain.transaction import transaction

TASK = "complaint"


class ChooseSomething(Invalid):
    """No product was chosen."""

    message = N_("Kies minstens één product.")


class NoRight(Conflict):
    """The period is over, the goods have no such right, or they were withdrawn from already."""

    message = N_("Herroepen kan niet (meer) voor deze keuze.")


def withdraw(session: Session, *, token: str, lines: Collection[int], name: str, by: Actor, now: datetime) -> str:
    """Withdraw from lines of an order by its tracking link; returns the public id under which it is decided.

    The statement counts from now (Directive 2011/83/EU art. 11a, by Directive (EU) 2023/2673): it is written
    down, the customer gets it back by mail with its time, and a coordinator pays back what came back as for a
    complaint. Nobody is paid for the order until then.

    :raises NotFound: for an unknown link
    :raises ChooseSomething: without a line
    :raises NoRight: when one of them can not be withdrawn from; nothing is written down then
    """
    if not lines:
        raise ChooseSomething(fields=("lines",))
    order_id = orders.find_by_token(session, token=token).id
    session.rollback()
    with transaction(session):
        order = orders.lock(session, order_id=order_id)  # a second press waits here and finds them withdrawn
        chosen = [one for one in operations.withdrawable(session, order=order, now=now) if one.id in lines]
        if len(chosen) != len(set(lines)):
            raise NoRight()
        said = Said(WITHDRAWAL, "", {line.id: () for line in chosen})
        complaint = operations.write(
            session,
            order=order,
            key=f"{order.id}-{WITHDRAWAL}-{min(line.id for line in chosen)}",
            said=said,
            by=by,
            now=now,
        )
        jobs.ask_coordinator(
            session, order=order, kind=TASK, now=now, what=WITHDRAWAL, about=complaint.public_id, by=by.kind
        )
        changes.withdrawal_received(
            session,
            order=order,
            complaint=complaint,
            lines=chosen,
            name=" ".join(name.split())[:120] or order.name,
            now=now,
        )
        return complaint.public_id
