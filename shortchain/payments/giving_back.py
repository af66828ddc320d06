"""Owes a customer money of an order, whatever it was paid with: each part goes back the way it came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.giftcards import operations as gift_cards
from shortchain.kernel.errors import N_, Conflict
from shortchain.ordering.models import Order
from shortchain.payments import debits, tenders
from shortchain.payments import operations as payments
from shortchain.payments.models import AT_PROVIDER, COVERED, TRANSFER, Payment, PaymentState, Refund
from shortchain.payments.tenders import DISCOUNT, Tender


@dataclass(frozen=True, slots=True)
class Back:
    """Where money of an order goes, in cents: sent to the customer, off what they still owe, to the hub that paid for a code,
    and onto a gift card that the customer chose instead."""

    sent_cents: int = 0
    less_owed_cents: int = 0
    to_hub_cents: int = 0
    as_card_cents: int = 0

    @property
    def cents(self) -> int:
        """What the customer has of it."""
        return self.sent_cents + self.less_owed_cents + self.as_card_cents


def left_of(session: Session, *, order_id: int) -> int:
    """Say how much of what was paid for an order did not go back yet, in cents; nothing for one that is not paid.

    A debit that is on its way counts: what goes back of it does so when it has come. One that never came counts while
    it is owed: what would go back lowers what is owed.
    """
    return tenders.left_of([_tender(one) for one in _counted_of(session, order_id)])


def owe(
    session: Session,
    *,
    order: Order,
    amount_cents: int,
    reason: str,
    now: datetime,
    line_id: int | None = None,
    lost: Mapping[str, int] | None = None,
    as_card: bool = False,
) -> list[Refund]:
    """Owe the customer money of an order, divided over what it was paid with (`payments.tenders.divide`).

    The caller holds the lock of the order. `lost` says how much of it is for goods that a voucher may pay. Of a debit
    that never came nothing is sent: so much less is owed. `as_card` says that the customer takes a gift card instead of
    money; what was paid with vouchers or from a card goes back there all the same.

    :raises ValueError: for nothing, or for more than is left
    :raises NobodyPaid: when the platform bore the order
    """
    found = {one.id: one for one in _counted_of(session, order.id)}
    _refuse_what_nobody_paid(list(found.values()))
    parts = tenders.divide(amount_cents, [_tender(one) for one in found.values()], lost=lost)
    asked = [
        payments.request_refund(
            session, payment=found[ref], amount_cents=cents, reason=reason, line_id=line_id, now=now
        )
        for ref, cents in sorted(parts.items())
    ]
    for refund in asked:
        if found[refund.payment_id].state is PaymentState.FAILED:
            refund.voided_at = now
        refund.as_card = as_card and found[refund.payment_id].method in (*AT_PROVIDER, TRANSFER)
    session.flush()
    return asked


def _counted_of(session: Session, order_id: int) -> list[Payment]:
    """List the payments on which an order stands, and the debit that its customer still owes."""
    owed = debits.owed(session, order_id=order_id)
    return [*payments.counted_of(session, order_id=order_id), *([owed] if owed is not None else [])]


def everything(session: Session, *, order: Order, reason: str, now: datetime) -> int:
    """Let an order that does not go on keep nothing of anybody; returns the cents that go back to the customer.

    What came in goes back, what waits is abandoned. The caller holds the lock of the order.
    """
    back = 0
    for payment in payments.payments_of(session, order_id=order.id):
        left = payment.left_cents
        if (payment.state is PaymentState.CAPTURED or payment.is_promised) and left:
            payments.request_refund(session, payment=payment, amount_cents=left, reason=reason, now=now)
            back += left if payment.method != DISCOUNT else 0
        elif payment.state is PaymentState.CREATED:
            free(session, payment=payment, now=now)
            payment.move("abandon")
    session.flush()
    return back


def whereto(session: Session, refunds: Iterable[Refund]) -> Back:
    """Say where refunds go that `owe` just asked for.

    Only then does a voided one mean that less is owed: when the money comes after all, it is sent like the others.
    """
    sent = less_owed = to_hub = as_card = 0
    for one in refunds:
        if session.get_one(Payment, one.payment_id).method == DISCOUNT:
            to_hub += one.amount_cents
        elif one.voided_at is not None:
            less_owed += one.amount_cents
        elif one.as_card:
            as_card += one.amount_cents
        else:
            sent += one.amount_cents
    return Back(sent, less_owed, to_hub, as_card)


class NobodyPaid(Conflict):
    """The customer's debit never came and the platform bore it: there is nothing to give back."""

    message = N_("De klant betaalde deze bestelling nooit: er kan niets terug.")


def _refuse_what_nobody_paid(found: list[Payment]) -> None:
    if any(one.method == COVERED for one in found):
        raise NobodyPaid()


def free(session: Session, *, payment: Payment, now: datetime) -> None:
    """Let go of what is set aside for a payment that does not come: it can be spent from the card again."""
    if payment.is_held and payment.gift_card_id is not None:
        gift_cards.put_back(
            session,
            card_id=payment.gift_card_id,
            cents=payment.amount_cents,
            kind="freed",
            ref=payment.public_id,
            now=now,
        )


def _tender(payment: Payment) -> Tender:
    return Tender(payment.id, payment.method, payment.left_cents)
