"""A customer takes something off an order: goods are for sale again, the money goes back, every cent is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.capacity.models import CapacityBucket
from shortchain.catalogue.models import OrderCycle, Product
from shortchain.complaints import reading
from shortchain.delivery import pick_lists
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import Job, Stage
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.notifications import telling
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Refund
from shortchain.payments.order_changes import Fixed, KeepSome, NothingKept, NotMore, NotSold, TooLittle
from shortchain.payouts.models import Payout
from shortchain.stock import allocations, availability
from shortchain.stock.allocations import AlreadyPacked
from shortchain.transaction import transaction
from shortchain.workflows import cancellation, changing, fulfilment, refunds, settlement, weighing
from shortchain.workflows.changing import TooLate
from tests.integration.workflows.test_shortages import breaches, order, report
from tests.support.complaining import lines_of
from tests.support.market import Market, market
from tests.support.scales import add_chicken


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=20)


def keep(shop: Market, of: Order, *amounts: int, late: timedelta = timedelta()) -> int:
    """Keep so much of each line, in the order of the market's offers."""
    wanted = {line.id: amount for line, amount in zip(lines_of(shop, of), amounts, strict=True)}
    token = tracking_token(of.key)
    shop.session.rollback()
    return changing.take_off(shop.session, token=token, keep=wanted, by=GUEST, now=shop.now + late)


def left(shop: Market, place: int) -> int:
    shop.session.rollback()
    product = shop.offers[place].product_id
    return availability.left_of(shop.session, product_ids=[product], on_day=local_day(shop.now))[product]


def refunded(shop: Market) -> list[int]:
    shop.session.rollback()
    return [one.amount_cents for one in shop.session.scalars(select(Refund).order_by(Refund.id))]


def test_gives_money_and_goods_back_and_tells_it(shop: Market, session: Session) -> None:
    bought = order(shop, 2, 3)
    before = left(shop, 1)
    assert keep(shop, bought, 2, 1) == 370
    assert [line.supplied for line in lines_of(shop, bought)] == [2, 1]
    assert (left(shop, 1), refunded(shop)) == (before + 2, [370])
    mail = session.scalars(select(Notice).where(Notice.template == "order_changed")).one()
    assert [(line["part"], line["back_cents"]) for line in mail.context["lines"]] == [(2, 370)]
    session.rollback()
    [day] = pick_lists.days_to_bring(session, farm_id=shop.farms[1].id, first=local_day(shop.now))
    [place] = pick_lists.destinations(session, farm_id=shop.farms[1].id, day=day)
    assert [line.amount for line in place.lines] == [1]
    assert breaches(shop) == []
    assert keep(shop, bought, 2, 1) == 0  # the same press again
    assert keep(shop, bought, 2, 0) == 185
    assert refunded(shop) == [370, 185]
    assert breaches(shop) == []


def test_parts_add_up_to_the_line_whoever_took_them(shop: Market) -> None:
    bought = order(shop, 1, 3)
    first = keep(shop, bought, 1, 2)
    told = report(shop, 1).back_cents
    assert first + told + keep(shop, bought, 1, 0) == 555
    assert [(line.missing, line.dropped) for line in lines_of(shop, bought)] == [(0, 0), (1, 2)]
    assert breaches(shop) == []


def test_is_divided_by_what_is_kept(shop: Market, session: Session) -> None:
    whole, part = order(shop, 0, 4), order(shop, 0, 4)
    keep(shop, part, 3)
    with transaction(session):
        for one in (whole, part):
            orders.move(session, order=orders.lock(session, order_id=one.id), action="deliver", by=SYSTEM, now=shop.now)
    later = shop.now + timedelta(days=5)
    refunds.send_refunds(session, shop.gateways, now=later)
    assert settlement.settle_orders(session, now=later) == 2
    settlement.send_payouts(session, shop.gateways, now=later)
    assert breaches(shop, later) == []
    paid = {
        one.order_id: one.amount_cents
        for one in session.scalars(select(Payout).where(Payout.enterprise_id == shop.farms[1].id))
    }
    assert paid[whole.id] - paid[part.id] == 185 - (37 - 28)  # the goods, less the fee that is not asked of them


def test_cancelling_afterwards_gives_the_rest(shop: Market) -> None:
    bought = order(shop, 1, 3)
    total, token = bought.total_cents, tracking_token(bought.key)
    keep(shop, bought, 1, 1)
    back = cancellation.cancel_by_customer(shop.session, shop.gateways, token=token, by=GUEST, now=shop.now)
    assert back == total - 370
    assert breaches(shop) == []


@pytest.mark.parametrize(
    ("amounts", "refusal"), [((1, 4), NotMore), ((0, 0), NothingKept), ((1, 1), NotSold)], ids=["more", "none", "step"]
)
def test_refuses_what_can_not_be(shop: Market, session: Session, amounts: tuple[int, int], refusal: type) -> None:
    bought = order(shop, 1, 3)
    with transaction(session):
        session.get_one(Product, shop.offers[1].product_id).least = 2
    with pytest.raises(refusal):
        keep(shop, bought, *amounts)
    assert refunded(shop) == []
    assert [line.dropped for line in lines_of(shop, bought)] == [0, 0]


def test_keeps_to_the_least_that_a_farm_brings(shop: Market, session: Session) -> None:
    bought = order(shop, 1, 3)
    with transaction(session):
        session.get_one(Enterprise, shop.farms[1].id).least_order_cents = 370
    with pytest.raises(TooLittle):
        keep(shop, bought, 1, 1)
    assert keep(shop, bought, 1, 2) == 185
    assert keep(shop, bought, 1, 0) == 370  # nothing of a farm is always possible


def test_the_farm_is_asked_to_harvest_what_is_kept(shop: Market, session: Session) -> None:
    keep(shop, order(shop, 1, 3), 0, 2)
    session.rollback()
    with transaction(session):
        telling.harvest_asked(session, cycle=session.get_one(OrderCycle, shop.cycle.id), now=shop.now)
    asked = session.scalars(select(Notice).where(Notice.template == "harvest_asked")).all()
    assert [[line["amount"] for line in mail.context["lines"]] for mail in asked] == [[2]]


def test_of_goods_that_somebody_cuts_something_must_come(shop: Market, session: Session) -> None:
    bought = order(shop, 1, 3)
    with transaction(session):
        session.get_one(OrderLine, lines_of(shop, bought)[1].id).process_service = "CUT"
    with pytest.raises(KeepSome):
        keep(shop, bought, 1, 0)
    assert refunded(shop) == []
    assert keep(shop, bought, 1, 1) == 370
    assert breaches(shop) == []


def test_what_was_replaced_stays(shop: Market, session: Session) -> None:
    bought = order(shop, 1, 3)
    with transaction(session):
        session.get_one(OrderLine, lines_of(shop, bought)[1].id).replacement = {"amount": 1, "weight_g": 250}
    with pytest.raises(Fixed):
        keep(shop, bought, 1, 1)


@pytest.mark.parametrize("weights", [{3: 1800}, {3: 1980}, {3: 1}])
def test_a_chicken_less_goes_back_at_its_most_and_the_other_by_weight(
    shop: Market, session: Session, weights: dict[int, int]
) -> None:
    add_chicken(shop)
    bought = order(shop, 1, 1, 3)
    assert keep(shop, bought, 1, 1, 1) == 2 * 2574
    assert left(shop, 2) == 19
    pack_accepted(shop, bought, weights)
    weight = weights[3]
    expected = [2 * 2574] + ([2574 - min(2574, (1300 * weight + 500) // 1000)] if weight < 1980 else [])
    assert refunded(shop) == expected
    assert breaches(shop) == []


class TestRoomForOthers:
    """What an order does not need any more is free again for other orders; what was agreed is paid."""

    def test_boxes_that_are_not_needed(self, session: Session, gateways: Gateways) -> None:
        shop = market(session, gateways, capacity=3)
        bought = order(shop, 0, 90)  # 22,5 kg: two boxes
        [job] = shop.jobs(bought.id, Stage.PACK)
        pay = job.cost_cents
        assert (job.use, taken(session, job)) == (2, 2)
        keep(shop, bought, 40)
        [job] = shop.jobs(bought.id, Stage.PACK)
        assert (job.use, taken(session, job), job.cost_cents) == (1, 1, pay)
        assert all_breaches(shop) == []
        order(shop, 90)  # and two boxes of somebody else fit
        assert all_breaches(shop) == []

    def test_a_box_that_is_still_needed_stays(self, shop: Market, session: Session) -> None:
        bought = order(shop, 3, 3)
        keep(shop, bought, 3, 1)
        [job] = shop.jobs(bought.id, Stage.PACK)
        assert (job.use, taken(session, job)) == (1, 1)

    def test_the_same_press_again_frees_nothing_more(self, session: Session, gateways: Gateways) -> None:
        shop = market(session, gateways)
        bought = order(shop, 0, 90)
        keep(shop, bought, 40)
        keep(shop, bought, 40)
        [job] = shop.jobs(bought.id, Stage.PACK)
        assert taken(session, job) == 1
        cancellation.cancel_by_customer(session, gateways, token=tracking_token(bought.key), by=GUEST, now=shop.now)
        assert taken(session, job) == 0
        assert all_breaches(shop) == []


def taken(session: Session, job: Job) -> int:
    """Count what is promised of the day on which a job is done."""
    where = (CapacityBucket.capability_id == job.capability_id, CapacityBucket.day == job.day)
    found = session.execute(select(CapacityBucket.held + CapacityBucket.confirmed).where(*where)).scalar_one()
    session.rollback()
    return int(found)


def all_breaches(shop: Market) -> list[str]:
    shop.session.rollback()
    return [one.what for one in checks.check_all(shop.session, now=shop.now)]


def pack_accepted(shop: Market, bought: Order, weights: dict[int, int]) -> None:
    """Have who accepted pack an order whose lines weigh so many grams, by their position."""
    job = shop.jobs(bought.id, Stage.PACK)[-1]
    who = {"job_public_id": job.public_id, "enterprise_id": job.enterprise_id, "by": SYSTEM, "now": shop.now}
    shop.session.rollback()
    fulfilment.start_job(shop.session, **who)  # type: ignore[arg-type]
    weighing.weigh(shop.session, weights=weights, **who)  # type: ignore[arg-type]
    fulfilment.finish_job(shop.session, **who)  # type: ignore[arg-type]
    shop.session.rollback()


@pytest.mark.parametrize("why", ["closed", "cancelled", "packed"])
def test_refuses_when_it_is_too_late(shop: Market, session: Session, why: str) -> None:
    bought = order(shop, 1, 3)
    late, token = timedelta(), tracking_token(bought.key)
    refusal: type[DomainError] = TooLate
    if why == "closed":
        late = shop.cycle.closes_at - shop.now
        assert keep(shop, bought, 1, 2, late=late - timedelta(seconds=1)) == 185
    elif why == "cancelled":
        cancellation.cancel_by_customer(session, shop.gateways, token=token, by=GUEST, now=shop.now)
    else:
        refusal = AlreadyPacked
        claims = [line.claim for line in lines_of(shop, bought)]
        session.rollback()
        with transaction(session):
            allocations.pick(session, claims=claims, now=shop.now)
    before = refunded(shop)
    with pytest.raises(refusal):
        keep(shop, bought, 1, 1, late=late)
    assert refunded(shop) == before


@pytest.mark.parametrize(("language", "said"), [("nl", "haalde dit"), ("fr", "retiré ceci"), ("en", "took this off")])
def test_writes_the_proof_in_the_language_of_the_order(
    shop: Market, session: Session, language: str, said: str
) -> None:
    bought = order(shop, 1, 3)
    keep(shop, bought, 1, 1)
    mail = session.scalars(select(Notice).where(Notice.template == "order_changed")).one()
    subject, text, html = shop.gateways.render_mail(mail.template, language=language, context=mail.context)
    assert bought.number in subject
    for body in (text, html):
        assert said in body
        assert "3,70" in body or "3.70" in body
        assert mail.context["token"] in body


def test_what_was_taken_off_can_not_be_withdrawn_from(shop: Market, session: Session) -> None:
    with transaction(session):
        for offer in shop.offers[:2]:
            session.get_one(Product, offer.product_id).withdrawal = "14d"
    bought = order(shop, 1, 3)
    token = tracking_token(bought.key)
    keep(shop, bought, 0, 2)
    session.rollback()
    lines = reading.withdrawable_lines(session, token=token, now=shop.now)
    assert [line.amount for line in lines] == [2]


def test_everything_still_adds_up(shop: Market, session: Session) -> None:
    bought = order(shop, 2, 3)
    keep(shop, bought, 1, 2)
    session.rollback()
    assert checks.check_all(session, now=shop.now) == []
