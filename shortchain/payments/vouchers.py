"""How much of an order meal and eco vouchers may pay: only goods that they are for, and so much a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.data import terms
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.money import Money
from shortchain.kernel.window import at_local, local_day
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments.models import VOUCHERS, Payment, PaymentState
from shortchain.payments.rests import LEAST_ONLINE_CENTS


class VoucherTooMuch(Invalid):
    """More than the goods that vouchers may pay cost, or more than they may pay in a day."""

    message = N_("Met deze cheques betaal je hier hoogstens %(most)s.")


class VoucherTooLittle(Invalid):
    """Less than could be charged in the place of vouchers that are refused."""

    message = N_("Betaal minstens %(least)s met cheques, of niets.")


class Priced(Protocol):
    """Goods in a basket, as far as vouchers look at them; what a hub pays of them is paid once."""

    @property
    def category(self) -> str: ...

    @property
    def is_organic(self) -> bool: ...

    @property
    def vouchers(self) -> Mapping[str, str]: ...

    @property
    def total_cents(self) -> int: ...

    @property
    def voucher_cents(self) -> int: ...


def eligible_in(rows: Iterable[Priced], *, on: date) -> dict[str, int]:
    """Add up what goods in a basket cost that each kind of voucher may pay on a day, in cents."""
    found = dict.fromkeys(VOUCHERS, 0)
    for row in rows:
        for method in VOUCHERS:
            said = row.vouchers.get(method, "")
            if terms.voucher_pays(method, category=row.category, is_organic=row.is_organic, on=on, said=said):
                found[method] += row.total_cents - row.voucher_cents
    return found


def eligible_of(lines: Sequence[OrderLine]) -> dict[str, int]:
    """Add up what lines of an order cost that each kind of voucher may pay, in cents."""
    return {
        method: sum(line.sold_cents - line.voucher_cents for line in lines if method in pays(line))
        for method in VOUCHERS
    }


def pays(line: OrderLine) -> tuple[str, ...]:
    """Say which vouchers may pay a line, as it was when it was sold."""
    return tuple(method for method, may in zip(VOUCHERS, (line.meal_voucher, line.eco_voucher), strict=True) if may)


def left_today(session: Session, *, method: str, email: str, now: datetime) -> int | None:
    """Say how much a customer may still pay today with a kind of voucher, in cents; None without a limit."""
    today = local_day(now)
    most = terms.voucher_most_a_day(method, today)
    if most is None:
        return None
    spent = session.scalar(
        select(func.coalesce(func.sum(Payment.amount_cents - Payment.refunded_cents), 0))
        .join(Order, Order.id == Payment.order_id)
        .where(
            Payment.method == method,
            Order.email == email.lower(),
            Payment.state.in_([PaymentState.CREATED, PaymentState.CAPTURED]),
            Payment.created_at >= at_local(today, time()),
        )
    )
    return max(0, most - int(spent or 0))


def check(cents: int, *, method: str, eligible_cents: int, left_cents: int | None) -> None:
    """Hold an amount against the goods that a voucher may pay and against what is left of its day.

    :raises VoucherTooLittle: for less than could be charged instead
    :raises VoucherTooMuch: for more
    """
    if 0 < cents < LEAST_ONLINE_CENTS:
        raise VoucherTooLittle(fields=(method,), least=Money(LEAST_ONLINE_CENTS))
    most = eligible_cents if left_cents is None else min(eligible_cents, left_cents)
    if cents > most:
        raise VoucherTooMuch(fields=(method,), most=Money(most))
