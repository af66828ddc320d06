"""Reads of what an enterprise earned: per week and per order, and where its money is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.ordering.pricing import PLATFORM_FEE_BP
from shortchain.payments import line_refunds
from shortchain.payouts import settling, shares
from shortchain.payouts.models import Account, LedgerEntry, Payout, PayoutState
from shortchain.payouts.monthly import MOVED
from shortchain.payouts.settling import COMPLAINT_WINDOW
from shortchain.payouts.shares import Facts, Sold

GOODS, FEES, DEPOSIT = "goods", ("fee", "ceded"), "deposit"
WORK = ("process", "transport", "pack", "deliver", "levy", "received")


@dataclass(slots=True)
class OrderStatement:
    """What one order brought, in cents: goods + work + deposit − fee = owed; `owed` is never rounded apart.

    `state` says where the money is: held (no account that can be paid), kept (by a coordinator, with a
    reason), due, submitted, paid, failed.
    """

    number: str
    settled_at: datetime
    goods_cents: int = 0
    work_cents: int = 0
    deposit_cents: int = 0
    fee_cents: int = 0
    paid_cents: int = 0
    vat_cents: int = 0
    state: str = ""
    due_at: datetime | None = None
    paid_at: datetime | None = None
    reason: str = ""

    @property
    def owed_cents(self) -> int:
        return self.goods_cents + self.work_cents + self.deposit_cents - self.fee_cents


@dataclass(slots=True)
class WeekStatement:
    """The orders that were divided in one week, Monday first."""

    monday: date
    orders: list[OrderStatement] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def goods_cents(self) -> int:
        return sum(one.goods_cents + one.work_cents for one in self.orders)

    @property
    def deposit_cents(self) -> int:
        return sum(one.deposit_cents for one in self.orders)

    @property
    def fee_cents(self) -> int:
        return sum(one.fee_cents for one in self.orders)

    @property
    def owed_cents(self) -> int:
        return sum(one.owed_cents for one in self.orders)

    @property
    def paid_cents(self) -> int:
        return sum(one.paid_cents for one in self.orders)


@dataclass(frozen=True, slots=True)
class Coming:
    """An order that is paid by its customer and not divided yet. `from_at` is when that may be done."""

    number: str
    owed_cents: int
    delivered_at: datetime | None
    from_at: datetime | None


def weeks(session: Session, *, enterprise_id: int, most: int = 26) -> list[WeekStatement]:
    """Give the statements of an enterprise per week, the newest first.

    Refunds are taken off goods, work and fee in proportion, as the ledger books them.
    """
    entries = session.execute(
        select(LedgerEntry, Order.id, Order.number)
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerEntry.account == Account.ENTERPRISE, LedgerEntry.enterprise_id == enterprise_id)
        .order_by(LedgerEntry.id)
    ).all()
    found: dict[int, OrderStatement] = {}
    for entry, order_id, number in entries:
        _add(found.setdefault(order_id, OrderStatement(number, entry.at)), entry)
    _add_payouts(session, enterprise_id, found)
    by_week: dict[date, WeekStatement] = {}
    for statement in sorted(found.values(), key=lambda one: (one.settled_at, one.number), reverse=True):
        day = local_day(statement.settled_at)
        monday = day - timedelta(days=day.weekday())
        by_week.setdefault(monday, WeekStatement(monday)).orders.append(statement)
    return list(by_week.values())[:most]


def _add(statement: OrderStatement, entry: LedgerEntry) -> None:
    """Count one entry; what we owe stands as a minus in the ledger."""
    cents = -entry.amount_cents
    if entry.kind == GOODS:
        statement.goods_cents += cents
        statement.vat_cents -= entry.vat_cents
    elif entry.kind in WORK:
        statement.work_cents += cents
        statement.vat_cents -= entry.vat_cents
    elif entry.kind == DEPOSIT:
        statement.deposit_cents += cents
    elif entry.kind in FEES:
        statement.fee_cents -= cents
    elif entry.kind in MOVED:
        statement.paid_cents -= cents


def _add_payouts(session: Session, enterprise_id: int, found: dict[int, OrderStatement]) -> None:
    enterprise = session.get_one(Enterprise, enterprise_id)
    can_be_paid = bool(enterprise.stripe_account and enterprise.payouts_enabled)
    for payout in session.scalars(select(Payout).where(Payout.enterprise_id == enterprise_id)):
        statement = found.get(payout.order_id)
        if statement is None:
            continue
        waits = payout.state in (PayoutState.DUE, PayoutState.FAILED)
        is_kept = payout.held_at is not None
        statement.state = "kept" if waits and is_kept else "held" if waits and not can_be_paid else payout.state.value
        statement.due_at, statement.paid_at, statement.reason = (
            payout.due_at,
            payout.paid_at,
            payout.hold_reason if is_kept else payout.last_error,
        )


def coming(session: Session, *, enterprise_id: int) -> list[Coming]:
    """List orders with goods of this enterprise that are paid and not divided yet.

    The amount is goods less fee and less what the farm gives to others of the cycle, as `shares.split` will book it; pay
    for work comes on top, and the deposit of what does not come back.
    """
    lines: dict[int, list[Sold]] = {}
    orders: dict[int, tuple[str, datetime | None]] = {}
    for order_id, number, delivered_at, farm_id, cents, rate in session.execute(
        select(
            Order.id,
            Order.number,
            Order.delivered_at,
            OrderLine.farm_id,
            line_refunds.SOLD_CENTS,
            OrderLine.vat_rate_bp,
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            OrderLine.farm_id == enterprise_id,
            Order.state.in_((OrderState.CONFIRMED, OrderState.DELIVERED)),
        )
        .order_by(Order.delivered_at, Order.id, OrderLine.id)
    ):
        orders[order_id] = (number, delivered_at)
        lines.setdefault(order_id, []).append(Sold(farm_id, cents, rate))
    promised = settling.promised_by(session, farm_id=enterprise_id, order_ids=list(orders))
    found = []
    for order_id, (number, delivered_at) in orders.items():
        facts = Facts(tuple(lines[order_id]), (), 0, PLATFORM_FEE_BP, promised=tuple(promised.get(order_id, ())))
        divided = shares.split(facts)
        found.append(
            Coming(
                number,
                shares.owed(divided)[enterprise_id],
                delivered_at,
                delivered_at + COMPLAINT_WINDOW if delivered_at else None,
            )
        )
    return found


def balance(session: Session, *, enterprise_id: int) -> int:
    """Say what an enterprise is owed now by the ledger, in cents: divided and not sent yet."""
    found = session.scalar(
        select(func.sum(LedgerEntry.amount_cents)).where(
            LedgerEntry.account == Account.ENTERPRISE, LedgerEntry.enterprise_id == enterprise_id
        )
    )
    return -int(found or 0)
