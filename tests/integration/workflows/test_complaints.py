"""Complaints per line: written down once with private photos, decided once, paid by who sold it, to the cent."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue.photos import BadPicture
from shortchain.complaints import reading
from shortchain.complaints.models import Complaint, ComplaintPhoto
from shortchain.complaints.operations import MOST_OPEN, NoAnswer, TooMany
from shortchain.documents.models import Document
from shortchain.documents.values import Paper
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments.line_refunds import NotPaid, TooMuch, WeighFirst
from shortchain.payments.models import Payment, Refund
from shortchain.payouts import statements
from shortchain.payouts.models import LedgerEntry, Payout
from shortchain.transaction import transaction
from shortchain.workflows import cancellation, complaints, coordination, documents, refunds, settlement
from tests.support import paperwork
from tests.support.complaining import complain, decide, lines_of, picture
from tests.support.market import Market, market
from tests.support.scales import add_chicken, pack

AFTER = timedelta(hours=49)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways))


def deliver(shop: Market, order: Order) -> None:
    shop.session.rollback()
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)


def divide(shop: Market) -> int:
    shop.session.rollback()
    done = settlement.settle_orders(shop.session, now=shop.now + AFTER)
    shop.session.rollback()
    return done


def send(shop: Market) -> None:
    shop.session.rollback()
    refunds.send_refunds(shop.session, shop.gateways, now=shop.now + AFTER)
    settlement.send_payouts(shop.session, shop.gateways, now=shop.now + AFTER)
    settlement.send_reversals(shop.session, shop.gateways, now=shop.now + AFTER)
    documents.make_due(shop.session, shop.gateways, now=shop.now + AFTER)
    shop.session.rollback()


def breaches(shop: Market) -> list[str]:
    shop.session.rollback()
    return [one.what for one in checks.check_all(shop.session, now=shop.now + AFTER) if one.promise[:2] in ("P1", "P2")]


def kept(shop: Market, order: Order) -> dict[tuple[int | None, str], int]:
    """Add up what everybody keeps of an order, by party and kind, as the ledger has it."""
    rows = shop.session.execute(
        select(LedgerEntry.enterprise_id, LedgerEntry.kind, -func.sum(LedgerEntry.amount_cents))
        .where(
            LedgerEntry.order_id == order.id,
            LedgerEntry.kind.in_(("goods", "fee", "pack", "deliver", "transport", "margin")),
        )
        .group_by(LedgerEntry.enterprise_id, LedgerEntry.kind)
    )
    return {(who, kind): int(cents) for who, kind, cents in rows}


def test_waits_with_dividing_until_it_is_decided(shop: Market, session: Session) -> None:
    order = shop.order(2, 3)
    deliver(shop, order)
    complaint = complain(shop, order, {0: []})
    assert divide(shop) == 0
    assert decide(shop, order, complaint, {0: 0}) == 0
    assert divide(shop) == 1
    assert session.scalar(select(func.count(Refund.id))) == 0


@pytest.mark.parametrize("divided_first", [False, True])
def test_who_sold_the_line_pays_it_and_nobody_else(shop: Market, session: Session, divided_first: bool) -> None:
    order = shop.order(2, 3)  # 4,80 of the first farm, 5,55 of the second
    deliver(shop, order)
    if divided_first:
        divide(shop)
        send(shop)
    complaint = complain(shop, order, {0: []})
    assert decide(shop, order, complaint, {0: 333}) == 333
    divide(shop)
    send(shop)
    found = kept(shop, order)
    first, second = shop.farms[0].id, shop.farms[1].id
    assert (found[first, "goods"], found[first, "fee"]) == (480 - 333, -7)  # 5 % of 1,47
    assert (found[second, "goods"], found[second, "fee"]) == (555, -28)
    assert found[None, "fee"] == 7 + 28
    assert found[shop.packers[0].id, "pack"] == 200
    vat = session.scalar(
        select(-func.sum(LedgerEntry.vat_cents)).where(
            LedgerEntry.enterprise_id == first, LedgerEntry.kind == "goods", LedgerEntry.order_id == order.id
        )
    )
    assert abs((vat or 0) - 147 * 6 / 106) <= 1
    papers = [Paper.from_json(one.content).draft for one in session.scalars(select(Document).order_by(Document.id))]
    credits = [one for one in papers if one.kind.value == "ticket_credit"]
    assert [(one.seller.name, one.payable_cents) for one in credits] == [("Hof", 333)]
    assert {total.rate_bp for total in credits[0].vat} == {600}
    sold = sum(one.payable_cents for one in papers if one.kind.value == "ticket" and one.seller.name != "shortchain")
    assert sold == order.total_cents
    assert breaches(shop) == []


def test_a_light_line_and_a_complaint_about_it(shop: Market, session: Session) -> None:
    add_chicken(shop)
    order = shop.order(1, 0, 1)
    complaint = complain(shop, order, {1: []})
    with pytest.raises(WeighFirst):
        decide(shop, order, complaint, {1: 100})
    pack(shop, order, {2: 1800})
    deliver(shop, order)
    with pytest.raises(TooMuch):
        decide(shop, order, complaint, {1: 2341})
    assert decide(shop, order, complaint, {1: 2340}) == 2340
    divide(shop)
    send(shop)
    assert kept(shop, order)[shop.farms[0].id, "goods"] == 240
    assert breaches(shop) == []


def test_gives_no_more_than_is_left_of_line_and_payment(shop: Market, session: Session) -> None:
    order = shop.order(2, 3)
    first = complain(shop, order, {0: [], 1: []})
    with pytest.raises(TooMuch) as refused:
        decide(shop, order, first, {0: 481})
    assert refused.value.for_people == "Voor deze regel kan hoogstens € 4,80 terug."
    assert session.scalar(select(Complaint.state)) == "open"
    decide(shop, order, first, {0: 400})
    second = complain(shop, order, {0: [], 1: []})
    with pytest.raises(TooMuch):
        decide(shop, order, second, {0: 81})
    session.rollback()
    refunds.give_back(
        session,
        order_id=order.id,
        hub_id=order.hub_id,
        amount_cents=order.total_cents - 400 - 50,
        reason="te laat",
        by=SYSTEM,
        now=shop.now,
    )
    with pytest.raises(TooMuch):
        decide(shop, order, second, {1: 51})
    assert decide(shop, order, second, {1: 50}) == 50
    deliver(shop, order)
    divide(shop)
    send(shop)
    assert breaches(shop) == []


def test_nothing_goes_back_of_an_order_that_was_called_off(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    complaint = complain(shop, order, {0: []})
    cancellation.cancel_by_hub(
        session, shop.gateways, order_id=order.id, hub_id=order.hub_id, why="storm", by=SYSTEM, now=shop.now
    )
    with pytest.raises(NotPaid):
        decide(shop, order, complaint, {0: 1})
    assert decide(shop, order, complaint, {}) == 0


def test_the_same_form_is_one_complaint(shop: Market, session: Session) -> None:
    order, other = shop.order(1, 1), shop.order(1, 1)
    first = complain(shop, order, {0: [picture()]}, key="k" * 32)
    assert complain(shop, order, {0: [picture()]}, key="k" * 32) == first
    assert complain(shop, other, {0: []}, key="k" * 32) != first  # a key says nothing of another order
    assert session.scalar(select(func.count(ComplaintPhoto.id))) == 1
    assert session.scalar(select(func.count(CoordinatorTask.id))) == 2


def test_keeps_photos_whole_small_and_without_where_they_were_taken(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    complain(shop, order, {0: [picture(4000, 1000)], 1: [picture(form="PNG")]})
    names = [one.file_name for one in session.scalars(select(ComplaintPhoto).order_by(ComplaintPhoto.id))]
    stored = [Image.open(io.BytesIO(shop.gateways.media.get(name) or b"")) for name in names]
    assert {one.size for one in stored} == {(1080, 270), (800, 450)}
    assert all(one.format == "JPEG" and not one.getexif() for one in stored)


@pytest.mark.parametrize(
    ("photos", "refusal"),
    [
        ([b"<svg/>"], BadPicture),
        ([picture(), b"x"], BadPicture),
        ([picture(100, 100)], BadPicture),
        ([picture()] * 4, complaints.TooManyPhotos),
    ],
)
def test_a_bad_photo_leaves_nothing_behind(
    shop: Market, session: Session, photos: list[bytes], refusal: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = shop.order(1, 1)
    put: list[str] = []
    monkeypatch.setattr(shop.gateways.media, "put", lambda name, *_args, **_more: put.append(name))
    with pytest.raises(refusal):
        complain(shop, order, {0: photos})
    assert put == []
    session.rollback()
    assert session.scalar(select(func.count(Complaint.id))) == 0


def test_takes_no_more_than_a_few_at_a_time(shop: Market) -> None:
    order = shop.order(1, 1)
    for _ in range(MOST_OPEN):
        complain(shop, order, {})
    with pytest.raises(TooMany):
        complain(shop, order, {})


def test_passes_over_lines_of_another_order(shop: Market, session: Session) -> None:
    order, other = shop.order(1, 1), shop.order(1, 1)
    foreign = lines_of(shop, other)[0].id
    token = orders.tracking_token(order.key)
    session.rollback()
    complaints.report(
        session,
        shop.gateways,
        token=token,
        key="k",
        kind="bad",
        text="",
        lines={foreign: [picture()]},
        by=SYSTEM,
        now=shop.now,
    )
    assert reading.of_order(session, order_id=order.id)[0].lines == ()
    assert session.scalar(select(func.count(ComplaintPhoto.id))) == 0


def test_ends_the_task_and_tells_the_customer(shop: Market, session: Session) -> None:
    order = shop.order(2, 1)
    complaint = complain(shop, order, {0: [], 1: []})
    task = session.scalars(select(CoordinatorTask)).one().public_id
    session.rollback()
    with pytest.raises(coordination.DecideFirst):
        coordination.finish_task(session, task_public_id=task, hub_id=order.hub_id, answer="", by=SYSTEM, now=shop.now)
    decide(shop, order, complaint, {0: 240})
    assert session.scalars(select(CoordinatorTask)).one().answer == "Dat hoort niet zo."
    notice = session.scalars(select(Notice).where(Notice.template == "complaint_decided")).one()
    assert notice.to_email == order.email
    assert notice.context["back_cents"] == 240
    told = {one["name"]["nl"]: one["given_cents"] for one in notice.context["lines"]}
    assert told == {"Prei": 240, "Kool": 0}
    session.rollback()
    with pytest.raises(AlreadyDone):
        decide(shop, order, complaint, {1: 10})
    assert session.scalar(select(func.sum(Refund.amount_cents))) == 240


def test_asks_for_an_answer_and_for_the_own_hub(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    complaint = complain(shop, order, {0: []})
    give = {"public_id": complaint, "given": {}, "by": SYSTEM, "now": shop.now}
    with pytest.raises(NoAnswer):
        complaints.decide(session, hub_id=order.hub_id, answer=" ", **give)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        complaints.decide(session, hub_id=order.hub_id + 1, answer="ja", **give)  # type: ignore[arg-type]


def test_a_farm_reads_of_its_own_lines_only(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    complain(shop, order, {0: [picture()], 1: [picture()]})
    first, second = (reading.of_farm(session, farm_id=farm.id)[0] for farm in shop.farms)
    assert [line.farm for line in first.lines] == ["Hof"]
    photo = second.lines[0].photos[0]
    assert reading.photo_of_farm(session, public_id=photo, farm_id=shop.farms[1].id)
    with pytest.raises(NotFound):
        reading.photo_of_farm(session, public_id=photo, farm_id=shop.farms[0].id)
    with pytest.raises(NotFound):
        reading.photo_of_hub(session, public_id=photo, hub_id=order.hub_id + 1)


def test_the_farmer_sees_what_is_coming_without_it(shop: Market, session: Session) -> None:
    order = shop.order(2, 0)
    decide(shop, order, complain(shop, order, {0: []}), {0: 333})
    [coming] = statements.coming(session, enterprise_id=shop.farms[0].id)
    assert coming.owed_cents == 147 - 7
    deliver(shop, order)
    divide(shop)
    owed = session.scalar(
        select(Payout.amount_cents).where(Payout.order_id == order.id, Payout.enterprise_id == shop.farms[0].id)
    )
    carried = kept(shop, order).get((shop.farms[0].id, "transport"), 0)
    assert owed == 147 - 7 + carried


deeds = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["first line", "second line", "everybody"]), st.integers(1, 900)),
        st.tuples(st.sampled_from(["divide", "send"]), st.just(0)),
    ),
    max_size=7,
)


@given(deeds=deeds)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_sequence_keeps_every_cent(shop: Market, session: Session, deeds: list[tuple[str, int]]) -> None:
    order = shop.order(3, 2)
    deliver(shop, order)
    for deed, cents in [*deeds, ("divide", 0), ("send", 0)]:
        session.rollback()
        if deed == "divide":
            divide(shop)
        elif deed == "send":
            send(shop)
        elif deed == "everybody":
            _try(shop, lambda cents=cents: _give(shop, order, cents))
        else:
            complaint = complain(shop, order, {0: [], 1: []})
            place = 0 if deed == "first line" else 1
            if not _try(shop, lambda c=complaint, p=place, cents=cents: decide(shop, order, c, {p: cents})):
                decide(shop, order, complaint, {})
    assert breaches(shop) == []
    session.rollback()
    given_back = session.scalar(select(Payment.refunded_cents).where(Payment.order_id == order.id))
    assert sum(kept(shop, order).values()) == order.total_cents - (given_back or 0)


def _give(shop: Market, order: Order, cents: int) -> None:
    refunds.give_back(
        shop.session,
        order_id=order.id,
        hub_id=order.hub_id,
        amount_cents=cents,
        reason="te laat",
        by=SYSTEM,
        now=shop.now,
    )


def _try(shop: Market, deed) -> bool:  # type: ignore[no-untyped-def]
    try:
        deed()
    except (TooMuch, refunds.NothingLeft):
        shop.session.rollback()
        return False
    return True
