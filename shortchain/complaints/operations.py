"""Complaints are written down, and decided per line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.complaints.models import Complaint, ComplaintLine, ComplaintPhoto, ComplaintState
from shortchain.enterprises import calendar
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, AlreadyDone, Conflict, Invalid, NotFound
from shortchain.kernel.window import local_day
from shortchain.ordering import withdrawing
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import giving_back, line_refunds
from shortchain.payments.giving_back import Back
from shortchain.payments.models import Refund

KINDS = frozenset({"missing", "bad", "wrong", "late", "other"})
LONGEST = 2000
LONGEST_ANSWER = 500
MOST_OPEN = 5
"""So many complaints of one order wait at the same time at most; who has more to say calls the hub."""
WITHDRAWAL = "withdraw"
"""The kind of a complaint that is none: somebody withdraws from lines that have the right."""
REASON = "complaint"
"""The reason of a refund for one line of a complaint."""


class SaySomething(Invalid):
    """Neither a kind nor words were given."""

    message = N_("Kies wat er misging, of schrijf het op.")


class TooMany(Conflict):
    """Several complaints of this order wait already."""

    message = N_("We bekijken al meer meldingen van deze bestelling. Bel of mail ons.")


class NoAnswer(Invalid):
    """The customer reads why; a decision without a word is none."""

    message = N_("Schrijf een antwoord. De klant leest het.")


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer said: a kind, words, the ids of order lines, for some of them photos by their public ids, and whether
    a gift card is welcome instead of money."""

    kind: str
    text: str
    lines: Mapping[int, Sequence[str]]
    wants_card: bool = False


def check(kind: str, text: str) -> str:
    """Hold what was said against what is needed; returns the words with their spaces put right.

    :raises SaySomething: without a kind, or with "other" and no words
    """
    words = " ".join(text.split())[:LONGEST]
    if kind not in KINDS:
        raise SaySomething(fields=("kind",))
    if kind == "other" and not words:
        raise SaySomething(fields=("text",))
    return words


def find_by_key(session: Session, *, key: str) -> Complaint | None:
    """Find the complaint of a form that was sent before."""
    return session.scalar(select(Complaint).where(Complaint.key == key))


def write(session: Session, *, order: Order, key: str, said: Said, by: Actor, now: datetime) -> Complaint:
    """Write a complaint down. The caller holds the lock of the order; lines of other orders are passed over.

    :raises TooMany: when several of this order wait already
    """
    waiting = session.scalar(
        select(func.count(Complaint.id)).where(
            Complaint.order_id == order.id,
            Complaint.state == ComplaintState.OPEN,
            Complaint.kind != WITHDRAWAL,
        )
    )
    if (waiting or 0) >= MOST_OPEN and said.kind != WITHDRAWAL:  # a right is not rationed
        raise TooMany()
    complaint = Complaint(
        key=key,
        order_id=order.id,
        state=ComplaintState.OPEN,
        kind=said.kind,
        text=said.text,
        made_at=now,
        wants_card=said.wants_card,
    )
    session.add(complaint)
    session.flush()
    own = session.scalars(
        select(OrderLine.id).where(OrderLine.order_id == order.id, OrderLine.id.in_(said.lines)).order_by(OrderLine.id)
    )
    for line_id in own.all():
        line = ComplaintLine(complaint_id=complaint.id, order_line_id=line_id)
        session.add(line)
        session.flush()
        for public_id in said.lines[line_id]:
            session.add(ComplaintPhoto(public_id=public_id, complaint_line_id=line.id, made_at=now))
    session.flush()
    journal.record(session, "complaint.made", by=by, now=now, order_id=order.id, kind=said.kind)
    return complaint


def withdrawable(session: Session, *, order: Order, now: datetime) -> Sequence[OrderLine]:
    """List the lines of an order from which its customer may withdraw now, and did not yet.

    What did not come, or was taken off before, is no longer bought.
    """
    if order.state not in line_refunds.STANDS:
        return []
    today = local_day(now)
    received_on = local_day(order.delivered_at) if order.delivered_at else None
    if received_on is not None:
        free = calendar.public_holidays(received_on, received_on + timedelta(days=30))
        if not withdrawing.is_open(received_on, today, holidays=free):
            return []
    done = (
        select(ComplaintLine.order_line_id)
        .join(Complaint, Complaint.id == ComplaintLine.complaint_id)
        .where(Complaint.order_id == order.id, Complaint.kind == WITHDRAWAL)
    )
    found = session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.id.not_in(done)).order_by(OrderLine.id)
    )
    return [line for line in found if line.supplied and withdrawing.has_right(line.withdrawal)]


def of_hub(session: Session, *, public_id: str, hub_id: int) -> tuple[Complaint, Order]:
    """Find a complaint about an order of a hub, with its lines.

    :raises NotFound: when there is none such
    """
    row = session.execute(
        select(Complaint, Order)
        .join(Order, Order.id == Complaint.order_id)
        .where(Complaint.public_id == public_id, Order.hub_id == hub_id)
        .options(selectinload(Complaint.lines))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row[1]


def decide(
    session: Session,
    *,
    complaint: Complaint,
    order: Order,
    given: Mapping[int, int],
    answer: str,
    by: Actor,
    now: datetime,
) -> Back:
    """Decide how much goes back for each line, by the id of the order line; returns where it goes.

    A line that is not named gets nothing. The caller holds the lock of the order, under which the complaint was
    read, and gives its lines along.

    :raises AlreadyDone: when somebody was first
    :raises NoAnswer: without a word for the customer
    :raises line_refunds.TooMuch, line_refunds.NotPaid, line_refunds.WeighFirst: nothing is decided then
    """
    if complaint.state is not ComplaintState.OPEN:
        raise AlreadyDone()
    words = " ".join(answer.split())[:LONGEST_ANSWER]
    if not words:
        raise NoAnswer(fields=("answer",))
    asked: list[Refund] = []
    for line in complaint.lines:
        cents = given.get(line.order_line_id, 0)
        if cents:
            bought = session.get_one(OrderLine, line.order_line_id)
            try:
                refunds = line_refunds.give_back(
                    session,
                    order=order,
                    line=bought,
                    amount_cents=cents,
                    reason=REASON,
                    now=now,
                    as_card=complaint.wants_card,
                )
            except line_refunds.TooMuch as refusal:
                raise line_refunds.TooMuch(fields=(f"cents-{line.order_line_id}",), **refusal.values) from refusal
            line.refund_id = refunds[-1].id  # the customer's part, where a hub paid one for its code
            asked += refunds
        line.given_cents = cents
    complaint.move("decide")
    complaint.decided_at, complaint.decided_by_id, complaint.answer = now, by.user_id, words
    session.flush()
    journal.record(
        session,
        "complaint.decided",
        by=by,
        now=now,
        order_id=order.id,
        amount_cents=sum(one.amount_cents for one in asked),
    )
    return giving_back.whereto(session, asked)


def orders_with_open() -> Select[int]:
    """Select the orders of which a complaint waits: until it is decided nobody is paid."""
    return select(Complaint.order_id).where(Complaint.state == ComplaintState.OPEN)


def has_open(session: Session, *, order_id: int) -> bool:
    """Say whether a complaint of an order waits for its decision."""
    return session.scalar(orders_with_open().where(Complaint.order_id == order_id).limit(1)) is not None
