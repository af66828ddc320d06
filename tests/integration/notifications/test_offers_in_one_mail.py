"""A provider that is asked for many orders within a moment gets one mail of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.workflows import closing
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def offers_to(shop: Market, enterprise_id: int) -> list[Notice]:
    name = shop.session.get_one(Enterprise, enterprise_id).name
    query = select(Notice).where(Notice.template == "jobs_offered").order_by(Notice.id)
    found = shop.session.scalars(query, execution_options={"populate_existing": True}).all()
    return [one for one in found if one.context["enterprise"] == name]


def counts(shop: Market, enterprise_id: int) -> list[int]:
    """Tell how many offers each mail to an enterprise names."""
    found = [len(one.context["jobs"]) for one in offers_to(shop, enterprise_id)]
    shop.session.rollback()
    return found


def close(shop: Market, enterprise_id: int) -> None:
    today = local_day(shop.now)
    closing.close_suddenly(
        shop.session,
        shop.gateways,
        enterprise_id=enterprise_id,
        first_day=today,
        last_day=today + timedelta(days=13),
        reason="De bestelwagen is stuk",
        by=Actor("user", 1),
        now=shop.now,
    )


def test_it_names_all_work_of_a_closed_colleague_in_one_mail(shop: Market, session: Session) -> None:
    for _ in range(3):
        shop.order(1, 1)
    owner, other = (packer.id for packer in shop.packers)
    sending.send_due(session, shop.gateways, now=shop.now)
    before = counts(shop, other)
    close(shop, owner)
    assert counts(shop, other) == [*before, 3]
    sending.send_due(session, shop.gateways, now=shop.now)
    last = offers_to(shop, other)[-1]
    assert last.subject == "3 nieuwe opdrachten"
    session.rollback()


def test_it_adds_nothing_to_a_mail_that_left_or_is_being_sent(shop: Market, session: Session) -> None:
    packer = shop.packers[0].id
    shop.order(1, 0)
    sending.send_due(session, shop.gateways, now=shop.now)
    shop.order(1, 0)
    (leaving,) = offers_to(shop, packer)[1:]
    leaving.leased_until = shop.now + timedelta(minutes=2)
    session.commit()
    shop.order(1, 0)
    assert counts(shop, packer) == [1, 1, 1]


def test_it_mixes_no_enterprises_that_share_an_address(shop: Market, session: Session) -> None:
    for packer in shop.packers:
        session.get_one(Enterprise, packer.id).email = "kantoor@werkplaats.example"
    owner, other = (packer.id for packer in shop.packers)
    session.commit()
    shop.order(1, 0)
    close(shop, owner)
    assert (counts(shop, owner), counts(shop, other)) == ([1], [1])
