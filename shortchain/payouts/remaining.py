"""Where the price of an order goes, by what was promised and what went back since, for who paid it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises import vat_charging
from shortchain.ordering.models import Order, OrderFee, OrderState
from shortchain.ordering.pricing import CEDED, GOODS, LEVY, RECEIVED, Fee, vat_by_kind
from shortchain.payments import giving_back
from shortchain.payments.line_refunds import STANDS
from shortchain.payments.models import Refund
from shortchain.payouts import settling, shares
from shortchain.payouts.shares import Facts, Share, Worked

FARM, PLATFORM = "farm", "platform"
KINDS = (FARM, "process", "transport", "pack", "deliver", LEVY, CEDED, PLATFORM)


@dataclass(frozen=True, slots=True)
class Remaining:
    """What everybody keeps of an order, in cents by kind, and the VAT that the customer pays in it.

    Kinds are `KINDS`; those of VAT are `goods` and the kinds of work. Deposits are no price and are left out, also of
    what the price was promised to be.
    """

    parts: Mapping[str, int]
    vat: Mapping[str, int]
    promised_cents: int

    @property
    def total_cents(self) -> int:
        return sum(self.parts.values())

    @property
    def has_less(self) -> bool:
        """Whether something of the price went back, or will."""
        return self.total_cents < self.promised_cents


def of_order(session: Session, *, order_id: int) -> Remaining:
    """Divide what is left of the price of an order: work at the price that was promised, less all that went back.

    Of an order that waits for its money nothing went back; one that does not go on leaves nothing to anybody.
    """
    order = session.get_one(Order, order_id)
    left = _left(session, order)
    parts = dict.fromkeys(KINDS, 0)
    for one in left:
        if one.kind == shares.DEPOSIT:
            continue
        parts[_kind_of(one)] += one.cents
    sellers = {one.enterprise_id for one in left}
    exempt = vat_charging.exempt(session, enterprise_ids=sellers, day=order.supplied_on)
    goods = [(one.enterprise_id, one.vat_rate_bp, one.cents) for one in left if one.kind == GOODS]
    fees = [Fee(one.kind, one.enterprise_id, one.cents, one.vat_rate_bp) for one in left if _is_work(one)]
    price = order.total_cents - order.deposit_cents
    return Remaining(parts, vat_by_kind(goods, fees, exempt=exempt), price)


def _kind_of(one: Share) -> str:
    if one.enterprise_id == shares.PLATFORM:
        return PLATFORM
    if one.kind == RECEIVED:
        return CEDED
    return one.kind if _is_work(one) else FARM


def _is_work(one: Share) -> bool:
    return one.kind in KINDS and one.kind != CEDED


def _left(session: Session, order: Order) -> Sequence[Share]:
    if order.state not in (OrderState.AWAITING_PAYMENT, *STANDS):
        return []
    facts = _promised(session, order)
    divided = shares.split(facts)
    if order.state is OrderState.AWAITING_PAYMENT:
        return divided
    later = session.scalars(
        select(Refund).where(Refund.order_id == order.id, Refund.after_settling).order_by(Refund.id)
    ).all()
    # What is left now, with what went back since it was divided, is what there was to divide.
    was_left = giving_back.left_of(session, order_id=order.id) + sum(one.amount_cents for one in later)
    return settling.less_refunds(session, divided, lost_cents=facts.total_cents - was_left, later=later)


def _promised(session: Session, order: Order) -> Facts:
    """Take an order as its price promised it: a customer pays no more when others do the work for another price."""
    rows = session.execute(
        select(OrderFee.kind, OrderFee.enterprise_id, OrderFee.amount_cents, OrderFee.vat_rate_bp)
        .where(OrderFee.order_id == order.id)
        .order_by(OrderFee.id)
    )
    work = tuple(Worked(kind, party, cents, rate) for kind, party, cents, rate in rows)
    return replace(settling.facts_of(session, order=order), work=work)
