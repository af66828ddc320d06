"""A bank transfer pays what joins a paid order: under a message of its own, in time, short, too much or too late."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.clearing.models import AdditionState, OrderAddition
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.payments import matching, transfer_message
from shortchain.payments.bank_statements import Credit
from shortchain.payments.models import Payment, PaymentState
from shortchain.payments.spending import Spend
from shortchain.workflows import adding, bank_credits, cancellation
from tests.integration.workflows.test_adding import clean, now_of, token_of
from tests.integration.workflows.test_adding_with_cards import paid_with, price
from tests.support.giving import bought_card, card_now
from tests.support.market import Market, market

THEIRS = "BE68539007547034"


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def asked(shop: Market, order: Order, *spends: Spend) -> Payment:
    """Ask to add some goods and to pay by transfer what cards do not."""
    basket = shop.basket(2, 3)
    payment_id = adding.ask(
        shop.session,
        shop.gateways,
        token=token_of(order),
        key=secrets.token_hex(16),
        basket=basket,
        method="transfer",
        accepted_total_cents=price(shop, order, basket),
        by=GUEST,
        now=shop.now,
        cards=spends,
    )
    return shop.session.get_one(Payment, payment_id)


def credit(shop: Market, payment: Payment, cents: int) -> Credit:
    return Credit(
        "", f"REF{payment.id}/{cents}", local_day(shop.now), cents, "Nele", payment.structured_message or "", THEIRS
    )


def matched(shop: Market, *credits: Credit) -> list[tuple[str, int | None]]:
    shop.session.rollback()
    found = matching.match(shop.session, hub_id=shop.cycle.hub_id, credits=credits)
    return [(one.state, one.order_id) for one in found]


def receive(shop: Market, order: Order, credit: Credit) -> None:
    bank_credits.mark_transfer_received(
        shop.session,
        shop.gateways,
        order_id=order.id,
        hub_id=shop.cycle.hub_id,
        by=SYSTEM,
        now=shop.now,
        credit=credit.reference,
    )


def test_joins_when_the_transfer_comes(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    before = order.total_cents
    payment = asked(shop, order)
    more = payment.amount_cents
    addition = session.scalars(select(OrderAddition)).one()
    assert payment.structured_message == transfer_message.message_of_addition(addition.id)
    assert addition.hold_until == min(shop.now + timedelta(hours=48), shop.cycle.closes_at - timedelta(hours=1))
    sending.send_due(session, gateways, now=shop.now)
    [mail] = [one for one in gateways.mailer.sent if payment.structured_message in one.text]  # type: ignore[attr-defined]
    assert f"/volg/{token_of(order)}/bijbestellen" in mail.text
    came = credit(shop, payment, more)
    assert matched(shop, came) == [(matching.EXACT, order.id)]
    assert matching.waiting(session, hub_id=shop.cycle.hub_id, number=order.number, cents=more) == order.id
    receive(shop, order, came)
    order = now_of(shop, order)
    assert order.total_cents == before + more
    assert paid_with(shop, order) == {"bancontact": before, "transfer": more}
    assert matched(shop, came) == [(matching.BOOKED, order.id)]
    receive(shop, order, came)  # twice is once
    assert now_of(shop, order).total_cents == before + more
    assert clean(shop)


def test_a_card_and_a_transfer_pay_it_together(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    order = shop.order(1, 1)
    before = order.total_cents
    payment = asked(shop, order, Spend(code, 300))
    rest = payment.amount_cents
    receive(shop, order, credit(shop, payment, rest))
    assert paid_with(shop, order) == {"bancontact": before, "gift_card": 300, "transfer": rest}
    assert card_now(shop, card.id).balance_cents == 700
    assert clean(shop)


def test_a_short_one_waits_for_the_rest_and_too_much_goes_back(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    payment = asked(shop, order)
    more, about = (
        payment.amount_cents,
        {"order_id": order.id, "hub_id": shop.cycle.hub_id, "by": SYSTEM, "now": shop.now},
    )
    part = credit(shop, payment, more - 200)
    assert matched(shop, part) == [(matching.LESS, order.id)]
    assert bank_credits.note_short(session, credit=part, **about) == 200  # type: ignore[arg-type]
    told = session.scalars(select(Notice).where(Notice.template == "transfer_short")).one()
    assert (told.context["missing_cents"], told.context["is_addition"]) == (200, True)
    surplus = credit(shop, payment, 250)
    assert bank_credits.book_surplus(session, shop.gateways, credit=surplus, **about) == 50  # type: ignore[arg-type]
    assert paid_with(shop, order)["transfer"] == more
    assert session.scalars(select(OrderAddition)).one().state is AdditionState.JOINED
    assert clean(shop)


@pytest.mark.parametrize("how", ["expired", "called off", "paid by card instead"])
def test_what_came_in_part_goes_back_when_it_falls(
    shop: Market, session: Session, gateways: Gateways, how: str
) -> None:
    order = shop.order(1, 1)
    payment = asked(shop, order)
    bank_credits.note_short(
        session,
        order_id=order.id,
        hub_id=shop.cycle.hub_id,
        credit=credit(shop, payment, 200),
        by=SYSTEM,
        now=shop.now,
    )
    late = {"hours": 49} if how == "expired" else {}
    if how == "expired":
        assert adding.expire(session, gateways, now=shop.now + timedelta(hours=1)) == 0
        assert adding.expire(session, gateways, now=shop.now + timedelta(hours=49)) == 1
    elif how == "called off":
        cancellation.cancel_by_customer(session, gateways, token=token_of(order), by=GUEST, now=shop.now)
    else:
        adding.pay_again(session, token=token_of(order), method="card", now=shop.now)
    task = session.scalars(select(CoordinatorTask).where(CoordinatorTask.kind == bank_credits.BACK)).one()
    assert (task.data["cents"], task.data["iban"]) == (200, THEIRS)
    assert session.get_one(Payment, payment.id, populate_existing=True).state is PaymentState.ABANDONED
    assert matched(shop, credit(shop, payment, 300)) == [(matching.OFF, order.id)]
    assert clean(shop, **late) or late


def test_is_refused_where_it_would_come_too_late(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    shop.now = shop.cycle.closes_at - timedelta(hours=24)
    with pytest.raises(adding.TransferTooLate):
        asked(shop, order)
    session.rollback()
    assert session.scalars(select(OrderAddition)).all() == []


def test_a_page_that_ended_gives_way_to_a_new_one(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    payment = asked(shop, order)
    token, until = token_of(order), payment.expires_at
    assert until - shop.now > timedelta(hours=24), "or this proves nothing"
    session.rollback()
    tries = [shop.now, shop.now + timedelta(hours=1), shop.now + timedelta(hours=25)]
    opened = [adding.pay_again(session, token=token, method="card", now=now) for now in tries]
    assert opened[0] == opened[1] != opened[2]
    session.rollback()
    states = [session.get_one(Payment, one).state for one in (payment.id, opened[0], opened[2])]
    assert states == [PaymentState.ABANDONED, PaymentState.ABANDONED, PaymentState.CREATED]
