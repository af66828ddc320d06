"""A packer with goods to bring asks a carrier on its page; the carrier says yes, leaves a day out, and stops."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shortchain.delivery.models import Collection
from shortchain.enterprises.fetch_tariffs import FetchTariff
from shortchain.enterprises.models import Capability
from tests.support.factories import enterprises

PATH = "/onderneming/laten-ophalen"


@pytest.fixture
def carrier(session):
    made = enterprises.deliverer(session, name="Fietskoerier", at=(51.05, 3.72))
    enterprises.capability(
        session,
        made,
        "COLLECT_FARM",
        storage_classes=["AMB", "COOL"],
        radius_m=30_000,
        price_form="stop",
        price_cents=300,
        weekday_capacity=[9] * 7,
    )
    return made


def test_says_so_when_nobody_fetches_here(inside, session, packer):
    assert "Niemand in de buurt haalt op" in inside.page(PATH)


def test_asks_takes_back_and_asks_again(inside, session, packer, carrier):
    form = inside.page(PATH).form(has="collector")
    answer = inside.submit(form, ready_from="10:30", note="achter de stal")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "staat klaar om 10 uur of vroeger" in text and "achter de stal" in text
    assert inside.submit(form, ready_from="08:00", note="achter de stal").status_code == 303
    page = inside.page(PATH)
    assert "moet nog antwoorden" in page and "08:00" in page
    inside.submit(page.form("/stop"))
    assert "Vraag het" in inside.page(PATH)


def test_reads_what_each_carrier_asks_before_choosing(inside, session, packer, carrier):
    row = session.scalars(select(Capability).where(Capability.service == "COLLECT_FARM")).one()
    row.price_cents, row.km_cents, row.kg_cents = 120, 5, 0
    session.commit()
    page = inside.page(PATH)
    assert "Fietskoerier" in page and "€ 1,20 per bestelling + € 0,05 per km" in page
    inside.submit(page.form(has="collector"))
    row.km_cents = 60
    session.commit()
    assert "€ 1,20 per bestelling + € 0,05 per km" in inside.page(PATH), "what was asked stays"


def test_a_carrier_answers_leaves_a_day_out_and_stops(inside, session, packer, carrier):
    """The packer of the seat is here who fetches: a farm asked it."""
    enterprises.capability(session, packer, "COLLECT_FARM", storage_classes=["AMB"], radius_m=30_000,
                           price_form="stop", price_cents=300, weekday_capacity=[9] * 7)  # fmt: skip
    farm = enterprises.farm(session, name="De Wortel", at=(51.05, 3.72))
    row = Collection(giver_id=farm.id, collector_id=packer.id, state="asked", note="", asked_at=farm.created_at)
    session.add(row)
    session.commit()
    page = inside.page(PATH)
    assert "vraagt je om op te halen" in page and "De Wortel" in page
    inside.submit(page.form("/ja"))
    assert "je haalt op" in inside.page(PATH)
    token = inside.page(PATH).form("/stop").values
    assert inside.post(f"{PATH}/{row.public_id}/dag", data={**flat(token), "dag": "2026-11-26"}).status_code == 303
    assert "brengt zelf" in inside.page(PATH)
    assert inside.post(f"{PATH}/{row.public_id}/dag", data={**flat(token), "dag": "gisteren"}).status_code == 404
    inside.submit(inside.page(PATH).form("/stop"))
    assert "Nog niemand vroeg je om op te halen." in inside.page(PATH)


def flat(values):
    return {name: some[0] for name, some in values.items()}


def test_another_enterprise_has_nothing_to_say_about_it(inside, session, packer, carrier):
    farm = enterprises.farm(session, name="De Wortel", at=(51.05, 3.72))
    row = Collection(giver_id=farm.id, collector_id=carrier.id, state="asked", note="", asked_at=farm.created_at)
    session.add(row)
    session.commit()
    token = inside.page(PATH).form(has="collector").values
    for deed in ("ja", "nee", "stop", "anders"):
        assert inside.post(f"{PATH}/{row.public_id}/{deed}", data=flat(token)).status_code == 404


def test_asks_for_fetching_as_who_brings_or_a_tariff_of_its_own(inside, session, packer):
    path = "/onderneming/diensten/COLLECT_FARM"
    terms = {"radius_km": "30", "lead_days": "1", "answer_hours": "8", **{f"capacity_{day}": "9" for day in range(5)}}
    assert inside.submit(inside.page(path).form(has="km_price"), **terms, storage_classes=["COOL"]).status_code == 303
    fetching = select(Capability).where(Capability.service == "COLLECT_FARM")
    assert session.scalars(fetching).one().tariff is None
    assert "zoals wie zelf brengt: 0,8 cent per kg en km" in inside.page("/onderneming/diensten")
    answer = inside.submit(inside.page(path).form(has="km_price"), km_price="21", kg_price="0,04")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "tussen € 0 en € 20" in text and 'value="0,04"' in text, "nothing that was typed is lost"
    assert inside.submit(inside.page(path).form(has="km_price"), km_price="0,05", minimum="0,90").status_code == 303
    session.expire_all()
    assert session.scalars(fetching).one().tariff == FetchTariff(0, 5, 0, 90)
    assert "€ 0,05 per km, minstens € 0,90" in inside.page("/onderneming/diensten")
    form = inside.page(path).form(has="km_price")
    assert [form.values[name] for name in ("price", "km_price", "kg_price", "minimum")] == [
        ["0,00"], ["0,05"], ["0,00"], ["0,90"],
    ]  # fmt: skip
    empty = dict.fromkeys(("price", "km_price", "kg_price", "minimum"), "")
    assert inside.submit(form, **empty).status_code == 303
    session.expire_all()
    assert session.scalars(fetching).one().tariff is None
