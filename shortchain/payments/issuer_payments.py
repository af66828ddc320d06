"""What issuers of vouchers owe us, what they say that they pay for, and where that is not what we know.

An issuer names each payment with vouchers and each refund of it, and pays many at once, less its fee. Ours is what was
captured less what was refunded; theirs is what they counted in all their payments so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.kernel.voucher_port import IssuerStatement
from shortchain.ordering.models import Order
from shortchain.payments.issuer_models import IssuerItem, IssuerPayment, IssuerWriteOff
from shortchain.payments.models import VOUCHERS, Payment, PaymentState, Refund, RefundState

LATE = timedelta(days=45)
"""After so long an issuer should have paid; what it did not count by then is a difference."""


@dataclass(frozen=True, slots=True)
class Item:
    """One payment with vouchers, or (a minus) one refund of it: what we know of it and what issuers counted.

    `is_even` says that all which was not counted of the payment went back: nobody owes anything for it. `written_off_cents`
    is what the platform bears of it.
    """

    reference: str
    method: str
    order_id: int | None
    ours_cents: int
    theirs_cents: int
    at: datetime | None
    is_even: bool = False
    written_off_cents: int = 0

    @property
    def off_cents(self) -> int:
        """What the issuer still has to bring of it, or (a minus) to get back."""
        return self.ours_cents - self.theirs_cents - self.written_off_cents

    def is_wrong(self, now: datetime) -> bool:
        """Whether somebody must ask the issuer: another amount, unknown to us, or long not counted."""
        if self.theirs_cents or self.written_off_cents:
            return self.off_cents != 0
        return self.at is not None and self.at <= now - LATE and not self.is_even


def items(session: Session) -> list[Item]:
    """List every payment with vouchers and every refund of one, those that only an issuer knows as well."""
    counted: dict[str, tuple[int, str]] = {
        reference: (int(cents), method)
        for reference, cents, method in session.execute(
            select(IssuerItem.reference, func.sum(IssuerItem.cents), func.min(IssuerPayment.method))
            .join(IssuerPayment, IssuerPayment.id == IssuerItem.issuer_payment_id)
            .group_by(IssuerItem.reference)
        )
    }
    taken = select(
        Payment.id, Payment.reference, Payment.method, Payment.order_id, Payment.amount_cents, Payment.captured_at
    ).where(Payment.method.in_(VOUCHERS), Payment.state.in_([PaymentState.CAPTURED, PaymentState.RETURNED]))
    back = (
        select(Payment.id, Refund.reference, Payment.method, Refund.order_id, -Refund.amount_cents, Refund.done_at)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Payment.method.in_(VOUCHERS),
            Refund.state == RefundState.DONE,
            Refund.reference.is_not(None),
        )
    )
    rows = [row for query in (taken, back) for row in session.execute(query.order_by(Payment.id))]
    uncounted: dict[int, int] = {}
    for payment_id, reference, _method, _order_id, cents, _at in rows:
        uncounted[payment_id] = uncounted.get(payment_id, 0) + (0 if reference in counted else cents)
    off = _written_off(session)
    found = [
        Item(
            reference or "",
            method,
            order_id,
            cents,
            counted.pop(reference or "", (0, ""))[0],
            at,
            is_even=not uncounted[payment_id],
            written_off_cents=off.get(reference or "", 0),
        )
        for payment_id, reference, method, order_id, cents, at in rows
    ]
    return found + [
        Item(name, method, None, 0, cents, None, written_off_cents=off.get(name, 0))
        for name, (cents, method) in sorted(counted.items())
    ]


def _written_off(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(IssuerWriteOff.reference, func.sum(IssuerWriteOff.cents)).group_by(IssuerWriteOff.reference)
    )
    return {name: int(cents) for name, cents in rows}


def owed_cents(session: Session) -> int:
    """Add up what issuers should still bring: captured less refunded, less what came in or is written off, in cents."""
    taken = session.scalar(
        select(func.sum(Payment.amount_cents)).where(
            Payment.method.in_(VOUCHERS), Payment.state.in_([PaymentState.CAPTURED, PaymentState.RETURNED])
        )
    )
    back = session.scalar(
        select(func.sum(Refund.amount_cents))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.method.in_(VOUCHERS), Refund.state == RefundState.DONE)
    )
    came = session.scalar(select(func.sum(IssuerPayment.gross_cents)).where(IssuerPayment.received_at.is_not(None)))
    off = session.scalar(select(func.sum(IssuerWriteOff.cents)))
    return int(taken or 0) - int(back or 0) - int(came or 0) - int(off or 0)


def lock_item(session: Session, *, reference: str) -> Item | None:
    """Give one payment or refund by its name at the issuer, for changing what is known of it; None for an unknown name."""
    for query in (
        select(Payment.id).where(Payment.reference == reference, Payment.method.in_(VOUCHERS)),
        select(Refund.id).where(Refund.reference == reference),
        select(IssuerItem.id).where(IssuerItem.reference == reference),
    ):
        session.execute(query.with_for_update()).all()
    return next((one for one in items(session) if one.reference == reference), None)


def take(session: Session, *, told: IssuerStatement, now: datetime) -> IssuerPayment | None:
    """Write down what an issuer announces; None when we know it already."""
    if find(session, reference=told.reference) is not None:
        return None
    row = IssuerPayment(
        reference=told.reference,
        method=told.kind,
        day=told.day,
        gross_cents=told.gross_cents,
        fee_cents=told.fee_cents,
        told_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        IssuerItem(issuer_payment_id=row.id, reference=name, cents=cents) for name, cents in told.items if cents
    )
    session.flush()
    return row


def find(session: Session, *, reference: str) -> IssuerPayment | None:
    """Find what was announced by its name in the bank's text."""
    return session.scalar(select(IssuerPayment).where(IssuerPayment.reference == reference))


def lock(session: Session, *, public_id: str) -> IssuerPayment | None:
    """Load what was announced for changing it."""
    return session.scalar(
        select(IssuerPayment)
        .where(IssuerPayment.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def newest_day(session: Session) -> date | None:
    """Give the day of the newest announcement."""
    return session.scalar(select(func.max(IssuerPayment.day)))


def named_in(session: Session, *, texts: Sequence[str]) -> list[IssuerPayment | None]:
    """Find for each text of a bank the announcement that it names; None where it names none, or several."""
    known = session.scalars(select(IssuerPayment).order_by(IssuerPayment.id)).all()
    found: list[IssuerPayment | None] = []
    for text in texts:
        plain = _plain(text)
        hits = [one for one in known if _plain(one.reference) in plain]
        found.append(hits[0] if len(hits) == 1 else None)
    return found


def _plain(text: str) -> str:
    """Leave out what banks change in a text: spaces, dashes, capitals."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


@dataclass(frozen=True, slots=True)
class Open:
    """What an issuer's vouchers of one kind still have to bring, in cents, and since when."""

    method: str
    cents: int
    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a coordinator sees: what is open, what was announced or came, the orders of the hub that are wrong."""

    open: tuple[Open, ...]
    announced: Sequence[IssuerPayment]
    received: Sequence[IssuerPayment]
    wrong: tuple[tuple[Item, str, str], ...]  # with the public id and the number of its order, when that is the hub's
    owed_cents: int


def page(session: Session, *, hub_id: int, now: datetime) -> Page:
    """Gather the page on vouchers. Sums are those of all hubs: issuers pay the platform, not a hub."""
    found = items(session)
    waiting = [one for one in found if not one.theirs_cents and not one.written_off_cents and one.ours_cents]
    sums = []
    for method in VOUCHERS:
        mine = [one for one in waiting if one.method == method]
        moments = [one.at for one in mine if one.at is not None]
        sums.append(Open(method, sum(one.ours_cents for one in mine), len(mine), min(moments, default=None)))
    wrong = [one for one in found if one.is_wrong(now)]
    names = {
        row.id: (row.public_id, row.number)
        for row in session.execute(
            select(Order.id, Order.public_id, Order.number).where(
                Order.id.in_({one.order_id for one in wrong}), Order.hub_id == hub_id
            )
        )
    }
    rows = session.scalars(select(IssuerPayment).order_by(IssuerPayment.day.desc(), IssuerPayment.id.desc())).all()
    return Page(
        tuple(sums),
        [row for row in rows if row.received_at is None],
        [row for row in rows if row.received_at is not None][:50],
        tuple((one, *names.get(one.order_id or 0, ("", ""))) for one in wrong),
        owed_cents(session),
    )
