"""A coordinator deals with money that the payment provider could not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.payments.models import Refund, RefundState
from shortchain.workflows import cancellation, refunds
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def desk(client: Any, session: Session, shop: Market) -> Any:
    """A browser in which the coordinator of the market's hub is signed in."""
    coordinator = accounts.user(session)
    hub = session.get_one(Enterprise, shop.cycle.hub_id)
    enterprises.member(session, coordinator, hub, MemberRole.PLANNER)
    return accounts.signed_in(client, session, coordinator)


def test_pays_back_by_hand_what_the_provider_refuses(
    desk: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    order = shop.order(1, 1)
    cancellation.cancel_by_hub(
        session, gateways, order_id=order.id, hub_id=order.hub_id, why="ziek", by=SYSTEM, now=shop.now
    )
    gateways.payments.refusals["refund"] = "charge_disputed"
    refunds.send_refunds(session, gateways, now=shop.now)
    page = desk.get("/hub")
    assert "Zelf terugbetalen" in page.text
    assert "druk dan op de knop" in page.text
    task = session.scalars(select(CoordinatorTask.public_id).where(CoordinatorTask.kind == "refund_by_hand")).one()
    session.rollback()
    path = f"/hub/taken/{task}/terugbetaald"
    assert desk.post(path, data={}).status_code == 303
    assert "is terugbetaald" in desk.get("/hub").text
    assert "Dit was al gedaan" in desk.post(path, data={}, follow_redirects=True).text
    session.rollback()
    refund = session.scalars(select(Refund).execution_options(populate_existing=True)).one()
    assert (refund.state, bool(refund.repaid_at)) == (RefundState.DONE, True)
    assert checks.check_all(session, now=shop.now) == []
