"""A planner proposes another day or closes suddenly; a coordinator chooses somebody by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.fulfilment.models import JobState, Stage
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = market(session, gateways)
    made.window.starts_at += timedelta(days=1)
    made.window.ends_at += timedelta(days=1)
    session.commit()
    return made


def seated(client: Browser, session: Session, enterprise_id: int, name: str = "Fien") -> Browser:
    person = accounts.user(session, name=name)
    enterprises.member(session, person, session.get_one(Enterprise, enterprise_id), MemberRole.PLANNER)
    return accounts.signed_in(client, session, person)


def test_moves_to_a_day_that_suits(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1, 0)
    seated(client, session, shop.packers[0].id)
    page = client.page(client.page("/werk/in").link("Ander moment").split("#")[0])
    job = shop.jobs(order.id, Stage.PACK)[0]
    earlier = job.day - timedelta(days=1)
    client.submit(page.form("/dag"), day=earlier.isoformat())
    assert "Dat past" in client.page("/werk/in")
    new = shop.jobs(order.id, Stage.PACK)[-1]
    assert (new.day, new.state) == (earlier, JobState.ACCEPTED)
    page = client.page(f"/werk/opdracht/{new.public_id}")
    assert "je stelde zelf dit moment voor" in page, "nobody else was looked at, so nobody is counted"
    assert "konden dit" not in page


def test_is_told_when_that_is_planned_already_and_can_say_yes_there(
    client: Browser, session: Session, shop: Market
) -> None:
    order = shop.order(1, 0)
    seated(client, session, shop.packers[0].id)
    job = shop.jobs(order.id, Stage.PACK)[0]
    page = client.page(f"/werk/opdracht/{job.public_id}")
    client.submit(page.form("/dag"), day=job.day.isoformat(), half=job.half)
    page = client.page(f"/werk/opdracht/{job.public_id}")
    assert "Dat is het moment dat al gepland is" in page
    client.submit(page.form("/ja"))
    assert shop.jobs(order.id, Stage.PACK)[0].state is JobState.ACCEPTED


def test_moves_to_a_half_of_another_day(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1, 0)
    seated(client, session, shop.packers[0].id)
    job = shop.jobs(order.id, Stage.PACK)[0]
    page = client.page(f"/werk/opdracht/{job.public_id}")
    day = job.day - timedelta(days=1)  # that of the delivery has only its morning
    client.submit(page.form("/dag"), day=day.isoformat(), half="afternoon")
    assert "Dat past" in client.page("/werk/in")
    new = shop.jobs(order.id, Stage.PACK)[-1]
    assert (new.day, new.half, new.state) == (day, "afternoon", JobState.ACCEPTED)
    page = client.page(f"/werk/opdracht/{new.public_id}")
    assert page.form("/dag").values["half"] == ["afternoon"]
    client.submit(page.form("/dag"), day=day.isoformat())
    assert "Kies een ander moment" in client.page(f"/werk/opdracht/{new.public_id}")


def test_the_coordinator_reads_which_half_is_proposed(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1, 0)
    seated(client, session, shop.bikes[0].id)
    job = shop.jobs(order.id, Stage.DELIVER)[0]
    page = client.page(f"/werk/opdracht/{job.public_id}")
    client.submit(page.form("/dag"), day=job.day.isoformat(), half="morning")
    assert "De coördinator bekijkt je voorstel" in client.page("/werk/in")
    seated(client, session, shop.cycle.hub_id)
    page = client.page("/hub")
    assert "voormiddag" in page
    assert "De Fiets" in page, "and who asks"


def test_a_day_that_does_not_suit_reaches_the_coordinator(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1, 0)
    seated(client, session, shop.packers[0].id)
    job = shop.jobs(order.id, Stage.PACK)[0]
    page = client.page(f"/werk/opdracht/{job.public_id}")
    assert "(in overleg)" in page
    client.submit(page.form("/dag"), day=(job.day + timedelta(days=2)).isoformat())
    assert "De coördinator bekijkt je voorstel" in client.page("/werk/in")
    seated(client, session, shop.cycle.hub_id)
    desk = client.page("/hub")
    assert "Stelt een ander moment voor" in desk
    assert "Kies zelf" in desk
    client.submit(desk.form("/ander"))
    assert [one.state for one in shop.jobs(order.id, Stage.PACK)] == [JobState.DECLINED, JobState.OFFERED]
    assert "Alles loopt" in client.page("/hub")


def test_closes_suddenly_and_says_what_became_of_the_work(client: Browser, session: Session, shop: Market) -> None:
    orders = [shop.order(1, 0) for _ in range(2)]
    today = local_day(shop.now)
    seated(client, session, shop.packers[0].id)
    page = client.page("/onderneming/kalender")
    form = page.form("/plots-dicht")
    values = {"plots-first_day": today.isoformat(), "plots-last_day": (today + timedelta(days=9)).isoformat()}
    client.submit(form, **values)
    page = client.page("/onderneming/kalender")
    assert "2 opdrachten gaan naar een ander" in page
    assert "gesloten" in page
    owners = {shop.jobs(order.id, Stage.PACK)[-1].enterprise_id for order in orders}
    assert owners == {shop.packers[1].id}


def test_chooses_somebody_by_hand_with_a_reason(client: Browser, session: Session, shop: Market) -> None:
    enterprises.packer(session, name="De Volle", capacity=[0] * 7)
    order = shop.order(1, 0)
    public_id = order.public_id
    seated(client, session, shop.cycle.hub_id)
    page = client.page(f"/hub/bestellingen/{public_id}/keten/pack")
    assert "doet het nu" in page
    assert "De Volle" in page
    other = str(enterprise_capability(session, shop.packers[1].id))
    form = page.form("/keten/pack")
    refused = client.submit(form, capability=other, reason="")
    assert refused.status_code == 422
    assert "Schrijf kort waarom" in refused.get_data(as_text=True)
    client.submit(form, capability=other, reason="Zij hebben plaats over")
    page = client.page(f"/hub/bestellingen/{public_id}")
    assert "Zij hebben plaats over" in page
    assert "Deze keten koos een coördinator" in page
    assert "Beste keten die kan" not in page
    assert shop.jobs(order.id, Stage.PACK)[-1].enterprise_id == shop.packers[1].id
    assert client.get(f"/hub/bestellingen/{public_id}/keten/onzin").status_code == 404


def enterprise_capability(session: Session, enterprise_id: int) -> int:
    from shortchain.enterprises import capabilities

    number = capabilities.list_of(session, enterprise_id=enterprise_id)[0].id
    session.rollback()
    return number


def test_the_second_planner_reads_who_was_first(client: Browser, session: Session, shop: Market) -> None:
    shop.order(1, 0)
    seated(client, session, shop.packers[0].id, name="Fien")
    page = client.page("/werk/in")
    client.submit(page.form("/ja"))
    seated(client, session, shop.packers[0].id, name="Omar")
    client.post(page.form("/ja").action)
    assert "Fien heeft deze opdracht intussen al beantwoord" in client.page("/werk/in")
