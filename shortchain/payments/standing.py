"""How an order's payments stand, for the pages of its customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.payments import debits, tenders
from shortchain.payments.models import ADDED, TRANSFER, VOUCHERS, Payment, PaymentState, Refund, RefundState


@dataclass(frozen=True, slots=True)
class Part:
    """One of the ways in which an order is paid; `is_there` once its money came in or is set aside for it."""

    method: str
    amount_cents: int
    is_there: bool

    @property
    def is_voucher(self) -> bool:
        return self.method in VOUCHERS


@dataclass(frozen=True, slots=True)
class Returned:
    """Money that goes back the way it came; `is_sent` once it went. What paid for a hub's code goes to that hub."""

    method: str
    cents: int
    is_sent: bool
    as_card: bool

    @property
    def is_to_hub(self) -> bool:
        return self.method == tenders.DISCOUNT


@dataclass(frozen=True, slots=True)
class Standing:
    """The payment of an order that its customer is to do next, or the newest; and all ways in which it is paid.

    `state` is created, captured, failed, abandoned or returned.
    """

    payment_id: int
    state: str
    method: str
    reason: str
    amount_cents: int
    structured_message: str | None
    can_ask: bool
    refunds: tuple[Returned, ...]
    parts: tuple[Part, ...]
    is_promised: bool = False  # a debit is on its way
    owed_cents: int = 0  # of a debit that never came

    @property
    def is_open(self) -> bool:
        return self.state == PaymentState.CREATED.value and not self.is_promised

    @property
    def is_voucher(self) -> bool:
        return self.method in VOUCHERS

    @property
    def is_there(self) -> bool:
        """Whether nothing is left for the customer to do."""
        return all(part.is_there for part in self.parts)

    @property
    def is_transfer(self) -> bool:
        return self.method == TRANSFER


def of_order(session: Session, *, order_id: int) -> Standing | None:
    """Read how the payments of an order stand; None when nobody was asked to pay."""
    found = [
        one
        for one in session.scalars(select(Payment).where(Payment.order_id == order_id).order_by(Payment.id))
        if not one.slot.startswith(ADDED) or one.state is PaymentState.CAPTURED  # what is to be added has its own page
    ]
    if not found:
        return None
    slots = _newest_per_slot(found)
    todo = [one for one in slots if not _is_there(one)]
    shown = todo[0] if todo else max(slots, key=lambda one: one.id)
    refunds = session.execute(
        select(Payment.method, Refund.amount_cents, Refund.state, Refund.as_card)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.order_id == order_id, Refund.voided_at.is_(None))
        .order_by(Refund.id)
    )
    return Standing(
        shown.id,
        shown.state.value,
        shown.method,
        shown.reason,
        shown.amount_cents,
        shown.structured_message,
        shown.reference is not None,
        tuple(Returned(method, cents, state is RefundState.DONE, as_card) for method, cents, state, as_card in refunds),
        tuple(Part(one.method, one.amount_cents, _is_there(one)) for one in slots),
        shown.is_promised,
        _owed(session, order_id),
    )


def _owed(session: Session, order_id: int) -> int:
    payment = debits.owed(session, order_id=order_id)
    return payment.left_cents if payment else 0


def _newest_per_slot(found: Sequence[Payment]) -> list[Payment]:
    """Give for each slot the payment that came in, or else the newest try, in the order of spending."""
    chosen: dict[str, Payment] = {}
    for one in found:
        before = chosen.get(one.slot)
        if before is None or before.state is not PaymentState.CAPTURED:
            chosen[one.slot] = one
    by_id = {one.id: one for one in chosen.values()}
    order = tenders.in_order_of_spending(
        [tenders.Tender(one.id, one.method, one.left_cents) for one in chosen.values()]
    )
    return [by_id[one.ref] for one in order]


def _is_there(payment: Payment) -> bool:
    return payment.state is PaymentState.CAPTURED or payment.is_held or payment.is_promised
