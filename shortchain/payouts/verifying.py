"""Checks of `flask check --all` on money after the sale: refunds that came back, disputes, debts, per order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from shortchain.containers.models import PackagingMove
from shortchain.giftcards.models import CardState, GiftCard, GiftCardMove
from shortchain.ordering import empties
from shortchain.ordering.discount_models import DiscountCode, DiscountUse
from shortchain.ordering.models import Order, OrderDeposit, OrderLine, OrderState
from shortchain.payments import issuer_payments, line_refunds, weighed
from shortchain.payments.models import Dispute, Payment, PaymentState, Refund
from shortchain.payments.tenders import DISCOUNT
from shortchain.payouts import code_debts, ledger, reconciling
from shortchain.payouts.models import Account, CodeNetting, CodePayment, LedgerEntry, Netting, Payout, PayoutReversal

Check = Callable[[Session, datetime], list[str]]


def orders_conserve(session: Session, now: datetime) -> list[str]:
    """Per order: charged = paid out + fees + refunded + held, that is: its entries add up to zero."""
    rows = session.execute(
        select(Order.number, func.sum(LedgerEntry.amount_cents))
        .join(Order, Order.id == LedgerEntry.order_id)
        .group_by(Order.id)
        .having(func.sum(LedgerEntry.amount_cents) != 0)
    )
    return [f"order {number} has {cents} cents from nowhere" for number, cents in rows]


def _on_bank(session: Session, kinds: tuple[str, ...]) -> dict[str, int]:
    """Add up the bank side of the transactions of some kinds, by the name before the last number."""
    rows = session.execute(
        select(LedgerEntry.transaction, func.sum(LedgerEntry.amount_cents))
        .where(LedgerEntry.account == Account.BANK, LedgerEntry.kind.in_(kinds))
        .group_by(LedgerEntry.transaction)
    )
    return {name: int(cents) for name, cents in rows}


def returned_refunds_are_booked(session: Session, now: datetime) -> list[str]:
    """A refund that came back is booked as that, once; one that was then paid by hand as well."""
    expected: dict[str, int] = {}
    rows = session.execute(
        select(Refund.public_id, Refund.amount_cents, Refund.repaid_at).where(Refund.returned_at.is_not(None))
    )
    for number, cents, repaid_at in rows:
        expected[f"refund-back:{number}"] = cents
        if repaid_at is not None:
            expected[f"refund-hand:{number}"] = -cents
    booked = _on_bank(session, ("refund_back", "refund_hand"))
    return _differences(expected, booked)


def disputes_are_booked(session: Session, now: datetime) -> list[str]:
    """What the bank took for a dispute, with the fee, is what the platform carries."""
    expected = {
        f"dispute:{number}": -(taken + fee)
        for number, taken, fee in session.execute(select(Dispute.public_id, Dispute.taken_cents, Dispute.fee_cents))
        if taken + fee
    }
    booked: dict[str, int] = {}
    for name, cents in _on_bank(session, ("dispute", "dispute_fee")).items():
        short = name.rpartition(":")[0]
        booked[short] = booked.get(short, 0) + cents
    return _differences(expected, {name: cents for name, cents in booked.items() if cents})


def _differences(expected: dict[str, int], booked: dict[str, int]) -> list[str]:
    return [
        f"{name}: {expected.get(name)} cents happened, {booked.get(name)} are booked"
        for name in sorted(expected.keys() | booked.keys())
        if expected.get(name) != booked.get(name)
    ]


def debts_are_kept_once(session: Session, now: datetime) -> list[str]:
    """What payouts kept for debts is what the debts got, and a settled debt was given back to the cent."""
    kept = func.coalesce(func.sum(Netting.amount_cents), 0)
    for_codes = func.coalesce(func.max(CodeNetting.amount_cents), 0)  # at most one a payout
    payouts = session.execute(
        select(Payout.public_id, Payout.netted_cents, kept + for_codes)
        .outerjoin(Netting, Netting.payout_id == Payout.id)
        .outerjoin(CodeNetting, CodeNetting.payout_id == Payout.id)
        .group_by(Payout.id)
        .having(or_(Payout.netted_cents != kept + for_codes, Payout.netted_cents > Payout.amount_cents))
    )
    debts = session.execute(
        select(PayoutReversal.public_id, PayoutReversal.netted_cents, kept)
        .outerjoin(Netting, Netting.reversal_id == PayoutReversal.id)
        .group_by(PayoutReversal.id)
        .having(or_(PayoutReversal.netted_cents != kept, PayoutReversal.netted_cents > PayoutReversal.amount_cents))
    )
    wrong = [f"payout {number} kept {cents} cents, for debts of {rows}" for number, cents, rows in payouts]
    wrong += [f"debt {number} got {cents} cents, kept were {rows}" for number, cents, rows in debts]
    reversed_ = {name: cents for name, cents in _on_bank(session, ("reversal",)).items() if name.startswith("reverse:")}
    done = session.execute(
        select(
            PayoutReversal.public_id,
            PayoutReversal.amount_cents - PayoutReversal.netted_cents,
            case((PayoutReversal.done_at.is_not(None), 1), else_=0),
        )
    )
    for number, cents, is_done in done:
        booked = reversed_.get(f"reverse:{number}", 0)
        if booked != (cents if is_done else 0):
            wrong.append(f"reverse:{number}: {cents} cents are to be taken back, {booked} are booked")
    return wrong


def books_agree(session: Session, now: datetime) -> list[str]:
    """The newest comparison with the payment provider found nothing; nobody compared yet is no breach."""
    last = reconciling.latest(session)
    return [
        f"{one['what']} {one['kind']} {one['source']} {one['number']}: ours {one['ours_cents']}, "
        f"the provider's {one['theirs_cents']} cents".replace("  ", " ")
        for one in (last.differences if last else [])
    ]


def _left_of_payments() -> Subquery:
    """Select what is left of the payments of each order: `order_id`, `left`."""
    return (
        select(Payment.order_id, func.sum(Payment.amount_cents - Payment.refunded_cents).label("left"))
        .where(Payment.state == PaymentState.CAPTURED)
        .group_by(Payment.order_id)
        .subquery()
    )


def weighed_goods_are_paid_by_weight(session: Session, now: datetime) -> list[str]:
    """What went back for lines that weighed less was asked for as such, and is what their true weight says.

    Less may have gone back only where nothing was left of the payment.
    """
    wrong = []
    asked: dict[int, int] = {
        order_id: int(cents)
        for order_id, cents in session.execute(
            select(Refund.order_id, func.sum(Refund.amount_cents))
            .where(Refund.reason == weighed.REASON)
            .group_by(Refund.order_id)
        )
    }
    back: dict[int, int] = {}
    given = line_refunds.given_of_all(session)
    paid = _left_of_payments()
    for line, order, left in session.execute(
        select(OrderLine, Order, paid.c.left)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(paid, paid.c.order_id == Order.id)  # a debit that never came leaves an order without money
        .where(OrderLine.max_weight_g.is_not(None))
        .order_by(OrderLine.id)
    ):
        back[order.id] = back.get(order.id, 0) + line.less_cents
        if order.state not in (OrderState.DELIVERED, OrderState.SETTLED):
            continue
        if not line.supplied:
            continue  # nothing came that could be weighed
        if line.true_weight_g is None:
            wrong.append(f"line {line.id} of order {order.number} left without being weighed")
            continue
        costs = weighed.costs_of(line)
        costs += line.total_cents - line.cost.left(missing=line.missing, dropped=line.dropped)  # went back as such
        kept = max(costs, given.get(line.id, 0))  # what went back for the line does not go back for its weight too
        if line.sold_cents < costs or (line.sold_cents > kept and left):
            wrong.append(
                f"line {line.id} of order {order.number} was sold for {line.sold_cents} and costs {costs} cents"
            )
    wrong += [
        f"order id {order_id}: {asked.get(order_id, 0)} cents were asked back for weight, the lines say {back.get(order_id, 0)}"
        for order_id in sorted(asked.keys() | back.keys())
        if asked.get(order_id, 0) != back.get(order_id, 0)
    ]
    return wrong


def deposits_go_where_the_containers_are(session: Session, now: datetime) -> list[str]:
    """A customer has what the moves say, and got back the deposit of all else, unless nothing was left of the payment."""
    moved: dict[int | None, int] = dict(
        session.execute(
            select(PackagingMove.order_deposit_id, func.sum(empties.GAINED))
            .where(PackagingMove.order_deposit_id.is_not(None))
            .group_by(PackagingMove.order_deposit_id)
        ).all()
    )
    given: dict[int | None, int] = dict(
        session.execute(
            select(Refund.order_deposit_id, func.sum(Refund.amount_cents))
            .where(Refund.order_deposit_id.is_not(None))
            .group_by(Refund.order_deposit_id)
        ).all()
    )
    asked = (
        select(func.coalesce(func.sum(OrderDeposit.count * OrderDeposit.each_cents), 0))
        .where(OrderDeposit.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    wrong = [
        f"order {number} asks {cents} cents of deposit, its containers {rows}"
        for number, cents, rows in session.execute(
            select(Order.number, Order.deposit_cents, asked).where(Order.deposit_cents != asked)
        )
    ]
    paid = _left_of_payments()
    for row, order, left in session.execute(
        select(OrderDeposit, Order, paid.c.left)
        .join(Order, Order.id == OrderDeposit.order_id)
        .join(paid, paid.c.order_id == Order.id)
        .where(Order.state.in_((OrderState.CONFIRMED, *empties.WITH_CUSTOMER)))
        .order_by(OrderDeposit.id)
    ):
        there = row.out if order.state in empties.WITH_CUSTOMER else 0
        if int(moved.get(row.id, 0)) != there:
            wrong.append(
                f"deposit {row.id} of order {order.number}: {there} are out, the moves say {moved.get(row.id, 0)}"
            )
        back = (row.cut + row.returned) * row.each_cents
        if given.get(row.id, 0) != back and (left or given.get(row.id, 0) > back):
            wrong.append(
                f"deposit {row.id} of order {order.number}: {back} cents are owed back, {given.get(row.id, 0)} were asked"
            )
    return wrong


def gift_cards_add_up(session: Session, now: datetime) -> list[str]:
    """What is on each card is what was put on it less what was taken, and all of it is owed in the ledger."""
    moved = func.coalesce(func.sum(GiftCardMove.cents), 0)
    rows = session.execute(
        select(GiftCard.public_id, GiftCard.balance_cents, moved)
        .outerjoin(GiftCardMove, GiftCardMove.gift_card_id == GiftCard.id)
        .group_by(GiftCard.id)
        .having(GiftCard.balance_cents != moved)
    )
    wrong = [f"gift card {number} holds {cents} cents, its movements say {moves}" for number, cents, moves in rows]
    spent = select(Payment.public_id, Payment.amount_cents, func.coalesce(-func.sum(GiftCardMove.cents), 0))
    for number, cents, taken in session.execute(
        spent.outerjoin(GiftCardMove, (GiftCardMove.ref == Payment.public_id))
        .where(Payment.gift_card_id.is_not(None))
        .where((Payment.state == PaymentState.CAPTURED) | (Payment.state == PaymentState.CREATED))
        .group_by(Payment.id)
    ):
        if cents != taken:
            wrong.append(f"payment {number} of {cents} cents took {taken} off its gift card")
    on_cards = session.scalar(select(func.coalesce(func.sum(GiftCard.balance_cents), 0)))
    aside = session.scalar(
        select(func.coalesce(func.sum(Payment.amount_cents), 0)).where(
            Payment.gift_card_id.is_not(None), Payment.state == PaymentState.CREATED
        )
    )
    on_the_way = session.scalar(
        select(func.coalesce(func.sum(GiftCard.amount_cents), 0)).where(
            GiftCard.state == CardState.RETURNED, GiftCard.refunded_at.is_(None)
        )
    )
    owed = session.scalar(
        select(func.coalesce(-func.sum(LedgerEntry.amount_cents), 0)).where(LedgerEntry.account == Account.GIFT_CARD)
    )
    expected = int(on_cards or 0) + int(aside or 0) + int(on_the_way or 0)
    if expected != int(owed or 0):
        wrong.append(f"gift cards are worth {expected} cents, the ledger owes {owed}")
    return wrong


def issuers_owe_what_is_open(session: Session, now: datetime) -> list[str]:
    """The ledger says that issuers owe what was captured less what was refunded, less what they paid."""
    booked = ledger.balance(session, account=Account.ISSUER)
    expected = issuer_payments.owed_cents(session)
    if booked == expected:
        return []
    return [f"issuers of vouchers owe {expected} cents, the ledger says {booked}"]


def hubs_pay_for_their_codes(session: Session, now: datetime) -> list[str]:
    """What codes took off is counted on them, stands on the lines, and is what the hub of the order owes or paid."""
    uses = func.coalesce(
        func.sum(case((and_(DiscountUse.id.is_not(None), DiscountUse.freed_at.is_(None)), 1), else_=0)), 0
    )
    wrong = [
        f"code {code} counts {counted} uses, {found} orders use it"
        for code, counted, found in session.execute(
            select(DiscountCode.code, DiscountCode.uses, uses)
            .outerjoin(DiscountUse, DiscountUse.code_id == DiscountCode.id)
            .group_by(DiscountCode.id)
            .having(DiscountCode.uses != uses)
        )
    ]
    on_lines = func.sum(OrderLine.discount_cents + OrderLine.voucher_cents)
    wrong += [
        f"order {number}: its code takes {cents} cents off, its lines say {lines}"
        for number, cents, lines in session.execute(
            select(Order.number, DiscountUse.cents, on_lines)
            .join(DiscountUse, DiscountUse.order_id == Order.id)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .group_by(Order.id, DiscountUse.id)
            .having(on_lines != DiscountUse.cents)
        )
    ]
    vouchers = (
        select(func.sum(OrderLine.voucher_cents))
        .where(OrderLine.order_id == Payment.order_id)
        .correlate(Payment)
        .scalar_subquery()
    )
    wrong += [
        f"payment {number}: the hub pays {cents} cents, the lines say {lines}"
        for number, cents, lines in session.execute(
            select(Payment.public_id, Payment.amount_cents, vouchers).where(
                Payment.method == DISCOUNT, Payment.amount_cents != vouchers
            )
        )
    ]
    kept = session.scalar(
        select(func.coalesce(func.sum(CodeNetting.amount_cents), 0)).where(CodeNetting.booked_at.is_not(None))
    )
    booked = session.scalar(
        select(func.coalesce(-func.sum(LedgerEntry.amount_cents), 0)).where(
            LedgerEntry.account == Account.DISCOUNT, LedgerEntry.kind.in_(code_debts.SETTLING)
        )
    )
    paid = session.scalar(select(func.coalesce(func.sum(CodePayment.amount_cents), 0)))
    if int(kept or 0) + int(paid or 0) != booked:
        wrong.append(f"{kept} cents were kept of hubs for their codes and {paid} came in, {booked} are booked")
    return wrong


CHECKS: tuple[tuple[str, Check], ...] = (
    ("P1 every order conserves its money", orders_conserve),
    ("P1 returned refunds are booked", returned_refunds_are_booked),
    ("P1 disputes are booked", disputes_are_booked),
    ("P1 debts are kept once", debts_are_kept_once),
    ("P1 gift cards add up", gift_cards_add_up),
    ("P1 issuers owe what is open", issuers_owe_what_is_open),
    ("P1 hubs pay for their codes", hubs_pay_for_their_codes),
    ("P1 weighed goods are paid by weight", weighed_goods_are_paid_by_weight),
    ("P1 deposits go where the containers are", deposits_go_where_the_containers_are),
    ("P1 the books agree with the provider", books_agree),
)
