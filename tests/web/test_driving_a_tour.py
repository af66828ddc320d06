"""A planner makes the tour, a driver drives it, and a mistake is taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain import tasks
from shortchain.accounts.models import User
from shortchain.delivery.models import Stop, Tour
from shortchain.enterprises.models import Courier, Enterprise, MemberRole
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.orders import tracking_token
from tests.support.client import Browser
from tests.support.clock import Clock
from tests.support.factories import accounts, catalogue, enterprises, fulfilment, ordering
from tests.support.pages import Page


@dataclass
class Round:
    carrier: Enterprise
    planner: User
    driver: User
    orders: list[Order]


@pytest.fixture
def round_(session: Session, clock: Clock) -> Round:
    """Two packed orders for Thursday evening, on Thursday morning."""
    clock.move(days=3)
    carrier = enterprises.deliverer(session, name="Trappers")
    planner, driver = accounts.user(session, name="Piet"), accounts.user(session, name="Joris")
    enterprises.member(session, planner, carrier, MemberRole.PLANNER)
    enterprises.member(session, driver, carrier, MemberRole.DRIVER)
    rider = fulfilment.driver(session, carrier, user_id=driver.id)
    fulfilment.courier(session, carrier, driver_id=rider.id, name="Bakfiets 1")
    cycle = catalogue.cycle(session)
    window = catalogue.window(session, cycle)
    packer = enterprises.packer(session, name="De Inpakkers", phone="09 123 45 67")
    orders = []
    for number in range(2):
        order = ordering.order(session, cycle, window, phone="0470 12 34 56", remark="Bel drie keer")
        order.street, order.lat = f"Kouter {number + 1}", 51.05 + number / 100
        session.commit()
        fulfilment.packed_order(session, order, packer=packer, deliverer=carrier)
        orders.append(order)
    return Round(carrier, planner, driver, orders)


def signed_in(client: Browser, session: Session, person: User, clock: Clock) -> Browser:
    return accounts.signed_in(client, session, person, now=clock.now)


def planned(client: Browser, session: Session, page: Page, deed: str = "") -> Page:
    """Press, see that it is on its way, let the worker do it, and look what came of it."""
    waiting = client.submit(page.form("/rit/plannen")).location
    assert "wacht op zijn beurt" in client.page(waiting)
    if deed:
        client.submit(client.page(waiting).form(waiting + deed))
    tasks.run_sweep(client.application)
    session.expire_all()
    return client.page(client.get(waiting).location)


def make_and_release(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    signed_in(client, session, round_.planner, clock)
    page = client.page("/rit")
    assert "Nog in geen rit" in page
    page = planned(client, session, page)
    assert "1 rit gemaakt." in page
    [form] = [form for form in page.forms if form.action.endswith("/vrijgeven")]
    assert "vrijgegeven" in client.page(client.submit(form).location)


def test_several_tours_stand_on_one_map(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    """A vehicle that makes one stop takes one order: the other goes with a second one."""
    session.execute(update(Courier).values(max_stops=2))
    second = fulfilment.driver(session, round_.carrier, name="Els")
    fulfilment.courier(session, round_.carrier, name="Bakfiets 2", driver_id=second.id, max_stops=2)
    session.commit()
    signed_in(client, session, round_.planner, clock)
    page = planned(client, session, client.page("/rit"))
    assert "Alle ritten op één kaart" in page.text
    drawn = (
        client.get("/rit").get_data(as_text=True).split("Alle ritten op één kaart", 1)[1].split("Rechte lijnen", 1)[0]
    )
    assert drawn.count("<polyline") == 2
    assert {">A<", ">B<", ">A, B<"} <= set(re.findall(r">[A-Z, ]+<", drawn)), "both load at the same packer"
    signed_in(client, session, round_.driver, clock)
    assert "Alle ritten op één kaart" not in client.page("/rit"), "a driver sees what they drive"


def open_next(client: Browser, session: Session):  # type: ignore[no-untyped-def]
    session.expire_all()
    stop = session.scalars(select(Stop).where(Stop.outcome.is_(None)).order_by(Stop.position)).first()
    assert stop is not None
    return stop, client.page(f"/rit/{stop.public_id}")


def press(client: Browser, stop: Stop, page, outcome: str, **typed: str):  # type: ignore[no-untyped-def]
    """Press the button of the outcome; the form has one for each."""
    form = page.form(f"/rit/{stop.public_id}")
    return client.post(form.action, data={**form.filled(**typed), "outcome": outcome})


def test_drives_from_the_packer_to_two_doors(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    make_and_release(client, session, round_, clock)
    clock.move(hours=7)
    signed_in(client, session, round_.driver, clock)
    first = client.page("/rit")
    assert "De Inpakkers" in first
    assert "geo:51" in first.html
    for button in ("collected", "delivered", "delivered"):
        stop, page = open_next(client, session)
        answer = press(client, stop, page, button)
        assert answer.status_code == 303
    session.expire_all()
    assert [order.state for order in round_.orders] == [OrderState.DELIVERED] * 2
    assert "Klaar" in client.page("/rit")


def test_a_driver_reads_how_high_a_door_is(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    round_.orders[0].floor, round_.orders[1].floor, round_.orders[1].has_lift = 3, 5, True
    session.commit()
    make_and_release(client, session, round_, clock)
    stops = session.scalars(select(Stop).order_by(Stop.position)).all()
    stays = {stop.label.split(",")[0]: stop.stay_s for stop in stops if stop.kind == "dropoff"}
    assert stays["Kouter 1"] - stays["Kouter 2"] == (3 - 1) * 30 * 130 // 100, "three floors on foot, one lift"
    tour = session.scalars(select(Tour)).one()
    sheet = client.page(f"/rit/ronde/{tour.public_id}/blad")
    assert "verdieping 3, zonder lift" in sheet and "verdieping 5, met lift" in sheet
    signed_in(client, session, round_.driver, clock)
    pages = {stop.kind + stop.label.split(",")[0]: client.page(f"/rit/{stop.public_id}") for stop in stops}
    assert "verdieping 3, zonder lift" in pages["dropoffKouter 1"] and "met lift" not in pages["dropoffKouter 1"]
    assert "verdieping 5, met lift" in pages["dropoffKouter 2"]
    [loading] = [page for key, page in pages.items() if key.startswith("pickup")]
    assert "verdieping" not in loading, "nobody climbs where the goods are loaded"


def test_takes_a_wrong_tap_back(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    make_and_release(client, session, round_, clock)
    stop, page = open_next(client, session)
    press(client, stop, page, "collected")
    stop, page = open_next(client, session)
    answer = press(client, stop, page, "not_home", note="licht was uit")
    page = client.page(answer.location)
    assert "Niet thuis" in page
    client.submit(page.form(f"/rit/{stop.public_id}/terug"))
    session.expire_all()
    assert stop.outcome is None
    assert "Geleverd" in client.page(f"/rit/{stop.public_id}")


def test_says_why_something_can_not_be_loaded(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    from shortchain.fulfilment.models import Job, JobState, Stage

    for job in session.scalars(select(Job).where(Job.stage == Stage.PACK)):
        job.state = JobState.STARTED
    session.commit()
    make_and_release(client, session, round_, clock)
    stop, page = open_next(client, session)
    assert "Nog niet klaar" in page
    answer = press(client, stop, page, "collected")
    assert "klaar gemeld" in client.page(answer.location)


def test_keeps_drafts_and_planning_from_drivers(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    signed_in(client, session, round_.planner, clock)
    planned(client, session, client.page("/rit"))
    stop = session.scalars(select(Stop)).first()
    assert stop is not None
    signed_in(client, session, round_.driver, clock)
    assert "Geen ritten op deze dag" in client.page("/rit")
    client.page(f"/rit/{stop.public_id}", status=404)
    assert client.post("/rit/plannen").status_code == 404


def test_hides_the_tour_from_everybody_else(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    make_and_release(client, session, round_, clock)
    stop = session.scalars(select(Stop)).first()
    assert stop is not None
    other = accounts.user(session)
    enterprises.member(session, other, enterprises.deliverer(session), MemberRole.OWNER)
    signed_in(client, session, other, clock)
    client.page(f"/rit/{stop.public_id}", status=404)
    assert client.post(f"/rit/{stop.public_id}", data={"outcome": "problem"}).status_code == 404


def test_refuses_a_made_up_outcome(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    make_and_release(client, session, round_, clock)
    stop, _ = open_next(client, session)
    assert client.post(f"/rit/{stop.public_id}", data={"outcome": "gegooid"}).status_code == 400


def test_keeps_the_time_that_a_phone_without_connection_noted(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    make_and_release(client, session, round_, clock)
    stop, _ = open_next(client, session)
    tapped = clock.now - timedelta(minutes=20)
    client.post(
        f"/rit/{stop.public_id}",
        data={"outcome": "collected", "key": "k", "tapped_at": tapped.isoformat()},
    )
    session.expire_all()
    assert stop.tapped_at == tapped


def test_can_be_stopped_before_anything_is_made(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    signed_in(client, session, round_.planner, clock)
    page = planned(client, session, client.page("/rit"), deed="/stop")
    assert "Het plannen is gestopt" in page
    assert session.scalars(select(Stop)).all() == []


def test_shows_a_script_where_to_go_when_it_is_over(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    signed_in(client, session, round_.planner, clock)
    waiting = client.submit(client.page("/rit").form("/rit/plannen")).location
    tasks.run_sweep(client.application)
    answer = client.get(waiting, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/rit?")


def test_keeps_a_planning_from_strangers(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    signed_in(client, session, round_.planner, clock)
    waiting = client.submit(client.page("/rit").form("/rit/plannen")).location
    stranger = accounts.user(session)
    enterprises.member(session, stranger, enterprises.deliverer(session))
    signed_in(client, session, stranger, clock)
    client.page(waiting, status=404)
    assert client.post(waiting + "/stop").status_code == 404


def tour_link(page: Page) -> str:
    return next(link for link in page.links.values() if link.startswith("/rit/ronde/"))


def test_gives_the_driver_a_loading_list_and_a_sheet_of_paper(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    make_and_release(client, session, round_, clock)
    page = client.page(tour_link(client.page("/rit")))
    assert "Vergoeding" in page
    assert "Elke bestelling apart" in page
    signed_in(client, session, round_.driver, clock)
    page = client.page(tour_link(client.page("/rit")))
    assert "gaat er het eerst in" in page
    assert "Vergoeding" not in page
    paper = client.page(next(link for link in page.links.values() if link.endswith("/blad")))
    for order in round_.orders:
        assert order.number in paper
        assert order.street in paper
    assert "0470 12 34 56" in paper
    assert "Bel drie keer" in paper


def test_tells_the_planner_why_an_order_is_in_no_tour(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    from shortchain.delivery.models import Leg

    heavy = session.scalars(select(Leg).where(Leg.order_id == round_.orders[0].id)).one()
    heavy.weight_g = 900_000
    session.commit()
    signed_in(client, session, round_.planner, clock)
    assert "nog niet gepland." in client.page("/rit")
    page = planned(client, session, client.page("/rit"))
    assert "te zwaar voor de voertuigen." in page
    assert "te zwaar voor de voertuigen." in client.page(tour_link(page))


def test_keeps_the_tour_page_of_a_draft_from_drivers(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    signed_in(client, session, round_.planner, clock)
    planned(client, session, client.page("/rit"))
    address = tour_link(client.page("/rit"))
    signed_in(client, session, round_.driver, clock)
    client.page(address, status=404)
    client.page(address + "/blad", status=404)


def test_tells_the_customer_when_the_driver_runs_late(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    make_and_release(client, session, round_, clock)
    follow = [f"/volg/{tracking_token(order.key)}" for order in round_.orders]
    for address in follow:
        assert "Later dan gepland" not in client.page(address)
        assert "Rond" in client.page(address)
    clock.now = round_.orders[0].ends_at - timedelta(minutes=4)
    stop, page = open_next(client, session)
    press(client, stop, page, "collected")
    assert sum("Later dan gepland" in client.page(address) for address in follow) >= 1
    assert "te laat" in client.page("/rit")
    assert "te laat" in client.page(tour_link(client.page("/rit")))


def test_draws_the_tour_without_asking_anybody(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    make_and_release(client, session, round_, clock)
    page = client.page(tour_link(client.page("/rit")))
    drawn = page.html[page.html.index('<polyline class="map-way"') :]
    assert drawn[: drawn.index("/>")].count(",") == 5, "base, packer, two doors, base"
    assert 'src="http' not in page.html
    assert 'map-canvas" data-map' not in page.html


def test_moves_a_stop_by_hand_and_keeps_the_tour(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    signed_in(client, session, round_.planner, clock)
    address = tour_link(planned(client, session, client.page("/rit")))
    page = client.page(address)
    assert "kan deze rit veranderen" in page
    last = session.scalars(select(Stop).order_by(Stop.position.desc())).first()
    assert last is not None
    forms = [form for form in page.forms if form.action.endswith(f"/verplaats/{last.public_id}")]
    page = client.page(client.submit(forms[0]).location)
    assert "De volgorde is veranderd" in page
    assert "ook als je de dag opnieuw plant" in page
    forms = [form for form in page.forms if "/verplaats/" in form.action]
    assert "laden komt altijd voor leveren" in client.page(client.submit(forms[0]).location)
    page = client.page(client.submit(client.page(address).form(address + "/houden")).location)
    assert "kan deze rit veranderen" in page


def test_a_fixed_stop_and_the_drafts_stay_when_the_day_is_planned_again(
    client: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    signed_in(client, session, round_.planner, clock)
    planned(client, session, client.page("/rit"))
    far = session.scalars(select(Stop).where(Stop.kind == "dropoff").order_by(Stop.position.desc())).first()
    assert far is not None
    address = f"/rit/{far.public_id}"
    page = client.page(address)
    assert "Waar deze stop vaststaat" in page
    form = page.form(f"/vast/{far.public_id}")
    after = client.page(client.post(form.action, data={**form.filled(), "hoe": "first"}).location)
    assert "Deze stop staat vast." in after
    assert "vast op deze plaats" in after
    session.expire_all()
    order = [stop.public_id for stop in session.scalars(select(Stop).order_by(Stop.position)) if stop.kind == "dropoff"]
    assert order[0] == far.public_id
    day = client.page("/rit")
    [anew] = [form for form in day.forms if "opnieuw" in form.fields]
    waiting = client.submit(anew).location
    tasks.run_sweep(client.application)
    session.expire_all()
    assert "1 rit gemaakt." in client.page(client.get(waiting).location)
    again = [stop.public_id for stop in session.scalars(select(Stop).order_by(Stop.position)) if stop.kind == "dropoff"]
    assert again == order, "also when everything else is planned anew"
    page = client.page(address)
    form = page.form(f"/vast/{far.public_id}")
    assert "weer vrij" in client.page(client.post(form.action, data={**form.filled(), "hoe": ""}).location)
    assert client.post(form.action, data={**form.filled(), "hoe": "hoger"}).status_code == 400


def test_a_planner_sets_how_long_stops_take(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    signed_in(client, session, round_.planner, clock)
    assert "Hoelang stops duren" in client.page("/rit")
    form = client.page("/rit/tempo").form("/rit/tempo")
    assert form.values["pace"] == ["130"]
    answer = client.submit(form, home="2,5", pace="veel")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Vul een getal in." in text and "2,5" in text, "what was typed stays"
    answer = client.submit(form, home="2,5", floor="301")
    assert "Per verdieping reken je 0 tot 300 seconden." in answer.get_data(as_text=True)
    answer = client.submit(form, home="2,5", pace="300")
    assert "Reken 100 tot 250 %." in answer.get_data(as_text=True)
    assert client.submit(form, home="2,5", pace="150", floor="20").status_code == 303
    form = client.page("/rit/tempo").form("/rit/tempo")
    assert (form.values["home"], form.values["pace"], form.values["floor"]) == (["2,5"], ["150"], ["20"])
    signed_in(client, session, round_.driver, clock)
    assert client.get("/rit/tempo").status_code in (403, 404)


def test_shows_hours_that_are_open_to_one_side(client: Browser, session: Session, round_: Round, clock: Clock) -> None:
    """What is packed on the day itself is loaded from noon on; what is brought to a packer is there by eleven."""
    make_and_release(client, session, round_, clock)
    load = session.scalars(select(Stop).where(Stop.kind == "pickup")).first()
    drop = session.scalars(select(Stop).where(Stop.kind == "dropoff").order_by(Stop.position)).first()
    assert load is not None and drop is not None
    load.starts_at, load.ends_at = load.eta, None
    drop.starts_at, drop.ends_at = None, drop.eta
    tour = session.scalars(select(Tour.public_id)).one()
    session.commit()
    for path in (f"/rit/ronde/{tour}", f"/rit/ronde/{tour}/blad"):
        page = client.page(path)
        assert "vanaf" in page and "tot" in page
    assert "vanaf" in client.page(f"/rit/{load.public_id}")
    assert "tot" in client.page(f"/rit/{drop.public_id}")
