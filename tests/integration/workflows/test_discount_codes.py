"""Discount codes from making to the last cent: a farm sells for less, a hub pays in the customer's place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.documents.models import Document
from shortchain.documents.values import Paper
from shortchain.enterprises.models import Enterprise
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import discounts
from shortchain.ordering.discount_desk import BadCode, CodeTaken, rows_of
from shortchain.ordering.discount_models import DiscountCode
from shortchain.ordering.levies import Basis
from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import Payment, Refund
from shortchain.payouts import code_debts, totals
from shortchain.payouts.models import Payout
from shortchain.peppol import rules
from shortchain.workflows import (
    asking_payment,
    cancellation,
    changing,
    discount_codes,
    documents,
    payment_events,
    refunds,
    settlement,
)
from tests.integration.workflows.test_cycle_fees import ask, hub_of
from tests.integration.workflows.test_settlement import money_breaches
from tests.support import invoices, paperwork
from tests.support.codes import made_code
from tests.support.complaining import complain, decide, lines_of
from tests.support.market import Market, market

LATER = timedelta(hours=50)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def ordered(shop: Market, code: str, *amounts: int, off: int = 0) -> Order:
    """Have a paid order with a code that lowers the total by `off`."""
    basket = shop.basket(*amounts)
    placed = shop.place(basket, code=code, total=shop.total(basket) - off)
    shop.pay(placed)
    return order_now(shop, placed.order_id)


def order_now(shop: Market, order_id: int) -> Order:
    shop.session.rollback()
    return shop.session.get_one(Order, order_id, populate_existing=True)


def code_now(shop: Market, code: str) -> DiscountCode:
    shop.session.rollback()
    return shop.session.scalars(
        select(DiscountCode).where(DiscountCode.code == code).execution_options(populate_existing=True)
    ).one()


def paid_with(shop: Market, order: Order) -> dict[str, int]:
    shop.session.rollback()
    found = shop.session.scalars(
        select(Payment).where(Payment.order_id == order.id).execution_options(populate_existing=True)
    )
    return {one.method: one.left_cents for one in found if one.state == "captured"}


def clean(shop: Market, now: object = None) -> bool:
    shop.session.rollback()
    shop.session.expire_all()
    assert money_breaches(shop, now or shop.now) == []  # type: ignore[arg-type]
    return all(row.adds_up for row in totals.per_order(shop.session))


def payouts_of(shop: Market, order: Order) -> dict[int, int]:
    shop.session.rollback()
    return {
        row.enterprise_id: row.amount_cents
        for row in shop.session.scalars(select(Payout).where(Payout.order_id == order.id))
    }


def test_a_farm_sells_for_less(shop: Market, session: Session) -> None:
    farm = shop.farms[0].id
    code = made_code(shop, farm, value=1500)
    order = ordered(shop, code, 2, 3, off=72)  # 15 % of 2 × 2,40
    leek, cabbage = lines_of(shop, order)
    assert (leek.total_cents, leek.discount_cents, leek.voucher_cents) == (408, 72, 0)
    assert (cabbage.total_cents, cabbage.discount_cents) == (555, 0)
    assert paid_with(shop, order) == {"bancontact": order.total_cents}
    assert code_now(shop, code).uses == 1
    assert clean(shop)

    paperwork.numbered(shop)
    paperwork.finish(shop, order)
    assert payouts_of(shop, order)[farm] == 408 - 20 + _brings(shop, order, farm)
    papers = session.scalars(select(Document).where(Document.order_id == order.id, Document.seller_id == farm)).all()
    (paper,) = papers
    assert [line.allowance_cents for line in Paper.from_json(paper.content).draft.lines if line.allowance_cents] == [68]
    assert invoices.faults(paper.xml) == []
    assert b"AllowanceChargeReasonCode>95<" in paper.xml
    assert clean(shop, shop.now + LATER)


def _brings(shop: Market, order: Order, farm: int) -> int:
    """What the farm got for bringing its goods: it is not this test's business."""
    from shortchain.payouts.models import LedgerEntry

    rows = shop.session.scalars(
        select(LedgerEntry.amount_cents).where(
            LedgerEntry.order_id == order.id, LedgerEntry.enterprise_id == farm, LedgerEntry.kind == "transport"
        )
    )
    return -sum(rows)


def test_an_invoice_with_a_discount_keeps_the_rules_of_peppol(shop: Market, session: Session) -> None:
    paperwork.numbered(shop)
    farm = shop.farms[0].id
    order = ordered(shop, made_code(shop, farm, value=3333), 7, 1, off=560)
    paperwork.name_business(shop, order)
    paperwork.finish(shop, order)
    paper = session.scalars(select(Document).where(Document.order_id == order.id, Document.seller_id == farm)).one()
    assert paper.kind.value == "invoice"
    assert b"AllowanceCharge" in paper.xml
    assert rules.faults(paper.xml) == []
    assert invoices.faults(paper.xml) == []


def test_a_hub_pays_in_the_customers_place_and_owes_it(shop: Market, session: Session, gateways: Gateways) -> None:
    hub_id = shop.cycle.hub_id
    ask(shop, hub_of(shop).public_id, Basis.ORDER, 300)
    code = made_code(shop, hub_id, "amount", 500, least_cents=500)
    basket = shop.basket(2, 3)
    total = shop.total(basket) + 300
    placed = shop.place(basket, code=code, total=total)
    shop.pay(placed)
    order = order_now(shop, placed.order_id)
    assert (order.state, order.total_cents) == (OrderState.CONFIRMED, total)
    assert paid_with(shop, order) == {"discount": 500, "bancontact": total - 500}
    assert [line.voucher_cents for line in lines_of(shop, order)] == [232, 268]
    assert code_debts.promised(session, hub_id=hub_id) == 500
    assert clean(shop)

    paperwork.numbered(shop)
    paperwork.finish(shop, order)
    owed = payouts_of(shop, order)
    assert owed[hub_id] == 300  # its levy, whole: the code is kept of it when it leaves
    assert sum(owed.values()) == total - 24 - 28
    assert code_debts.owed(session) == {hub_id: 500}
    assert clean(shop, shop.now + LATER)
    note = session.scalars(
        select(Document).where(Document.order_id == order.id, Document.seller_id == shop.farms[0].id)
    )
    assert "kortingscode" in " ".join(Paper.from_json(note.one().content).draft.notes)

    hub = session.get_one(Enterprise, hub_id)
    hub.stripe_account, hub.payouts_enabled = hub.stripe_account or "acct_hub", True
    session.commit()
    gateways.payments.enable(hub.stripe_account)
    settlement.send_payouts(session, gateways, now=shop.now + LATER)
    session.rollback()
    assert code_debts.owed(session) == {hub_id: 200}
    assert all(row.transfer for row in session.scalars(select(Payout).where(Payout.order_id == order.id)))
    assert [one.netted_cents for one in session.scalars(select(Payout).where(Payout.enterprise_id == hub_id))] == [300]
    assert clean(shop, shop.now + LATER)


def test_what_goes_back_is_divided_between_hub_and_customer(shop: Market, session: Session, gateways: Gateways) -> None:
    code = made_code(shop, shop.cycle.hub_id, value=2000)
    order = ordered(shop, code, 2, 3)  # 20 % of 480 and 555
    assert [line.voucher_cents for line in lines_of(shop, order)] == [96, 111]
    before = paid_with(shop, order)
    decide(shop, order, complain(shop, order, {0: []}), {0: 240})
    refunds.send_refunds(session, gateways, now=shop.now)
    assert paid_with(shop, order) == {"discount": before["discount"] - 48, "bancontact": before["bancontact"] - 192}
    mail = session.scalars(select(Notice).where(Notice.template == "complaint_decided")).one()
    assert (mail.context["back_cents"], mail.context["to_hub_cents"]) == (192, 48)
    session.rollback()
    refunds.give_back(
        session, order_id=order.id, hub_id=order.hub_id, amount_cents=500, reason="te laat", by=SYSTEM, now=shop.now
    )
    refunds.send_refunds(session, gateways, now=shop.now)
    left = order.total_cents - 240
    shared = 500 * (before["discount"] - 48) // left
    assert paid_with(shop, order) == {
        "discount": before["discount"] - 48 - shared,
        "bancontact": before["bancontact"] - 192 - (500 - shared),
    }
    assert clean(shop)
    paperwork.numbered(shop)
    paperwork.finish(shop, order)
    assert clean(shop, shop.now + LATER)
    # After the order was divided: all that is left of the first line.
    decide(shop, order, complain(shop, order, {0: []}), {0: 240})
    refunds.send_refunds(session, gateways, now=shop.now + LATER)
    assert paid_with(shop, order)["discount"] == before["discount"] - 48 - shared - 48
    documents.make_due(session, gateways, now=shop.now + LATER)
    assert clean(shop, shop.now + LATER)


def test_taking_off_tells_the_customer_what_is_theirs(shop: Market, session: Session, gateways: Gateways) -> None:
    order = ordered(shop, made_code(shop, shop.cycle.hub_id, value=1000), 2, 3)
    leek = lines_of(shop, order)[0]
    token, line_id = discounts_token(order), leek.id
    session.rollback()
    assert changing.take_off(session, token=token, keep={line_id: 1}, by=GUEST, now=shop.now) == 216
    mail = session.scalars(select(Notice).where(Notice.template == "order_changed")).one()
    assert (mail.context["back_cents"], mail.context["to_hub_cents"]) == (216, 24)
    session.rollback()
    refunds.send_refunds(session, gateways, now=shop.now)
    assert clean(shop)


def discounts_token(order: Order) -> str:
    from shortchain.ordering.orders import tracking_token

    return tracking_token(order.key)


@pytest.mark.parametrize("by_hub", [True, False], ids=["hub", "farm"])
def test_is_free_again_when_the_order_falls_or_is_called_off(
    shop: Market, session: Session, gateways: Gateways, by_hub: bool
) -> None:
    owner = shop.cycle.hub_id if by_hub else shop.farms[0].id
    code = made_code(shop, owner, value=1000, most_uses=1)
    off = 0 if by_hub else 48
    order = ordered(shop, code, 2, 3, off=off)
    basket = shop.basket(2, 3)
    with pytest.raises(discounts.CodeOver):
        shop.place(basket, code=code, total=shop.total(basket) - off)
    session.rollback()
    token = discounts_token(order)
    session.rollback()
    back = cancellation.cancel_by_customer(session, gateways, token=token, by=GUEST, now=shop.now)
    assert back == order.total_cents - (104 if by_hub else 0)  # 10 % of 1035
    refunds.send_refunds(session, gateways, now=shop.now)
    assert code_now(shop, code).uses == 0
    placed = shop.place(basket, code=code, total=shop.total(basket) - off)
    late = shop.now + timedelta(minutes=31)
    asking_payment.start_payment(
        session, gateways, payment_id=placed.payment_id, token=placed.token, base_url="http://x.example", now=shop.now
    )
    assert asking_payment.expire_orders(session, gateways, now=late) == 1
    assert code_now(shop, code).uses == 0
    # Late money: a farm's discount is part of the price and the order is saved; what a hub was to pay is free by then.
    gateways.payments.pay(session.get_one(Payment, placed.payment_id).reference)
    payment_events.look_up(session, gateways, payment_id=placed.payment_id, now=late)
    assert order_now(shop, placed.order_id).state is (OrderState.CANCELLED if by_hub else OrderState.CONFIRMED)
    assert code_now(shop, code).uses == (0 if by_hub else 1)
    refunds.send_refunds(session, gateways, now=late)
    assert clean(shop, late)


def test_pays_all_of_an_order_without_asking_anybody(shop: Market, session: Session) -> None:
    """Collected at a gate there is nothing but goods; here the code is as large as the whole."""
    basket = shop.basket(2, 3)
    total = shop.total(basket)
    placed = shop.place(basket, code=made_code(shop, shop.cycle.hub_id, value=10_000), total=total)
    assert order_now(shop, placed.order_id).state is OrderState.AWAITING_PAYMENT  # the way is not the code's
    assert session.get_one(Payment, placed.payment_id).amount_cents == total - 1035


def test_is_refused_in_words(shop: Market, session: Session) -> None:
    hub, farm = shop.cycle.hub_id, shop.farms[0].id
    basket = shop.basket(2, 3)
    total = shop.total(basket)
    today = shop.now.date()
    cases = {
        "BESTAATNIET": discounts.NoSuchCode,
        made_code(shop, hub, from_day=today + timedelta(days=2)): discounts.CodeNotYet,
        made_code(shop, hub, least_cents=5000): discounts.TooLittleForCode,
        made_code(shop, farm, only=(_product(shop, 0),), least_cents=481): discounts.TooLittleForCode,
    }
    for code, refusal in cases.items():
        with pytest.raises(refusal) as told:
            shop.place(basket, code=code, total=total)
        assert told.value.fields == ("discount_code",)
        session.rollback()
    stopped = made_code(shop, hub)
    own = code_now(shop, stopped).public_id
    session.rollback()
    discount_codes.change(session, public_id=own, owner_id=hub, stops=True, by=SYSTEM, now=shop.now)
    with pytest.raises(discounts.CodeOver):
        shop.place(basket, code=stopped, total=total)
    session.rollback()
    discount_codes.change(session, public_id=own, owner_id=hub, stops=False, by=SYSTEM, now=shop.now)
    shop.place(basket, code=stopped.lower(), total=total)
    once = made_code(shop, hub, per_customer=1)
    shop.place(shop.basket(2, 3), code=once, total=total)
    with pytest.raises(discounts.CodeUsed):
        shop.place(shop.basket(2, 3), code=once, total=total, email="NELE@post.example")
    session.rollback()
    shop.place(shop.basket(2, 3), code=once, total=total, email="ward@post.example")
    assert clean(shop)


def _product(shop: Market, place: int) -> str:
    from shortchain.catalogue.models import Product

    return shop.session.get_one(Product, shop.offers[place].product_id).public_id


def test_another_hubs_code_is_unknown_here(shop: Market, session: Session) -> None:
    from tests.support.factories import enterprises

    other = enterprises.hub(session, name="Elders")
    session.commit()
    code = made_code(shop, other.id)
    with pytest.raises(discounts.NoSuchCode):
        shop.place(shop.basket(2, 3), code=code, total=1)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"code": "abc"}, "code"),
        ({"value": 0}, "value"),
        ({"value": 9001}, "value"),
        ({"kind": "amount", "value": 500}, "least"),
        ({"kind": "gratis"}, "kind"),
        ({"per_customer": 0}, "per_customer"),
        ({"most_uses": -1}, "most_uses"),
        ({"only": ("zzz",)}, "only"),
    ],
)
def test_a_farm_makes_no_code_that_can_not_be(shop: Market, more: dict[str, object], field: str) -> None:
    with pytest.raises(BadCode) as refusal:
        made_code(shop, shop.farms[0].id, **more)  # type: ignore[arg-type]
    assert refusal.value.fields == (field,)


def test_one_code_for_the_whole_shop_and_its_use_is_seen(shop: Market, session: Session) -> None:
    made_code(shop, shop.farms[0].id, code="lente 10")
    with pytest.raises(CodeTaken):
        made_code(shop, shop.farms[1].id, code="LENTE-10")
    session.rollback()
    ordered(shop, "Lente10", 2, 3, off=48)
    (row,) = rows_of(session, owner_id=shop.farms[0].id, now=shop.now)
    assert (row.code, row.uses, row.given_cents, row.state) == ("LENTE10", 1, 48, "runs")
    assert rows_of(session, owner_id=shop.farms[0].id, now=shop.now + timedelta(days=40))[0].state == "over"


def test_one_code_is_never_counted_for_two_payments(shop: Market, session: Session) -> None:
    order = ordered(shop, made_code(shop, shop.cycle.hub_id), 2, 3)
    assert session.scalars(select(Refund).where(Refund.order_id == order.id)).all() == []
    assert sum(paid_with(shop, order).values()) == order.total_cents
