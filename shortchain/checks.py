"""Verifies the promises of `docs/transactions.md` on the database. Reads only.

Each check returns sentences about what is wrong; none means that the promise holds. The numbers are
those of the design: P1 money, P2 charges, P3 stock, P4 capacity, P5 orders, P6 the chain, P11 journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from shortchain.capacity.models import (
    CapacityBucket,
    Reservation,
    ReservationLine,
    ReservationState,
)
from shortchain.catalogue.models import DeliveryWindow
from shortchain.delivery.models import Leg, LegState
from shortchain.documents import verifying as documents
from shortchain.fulfilment.models import LIVE_JOBS, CoordinatorTask, Job, JobState, Stage
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.payments import verifying as paid
from shortchain.payments.models import Payment, PaymentState, Refund, RefundState
from shortchain.payouts import verifying
from shortchain.payouts.models import OF_MONEY, Account, LedgerEntry, Payout, PayoutState
from shortchain.stock.models import Allocation, AllocationState, Lot, StockMovement

GRACE = timedelta(hours=1)
"""How long the sweep may take to deal with what is overdue before that counts as a breach."""

TAKES_PLACE = (OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED)


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise that does not hold, and where."""

    promise: str
    what: str


def check_all(session: Session, *, now: datetime) -> list[Breach]:
    """Verify every promise; an empty list means that all hold."""
    return [Breach(promise, what) for promise, check in CHECKS for what in check(session, now)]


def _ledger_adds_up(session: Session, now: datetime) -> list[str]:
    rows = session.execute(
        select(LedgerEntry.transaction, func.sum(LedgerEntry.amount_cents))
        .group_by(LedgerEntry.transaction)
        .having(func.sum(LedgerEntry.amount_cents) != 0)
    )
    return [f"transaction {name} adds up to {cents} cents" for name, cents in rows]


def _money_in_is_booked(session: Session, now: datetime) -> list[str]:
    booked = dict(
        session.execute(
            select(LedgerEntry.transaction, LedgerEntry.amount_cents).where(
                or_(
                    and_(LedgerEntry.kind == "capture", LedgerEntry.account.in_(OF_MONEY)),
                    # a debit that never came, borne by the platform
                    and_(LedgerEntry.kind == "bad_debt", LedgerEntry.account == Account.PLATFORM),
                )
            )
        ).all()
    )
    paid = session.execute(
        select(Payment.public_id, Payment.amount_cents).where(
            Payment.state.in_([PaymentState.CAPTURED, PaymentState.RETURNED])
        )
    ).all()
    wrong = [
        f"payment {number} of {cents} cents is booked as {booked.get(f'capture:{number}', 0)}"
        for number, cents in paid
        if booked.get(f"capture:{number}") != cents
    ]
    if len(booked) > len(paid):
        wrong.append("the ledger knows money that no payment brought")
    return wrong


def _money_out_is_booked(session: Session, now: datetime) -> list[str]:
    wrong = []
    for kind, rows in (
        ("refund", select(Refund.public_id, Refund.amount_cents).where(Refund.state == RefundState.DONE)),
        (
            "payout",
            select(Payout.public_id, Payout.sent_cents).where(
                Payout.state == PayoutState.PAID,
                Payout.sent_cents > 0,  # all of it may have been netted
            ),
        ),
    ):
        done = {f"{kind}:{number}": cents for number, cents in session.execute(rows)}
        booked = {
            name: -cents
            for name, cents in session.execute(
                select(LedgerEntry.transaction, LedgerEntry.amount_cents).where(
                    LedgerEntry.kind == kind, LedgerEntry.account.in_(OF_MONEY)
                )
            )
        }
        wrong += [
            f"{name}: sent {done.get(name)}, booked {booked.get(name)}"
            for name in sorted(done.keys() | booked.keys())
            if done.get(name) != booked.get(name)
        ]
    return wrong


def _settled_orders_hold_nothing(session: Session, now: datetime) -> list[str]:
    held = func.coalesce(
        func.sum(case((LedgerEntry.account == Account.CUSTOMER, LedgerEntry.amount_cents), else_=0)), 0
    )
    # Money that nobody owed (twice paid, wrong amount) lies here until its refund has left, and a refund
    # that the bank gave back until somebody has paid it by hand.
    going_back = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.order_id == Order.id,
            or_(
                and_(
                    Refund.state != RefundState.DONE,
                    Refund.after_settling.is_(False),
                    Refund.voided_at.is_(None),
                ),
                and_(Refund.returned_at.is_not(None), Refund.repaid_at.is_(None)),
            ),
        )
        .correlate(Order)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Order.number, Order.state, held, Order.total_cents, going_back)
        .outerjoin(LedgerEntry, LedgerEntry.order_id == Order.id)
        .group_by(Order.id)
    )
    wrong = []
    for number, state, with_foreign, total, foreign in rows:
        cents = with_foreign + foreign
        if state is OrderState.SETTLED and cents:
            wrong.append(f"order {number} is settled and still holds {-cents} cents")
        if state is OrderState.AWAITING_PAYMENT and not 0 <= -cents < total:
            wrong.append(f"order {number} waits for a payment and holds {-cents} of {total} cents")
        if state in (OrderState.CONFIRMED, OrderState.DELIVERED) and not 0 <= -cents <= total:
            wrong.append(f"order {number} of {total} cents holds {-cents} cents")
    return wrong


def _shares_are_paid_or_due(session: Session, now: datetime) -> list[str]:
    """What an enterprise is owed for an order equals what its payout still has to send."""
    owed: dict[tuple[int | None, int | None], int] = {
        (order, party): -cents
        for order, party, cents in session.execute(
            select(LedgerEntry.order_id, LedgerEntry.enterprise_id, func.sum(LedgerEntry.amount_cents))
            .where(LedgerEntry.account == Account.ENTERPRISE)
            .group_by(LedgerEntry.order_id, LedgerEntry.enterprise_id)
        )
    }
    unsent: dict[tuple[int | None, int | None], int] = {
        (order, party): cents
        for order, party, cents in session.execute(
            select(Payout.order_id, Payout.enterprise_id, func.sum(Payout.amount_cents - Payout.reversed_cents))
            .where(Payout.state != PayoutState.PAID)
            .group_by(Payout.order_id, Payout.enterprise_id)
        )
    }
    wrong = []
    for key in sorted(owed.keys() | unsent.keys(), key=str):
        left, due = owed.get(key, 0), unsent.get(key, 0)
        if left != due and left > 0:
            wrong.append(f"order {key[0]}: enterprise {key[1]} is owed {left} cents, {due} are to be sent")
    return wrong


def _stock_adds_up(session: Session, now: datetime) -> list[str]:
    counted = (
        select(Allocation.lot_id, func.sum(Allocation.amount).label("amount"))
        .where(Allocation.state != AllocationState.RELEASED)
        .group_by(Allocation.lot_id)
        .subquery()
    )
    moved = (
        select(StockMovement.lot_id, func.sum(StockMovement.amount).label("amount"))
        .group_by(StockMovement.lot_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Lot.code, Lot.quantity, Lot.allocated, func.coalesce(counted.c.amount, 0), func.coalesce(moved.c.amount, 0)
        )
        .outerjoin(counted, counted.c.lot_id == Lot.id)
        .outerjoin(moved, moved.c.lot_id == Lot.id)
        .where(
            or_(
                Lot.allocated != func.coalesce(counted.c.amount, 0),
                Lot.quantity != func.coalesce(moved.c.amount, 0),
                Lot.allocated > Lot.quantity,
            )
        )
    )
    return [
        f"lot {code}: holds {quantity} (movements {movements}), set aside {allocated} (allocations {claims})"
        for code, quantity, allocated, claims, movements in rows
    ]


def _sold_stock_belongs_to_orders(session: Session, now: datetime) -> list[str]:
    """Every line of a standing order has its stock; every sold allocation has its line."""
    sold = (
        select(Allocation.claim, func.sum(Allocation.amount).label("amount"))
        .where(Allocation.state != AllocationState.RELEASED)
        .group_by(Allocation.claim)
        .subquery()
    )
    owed = OrderLine.supplied + func.coalesce(OrderLine.replacement["amount"].as_integer(), literal(0))
    rows = session.execute(
        select(Order.number, OrderLine.id, owed, func.coalesce(sold.c.amount, 0))
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(sold, sold.c.claim == OrderLine.claim)
        .where(Order.state.in_(TAKES_PLACE), owed != func.coalesce(sold.c.amount, 0))
    )
    freed = session.execute(
        select(Order.number, OrderLine.id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(sold, sold.c.claim == OrderLine.claim)
        .join(Allocation, and_(Allocation.claim == OrderLine.claim, Allocation.state.in_(["held", "committed"])))
        .where(Order.state.in_([OrderState.EXPIRED, OrderState.CANCELLED]))
    )
    return [f"order {number} line {line}: sold {amount}, set aside {aside}" for number, line, amount, aside in rows] + [
        f"order {number} line {line} is off and still holds stock" for number, line in freed
    ]


def _capacity_adds_up(session: Session, now: datetime) -> list[str]:
    def of(state: ReservationState):  # type: ignore[no-untyped-def]
        return (
            select(func.coalesce(func.sum(ReservationLine.amount), 0))
            .join(Reservation, Reservation.id == ReservationLine.reservation_id)
            .where(ReservationLine.bucket_id == CapacityBucket.id, Reservation.state == state)
            .correlate(CapacityBucket)
            .scalar_subquery()
        )

    held, confirmed = of(ReservationState.HELD), of(ReservationState.CONFIRMED)
    rows = session.execute(
        select(
            CapacityBucket.id, CapacityBucket.cap, CapacityBucket.held, CapacityBucket.confirmed, held, confirmed
        ).where(
            or_(
                CapacityBucket.held != held,
                CapacityBucket.confirmed != confirmed,
                CapacityBucket.held + CapacityBucket.confirmed > CapacityBucket.cap,
            )
        )
    )
    return _halves_add_up(session) + [
        f"bucket {row[0]}: cap {row[1]}, counters {row[2]}+{row[3]}, reservations {row[4]}+{row[5]}" for row in rows
    ]


def _halves_add_up(session: Session) -> list[str]:
    """Compare what the half days say is taken of them with the reservations that are tied to them."""

    def of(half: str):  # type: ignore[no-untyped-def]
        return (
            select(func.coalesce(func.sum(ReservationLine.amount), 0))
            .join(Reservation, Reservation.id == ReservationLine.reservation_id)
            .where(
                ReservationLine.bucket_id == CapacityBucket.id,
                ReservationLine.half == half,
                Reservation.state != ReservationState.RELEASED,
            )
            .correlate(CapacityBucket)
            .scalar_subquery()
        )

    counters = (CapacityBucket.morning_taken, CapacityBucket.afternoon_taken)
    sums = (of(MORNING), of(AFTERNOON))
    rows = session.execute(
        select(CapacityBucket.id, *counters, *sums).where(or_(*(a != b for a, b in zip(counters, sums, strict=True))))
    )
    return [f"bucket {row[0]}: half days {row[1]}+{row[2]}, reservations {row[3]}+{row[4]}" for row in rows]


def _jobs_have_capacity(session: Session, now: datetime) -> list[str]:
    rows = session.execute(
        select(Job.id, Reservation.state)
        .join(Order, Order.id == Job.order_id)
        .outerjoin(Reservation, Reservation.key == Job.reservation_key)
        .where(
            Job.state.in_(LIVE_JOBS),
            Order.state == OrderState.CONFIRMED,
            or_(Reservation.id.is_(None), Reservation.state != ReservationState.CONFIRMED),
        )
    )
    return [f"job {job} is promised without capacity ({state})" for job, state in rows]


def _places_are_right(session: Session, now: datetime) -> list[str]:
    counted = (
        select(Order.window_id, func.count(Order.id).label("orders"))
        .where(Order.state.in_(TAKES_PLACE))
        .group_by(Order.window_id)
        .subquery()
    )
    rows = session.execute(
        select(DeliveryWindow.id, DeliveryWindow.taken, DeliveryWindow.places, func.coalesce(counted.c.orders, 0))
        .outerjoin(counted, counted.c.window_id == DeliveryWindow.id)
        .where(
            or_(
                DeliveryWindow.taken != func.coalesce(counted.c.orders, 0), DeliveryWindow.taken > DeliveryWindow.places
            )
        )
    )
    return [f"window {row[0]}: {row[1]} of {row[2]} taken, {row[3]} orders" for row in rows]


def _orders_have_hands(session: Session, now: datetime) -> list[str]:
    """Every paid order has somebody for packing and delivering, or a person has the task."""
    wrong = []
    for stage in (Stage.PACK, Stage.DELIVER):
        has_job = select(Job.id).where(Job.order_id == Order.id, Job.stage == stage, Job.state.in_(LIVE_JOBS)).exists()
        has_task = (
            select(CoordinatorTask.id)
            .where(CoordinatorTask.order_id == Order.id, CoordinatorTask.done_at.is_(None))
            .exists()
        )
        wrong += [
            f"order {number} has nobody to {stage.value}, and nobody was told"
            for number in session.scalars(
                select(Order.number).where(Order.state == OrderState.CONFIRMED, ~Order.at_gate, ~has_job, ~has_task)
            )
        ]
    double = session.execute(
        select(Order.number, Job.stage, Job.service)
        .join(Job, Job.order_id == Order.id)
        .where(Job.state.in_(LIVE_JOBS))
        .group_by(Order.id, Job.stage, Job.service)
        .having(func.count(Job.id) > 1)
    )
    wrong += [
        f"order {number} has two jobs for {stage.value} {service}"
        for number, stage, service in double
        if stage is not Stage.DELIVER
    ]
    late = session.scalars(
        select(Order.number).where(Order.state == OrderState.AWAITING_PAYMENT, Order.hold_until < now - GRACE)
    )
    return wrong + [f"order {number} should have expired" for number in late]


def _chain_is_true(session: Session, now: datetime) -> list[str]:
    """No step is done before the one before it."""
    early = session.scalars(
        select(Order.number)
        .join(Leg, and_(Leg.order_id == Order.id, Leg.to_enterprise_id.is_(None)))
        .join(Job, and_(Job.order_id == Order.id, Job.stage == Stage.PACK, Job.state.in_(LIVE_JOBS)))
        .where(Leg.state == LegState.DELIVERED, Job.state != JobState.READY)
    )
    undelivered = session.scalars(
        select(Order.number)
        .join(Leg, and_(Leg.order_id == Order.id, Leg.to_enterprise_id.is_(None)))
        .where(
            Order.state.in_([OrderState.DELIVERED, OrderState.SETTLED]),
            Leg.state.in_([LegState.PLANNED, LegState.SCHEDULED, LegState.COLLECTED]),
        )
    )
    return [f"order {number} was delivered before it was packed" for number in early] + [
        f"order {number} is called delivered while its goods are on the way" for number in undelivered
    ]


Check = Callable[[Session, datetime], list[str]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("P1 the ledger adds up", _ledger_adds_up),
    ("P1 money in is booked", _money_in_is_booked),
    ("P1 money out is booked", _money_out_is_booked),
    ("P1 settled orders hold nothing", _settled_orders_hold_nothing),
    ("P1 shares are paid or due", _shares_are_paid_or_due),
    *verifying.CHECKS,
    *documents.CHECKS,
    *paid.CHECKS,
    ("P3 stock adds up", _stock_adds_up),
    ("P3 sold stock belongs to orders", _sold_stock_belongs_to_orders),
    ("P4 capacity adds up", _capacity_adds_up),
    ("P4 jobs have capacity", _jobs_have_capacity),
    ("P4 places are right", _places_are_right),
    ("P5 orders have hands", _orders_have_hands),
    ("P6 the chain is true", _chain_is_true),
)
