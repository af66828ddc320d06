"""How an order's payment stands, for the pages of its customer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.payments.models import Payment, PaymentState, Refund, RefundState


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest payment of an order; `state` is created, captured, failed, abandoned or returned."""

    payment_id: int
    state: str
    method: str
    reason: str
    amount_cents: int
    structured_message: str | None
    can_ask: bool
    refunds: tuple[tuple[int, bool], ...]  # cents, and whether it was sent

    @property
    def is_open(self) -> bool:
        return self.state == PaymentState.CREATED.value

    @property
    def is_transfer(self) -> bool:
        return self.method == "transfer"


def of_order(session: Session, *, order_id: int) -> Standing | None:
    """Read how the payment of an order stands; None when nobody was asked to pay."""
    found = session.scalars(select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)).all()
    if not found:
        return None
    paid = [payment for payment in found if payment.state is PaymentState.CAPTURED]
    newest = (paid or found)[-1]
    refunds = session.execute(
        select(Refund.amount_cents, Refund.state).where(Refund.order_id == order_id).order_by(Refund.id)
    )
    return Standing(
        newest.id,
        newest.state.value,
        newest.method,
        newest.reason,
        newest.amount_cents,
        newest.structured_message,
        newest.reference is not None,
        tuple((row[0], row[1] is RefundState.DONE) for row in refunds),
    )
