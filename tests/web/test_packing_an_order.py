"""A packer is asked, says yes or no, and packs; what it leaves goes to the next by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.enterprises.models import MemberRole
from shortchain.fulfilment.models import JobState, Stage
from shortchain.kernel.ports import Gateways
from shortchain.workflows import declining
from tests.support.client import Browser
from tests.support.clock import Clock
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def at_the_desk(
    client: Browser,
    session: Session,
    shop: Market,
    *,
    packer: int = 0,
    role: MemberRole = MemberRole.PLANNER,
) -> Browser:
    person = accounts.user(session)
    enterprises.member(session, person, shop.packers[packer], role)
    return accounts.signed_in(client, session, person)


def test_accepts_starts_and_finishes(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(3, 2)
    at_the_desk(client, session, shop)
    inbox = client.page("/werk/in")
    assert order.number in inbox
    assert "Hof" in inbox
    assert "Je krijgt € 2,00" in inbox
    assert "0 wordt → 1 van 50" in inbox
    client.submit(inbox.form("/ja"))
    [job] = shop.jobs(order.id, Stage.PACK)
    assert job.state is JobState.ACCEPTED
    day = client.page(f"/werk/dag?dag={job.day}")
    assert order.number in day
    client.submit(client.page(day.link("Bekijk")).form("/start"))
    page = client.page(f"/werk/opdracht/{job.public_id}")
    assert "Prei" in page
    assert "3 stuks" in page
    answer = client.submit(page.form("/klaar"))
    assert answer.location.endswith(f"/werk/dag?dag={job.day}")
    [job] = shop.jobs(order.id, Stage.PACK)
    assert job.state is JobState.READY
    assert "LOT" in client.page(f"/werk/lijst?dag={job.day}")


def test_declines_and_the_next_is_asked_at_once(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1)
    at_the_desk(client, session, shop)
    answer = client.submit(client.page("/werk/in").form("/nee"))
    page = client.page(answer.location)
    assert "We vragen het aan een ander." in page
    assert "Geen aanvragen" in page
    first, second = shop.jobs(order.id, Stage.PACK)
    assert (first.state, second.state) == (JobState.DECLINED, JobState.OFFERED)
    at_the_desk(client, session, shop, packer=1)
    assert order.number in client.page("/werk/in")


def test_says_why_when_somebody_wants_to(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1)
    at_the_desk(client, session, shop)
    page = client.page(client.page("/werk/in").link("Bekijk"))
    assert "Je krijgt € 2,00" in page and "Antwoord voor" in page, "what one says yes or no to"
    client.submit(page.form("/nee"), reason="Gesloten")
    assert shop.jobs(order.id, Stage.PACK)[0].reason == "Gesloten"


def test_tells_the_second_planner_that_it_was_answered(client: Browser, session: Session, shop: Market) -> None:
    shop.order(1)
    at_the_desk(client, session, shop)
    stale = client.page("/werk/in").form("/ja")
    client.submit(stale)
    assert "al beantwoord" in client.page(client.submit(stale).location)


def test_accepts_everything_at_once(client: Browser, session: Session, shop: Market) -> None:
    for _ in range(3):
        shop.order(1)
    at_the_desk(client, session, shop)
    answer = client.submit(client.page("/werk/in").form("/werk/in/alles"))
    assert "3 aanvragen aanvaard." in client.page(answer.location)


def test_answers_one_day_of_several(client: Browser, session: Session, shop: Market) -> None:
    """Have the work of one order fall on another day, and accept that day alone."""
    early, *late = [shop.order(1) for _ in range(4)]
    [moved] = shop.jobs(early.id, Stage.PACK)
    stays = [shop.jobs(order.id, Stage.PACK)[0] for order in late]
    moved.day -= timedelta(days=1)
    session.commit()
    at_the_desk(client, session, shop)
    inbox = client.page("/werk/in")
    assert [
        f" {day.day} " in heading for day, heading in zip((moved.day, stays[0].day), inbox.headings[1:], strict=False)
    ] == [True, True]
    assert inbox.html.count(' job-fold"') == 4 and 'job-fold" open' not in inbox.html, "four are too many to unfold"
    of_day = [form for form in inbox.forms if form.action.endswith("/werk/in/alles") and len(form.values["job"]) == 3]
    assert [sorted(form.values["job"]) for form in of_day] == [sorted(job.public_id for job in stays)]
    client.submit(of_day[0])
    states = [shop.jobs(order.id, Stage.PACK)[0].state for order in (early, *late)]
    assert states == [JobState.OFFERED, JobState.ACCEPTED, JobState.ACCEPTED, JobState.ACCEPTED]
    assert 'job-fold" open' in client.page("/werk/in").html


def test_declines_everything_at_once(client: Browser, session: Session, shop: Market) -> None:
    orders = [shop.order(1) for _ in range(2)]
    at_the_desk(client, session, shop)
    answer = client.submit(client.page("/werk/in").form("/werk/in/geen"))
    page = client.page(answer.location)
    assert "We vragen ze alle aan anderen" in page
    assert "Geen aanvragen" in page
    for order in orders:
        assert shop.jobs(order.id, Stage.PACK)[-1].enterprise_id == shop.packers[1].id


def test_follows_what_becomes_of_the_many_that_it_declined(
    client: Browser, session: Session, shop: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The press finds somebody for the first, the worker for the others; the page tells both."""
    monkeypatch.setattr(declining, "AT_ONCE", 1)
    for _ in range(3):
        shop.order(1)
    at_the_desk(client, session, shop)
    stale = client.page("/werk/in").form("/ja")
    answer = client.submit(client.page("/werk/in").form("/werk/in/geen"), reason="vol")
    page = client.page(answer.location)
    assert "Geen aanvragen" in page, "none of them is asked any more"
    assert "We zoeken anderen voor wat je weigerde" in page
    assert "1 / 3" in page
    assert "al beantwoord" in client.page(client.submit(stale).location), "nor can it be accepted"
    declining.replace_refused(session, shop.gateways, now=shop.now)
    page = client.page("/werk/in")
    assert "3 aanvragen die je weigerde, zijn nu bij anderen." in page
    assert "We zoeken anderen" not in page


def test_shows_the_floor_its_work_but_not_the_desk(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1)
    [job] = shop.jobs(order.id, Stage.PACK)
    at_the_desk(client, session, shop, role=MemberRole.WORKER)
    assert "Geen werk op deze dag" in client.page("/werk/dag")
    client.page("/werk/in", status=404)
    assert client.post(f"/werk/in/{job.public_id}/ja").status_code == 404


def test_hides_jobs_of_others(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1)
    [job] = shop.jobs(order.id, Stage.PACK)
    at_the_desk(client, session, shop, packer=1)
    client.page(f"/werk/opdracht/{job.public_id}", status=404)
    assert client.post(f"/werk/in/{job.public_id}/ja").status_code == 404


def test_shows_what_is_late(client: Browser, session: Session, shop: Market, clock: Clock) -> None:
    order = shop.order(1)
    [job] = shop.jobs(order.id, Stage.PACK)
    at_the_desk(client, session, shop)
    client.submit(client.page("/werk/in").form("/ja"))
    clock.move(days=(job.day - clock.now.date()).days + 1)
    assert "te laat" in client.page("/werk/dag")


@pytest.mark.parametrize(("path", "leads"), [("/werk/capaciteit", "Kalender"), ("/werk/diensten", "Diensten")])
def test_leads_to_calendar_and_services(client: Browser, session: Session, shop: Market, path: str, leads: str) -> None:
    at_the_desk(client, session, shop)
    assert leads in client.page(path)


def test_starts_no_delivery_outside_its_tour(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1)
    [drive] = shop.jobs(order.id, Stage.DELIVER)
    bike = next(one for one in shop.bikes if one.id == drive.enterprise_id)
    person = accounts.user(session)
    enterprises.member(session, person, bike, MemberRole.PLANNER)
    accounts.signed_in(client, session, person)
    client.submit(client.page("/werk/in").form("/ja"))
    assert client.post(f"/werk/opdracht/{drive.public_id}/start").status_code == 404
    assert shop.jobs(order.id, Stage.DELIVER)[0].state is JobState.ACCEPTED
