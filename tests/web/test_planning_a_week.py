"""A provider plans a week by half days, copies it, and hears what is promised already."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from shortchain.capacity import ledger
from shortchain.capacity.ledger import Want
from shortchain.enterprises.models import Capability, DayCapacity, DayStaff
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises

THURSDAY = date(2026, 11, 26)
PAGE = "/onderneming/kalender/week"


@pytest.fixture
def service(session, packer):
    return session.scalars(select(Capability)).one()


def form_of(page):
    return page.form("/kalender/week")


def test_plans_a_week_and_copies_it(inside, session, service):
    number = service.id
    page = inside.page(PAGE)
    assert "nog niet gepland" in page
    form = form_of(page)
    assert form.values[f"{number}-2026-11-26-morning"] == ["25"]
    wish = {
        "mensen-2026-11-26-morning": "6",
        "uren-2026-11-26-morning": "3,5",
        f"{number}-2026-11-26-morning": "12",
        f"{number}-2026-11-26-afternoon": "",
    }
    assert inside.submit(form, **wish).status_code == 303
    session.rollback()
    row = session.scalars(select(DayCapacity).where(DayCapacity.day == THURSDAY)).one()
    assert (row.morning, row.afternoon) == (12, 0)
    staff = session.scalars(select(DayStaff).where(DayStaff.day == THURSDAY)).one()
    assert (staff.morning_people, staff.morning_minutes) == (6, 210)
    assert "Samen 21,0 uur" in inside.page(PAGE)
    copied = inside.page(f"{PAGE}?week=2026-11-30&van=vorige")
    assert "Overgenomen van de week ervoor" in copied
    assert form_of(copied).values[f"{number}-2026-12-03-morning"] == ["12"]
    assert form_of(copied).values["uren-2026-12-03-morning"] == ["3,5"]
    assert inside.submit(form_of(copied)).status_code == 303
    session.rollback()
    assert session.scalars(select(DayCapacity).where(DayCapacity.day == date(2026, 12, 3))).one().morning == 12


def test_says_what_is_promised_and_keeps_what_was_typed(inside, session, service):
    number = service.id
    with transaction(session):
        ledger.hold(session, key="k", claim="c", wants=[Want(number, THURSDAY, 9)], until=NOW, now=NOW)
    page = inside.page(PAGE)
    assert "9 beloofd die dag" in page
    answer = inside.submit(
        form_of(page),
        **{
            f"{number}-2026-11-26-morning": "4",
            f"{number}-2026-11-26-afternoon": "3",
            "mensen-2026-11-27-morning": "7",
        },
    )
    assert answer.status_code == 422
    text = answer.text.replace("\xa0", " ")
    assert "do 26 nov, pakketten samenstellen: 9 pakketten zijn al beloofd. Minder kan niet; niets is bewaard." in text
    assert 'name="mensen-2026-11-27-morning" value="7"' in text
    session.rollback()
    assert session.scalars(select(DayCapacity)).all() == []


def test_says_which_number_is_none(inside, session, service):
    answer = inside.submit(form_of(inside.page(PAGE)), **{"mensen-2026-11-26-morning": "veel"})
    assert answer.status_code == 422
    assert "“veel” is geen getal" in answer.text
    assert 'href="#f-mensen-2026-11-26-morning"' in answer.text


def test_shows_both_when_somebody_saved_in_between(inside, session, service):
    first, second = form_of(inside.page(PAGE)), form_of(inside.page(PAGE))
    assert inside.submit(first, **{"mensen-2026-11-26-morning": "3"}).status_code == 303
    answer = inside.submit(second, **{"mensen-2026-11-26-morning": "5"})
    assert answer.status_code == 422
    assert "nu bewaard: 3" in answer.text
    assert 'name="mensen-2026-11-26-morning" value="5"' in answer.text


def test_shows_closed_days_holidays_and_days_that_are_over(inside, session, packer, service, clock):
    enterprises.closure(session, packer, date(2026, 12, 24), date(2026, 12, 31))
    page = inside.page(f"{PAGE}?week=2026-12-21")
    assert "Verlof, Kerstmis" in page
    assert "mensen-2026-12-24-morning" not in form_of(page).values
    assert "mensen-2026-12-23-morning" in form_of(page).values
    assert "Nieuwjaar" in inside.page(f"{PAGE}?week=2026-12-28")
    clock.now = clock.now.replace(day=25)
    page = inside.page(PAGE)
    assert "voorbij" in page
    assert "mensen-2026-11-24-morning" not in form_of(page).values


def test_a_farm_without_services_is_sent_to_them(client, session, bart, inside):
    enterprises.member(session, bart, enterprises.farm(session))
    assert "Nog geen diensten" in inside.page(PAGE)


def test_people_and_hours_bound_what_is_offered(inside, session, service):
    number = service.id
    path = "/onderneming/diensten/BOX_ASSEMBLE"
    assert inside.submit(inside.page(path).form(has="price"), minutes_each="20").status_code == 303
    assert inside.page(path).form(has="price").values["minutes_each"] == ["20"]
    page = inside.page(PAGE)
    assert "Pakketten samenstellen: 20 minuten werk elk" in page
    wish = {
        "mensen-2026-11-26-morning": "2",
        "uren-2026-11-26-morning": "3,5",
        f"{number}-2026-11-26-morning": "25",
        f"{number}-2026-11-26-afternoon": "0",
    }
    assert inside.submit(form_of(page), **wish).status_code == 303
    page = inside.page(PAGE)
    assert "deze mensen: 21" in page
    assert form_of(page).values[f"{number}-2026-11-26-morning"] == ["25"]
    with transaction(session):
        ledger.hold(session, key="k", claim="c", wants=[Want(number, THURSDAY, 20)], until=NOW, now=NOW)
    answer = inside.submit(form_of(inside.page(PAGE)), **{"mensen-2026-11-26-morning": "1"})
    assert answer.status_code == 422
    assert "Met deze mensen en uren lukt dat niet" in answer.text
    assert 'href="#f-mensen-2026-11-26-afternoon"' in answer.text


@pytest.mark.parametrize("minutes", ["601", "-1"])
def test_refuses_a_time_that_cannot_be(inside, service, minutes):
    form = inside.page("/onderneming/diensten/BOX_ASSEMBLE").form(has="price")
    answer = inside.submit(form, minutes_each=minutes)
    assert answer.status_code == 422
    assert "Kies 1 tot 600 minuten" in answer.text


def test_asks_no_time_of_what_is_counted_in_hours(inside, service):
    assert "minutes_each" not in inside.page("/onderneming/diensten/FIELD").form(has="price").values
