"""The monthly statement of an enterprise: each cent leads to an order line, a job or a way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue.models import Product
from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment.models import LIVE_JOBS, Job
from shortchain.kernel.quantity import SellUnit
from shortchain.kernel.window import at_local
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import deposit_refunds, line_refunds
from shortchain.payouts.models import Account, LedgerEntry

GOODS, TRANSPORT, DEPOSIT = "goods", "transport", "deposit"
WORK = ("process", "pack", "deliver")
MOVED = ("payout", "reversal", "netting")
"""Kinds of lines that are money on its way, and nothing earned."""
EARLIER = "earlier_refund"
"""The kind of a line that stands for refunds before the order was divided."""


@dataclass(frozen=True, slots=True)
class About:
    """What a line stands for, for who puts it in words: goods and how much (base units), a way, or work on a day.

    `public_id` is what pages call it: the job, or the product of the goods. `instead_amount` of the goods are what came in the
    place of what the farm lacked, sold in the same unit, by the name `instead`.
    """

    name: Mapping[str, str] | None = None
    amount: int = 0
    sell_unit: SellUnit | None = None
    metres: int = 0
    service: str = ""
    day: date | None = None
    public_id: str = ""
    instead: Mapping[str, str] | None = None
    instead_amount: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a plus is for the enterprise, a minus was sent to it or taken off. Cents, VAT held in them.

    `source` names the row that it stands for: `order_line:7`, `job:3`, `leg:5`, `order_deposit:2`; else the booking alone
    (`transaction`) says where it comes from. `order` is the order's public id, with its hub.
    """

    at: datetime
    number: str
    kind: str
    what: str
    cents: int
    vat_rate_bp: int
    vat_cents: int
    transaction: str
    source: str = ""
    about: About | None = None
    order: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a share: the row that it stands for, words, cents."""

    source: str
    what: str
    cents: int
    about: About


@dataclass(slots=True)
class Statement:
    """A month of one enterprise: what was open + what it earned − what it got = what is open."""

    first: date
    before_cents: int
    lines: list[Line] = field(default_factory=list)

    @property
    def after_cents(self) -> int:
        return self.before_cents + sum(line.cents for line in self.lines)

    def sum_of(self, *kinds: str) -> int:
        """Add up the lines of some kinds, in cents."""
        return sum(line.cents for line in self.lines if line.kind in kinds)


def month_of(text: str, *, today: date) -> date:
    """Read a month as `2026-11`; what is none, or to come, gives the current one. Returns its first day."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today
    return min(first, today).replace(day=1)


def next_month(first: date) -> date:
    """Give the first day of the month after."""
    return (first + timedelta(days=32)).replace(day=1)


def month_before(first: date) -> date:
    """Give the first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def read(session: Session, *, enterprise_id: int, first: date) -> Statement:
    """Make the statement of an enterprise over the month that begins on `first`.

    The lines of every booking add up to the booking: where an order was divided, its goods are listed by
    order line and its work by job and way, with one more line for what was refunded before.
    """
    begins, ends = at_local(first, time()), at_local(next_month(first), time())
    own = (LedgerEntry.account == Account.ENTERPRISE, LedgerEntry.enterprise_id == enterprise_id)
    before = session.scalar(select(func.sum(LedgerEntry.amount_cents)).where(*own, LedgerEntry.at < begins))
    statement = Statement(first, -int(before or 0))
    for entry, order in session.execute(
        select(LedgerEntry, Order)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .where(*own, LedgerEntry.at >= begins, LedgerEntry.at < ends)
        .order_by(LedgerEntry.at, LedgerEntry.id)
    ):
        statement.lines += _lines(session, entry, order, enterprise_id)
    return statement


def _lines(session: Session, entry: LedgerEntry, order: Order | None, enterprise_id: int) -> list[Line]:
    number, where = (order.number, (order.public_id, order.hub_id)) if order else ("", None)

    def line(kind: str, what: str, cents: int, vat_cents: int, part: _Part | None = None) -> Line:
        source, about = (part.source, part.about) if part else ("", None)
        rate, booking = entry.vat_rate_bp, entry.transaction
        return Line(entry.at, number, kind, what, cents, rate, vat_cents, booking, source, about, where)

    whole, vat = -entry.amount_cents, -entry.vat_cents
    parts = _parts(session, entry, enterprise_id) if entry.transaction.startswith("settle:") else []
    if not parts:
        is_refund = entry.transaction.startswith("refund:")
        return [line(entry.kind, "refund" if is_refund else "", whole, vat)]
    found: list[Line] = []
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1 and sum(one.cents for one in parts) == whole
        done = sum(one.vat_cents for one in found)
        share = vat - done if is_last else vat * part.cents // whole if whole else 0
        found.append(line(entry.kind, part.what, part.cents, share, part))
    rest = whole - sum(part.cents for part in parts)
    if rest:
        found.append(line(EARLIER, "", rest, vat - sum(one.vat_cents for one in found)))
    return found


def _goods(line: OrderLine, product: str) -> About:
    """Say how much came of a line, and what of it came instead of what the farm lacked."""
    instead = line.replacement or {}
    came = int(instead.get("amount", 0))
    return About(
        line.name,
        line.supplied + came,
        SellUnit(line.sell_unit),
        public_id=product,
        instead=instead.get("name"),
        instead_amount=came,
    )


def _goods_words(about: About) -> str:
    names = [one for one in (about.name, about.instead) if one]
    return " + ".join(_dutch(one) for one in names[about.amount == about.instead_amount and len(names) > 1 :])


def _parts(session: Session, entry: LedgerEntry, enterprise_id: int) -> list[_Part]:
    """List what a share is made of: order lines, containers, jobs or ways, each with its cents."""
    if entry.kind == GOODS:
        rows = session.execute(
            select(OrderLine, line_refunds.SOLD_CENTS, Product.public_id)
            .join(Product, Product.id == OrderLine.product_id)
            .where(
                OrderLine.order_id == entry.order_id,
                OrderLine.farm_id == enterprise_id,
                OrderLine.vat_rate_bp == entry.vat_rate_bp,
            )
            .order_by(OrderLine.id)
        )
        return [
            _Part(f"order_line:{one.id}", _goods_words(about), cents, about)
            for one, cents, product in rows
            if (about := _goods(one, product)).amount or cents
        ]
    if entry.kind == DEPOSIT:
        held = deposit_refunds.held_of(session, order=session.get_one(Order, entry.order_id))
        own = [one for one in held if one.owner_id == enterprise_id and one.cents]
        return [_Part(f"order_deposit:{one.id}", "", one.cents, About(amount=one.count)) for one in own]
    if entry.kind == TRANSPORT:
        ways = session.execute(
            select(Leg.id, Leg.metres, Leg.cost_cents)
            .where(
                Leg.order_id == entry.order_id,
                Leg.carrier_id == enterprise_id,
                Leg.vat_rate_bp == entry.vat_rate_bp,
                Leg.state != LegState.WITHDRAWN,
                Leg.cost_cents > 0,
            )
            .order_by(Leg.id)
        )
        return [_Part(f"leg:{one}", "", cents, About(metres=metres)) for one, metres, cents in ways]
    if entry.kind in WORK:
        jobs = session.execute(
            select(Job.id, Job.service, Job.day, Job.cost_cents, Job.public_id)
            .where(
                Job.order_id == entry.order_id,
                Job.enterprise_id == enterprise_id,
                Job.stage == entry.kind,
                Job.vat_rate_bp == entry.vat_rate_bp,
                Job.state.in_(LIVE_JOBS),
            )
            .order_by(Job.id)
        )
        return [
            _Part(f"job:{one}", _work(service, day), cents, About(service=service, day=day, public_id=job))
            for one, service, day, cents, job in jobs
            if cents
        ]
    return []


def _work(service: str, day: date) -> str:
    known = data.services().get(service)
    return f"{known.name['nl'] if known else service} {day.isoformat()}"


def _dutch(name: object) -> str:
    return str(name.get("nl", "")) if isinstance(name, dict) else str(name)
