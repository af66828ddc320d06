"""What goes back of an order whose debit never came lowers what is owed, and its mails say that and promise no money."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment.models import Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.payments import debits
from shortchain.payments.models import Payment
from shortchain.workflows import fulfilment, payment_events, refunds, weighing
from tests.integration.workflows.test_shortages import breaches, report
from tests.support import debits as owing
from tests.support.complaining import complain, decide
from tests.support.empties import deliver
from tests.support.fake_gateways import RecordingPayments
from tests.support.market import Market, market
from tests.support.scales import add_chicken, start_packing
from tests.support.splitting import open_page, split


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=20)


def collect_leek(shop: Market, order: Order) -> None:
    """Have the goods of the first farm under way, so that the order goes on when its debit does not come."""
    shop.session.execute(
        update(Leg)
        .where(Leg.order_id == order.id, Leg.from_enterprise_id == shop.farms[0].id)
        .values(state=LegState.COLLECTED)
    )
    shop.session.commit()


def fall_short(shop: Market, order: Order) -> None:
    report(shop, 2)


def begin_packing(shop: Market, order: Order) -> None:
    start_packing(shop, order)


def weigh_less(shop: Market, order: Order) -> None:
    job = shop.jobs(order.id, Stage.PACK)[-1]
    who = {"job_public_id": job.public_id, "enterprise_id": job.enterprise_id, "by": SYSTEM, "now": shop.now}
    shop.session.rollback()
    weighing.weigh(shop.session, weights={2: 1500}, **who)  # type: ignore[arg-type]
    fulfilment.finish_job(shop.session, **who)  # type: ignore[arg-type]


def complain_and_decide(shop: Market, order: Order) -> None:
    decide(shop, order, complain(shop, order, {1: []}), {1: 370})


Deed = Callable[[Market, Order], None]
DEEDS: dict[str, tuple[tuple[int, ...], int, Deed, Deed]] = {
    "goods_short": ((2, 3), 370, collect_leek, fall_short),
    "complaint_decided": ((2, 3), 370, deliver, complain_and_decide),
    "order_weighed": ((1, 0, 1), 2574 - 1950, begin_packing, weigh_less),
}
SAID = {
    "nl": ("moet betalen, is € {} minder", ("Je krijgt", " terug")),
    "fr": ("est diminué de {} €", ("remboursons", "récupérez")),
    "en": ("is €{} less", ("You get", " back")),
}


@pytest.mark.parametrize("mail", DEEDS)
def test_the_mail_says_that_less_is_owed(shop: Market, session: Session, mail: str) -> None:
    amounts, cents, begin, deed = DEEDS[mail]
    add_chicken(shop)
    order = owing.owed(shop, *amounts, begin=begin)
    deed(shop, order)
    session.rollback()
    notice = session.scalars(select(Notice).where(Notice.template == mail, Notice.order_id == order.id)).one()
    assert (notice.context["back_cents"], notice.context["less_owed_cents"]) == (0, cents)
    owed = debits.owed(session, order_id=order.id)
    assert owed is not None
    assert owed.left_cents == order.total_cents - cents
    for language in SAID:
        expect(shop, notice, language, cents)
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    assert breaches(shop) == []


def expect(shop: Market, notice: Notice, language: str, cents: int) -> None:
    """Read a mail in a language: it says how much less is owed, and nothing of money that comes."""
    says, never = SAID[language]
    amount = f"{cents / 100:.2f}" if language == "en" else f"{cents / 100:.2f}".replace(".", ",")
    parts = shop.gateways.render_mail(notice.template, language=language, context=notice.context)
    for body in (one.replace("\xa0", " ").replace("\u202f", " ") for one in parts[1:]):
        assert says.format(amount) in body
        assert [word for word in never if word in body] == []


def test_of_an_order_paid_in_two_ways_it_says_both(shop: Market, session: Session) -> None:
    person_id = owing.known_customer(shop)
    placed = shop.place(shop.basket(2, 3), method="sepa_debit", user_id=person_id)
    second = split(shop, placed, 300)
    by_card = open_page(shop, placed, second)
    provider = shop.gateways.payments
    assert isinstance(provider, RecordingPayments)
    provider.pay(by_card)
    payment_events.look_up(session, shop.gateways, payment_id=second, now=shop.now)
    order, reference = owing.promised(shop, placed)
    deliver(shop, order)
    owing.never_came(shop, reference)
    session.rollback()
    cents = session.get_one(Order, order.id).total_cents - 100
    hub_id = order.hub_id
    session.rollback()
    refunds.give_back(
        session, order_id=order.id, hub_id=hub_id, amount_cents=cents, reason="te laat", by=SYSTEM, now=shop.now
    )
    (notice,) = session.scalars(select(Notice).where(Notice.template == "money_back")).all()
    taken = {one.method: one.refunded_cents for one in session.scalars(select(Payment)) if one.order_id == order.id}
    assert (notice.context["back_cents"], notice.context["less_owed_cents"]) == (taken["card"], taken["sepa_debit"])
    assert min(taken.values()) > 0
    assert sum(taken.values()) == cents
    _subject, text, _html = shop.gateways.render_mail("money_back", language="nl", context=notice.context)
    assert "Je krijgt" in text
    assert "nog moet betalen, is" in text
    session.rollback()
    assert breaches(shop) == []
