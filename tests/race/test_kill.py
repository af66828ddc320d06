"""Killed at every named point, and nobody is charged twice, nothing is lost, everything adds up.

The web server and the worker are real processes that kill themselves with SIGKILL at the point. After
each death the same press comes again, as an impatient person does, and the sweep does its round.
"""

from __future__ import annotations

import dataclasses
import http.client
import secrets
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue.models import DeliveryWindow, OrderCycle
from shortchain.database import engine_options
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.notifications.models import Notice, NoticeState
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Payment, PaymentState, Refund, RefundState, WebhookReceipt
from shortchain.stock.models import Lot
from shortchain.transaction import transaction
from tests.support.fake_gateways import RecordingPayments
from tests.support.market import Market, market
from tests.support.running_shop import RunningShop, Visitor, running_shop

pytestmark = [pytest.mark.race, pytest.mark.slow]

DEAD = (OSError, urllib.error.URLError, http.client.HTTPException)
CHECKOUT = (
    "checkout.order_written",
    "checkout.chain_held",
    "checkout.before_commit",
    "checkout.committed",
    "checkout.page_opened",
    "checkout.reference_kept",
)
PAYMENT = ("payment.before_commit", "payment.committed")
CANCEL = ("cancel.before_commit", "cancel.committed")
SWEEP = (
    "sweep.beat",
    "sweep.webhooks",
    "payment.before_commit",
    "payment.committed",
    "mail.leased",
    "mail.sent",
    "sweep.mails",
)
GUEST = {
    "name": "Nele",
    "email": "nele@post.example",
    "phone": "0470123456",
    "postcode": "9000",
    "street": "Kouter 1",
    "if_missing": "refund",
    "method": "bancontact",
    "remark": "",
}


@dataclass
class Scene:
    """A running shop, its market, and a session of our own on its database."""

    shop: RunningShop
    market: Market
    session: Session

    def fresh(self) -> Session:
        self.session.rollback()
        self.session.expire_all()
        return self.session

    def order(self, key: str) -> Order | None:
        return self.fresh().scalar(select(Order).where(Order.key == key))

    def breaches(self) -> list[checks.Breach]:
        return checks.check_all(self.fresh(), now=datetime.now(UTC))

    def charges(self, number: str) -> list[Any]:
        """List what the provider really took for an order."""
        api = stripe.StripeClient(self.shop.stand_in.secret_key, base_addresses={"api": self.shop.stand_in.url})
        found = api.v1.payment_intents.list({"limit": 100}).data
        return [one for one in found if one.description == number and one.status == "succeeded"]


@pytest.fixture(scope="module")
def _scene(
    database_kind: str, _databases: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory, _app: Any
) -> Iterator[Scene]:
    url = _databases(database_kind).new("kill")
    engine = create_engine(url, **_looking_on(url))
    real = _app.extensions["shortchain.tests.real_gateways"]
    with Session(engine, expire_on_commit=False) as session:
        made = market(session, dataclasses.replace(real, payments=RecordingPayments()), left=1000, places=1000)
        _bring_to_today(session)
        with running_shop(url, tmp_path_factory.mktemp(f"kill-{database_kind}")) as shop:
            yield Scene(shop, made, session)
    engine.dispose()


def _looking_on(url: str) -> dict[str, Any]:
    """Give the settings of the shop, but the right to stand idle in a transaction: processes work meanwhile."""
    options = engine_options(url)
    if url.startswith("postgresql"):
        options["connect_args"]["options"] += " -c idle_in_transaction_session_timeout=0"
    return options


@pytest.fixture
def scene(_scene: Scene) -> Iterator[Scene]:
    yield _scene
    _scene.shop.crash_file.unlink(missing_ok=True)
    _scene.shop.wait()


def _bring_to_today(session: Session) -> None:
    """The factories live on a Monday in 2026; processes live now."""
    now = datetime.now(UTC).replace(microsecond=0)
    start = (now + timedelta(days=4)).replace(hour=16, minute=0, second=0)
    session.execute(update(OrderCycle).values(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=2)))
    session.execute(update(DeliveryWindow).values(starts_at=start, ends_at=start + timedelta(hours=2)))
    session.execute(update(Lot).values(best_before=start.date() + timedelta(days=10)))
    session.commit()


def filled_in(scene: Scene) -> tuple[Visitor, dict[str, Any]]:
    """Fill a basket and the checkout form, up to the last press."""
    visitor = Visitor(scene.shop.url)
    for offer in scene.market.offers:
        assert visitor.post(f"/mandje/{offer.public_id}", {"amount": "1"}).status == 303
    key = secrets.token_hex(16)
    guest = {**GUEST, "email": f"nele-{key[:8]}@post.example"}  # one address may not order without end
    form = {**guest, "key": key, "window": scene.market.window.public_id}
    page = visitor.post("/afrekenen", {**form, "doe": "bekijk"}).page()
    return visitor, {**form, "total": page.form("/afrekenen").values["total"][0], "doe": "bestel"}


def placed(scene: Scene) -> tuple[Visitor, str, str]:
    """Place an order; gives the visitor, the order's key and the provider's reference."""
    visitor, form = filled_in(scene)
    answer = visitor.post("/afrekenen", form)
    assert answer.status == 303, answer.html[-3000:]
    return visitor, form["key"], answer.location.rsplit("/", 1)[1]


def press(scene: Scene, visitor: Visitor, path: str, values: dict[str, Any] | None) -> None:
    """Press while the process dies; then wait until it is back."""
    with suppress(*DEAD):
        visitor.post(path, values) if values is not None else visitor.get(path)
    assert scene.shop.has_died(), f"nobody passed {scene.shop.crash_file.read_text()}"
    scene.shop.wait()


def stands_once(scene: Scene, key: str) -> Order:
    """Assert that the order is confirmed, charged once, and that everything adds up."""
    order = scene.order(key)
    assert order is not None
    assert order.state is OrderState.CONFIRMED
    paid = scene.session.scalars(
        select(Payment).where(Payment.order_id == order.id, Payment.state == PaymentState.CAPTURED)
    ).all()
    assert len(paid) == 1
    assert len(scene.charges(order.number)) == 1
    assert scene.breaches() == []
    return order


@pytest.mark.parametrize("point", CHECKOUT)
def test_gives_one_order_and_one_charge_after_dying_in_checkout(scene: Scene, point: str) -> None:
    visitor, form = filled_in(scene)
    scene.shop.die_at(point)
    press(scene, visitor, "/afrekenen", form)
    assert scene.breaches() == []
    answer = visitor.post("/afrekenen", form)
    assert answer.status == 303
    assert answer.location.startswith(scene.shop.stand_in.url)
    scene.shop.stand_in.pay(answer.location.rsplit("/", 1)[1])
    visitor.get(f"/bestelling/{tracking_token(form['key'])}/dank")
    stands_once(scene, form["key"])


@pytest.mark.parametrize("point", PAYMENT)
def test_confirms_after_dying_while_the_payment_comes_in(scene: Scene, point: str) -> None:
    visitor, key, reference = placed(scene)
    scene.shop.stand_in.webhook_fault("drop", match="*", times=-1)
    scene.shop.stand_in.pay(reference)
    scene.shop.die_at(point)
    thanks = f"/bestelling/{tracking_token(key)}/dank"
    press(scene, visitor, thanks, None)
    scene.shop.stand_in.behave()
    assert "Dank je" in visitor.get(thanks).page().heading
    stands_once(scene, key)


def test_hears_of_a_payment_though_it_died_with_the_webhook_in_hand(scene: Scene) -> None:
    _visitor, key, reference = placed(scene)
    scene.shop.die_at("webhook.received")
    scene.shop.stand_in.pay(reference)
    end = time.monotonic() + 20
    while not scene.shop.has_died():
        assert time.monotonic() < end, "no webhook came"
        time.sleep(0.05)
    scene.shop.wait()
    assert scene.shop.sweep() == 0
    stands_once(scene, key)


@pytest.mark.parametrize("point", CANCEL)
def test_gives_the_money_back_once_after_dying_while_cancelling(scene: Scene, point: str) -> None:
    visitor, key, reference = placed(scene)
    scene.shop.stand_in.pay(reference)
    token = tracking_token(key)
    visitor.get(f"/bestelling/{token}/dank")
    scene.shop.die_at(point)
    press(scene, visitor, f"/bestelling/{token}/annuleren", {})
    assert visitor.post(f"/bestelling/{token}/annuleren", {}).status == 303
    assert scene.shop.sweep() == 0
    order = scene.order(key)
    assert order is not None
    assert order.state is OrderState.CANCELLED
    refunds = scene.session.scalars(select(Refund).where(Refund.order_id == order.id)).all()
    assert [(refund.state, refund.amount_cents) for refund in refunds] == [(RefundState.DONE, order.total_cents)]
    assert scene.breaches() == []


@pytest.mark.parametrize("point", ["refund.submitted", "refund.sent", "sweep.refunds"])
def test_sends_a_refund_once_after_the_worker_died(scene: Scene, point: str) -> None:
    visitor, key, reference = placed(scene)
    scene.shop.stand_in.pay(reference)
    token = tracking_token(key)
    visitor.get(f"/bestelling/{token}/dank")
    visitor.post(f"/bestelling/{token}/annuleren", {})
    scene.shop.die_at(point)
    assert scene.shop.sweep() == -9
    order = scene.order(key)
    assert order is not None
    with transaction(scene.session):  # as if the wait before the next try were over
        scene.session.execute(update(Refund).values(due_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert scene.shop.sweep() == 0
    [intent] = scene.charges(order.number)
    api = stripe.StripeClient(scene.shop.stand_in.secret_key, base_addresses={"api": scene.shop.stand_in.url})
    sent = api.v1.refunds.list({"payment_intent": intent.id}).data
    assert [refund.amount for refund in sent] == [order.total_cents]
    assert scene.breaches() == []


@pytest.mark.parametrize("point", SWEEP)
def test_does_everything_once_after_the_worker_died_in_a_sweep(scene: Scene, point: str) -> None:
    _visitor, key, reference = placed(scene)
    scene.shop.stand_in.pay(reference)
    inbox_has_mail(scene, reference)
    scene.shop.die_at(point)
    assert scene.shop.sweep() == -9
    with transaction(scene.session):  # as if the dead worker's lease had run out
        scene.session.execute(update(Notice).where(Notice.leased_until.is_not(None)).values(leased_until=None))
    scene.shop.sweep()
    scene.shop.sweep()
    order = stands_once(scene, key)
    told = scene.session.scalars(select(Notice).where(Notice.order_id == order.id)).all()
    assert {notice.state for notice in told} == {NoticeState.SENT}
    mine = [notice for notice in told if notice.template == "order_confirmed"]
    assert len(mine) == 1


def inbox_has_mail(scene: Scene, reference: str) -> None:
    """Wait until the provider's word on a checkout lies in the inbox."""
    end = time.monotonic() + 20
    while scene.fresh().scalar(select(WebhookReceipt.event_id).where(WebhookReceipt.reference == reference)) is None:
        assert time.monotonic() < end, "no webhook came"
        time.sleep(0.05)


@pytest.mark.parametrize("point", ["routing.answered", "routing.before_commit", "routing.committed"])
def test_finds_the_next_packer_once_after_dying_while_one_declines(scene: Scene, point: str) -> None:
    visitor, key, reference = placed(scene)
    scene.shop.stand_in.pay(reference)
    visitor.get(f"/bestelling/{tracking_token(key)}/dank")
    order = scene.order(key)
    assert order is not None
    job = scene.session.scalars(
        select(Job).where(Job.order_id == order.id, Job.stage == Stage.PACK, Job.state == JobState.OFFERED)
    ).one()
    scene.shop.die_at(point)
    assert decline(scene, job) == -9
    assert scene.shop.has_died()
    decline(scene, job)
    live = (
        scene.fresh()
        .scalars(select(Job).where(Job.order_id == order.id, Job.stage == Stage.PACK, Job.state == JobState.OFFERED))
        .all()
    )
    assert len(live) == 1
    assert live[0].enterprise_id != job.enterprise_id
    assert scene.breaches() == []


@pytest.mark.parametrize("point", ["declining.noted", "declining.replaced"])
def test_gives_every_request_on_once_after_dying_while_many_are_declined(scene: Scene, point: str) -> None:
    orders = []
    for _ in range(2):
        visitor, key, reference = placed(scene)
        scene.shop.stand_in.pay(reference)
        visitor.get(f"/bestelling/{tracking_token(key)}/dank")
        orders.append(scene.order(key))
    numbers = [order.id for order in orders if order is not None]
    asked = select(Job).where(Job.order_id.in_(numbers), Job.stage == Stage.PACK, Job.state == JobState.OFFERED)
    before = scene.session.scalars(asked).all()
    assert [job.order_id for job in before] == numbers
    [owner] = {job.enterprise_id for job in before}
    scene.shop.die_at(point)
    assert decline_many(scene, [job.public_id for job in before], owner) == -9
    assert scene.shop.has_died()
    assert scene.breaches() == [], "every order has a whole chain meanwhile"
    scene.session.rollback()
    assert scene.shop.sweep() == 0
    live = scene.fresh().scalars(asked).all()
    assert sorted(job.order_id for job in live) == numbers
    assert owner not in {job.enterprise_id for job in live}
    assert scene.breaches() == []


def decline_many(scene: Scene, names: list[str], owner: int) -> int:
    """Let a process of its own decline requests; gives its exit code."""
    words = f"""
from datetime import UTC, datetime
from shortchain.app import create_app
from shortchain.database import db
from shortchain.journal import SYSTEM
from shortchain.workflows import declining
app = create_app()
with app.app_context():
    declining.decline_jobs(db.session(), app.extensions["shortchain.gateways"], job_public_ids={names!r},
        enterprise_id={owner}, reason="", by=SYSTEM, now=datetime.now(UTC))
"""
    return scene.shop.run(words)


def decline(scene: Scene, job: Job) -> int:
    """Let a process of its own decline a job; gives its exit code. A second decline is refused politely."""
    words = f"""
from datetime import UTC, datetime
from shortchain.app import create_app
from shortchain.database import db
from shortchain.journal import SYSTEM
from shortchain.workflows import declining
app = create_app()
with app.app_context():
    try:
        declining.decline_job(db.session(), app.extensions["shortchain.gateways"], job_public_id={job.public_id!r},
            enterprise_id={job.enterprise_id}, reason="", by=SYSTEM, now=datetime.now(UTC))
    except declining.AlreadyAnswered:
        pass
"""
    return scene.shop.run(words)
