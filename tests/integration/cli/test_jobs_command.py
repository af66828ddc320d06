"""`jobs sweep` in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from shortchain.fulfilment.models import JobState, Stage
from shortchain.kernel.ports import Gateways
from tests.support.market import market


def test_asks_the_next_where_nobody_answered(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    order = shop.order(1)
    [drive] = shop.jobs(order.id, Stage.DELIVER)
    [asked] = shop.jobs(order.id, Stage.PACK)
    asked.answer_by = datetime.now(UTC) - timedelta(minutes=1)
    drive.answer_by = datetime.now(UTC) + timedelta(days=1)
    session.commit()
    for expected in ("expired 1 offers", "expired 0 offers"):  # safe to run twice
        assert expected in app.test_cli_runner().invoke(args=["jobs", "sweep"]).output
    silent, second = shop.jobs(order.id, Stage.PACK)
    assert (silent.state, second.state) == (JobState.EXPIRED, JobState.OFFERED)
