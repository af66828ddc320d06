"""Money goes back to customers: by the provider, or by a person where the provider cannot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import crash, journal
from shortchain.fulfilment import asks
from shortchain.giftcards import operations as gift_cards
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, AlreadyDone, Conflict, Invalid, NotFound
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.notifications import card_mails, changes
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments import disputes, giving_back, shared_codes
from shortchain.payments import operations as payments
from shortchain.payments.models import TRANSFER, Payment, Refund, RefundState
from shortchain.payments.tenders import DISCOUNT
from shortchain.payouts import corrections, settling
from shortchain.transaction import transaction

BY_HAND = ("refund_by_hand", "refund_returned")
"""The kinds of tasks that ask a person to pay a customer back by bank transfer."""


GIVEN = "given_back"
"""The reason of a refund that a coordinator gives; the words are in the journal and in the mail."""


class NothingLeft(Invalid):
    """More was asked back than is left of the payment."""

    message = N_("Zoveel is er niet meer over van deze betaling.")


class NoReason(Invalid):
    """The customer reads why money comes back, and whoever looks at the books later too."""

    message = N_("Schrijf waarom. De klant leest het.")


class BeingSent(Conflict):
    """The provider may still send this refund; paying it by hand too would pay it twice."""

    message = N_("De betaaldienst is hier nog mee bezig. Wacht even en kijk dan opnieuw.")


class BankDecides(Conflict):
    """The customer's bank gives this payment back, or may still; paying it by hand too would pay it twice."""

    message = N_(
        "De klant betwist deze betaling. Betaal niets zelf: als de klant gelijk krijgt, geeft de bank het terug."
    )


def send_refunds(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Send the refunds that are due, one transaction before and one after each call; returns how many went."""
    sent = 0
    for refund_id in payments.due_refunds(session, now=now):
        with transaction(session):
            refund = session.get_one(Refund, refund_id, with_for_update=True)
            if refund.state is RefundState.DONE or refund.repaid_at is not None:
                continue
            if refund.state is not RefundState.SUBMITTED:
                refund.move("submit")
            refund.attempts += 1
            refund.due_at = now + payments.back_off(refund.attempts)
            payment = session.get_one(Payment, refund.payment_id)
            if corrections.bank_gave_back(session, refund=refund):
                _by_bank(session, refund, now)
                continue
            if refund.as_card:
                _as_card(session, refund, now)
                sent += 1
                continue
            if payment.gift_card_id is not None or payment.method == DISCOUNT:
                _within(session, refund, payment.gift_card_id, now)
                sent += 1
                continue
            intent, key = payment.intent, refund.call_key
            amount, reason = Money(refund.amount_cents, payment.currency), refund.reason
            by_hand = payment.method == TRANSFER
            voucher = payment.reference if payment.is_voucher else None
        crash.point("refund.submitted")
        sent += _send_refund(
            session, gateways, refund_id, intent or voucher, key, amount, reason, by_hand, now, voucher
        )
    return sent


def _within(session: Session, refund: Refund, card_id: int | None, now: datetime) -> None:
    """Give back without asking anybody outside: onto a card, or the hub owes that much less for its code."""
    if card_id is not None:
        cents, ref = refund.amount_cents, refund.public_id
        gift_cards.put_back(session, card_id=card_id, cents=cents, kind="back", ref=ref, now=now)
    refund.move("finish")
    refund.done_at = now
    settling.book_refund(session, refund=refund, now=now)


def _by_bank(session: Session, refund: Refund, now: datetime) -> None:
    """Note that the customer has the money through a lost dispute; whoever was asked to pay it by hand need not."""
    refund.as_card = False
    refund.move("finish")
    refund.done_at, refund.last_error = now, ""
    settling.book_refund(session, refund=refund, now=now)
    corrections.book_refund_by_bank(session, refund=refund, now=now)
    asks.settle_about(session, kind="refund_by_hand", about=refund.public_id, answer="by the bank", now=now)


def _as_card(session: Session, refund: Refund, now: datetime) -> None:
    """Make the gift card that the customer chose instead of the money, and mail its code."""
    order = session.get_one(Order, refund.order_id)
    holder = (order.name, order.email)
    card = gift_cards.credit(session, cents=refund.amount_cents, holder=holder, language=order.language, now=now)
    refund.move("finish")
    refund.done_at = now
    settling.book_refund(session, refund=refund, now=now)
    card_mails.credited(session, card=card, number=order.number, now=now)


def _send_refund(
    session: Session,
    gateways: Gateways,
    refund_id: int,
    intent: str | None,
    key: str,
    amount: Money,
    reason: str,
    by_hand: bool,
    now: datetime,
    voucher: str | None,
) -> bool:
    """Call the provider and note its answer; a bank transfer is sent back by a person."""
    reference, error = None, ""
    if by_hand or intent is None:
        error = "by hand: pay back by bank transfer"
    else:
        try:
            if voucher is None:
                reference = gateways.payments.refund(key=key, intent=intent, amount=amount, reason=reason)
            elif gateways.vouchers is None:
                raise GatewayRefused("no vouchers here")
            else:
                reference = gateways.vouchers.refund(key=key, reference=voucher, amount=amount)
        except GatewayDown as down:
            error = f"later: {down}"
        except GatewayRefused as refused:
            error = f"refused: {refused.reason}"
    crash.point("refund.sent")
    with transaction(session):
        refund = session.get_one(Refund, refund_id)
        refund.last_error = error[:200]
        if reference is None:
            refund.move("fail")
            refund.refusals += error.startswith("refused")
            if by_hand or error.startswith("refused"):
                order = session.get_one(Order, refund.order_id)
                asks.ask_once(
                    session,
                    hub_id=order.hub_id,
                    kind="refund_by_hand",
                    about=refund.public_id,
                    order_id=order.id,
                    cents=amount.minor,
                    now=now,
                )
            return False
        refund.move("finish")
        refund.reference, refund.done_at = reference, now
        settling.book_refund(session, refund=refund, now=now)
        asks.settle_about(session, kind="refund_by_hand", about=refund.public_id, answer="sent", now=now)
    return True


def give_back(
    session: Session, *, order_id: int, hub_id: int, amount_cents: int, reason: str, by: Actor, now: datetime
) -> int:
    """Owe the customer part of what an order cost, for a reason that the customer reads; returns the cents.

    The sweep sends it; it comes off everybody's share in proportion. What is left of what was paid is the most
    that can go back. Money for one line goes by a complaint (`workflows.complaints.decide`).

    :raises NotFound: for an order of another hub, or one that nobody paid
    :raises NoReason: without a reason
    :raises NothingLeft: when less than that is left
    """
    why = " ".join(reason.split())[:200]
    if not why:
        raise NoReason(fields=("reason",))
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        if order.hub_id != hub_id or not payments.captured_of(session, order_id=order_id):
            raise NotFound()
        if not 0 < amount_cents <= giving_back.left_of(session, order_id=order_id):
            raise NothingLeft(fields=("amount",))
        lost = shared_codes.of_all(session, order=order, cents=amount_cents)
        owed = giving_back.owe(session, order=order, amount_cents=amount_cents, reason=GIVEN, lost=lost, now=now)
        journal.record(
            session, "order.money_back", by=by, now=now, order_id=order_id, amount_cents=amount_cents, why=why
        )
        back = giving_back.whereto(session, owed)
        changes.money_back(session, order=order, back=back, key=owed[0].public_id, why=why, now=now)
        return amount_cents


def note_paid_by_hand(session: Session, *, task_public_id: str, hub_id: int, by: Actor, now: datetime) -> int:
    """Note that the customer got the money by bank transfer, as a task asked; returns the cents.

    :raises NotFound: for a task of another hub, or about something else
    :raises AlreadyDone: when the task is settled or the money went back already
    :raises BeingSent: when the provider may still be sending it
    :raises BankDecides: when the customer disputes the payment at the bank
    """
    with transaction(session):
        task = asks.load(session, public_id=task_public_id, hub_id=hub_id, kinds=BY_HAND)
        refund = session.scalars(
            select(Refund).where(Refund.public_id == task.data.get("about", "")).with_for_update()
        ).one()
        if refund.came_back:
            corrections.book_refund_by_hand(session, refund=refund, by=by, now=now)
        elif refund.state is RefundState.DONE:
            raise AlreadyDone()
        elif disputes.is_decided_elsewhere(session, payment_id=refund.payment_id):
            raise BankDecides()
        elif refund.state is not RefundState.FAILED or refund.last_error.startswith("later"):
            raise BeingSent()
        else:
            refund.move("submit")
            refund.move("finish")
            refund.done_at = refund.repaid_at = now
            settling.book_refund(session, refund=refund, now=now)
            journal.record(
                session,
                "refund.paid_by_hand",
                by=by,
                now=now,
                order_id=refund.order_id,
                amount_cents=refund.amount_cents,
            )
        task.done_at, task.done_by_id, task.answer = now, by.user_id, "by hand"
        return refund.amount_cents
