"""A coordinator looks at the chains, has them planned together, and asks what would happen if."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import tasks
from shortchain.accounts.models import User
from shortchain.enterprises.models import Capability, Enterprise, MemberRole, PriceForm
from shortchain.fulfilment.models import Job, Stage
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order
from shortchain.routing import stop_costs
from shortchain.workflows import closing, declining
from tests.support.client import Browser
from tests.support.clock import Clock
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.support.pages import Page


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """Have a cycle in which a small order sits where a large one would be cheaper."""
    shop = market(session, gateways, left=2000)
    for packer in shop.packers:
        own = session.scalars(select(Capability).where(Capability.enterprise_id == packer.id)).one()
        own.price_form, own.weekday_capacity = PriceForm.BOX, [0, 0, 0, 3, 0, 0, 0]
    session.commit()
    shop.order(4)
    shop.order(140)
    return shop


@pytest.fixture
def coordinator(shop: Market, session: Session) -> User:
    person = accounts.user(session, name="Hanne")
    enterprises.member(session, person, session.get_one(Enterprise, shop.cycle.hub_id), MemberRole.OWNER)
    return person


@pytest.fixture
def desk(client: Browser, session: Session, coordinator: User, clock: Clock) -> Browser:
    return accounts.signed_in(client, session, coordinator, now=clock.now)


def after_the_worker(desk: Browser, session: Session, waiting: str | None) -> Page:
    """See that it is on its way, let the worker do it, and look what came of it."""
    assert waiting is not None
    assert "wacht op zijn beurt" in desk.page(waiting)
    tasks.run_sweep(desk.application)
    session.expire_all()
    answer = desk.get(waiting)
    return desk.page(answer.location) if answer.location else desk.page(waiting)


def test_shows_who_does_what_and_plans_it_together(desk: Browser, shop: Market, session: Session) -> None:
    page = desk.page("/hub/keten")
    assert "De Pakker" in page
    assert "nog niet samen gepland" in page
    action = f"/hub/keten/{shop.cycle.public_id}/plannen"
    waiting = desk.submit(page.form(action)).location
    board = desk.page("/hub/keten")
    assert f'hx-get="{waiting}"' in board.html, "the board asks the page of the run, which sends on when it is over"
    page = after_the_worker(desk, session, waiting)
    assert "Hoogstens boven het beste" in page
    assert "nog niet samen gepland" not in page


def test_who_has_nobody_comes_first_and_is_counted(desk: Browser, shop: Market, session: Session) -> None:
    small, large = session.scalars(select(Order).order_by(Order.id)).all()
    job = session.scalars(select(Job).where(Job.order_id == large.id, Job.stage == Stage.PACK)).one()
    page = desk.page("/hub/keten")
    assert "voor een stap niemand" not in page
    assert page.text.index(small.number) < page.text.index(large.number)
    declining.decline_job(
        session,
        shop.gateways,
        job_public_id=job.public_id,
        enterprise_id=job.enterprise_id,
        reason="",
        by=Actor("user", 1),
        now=shop.now,
    )
    page = desk.page("/hub/keten")
    assert "1 bestelling heeft voor een stap niemand" in page
    assert page.text.index(large.number) < page.text.index(small.number)
    assert f"/hub/bestellingen/{large.public_id}/keten/pack" in page.link("Kies zelf")


def test_stops_a_planning_and_leaves_all_as_it_was(desk: Browser, shop: Market, session: Session) -> None:
    waiting = desk.submit(desk.page("/hub/keten").form(f"/hub/keten/{shop.cycle.public_id}/plannen")).location
    assert waiting is not None
    desk.submit(desk.page(waiting).form(f"{waiting}/stop"))
    page = desk.page(desk.get(waiting).location or "")
    assert "Het plannen is gestopt" in page
    assert "nog niet samen gepland" in page


def test_stops_working_out_and_says_that_nothing_changed(desk: Browser, shop: Market, session: Session) -> None:
    form = desk.page("/hub/keten").form(f"/hub/keten/{shop.cycle.public_id}/wat-als")
    waiting = desk.submit(form, more="9", service="BOX_ASSEMBLE", where="Gent").location
    assert waiting is not None
    desk.submit(desk.page(waiting).form(f"{waiting}/stop"))
    assert "Het rekenen is gestopt. Er is niets veranderd." in desk.page(desk.get(waiting).location or "")


def test_works_out_what_would_happen_if(desk: Browser, shop: Market, session: Session) -> None:
    form = desk.page("/hub/keten").form(f"/hub/keten/{shop.cycle.public_id}/wat-als")
    page = after_the_worker(desk, session, desk.submit(form, more="9", service="BOX_ASSEMBLE", where="Gent").location)
    assert "9 bestellingen meer, iemand erbij voor" in page
    assert "9000 Gent" in page
    assert "vinden niemand" in page


def numbers(page: Page) -> dict[str, tuple[str, str]]:
    """Read the rows of now and then."""
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page.html.split("<tbody>", 1)[1].split("</tbody>")[0], re.S)
    words = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
    return {words[at]: (words[at + 1], words[at + 2]) for at in range(0, len(words), 3)}


def imagined(desk: Browser, shop: Market, session: Session, **typed: str) -> Page:
    form = desk.page("/hub/keten").form(f"/hub/keten/{shop.cycle.public_id}/wat-als")
    return after_the_worker(desk, session, desk.submit(form, **typed).location)


def test_a_hundred_orders_more_on_the_page(desk: Browser, shop: Market, session: Session) -> None:
    page = imagined(desk, shop, session, more="100")
    assert "100 bestellingen meer" in page
    assert numbers(page)["Bestellingen die nog kunnen bewegen"] == ("2", "102")
    assert int(numbers(page)["Zonder keten"][1]) > 90, "six boxes is all that two packers can do"


def test_a_provider_closed_on_the_page(desk: Browser, shop: Market, session: Session) -> None:
    page = imagined(desk, shop, session, closed=shop.packers[0].public_id)
    assert "De Pakker is gesloten" in page
    assert numbers(page)["Bestellingen die nog kunnen bewegen"] == ("2", "2")
    assert [int(count) for count in numbers(page)["Zonder keten"]] == [0, 1]


def test_never_says_that_it_fits_while_an_order_has_nobody(desk: Browser, shop: Market, session: Session) -> None:
    for packer in shop.packers:
        closing.close_suddenly(
            session,
            shop.gateways,
            enterprise_id=packer.id,
            first_day=local_day(shop.now),
            last_day=local_day(shop.now) + timedelta(days=13),
            reason="",
            by=Actor("user", 1),
            now=shop.now,
        )
    page = imagined(desk, shop, session, service="BOX_ASSEMBLE", where="Oostende")
    assert numbers(page)["Zonder keten"] == ("2", "2")
    assert "Elke bestelling vindt een keten" not in page
    assert "2 bestellingen vinden niemand" in page
    assert "Dat is nu ook al zo" in page


def test_a_new_provider_there_on_the_page(desk: Browser, shop: Market, session: Session) -> None:
    alone = numbers(imagined(desk, shop, session, more="6"))["Zonder keten"]
    near = imagined(desk, shop, session, more="6", service="BOX_ASSEMBLE", where="9000")
    far = imagined(desk, shop, session, more="6", service="BOX_ASSEMBLE", where="Oostende")
    assert "iemand erbij voor" in near
    assert "9000 Gent" in near
    assert "8400 Oostende" in far
    assert int(numbers(near)["Zonder keten"][1]) < int(alone[1]) == int(numbers(far)["Zonder keten"][1])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"more": ""}, "Kies minstens één verandering"),
        ({"more": "5000"}, "hoogstens 2000"),
        ({"more": "veel", "where": "Gent"}, "Vul een getal in"),
        ({"more": "-5"}, "Vul een getal in"),
        ({"service": "BOX_ASSEMBLE", "where": "qqqq"}, "Dit kennen we niet"),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(
    desk: Browser, shop: Market, typed: dict[str, str], sentence: str
) -> None:
    form = desk.page("/hub/keten").form(f"/hub/keten/{shop.cycle.public_id}/wat-als")
    answer = desk.submit(form, **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(value in answer.text for value in typed.values())


def test_says_so_when_there_is_no_cycle(client: Browser, session: Session, clock: Clock) -> None:
    person, hub = accounts.user(session, name="Hanne"), enterprises.hub(session, name="Nieuwe hub")
    enterprises.member(session, person, hub, MemberRole.OWNER)
    page = accounts.signed_in(client, session, person, now=clock.now).page("/hub/keten")
    assert "Nog geen bestelronde" in page


def test_points_at_the_field_that_is_wrong(desk: Browser, shop: Market) -> None:
    form = desk.page("/hub/keten").form(f"/hub/keten/{shop.cycle.public_id}/wat-als")
    assert 'href="#f-where"' in desk.submit(form, service="BOX_ASSEMBLE", where="qqqq").text
    assert 'href="#f-closed"' in desk.submit(form, closed="nobody").text
    assert 'href="#f-more"' in desk.submit(form, more="5000").text


def test_lets_the_cost_of_a_stop_count_no_longer_and_again(desk: Browser, shop: Market, session: Session) -> None:
    driven = {shop.bikes[0].id: stop_costs.Driven(6, 30, 120_000, 400_000)}
    stop_costs.store(session, driven=driven, now=shop.now)
    session.commit()
    page = desk.page("/hub/keten")
    assert "De Fiets" in page and "30 %" in page and "0,36" in page and "1,20" in page
    assert desk.submit(page.form("/hub/keten/stopkosten")).status_code == 303
    page = desk.page("/hub/keten")
    assert "telt niet mee" in page and "Wat een stop kost, telt niet meer mee." in page
    assert not stop_costs.counts(session)
    session.rollback()
    desk.submit(page.form("/hub/keten/stopkosten"))
    assert "Wat een stop kost, telt weer mee." in desk.page("/hub/keten")
    assert stop_costs.counts(session)
