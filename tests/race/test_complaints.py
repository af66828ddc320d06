"""Two coordinators decide the same complaint, a customer presses twice. Shown without the guard, then stopped."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.complaints import operations
from shortchain.complaints.models import Complaint, ComplaintState
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering.orders import tracking_token
from shortchain.payments import operations as payments
from shortchain.payments.models import Refund
from shortchain.transaction import transaction
from shortchain.workflows import complaints
from tests.race.test_checkout import at_once
from tests.support.complaining import complain, lines_of
from tests.support.market import market

pytestmark = pytest.mark.race
MANY = 4


def given_back(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.coalesce(func.sum(Refund.amount_cents), 0))) or 0


def test_decides_once_though_many_press(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    order = shop.order(3, 1)
    complaint, hub_id, now = complain(shop, order, {0: []}), order.hub_id, shop.now
    line = lines_of(shop, order)[0].id
    session.rollback()

    def press(own: Session, number: int) -> str:
        complaints.decide(
            own, public_id=complaint, hub_id=hub_id, given={line: 100}, answer="Zeker.", by=SYSTEM, now=now
        )
        return "decided"

    assert at_once(app, MANY, press) == {"decided": 1, "AlreadyDone": MANY - 1}
    assert given_back(session) == 100
    assert checks.check_all(session, now=now) == []


def test_shows_that_looking_before_the_lock_gives_it_back_many_times(
    app: Flask, session: Session, gateways: Gateways
) -> None:
    """The control: who looks first and locks later believes the complaint to be open still."""
    shop = market(session, gateways)
    order = shop.order(3, 1)
    complaint, order_id, now = complain(shop, order, {0: []}), order.id, shop.now
    line = lines_of(shop, order)[0].id
    session.rollback()
    seen = threading.Barrier(MANY)

    def press(own: Session, number: int) -> str:
        is_open = own.scalar(select(Complaint.state).where(Complaint.public_id == complaint)) is ComplaintState.OPEN
        own.rollback()
        seen.wait()
        with transaction(own):
            (payment,) = payments.captured_of(own, order_id=order_id)
            if is_open:
                payments.lock(own, payment_id=payment.id)
                payments.request_refund(
                    own, payment=payment, amount_cents=100, reason=operations.REASON, line_id=line, now=now
                )
        return "decided"

    assert at_once(app, MANY, press) == {"decided": MANY}
    assert given_back(session) == MANY * 100


@pytest.mark.parametrize("same_form", [True, False])
def test_writes_a_form_down_once_and_two_forms_apart(
    app: Flask, session: Session, gateways: Gateways, same_form: bool
) -> None:
    shop = market(session, gateways)
    token, now = tracking_token(shop.order(1, 1).key), shop.now
    session.rollback()

    def press(own: Session, number: int) -> str:
        complaints.report(
            own,
            gateways,
            token=token,
            key="same" if same_form else f"key {number}",
            kind="late",
            text="",
            lines={},
            by=GUEST,
            now=now,
        )
        return "said"

    assert at_once(app, MANY, press) == {"said": MANY}
    session.rollback()
    assert session.scalar(select(func.count(Complaint.id))) == (1 if same_form else MANY)
