"""Which order a credit on our account is for, and whether it can be booked as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.money import Money
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import issuer_payments, transfer_parts
from shortchain.payments.bank_statements import Credit
from shortchain.payments.issuer_models import IssuerPayment
from shortchain.payments.models import ADDED, TRANSFER, Payment, PaymentState
from shortchain.payments.transfer_parts import TransferPart

ISSUER, ISSUER_OTHER = "issuer", "issuer_other"
"""What an issuer of vouchers announced, to the cent; or another amount under the name of an announcement."""

AWAITED, AWAITED_OTHER = "awaited", "awaited_other"
"""What something else waits for (a gift card, what a hub owes for its codes); or another amount under its message."""

EXACT, LESS, MORE, BOOKED, AGAIN, SEVERAL, TWICE, OFF, UNKNOWN = (
    "exact",
    "less",
    "more",
    "booked",
    "again",
    "several",
    "twice",
    "off",
    "unknown",
)
"""Can be booked; too little; too much; this very credit was booked before; its order is paid, by another credit or by
hand: perhaps twice; names several orders; a second time in this file; the order is off; no order of this hub."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something that is no order and waits for a credit under its own structured message, or did: `owed_cents` of it.

    `kind` says what it is and `public_id` which; `name` is read by people. One that `takes_parts` takes less as well.
    `booked` are the bank's names of the credits that were booked on it. One that is not `is_open` waits no more.
    """

    kind: str
    public_id: str
    message: str
    name: str
    owed_cents: int
    is_open: bool = True
    takes_parts: bool = False
    booked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """A credit with what it is: `order_id` and `number` where one order is named, `issuer_public_id` where a payment of
    an issuer of vouchers is, `awaited` where something else is."""

    credit: Credit
    state: str
    order_id: int | None = None
    order_public_id: str = ""
    number: str = ""
    owed_cents: int | None = None
    issuer_public_id: str = ""
    awaited: Awaited | None = None


def match(session: Session, *, hub_id: int, credits: Sequence[Credit], awaited: Sequence[Awaited] = ()) -> list[Match]:
    """Find for each credit the order of a hub that waits for it, the issuer of vouchers that announced it, or what else
    is `awaited`, in the order of the statement. Changes nothing."""
    others = {one.message: one for one in awaited}
    named = sorted({message for credit in credits for message in credit.messages})
    rows = session.execute(
        select(Payment, Order)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.method == "transfer", Payment.structured_message.in_(named), Order.hub_id == hub_id)
        .order_by(Payment.id)
    )
    known = {payment.structured_message or "": (payment, order) for payment, order in rows}
    ids = [payment.id for payment, _order in known.values()]
    came, parts = transfer_parts.received(session, payment_ids=ids), transfer_parts.known(session, payment_ids=ids)
    found: list[Match] = []
    announced = issuer_payments.named_in(session, texts=[credit.text for credit in credits])
    for credit, issuer in zip(credits, announced, strict=True):
        if issuer is not None:
            found.append(_of_issuer(credit, issuer, seen=found))
            continue
        hits = [known[message] for message in credit.messages if message in known]
        else_named = [others[message] for message in credit.messages if message in others]
        if len(else_named) == 1 and not hits:
            found.append(_of_awaited(credit, else_named[0], seen=found))
            continue
        if len(hits) != 1 or else_named:
            found.append(Match(credit, SEVERAL if hits or else_named else UNKNOWN))
            continue
        payment, order = hits[0]
        owed = payment.amount_cents - came.get(payment.id, 0)
        is_part = (payment.id, credit.reference) in parts
        state = BOOKED if is_part else _state(payment, order, credit, owed)
        found.append(Match(credit, state, order.id, order.public_id, order.number, owed))
    return _each_paid_once(found)


def _each_paid_once(found: Sequence[Match]) -> list[Match]:
    """Let one credit of a file pay an order, the exact one before one that is too much; all others came twice."""
    paying: dict[int | None, Match] = {}
    for state in (EXACT, MORE):
        for one in found:
            if one.state == state:
                paying.setdefault(one.order_id, one)
    return [
        replace(one, state=TWICE)
        if one.state in (EXACT, MORE, LESS) and paying.get(one.order_id, one) is not one
        else one
        for one in found
    ]


def _of_issuer(credit: Credit, issuer: IssuerPayment, *, seen: Sequence[Match]) -> Match:
    if issuer.received_at is not None:
        is_same = credit.reference and credit.reference[:80] == issuer.bank_reference
        state = BOOKED if is_same else AGAIN
    elif any(one.issuer_public_id == issuer.public_id and one.state == ISSUER for one in seen):
        state = TWICE
    else:
        state = ISSUER if credit.cents == issuer.net_cents else ISSUER_OTHER
    return Match(credit, state, number=issuer.reference, owed_cents=issuer.net_cents, issuer_public_id=issuer.public_id)


def _of_awaited(credit: Credit, one: Awaited, *, seen: Sequence[Match]) -> Match:
    taken = sum(
        other.credit.cents
        for other in seen
        if other.state == AWAITED and other.awaited is not None and other.awaited.message == one.message
    )
    left = one.owed_cents - taken
    if credit.reference and credit.reference[:80] in one.booked:
        state = BOOKED
    elif not one.is_open:
        state = AGAIN if one.booked else OFF
    elif credit.cents == left or (one.takes_parts and credit.cents < left):
        state = AWAITED
    else:
        state = TWICE if not left else AWAITED_OTHER
    return Match(credit, state, number=one.name, owed_cents=max(0, left), awaited=one)


class NotWaiting(Invalid):
    """No order of this hub with this number waits for a transfer."""

    message = N_("Geen bestelling %(number)s van jullie wacht op een overschrijving.")


class OtherAmount(Invalid):
    """A credit is booked on an order only when it is what is owed."""

    message = N_("Bestelling %(number)s kost %(owed)s. Boek alleen wat klopt.")


def waiting(session: Session, *, hub_id: int, number: str, cents: int) -> int:
    """Find the order that somebody chose for a credit by its number; returns its id.

    :raises NotWaiting: for an unknown number, another hub's, or one that waits for no transfer
    :raises OtherAmount: when the credit is not what it owes
    """
    written = number.strip().upper()
    row = session.execute(
        select(Order.id, Payment.amount_cents, Payment.id)
        .join(Payment, Payment.order_id == Order.id)
        .where(
            Order.number == written,
            Order.hub_id == hub_id,
            or_(Order.state == OrderState.AWAITING_PAYMENT, Payment.slot.startswith(ADDED)),
            Payment.method == "transfer",
            Payment.state == PaymentState.CREATED,
        )
        .order_by(Payment.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotWaiting(number=written[:20])
    owed = row[1] - transfer_parts.received(session, payment_ids=[row[2]]).get(row[2], 0)
    if owed != cents:
        raise OtherAmount(number=written, owed=Money(owed))
    return int(row[0])


def is_awaited(payment: Payment, order: Order) -> bool:
    """Say whether a payment is a transfer for which somebody waits: its order, or goods that are to join one that stands."""
    if payment.method != TRANSFER:
        return False
    if payment.slot.startswith(ADDED):
        return payment.state is PaymentState.CREATED
    return order.state is OrderState.AWAITING_PAYMENT


def _state(payment: Payment, order: Order, credit: Credit, owed: int) -> str:
    if payment.state in (PaymentState.CAPTURED, PaymentState.RETURNED):
        return BOOKED if credit.reference and credit.reference[:80] == payment.bank_reference else AGAIN
    if not is_awaited(payment, order):
        return OFF
    if credit.cents != owed:
        return LESS if credit.cents < owed else MORE
    return EXACT


def is_kept(session: Session, *, hub_id: int, credit: Credit) -> bool:
    """Say whether a credit counts as a part of what an order of a hub costs."""
    same = (
        select(TransferPart.id)
        .join(Payment, Payment.id == TransferPart.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(
            Order.hub_id == hub_id,
            TransferPart.bank_reference == credit.reference[:120],
            TransferPart.day == credit.day,
            TransferPart.cents == credit.cents,
            TransferPart.iban == credit.iban[:34],
            TransferPart.sent_back_at.is_(None),
        )
    )
    return session.scalar(same.limit(1)) is not None
