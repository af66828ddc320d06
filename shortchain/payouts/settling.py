"""Divides delivered orders, owes payouts, and takes refunds back from everybody in proportion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.complaints import operations as complaints
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises import vat_charging
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import LIVE_JOBS, Job
from shortchain.journal import SYSTEM
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderDeposit, OrderFee, OrderLine, OrderState, SellerFee
from shortchain.ordering.pricing import LEVY, PLATFORM_FEE_BP
from shortchain.payments import debits, deposit_refunds, disputes, giving_back, line_refunds, tenders
from shortchain.payments.models import GIFT_CARD, Payment, PaymentState, Refund
from shortchain.payouts import ledger, shares, timing
from shortchain.payouts.ledger import Entry
from shortchain.payouts.models import Account, LedgerEntry, Payout, PayoutReversal, PayoutState
from shortchain.payouts.shares import Facts, Held, Promised, Share, Sold, Worked

COMPLAINT_WINDOW = timedelta(hours=48)
"""How long a customer can complain before the money is divided (domain.md 4.5)."""


def facts_of(session: Session, *, order: Order, as_supplied: bool = False) -> Facts:
    """Gather what is known of an order: goods as sold and weighed, work as really done, at its real price.

    What went back for a line before the order is divided is taken off its goods. `as_supplied` asks what was
    supplied, as the documents of the sale do: then only what never came is taken off, and not what went back for
    goods that did.
    """
    given = line_refunds.given(
        session,
        order_id=order.id,
        before_settling=True,
        reasons=line_refunds.NOT_SUPPLIED if as_supplied else (),
    )
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)).all()
    jobs = session.scalars(select(Job).where(Job.order_id == order.id, Job.state.in_(LIVE_JOBS)).order_by(Job.id)).all()
    legs = session.scalars(
        select(Leg).where(Leg.order_id == order.id, Leg.state != LegState.WITHDRAWN).order_by(Leg.id)
    ).all()
    work = [Worked(job.stage.value, job.enterprise_id, job.cost_cents, job.vat_rate_bp) for job in jobs]
    work += [Worked("transport", leg.carrier_id, leg.cost_cents, leg.vat_rate_bp) for leg in legs if leg.cost_cents]
    levied = session.execute(
        select(OrderFee.enterprise_id, OrderFee.amount_cents, OrderFee.vat_rate_bp)
        .where(OrderFee.order_id == order.id, OrderFee.kind == LEVY)
        .order_by(OrderFee.id)
    )
    work += [Worked(LEVY, party, cents, rate) for party, cents, rate in levied]  # as promised: nobody can take it over
    deposits = deposit_refunds.held_of(session, order=order, as_supplied=as_supplied)
    return Facts(
        deposits=tuple(Held(one.owner_id, one.cents) for one in deposits),
        goods=tuple(Sold(line.farm_id, line.sold_cents - given.get(line.id, 0), line.vat_rate_bp) for line in lines),
        work=tuple(work),
        services_cents=order.services_cents,
        fee_bp=PLATFORM_FEE_BP,
        promised=promised_of(session, order_id=order.id),
    )


def promised_of(session: Session, *, order_id: int) -> tuple[Promised, ...]:
    """Read what the farms of an order promised to others of its cycle."""
    rows = session.scalars(select(SellerFee).where(SellerFee.order_id == order_id).order_by(SellerFee.id))
    return tuple(_promised(row) for row in rows)


def promised_by(session: Session, *, farm_id: int, order_ids: Sequence[int]) -> dict[int, list[Promised]]:
    """Read what one farm promised in several orders, by order."""
    found: dict[int, list[Promised]] = {}
    for row in session.scalars(
        select(SellerFee).where(SellerFee.farm_id == farm_id, SellerFee.order_id.in_(order_ids)).order_by(SellerFee.id)
    ):
        found.setdefault(row.order_id, []).append(_promised(row))
    return found


def _promised(row: SellerFee) -> Promised:
    return Promised(row.farm_id, row.enterprise_id, row.amount_cents, row.goods_cents, row.vat_rate_bp)


def settleable(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """List delivered orders whose complaint window is over, and whose money is in, and about which nobody is deciding."""
    return session.scalars(
        select(Order.id)
        .where(
            Order.state == OrderState.DELIVERED,
            Order.delivered_at <= now - COMPLAINT_WINDOW,
            Order.id.not_in(disputes.orders_in_dispute()),
            Order.id.not_in(complaints.orders_with_open()),
            Order.id.not_in(debits.orders_waiting()),
        )
        .order_by(Order.delivered_at, Order.id)
        .limit(limit)
    ).all()


def settle(session: Session, *, order: Order, now: datetime) -> list[Payout]:
    """Divide an order in the ledger and owe each enterprise its payout.

    What was refunded before is taken off everybody's share in proportion, so that the shares add up
    to the money that is still there.
    """
    divided = _after_refunds(session, order)
    entries = [Entry(Account.CUSTOMER, "settle", sum(share.cents for share in divided))]
    entries += _entries(session, order, divided)
    ledger.post(session, transaction=f"settle:{order.public_id}", order_id=order.id, entries=entries, now=now)
    payouts = [
        Payout(
            order_id=order.id,
            enterprise_id=party,
            amount_cents=cents,
            state=PayoutState.DUE,
            due_at=now,
            created_at=now,
        )
        for party, cents in sorted(shares.owed(divided).items())
        if cents > 0
    ]
    session.add_all(payouts)
    session.flush()
    return payouts


def _after_refunds(session: Session, order: Order) -> list[Share]:
    facts = facts_of(session, order=order)
    divided = shares.split(facts)
    # What went back for weight or for single lines is off the goods already; only the rest is taken from everybody.
    refunded = facts.total_cents - giving_back.left_of(session, order_id=order.id)
    return less_refunds(session, divided, lost_cents=refunded)


def less_refunds(
    session: Session, divided: Sequence[Share], *, lost_cents: int, later: Sequence[Refund] = ()
) -> list[Share]:
    """Take off shares what all lost before an order was divided, then each refund that was asked for later.

    :raises ValueError: for more than the shares hold
    """
    left = list(divided)
    if lost_cents:
        whole = sum(one.cents for one in left)
        left = shares.sum_up([*left, *shares.reverse(left, refund_cents=lost_cents, total_cents=whole)])
    for refund in later:
        left = shares.sum_up([*left, *_given_by(session, refund, left)])
    return left


def _entries(session: Session, order: Order, divided: Sequence[Share]) -> list[Entry]:
    """Book shares: what somebody is owed is a minus on their account.

    A rate is that of what was sold; VAT is in it only where who sold it charges VAT on the day of supply.
    """
    sellers = {one.seller_id for one in divided} - {shares.PLATFORM}
    exempt = vat_charging.exempt(session, enterprise_ids=sellers, day=order.supplied_on)
    return [_entry(one, vat) for one, vat in zip(divided, shares.vat_held(divided, exempt), strict=True)]


def _entry(share: Share, vat_cents: int) -> Entry:
    is_platform = share.enterprise_id == shares.PLATFORM
    return Entry(
        Account.PLATFORM if is_platform else Account.ENTERPRISE,
        share.kind,
        -share.cents,
        enterprise_id=None if is_platform else share.enterprise_id,
        vat_rate_bp=share.vat_rate_bp,
        vat_cents=-vat_cents,
        about_id=share.about_id or None,
    )


def book_refund(session: Session, *, refund: Refund, now: datetime) -> None:
    """Book money that went back.

    A refund that was asked for before the order was settled comes off what we owe the customer, also when
    it is sent later. One that was asked for afterwards comes off the shares that stand by now: everybody's in
    proportion, those of the goods of one line, or the deposit of who owns the containers. A payout that was not sent becomes smaller, of one that was
    sent the part is taken back.
    """
    order = orders.lock(session, order_id=refund.order_id)  # two refunds read the standing shares one after the other
    name = f"refund:{refund.public_id}"
    if ledger.is_booked(session, transaction=name):
        return
    payment = session.get_one(Payment, refund.payment_id)
    way = GIFT_CARD if refund.as_card else payment.method
    bank = ledger.side(way, "refund", -refund.amount_cents, hub_id=order.hub_id)
    if not refund.after_settling:
        own = Entry(Account.CUSTOMER, "refund", refund.amount_cents)
        ledger.post(
            session, transaction=name, order_id=order.id, entries=[bank, own], now=now, currency=payment.currency
        )
        return
    back = _given_by(session, refund, _standing(session, order))
    ledger.post(session, transaction=name, order_id=order.id, entries=[bank, *_entries(session, order, back)], now=now)
    _take_back(session, refund, shares.owed(back), now)


def _given_by(session: Session, refund: Refund, standing: Sequence[Share]) -> list[Share]:
    """Say who gives a refund of a divided order: the owner of the containers, the farm of the line, or everybody."""
    if refund.order_deposit_id is not None:
        owner_id = session.get_one(OrderDeposit, refund.order_deposit_id).owner_id
        return shares.reverse_deposit(standing, owner_id=owner_id, refund_cents=refund.amount_cents)
    if refund.order_line_id is None:
        return shares.reverse(standing, refund_cents=refund.amount_cents, total_cents=sum(s.cents for s in standing))
    line = session.get_one(OrderLine, refund.order_line_id)
    return shares.reverse_goods(
        standing,
        farm_id=line.farm_id,
        vat_rate_bp=line.vat_rate_bp,
        refund_cents=refund.amount_cents,
        fee_bp=PLATFORM_FEE_BP,
        promised=promised_of(session, order_id=refund.order_id),
    )


def _standing(session: Session, order: Order) -> list[Share]:
    """Read the shares of a divided order less what refunds took back of them since."""
    rows = session.execute(
        select(
            LedgerEntry.enterprise_id,
            LedgerEntry.kind,
            LedgerEntry.vat_rate_bp,
            LedgerEntry.about_id,
            -func.sum(LedgerEntry.amount_cents),
        )
        .where(
            LedgerEntry.order_id == order.id,
            LedgerEntry.account.in_((Account.ENTERPRISE, Account.PLATFORM)),
            or_(
                LedgerEntry.transaction == f"settle:{order.public_id}",
                LedgerEntry.transaction.startswith("refund:"),
            ),
        )
        .group_by(LedgerEntry.enterprise_id, LedgerEntry.kind, LedgerEntry.vat_rate_bp, LedgerEntry.about_id)
        .order_by(func.min(LedgerEntry.id))
    )
    return [
        shares.share(enterprise_id or shares.PLATFORM, kind, int(cents), rate, about_id or 0)
        for enterprise_id, kind, rate, about_id, cents in rows
        if cents
    ]


def _take_back(session: Session, refund: Refund, owed: dict[int, int], now: datetime) -> None:
    """Lower payouts that are still due; owe reversals of those that were sent or are on their way.

    Where one enterprise has both (`payouts.desk_reversals`), what is still due comes first: what need not be sent need
    not be asked back.
    """
    open_cents = {party: -cents for party, cents in owed.items()}
    found = session.scalars(
        select(Payout).where(Payout.order_id == refund.order_id).order_by(Payout.id).with_for_update()
    ).all()
    for payout in sorted(found, key=lambda one: one.state in (PayoutState.PAID, PayoutState.SUBMITTED)):
        cents = min(open_cents.get(payout.enterprise_id, 0), payout.amount_cents - payout.reversed_cents)
        if cents <= 0:
            continue
        open_cents[payout.enterprise_id] -= cents
        payout.reversed_cents += cents
        if payout.state in (PayoutState.PAID, PayoutState.SUBMITTED):
            session.add(PayoutReversal(payout_id=payout.id, refund_id=refund.id, amount_cents=cents, due_at=now))
    session.flush()


def due_reversals(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """List parts of paid payouts to take back."""
    return session.scalars(
        select(PayoutReversal.id)
        .join(Payout, Payout.id == PayoutReversal.payout_id)
        .where(
            PayoutReversal.done_at.is_(None),
            PayoutReversal.due_at <= now,
            PayoutReversal.amount_cents > PayoutReversal.netted_cents,
            Payout.state == PayoutState.PAID,
        )
        .order_by(PayoutReversal.due_at, PayoutReversal.id)
        .limit(limit)
    ).all()


def due_payouts(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """List payouts to send: due, or submitted without an answer, to enterprises that can be paid.

    What a person holds waits, and so does the money of an order in dispute, and that of an enterprise which wants it on
    another day; what was submitted already is asked again all the same, since it may have left.
    """
    waiting = timing.waiting(session, now=now)
    return session.scalars(
        select(Payout.id)
        .join(Enterprise, Enterprise.id == Payout.enterprise_id)
        .where(
            Payout.state.in_([PayoutState.DUE, PayoutState.SUBMITTED, PayoutState.FAILED]),
            Payout.due_at <= now,
            Payout.transfer.is_(None),  # what lies in a bank file is not sent a second way
            Enterprise.stripe_account.is_not(None),
            Enterprise.payouts_enabled,
            Payout.amount_cents > Payout.reversed_cents,
            or_(
                Payout.state == PayoutState.SUBMITTED,
                and_(
                    Payout.held_at.is_(None),
                    Payout.order_id.not_in(disputes.orders_in_dispute()),
                    Payout.enterprise_id.not_in(waiting.keys()),
                ),
            ),
        )
        .order_by(Payout.due_at, Payout.id)
        .limit(limit)
    ).all()


def charge_for(session: Session, *, payout: Payout) -> str | None:
    """Choose the charge of its order out of which a payout is sent; None when it takes our balance.

    A repeat chooses the same: what others sent out of a charge is kept with them.
    """
    if payout.charge is None:
        charges = session.execute(
            select(Payment.charge, Payment.amount_cents)
            .where(
                Payment.order_id == payout.order_id,
                Payment.state == PaymentState.CAPTURED,
                Payment.charge.is_not(None),
            )
            .order_by(Payment.id)
        ).all()
        used = session.execute(
            select(Payout.charge, func.sum(Payout.sent_cents))
            .where(Payout.order_id == payout.order_id, Payout.id != payout.id, Payout.charge.is_not(None))
            .group_by(Payout.charge)
        ).all()
        payout.charge = tenders.source_for(
            payout.sent_cents or 0,
            charges=[(charge, cents) for charge, cents in charges if charge],
            used={charge: int(cents or 0) for charge, cents in used if charge},
        )
        session.flush()
    return payout.charge


def book_payout(session: Session, *, payout: Payout, transfer: str, now: datetime) -> None:
    """Note that a payout was sent: the enterprise is owed that much less."""
    cents = payout.sent_cents or 0
    payout.move("pay")
    payout.transfer, payout.paid_at, payout.last_error = transfer, now, ""
    ledger.post(
        session,
        transaction=f"payout:{payout.public_id}",
        order_id=payout.order_id,
        now=now,
        entries=[
            Entry(Account.ENTERPRISE, "payout", cents, enterprise_id=payout.enterprise_id),
            Entry(Account.BANK, "payout", -cents),
        ],
    )
    journal.record(
        session,
        "payout.paid",
        by=SYSTEM,
        now=now,
        order_id=payout.order_id,
        enterprise_id=payout.enterprise_id,
        amount_cents=cents,
    )


def book_reversal(session: Session, *, reversal: PayoutReversal, reference: str, now: datetime) -> None:
    """Note that part of a sent payout was taken back."""
    payout = session.get_one(Payout, reversal.payout_id)
    reversal.done_at, reversal.reference, reversal.last_error = now, reference, ""
    cents = reversal.asked_cents or 0
    reversal.asked_cents = None
    ledger.post(
        session,
        transaction=f"reverse:{reversal.public_id}",
        order_id=payout.order_id,
        now=now,
        entries=[
            Entry(Account.BANK, "reversal", cents),
            Entry(Account.ENTERPRISE, "reversal", -cents, enterprise_id=payout.enterprise_id),
        ],
    )


def hubs_owing(session: Session, *, enterprise_id: int) -> Sequence[int]:
    """List the hubs whose orders brought an enterprise payouts: their coordinators know whom to call."""
    return session.scalars(
        select(Order.hub_id)
        .join(Payout, Payout.order_id == Order.id)
        .where(Payout.enterprise_id == enterprise_id)
        .distinct()
        .order_by(Order.hub_id)
    ).all()
