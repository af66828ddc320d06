"""Several workers carry out a no to many requests at the same moment: each request finds one other, once."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.delivery.wishes import Wish
from shortchain.fulfilment import refusals
from shortchain.fulfilment.models import Job, JobState, RouteDecision, Stage
from shortchain.fulfilment.verifying import orders_have_hands
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.workflows import declining
from tests.race.test_checkout import at_once
from tests.support.market import Market, market

pytestmark = pytest.mark.race

WORKERS = 3
ORDERS = 4


@pytest.fixture
def shop(session: Session, gateways: Gateways, monkeypatch: pytest.MonkeyPatch) -> Market:
    """Have requests that were declined together, all of them left to the worker."""
    shop = market(session, gateways)
    orders = [shop.order(1, 0) for _ in range(ORDERS)]
    names = [shop.jobs(order.id, Stage.PACK)[0].public_id for order in orders]
    session.rollback()
    monkeypatch.setattr(declining, "AT_ONCE", 0)
    answer = declining.decline_jobs(
        session,
        gateways,
        job_public_ids=names,
        enterprise_id=shop.packers[0].id,
        reason="",
        by=SYSTEM,
        now=shop.now,
    )
    assert answer == declining.Declined(found=0, unrouted=0, left=ORDERS, gone=0)
    return shop


def carry_out_together(app: Flask, shop: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers start to write only when each of them has chosen for the same requests."""
    chosen, choose = threading.Barrier(WORKERS), declining._choose

    def wait(session: Session, due: Sequence[int], now: object) -> dict[int, tuple[Wish, ...]]:
        found = choose(session, due, shop.now)
        assert len(due) == ORDERS
        chosen.wait()
        return found

    monkeypatch.setattr(declining, "_choose", wait)
    at_once(app, WORKERS, lambda own, _number: str(declining.replace_refused(own, shop.gateways, now=shop.now)))


def decisions(session: Session) -> list[int]:
    """Count the decisions of each order: one was made when it was placed."""
    session.rollback()
    found = session.scalars(select(func.count(RouteDecision.id)).group_by(RouteDecision.order_id)).all()
    session.rollback()
    return sorted(found)


def test_each_request_finds_another_once(
    app: Flask, session: Session, shop: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out_together(app, shop, monkeypatch)
    assert decisions(session) == [2] * ORDERS
    states = session.scalars(select(Job.state).where(Job.stage == Stage.PACK).order_by(Job.id)).all()
    assert sorted(states) == sorted([JobState.DECLINED, JobState.OFFERED] * ORDERS)
    assert orders_have_hands(session, shop.now) == []
    session.rollback()


def test_shows_that_not_looking_again_asks_more_than_one(
    app: Flask, session: Session, shop: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: who trusts the list that it read before the others wrote plans what has somebody already."""
    monkeypatch.setattr(refusals, "carry_out", lambda session, *, job: True)
    carry_out_together(app, shop, monkeypatch)
    assert max(decisions(session)) > 2
