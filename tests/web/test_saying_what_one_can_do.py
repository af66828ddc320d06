"""An enterprise says what it can do, when, with which certificates, and how it is paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from shortchain.capacity import ledger
from shortchain.enterprises import recognitions
from shortchain.enterprises.models import (
    Capability,
    Certificate,
    Closure,
    Enterprise,
    PickupPoint,
)
from shortchain.kernel.window import local_day
from shortchain.payouts.models import PayoutSchedule
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import signed_in
from tests.support.pages import Page


def only(session, table):
    session.rollback()
    return session.scalars(select(table).execution_options(populate_existing=True)).one()


class TestServices:
    TERMS = {
        "price": "0,35",
        "price_form": "kg",
        "radius_km": "30",
        "lead_days": "1",
        "answer_hours": "8",
        **{f"capacity_{day}": "200" for day in range(5)},
    }

    def test_offers_changes_and_stops_a_service(self, inside, session, packer):
        page = inside.page("/onderneming/diensten")
        path = page.link("wassen")
        form = inside.page(path).form(has="price")
        assert inside.submit(form, **self.TERMS, storage_classes=["COOL"]).status_code == 303
        made = session.scalars(select(Capability).where(Capability.service == "WASH")).one()
        assert (made.price_cents, made.radius_m, made.weekday_capacity) == (
            35,
            30_000,
            [200_000] * 5 + [0, 0],
        )
        form = inside.page(path).form(has="price")
        assert form.values["price"] == ["0,35"]
        assert form.values["capacity_0"] == ["200"]
        assert inside.submit(form, price="0,40").status_code == 303
        assert "€ 0,40 per kg" in inside.page("/onderneming/diensten")
        inside.submit(inside.page("/onderneming/diensten").form("/WASH/stoppen"))
        assert "€ 0,40 per kg" not in inside.page("/onderneming/diensten")

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"price": "gratis"}, "price"),
            ({"radius_km": "900"}, "Kies een afstand"),
            ({"radius_km": ""}, "Vul een afstand in"),
            ({"capacity_2": "veel"}, "Geef voor elke weekdag"),
            ({"storage_classes": []}, "Kies minstens één temperatuurklasse"),
            ({"lead_days": "x"}, "lead_days"),
        ],
    )
    def test_says_what_is_wrong(self, inside, session, packer, wrong, words):
        form = inside.page("/onderneming/diensten/WASH").form(has="price")
        answer = inside.submit(form, **{**self.TERMS, "storage_classes": ["COOL"], **wrong})
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
        assert session.scalars(select(Capability).where(Capability.service == "WASH")).first() is None

    @pytest.mark.parametrize(
        ("wrong", "place", "part"),
        [
            ({"capacity_2": "veel"}, "capacity", "Hoeveel kun je aan op een dag?"),
            ({"storage_classes": []}, "storage_classes", "Wat er binnen mag"),
            ({"radius_km": "900"}, "radius_km", "Waar en hoe snel"),
        ],
    )
    def test_leads_to_the_part_that_is_wrong(self, inside, packer, wrong, place, part):
        path = "/onderneming/diensten/WASH"
        sent = {**self.TERMS, "storage_classes": ["COOL"], "price": "0,41", **wrong}
        html = inside.submit(inside.page(path).form(has="price"), **sent).get_data(as_text=True)
        assert f'href="#{place}"' in html
        inner = html.split(f'id="{place}"')[0].rsplit("<details", 1)[1]
        assert inner.startswith(' class="form-group has-error" open>')
        assert part in inner
        assert 'value="0,41"' in html

    def test_says_which_allergens_may_not_come_in(self, inside, session, packer):
        path = "/onderneming/diensten/WASH"
        sent = {**self.TERMS, "storage_classes": ["COOL"], "refused_allergens": ["AN", "AW"]}
        assert inside.submit(inside.page(path).form(has="price"), **sent).status_code == 303
        made = session.scalars(select(Capability).where(Capability.service == "WASH")).one()
        assert made.refused_allergens == ["AW", "AN"]  # in the order of the law
        form = inside.page(path).form(has="price")
        assert sorted(form.values["refused_allergens"]) == ["AN", "AW"]
        assert inside.submit(form, refused_allergens=["XX"]).status_code == 422

    def test_says_that_what_is_sold_as_free_is_kept_apart(self, inside, session, packer):
        path = "/onderneming/diensten/WASH"
        form = inside.page(path).form(has="price")
        assert "handles_apart" not in form.values
        assert (
            inside.submit(form, **{**self.TERMS, "storage_classes": ["COOL"], "handles_apart": "1"}).status_code == 303
        )
        made = session.scalars(select(Capability).where(Capability.service == "WASH")).one()
        assert made.handles_apart
        refused = inside.submit(inside.page(path).form(has="price"), radius_km="900")
        assert Page(refused).form(has="price").values["handles_apart"] == ["1"]  # a mistake elsewhere loses nothing
        inside.submit(inside.page(path).form(has="price"), handles_apart=None)
        session.expire_all()
        assert not made.handles_apart

    def test_who_delivers_is_not_asked_to_keep_apart(self, inside, packer):
        assert "handles_apart" not in inside.page("/onderneming/diensten/DELIVER_BIKE").form(has="price").values
        assert "houden “vrij van” apart" not in inside.page("/onderneming/diensten/DELIVER_BIKE")

    def test_knows_no_other_services(self, inside, packer):
        assert inside.get("/onderneming/diensten/TOVEREN").status_code == 404


class TestCalendar:
    THURSDAY = date(2026, 11, 26)

    def close(self, inside, first="2026-11-26", last="2026-11-27"):
        form = inside.page("/onderneming/kalender").form("/onderneming/kalender/sluiten")
        return inside.submit(form, first_day=first, last_day=last, reason="Verlof")

    def promise(self, session, amount):
        number = session.scalar(select(Capability.id))
        with transaction(session):
            ledger.hold(
                session,
                key="k",
                claim="c",
                wants=[ledger.Want(number, self.THURSDAY, amount)],
                until=NOW,
                now=NOW,
            )

    def test_shows_what_is_promised_of_what_can_be_done(self, inside, session, packer):
        self.promise(session, 12)
        assert "12 / 50" in inside.page("/onderneming/kalender")

    def test_reminds_of_holidays(self, inside, session, packer, clock):
        clock.move(days=21)
        assert "Kerstmis" in inside.page("/onderneming/kalender")

    def test_closes_days_and_opens_them_again(self, inside, session, packer):
        assert self.close(inside).status_code == 303
        assert "gesloten" in inside.page("/onderneming/kalender")
        inside.submit(inside.page("/onderneming/kalender").form("/openen"))
        session.rollback()
        assert session.scalars(select(Closure)).all() == []

    def test_takes_over_a_holiday_and_what_a_hub_proposes(self, inside, session, packer):
        near = enterprises.hub(session, name="Hub Dampoort")
        far = enterprises.hub(session, name="Hub Mol", at=enterprises.MOL)
        winter = date(2026, 12, 21), date(2026, 12, 23)
        for hub, collective in ((near, True), (far, True), (near, False)):
            row = enterprises.closure(session, hub, *winter)
            row.is_collective, row.reason = collective, "Winterstop" if collective else "Verbouwing"
        session.commit()
        page = inside.page("/onderneming/kalender")
        assert "Winterstop (Hub Dampoort)" in page and "Kerstmis" in page
        assert "Hub Mol" not in page and "Verbouwing" not in page
        form = next(one for one in page.forms if one.values.get("first_day") == ["2026-12-21"])
        assert inside.submit(form).status_code == 303
        session.rollback()
        own = session.scalars(select(Closure).where(Closure.enterprise_id == packer.id)).one()
        assert (own.first_day, own.last_day, own.reason, own.is_collective) == (*winter, "Winterstop", False)
        assert "Winterstop (Hub Dampoort)" not in inside.page("/onderneming/kalender")

    def test_a_hub_proposes_its_days_to_all(self, inside, session, hub):
        form = inside.page("/onderneming/kalender").form("/onderneming/kalender/sluiten")
        days = {"first_day": "2026-12-21", "last_day": "2026-12-23", "reason": "Winterstop"}
        assert inside.submit(form, **days, collective="y").status_code == 303
        assert only(session, Closure).is_collective is True
        assert "voorgesteld aan iedereen" in inside.page("/onderneming/kalender")

    def test_nobody_else_proposes(self, inside, session, packer):
        form = inside.page("/onderneming/kalender").form("/onderneming/kalender/sluiten")
        sent = form.filled(first_day="2026-12-21", last_day="2026-12-23", reason="Verlof") | {"collective": "y"}
        assert inside.post("/onderneming/kalender/sluiten", data=sent).status_code == 303
        assert only(session, Closure).is_collective is False

    def test_shows_the_promised_days_first(self, inside, session, packer):
        self.promise(session, 12)
        answer = self.close(inside)
        assert answer.status_code == 422
        assert "26/11" in answer.get_data(as_text=True)

    @pytest.mark.parametrize(
        ("first", "last"),
        [("2026-11-27", "2026-11-26"), ("", "2026-11-26"), ("morgen", "2026-11-26")],
    )
    def test_says_what_is_wrong_with_the_days(self, inside, session, packer, first, last):
        assert self.close(inside, first, last).status_code == 422


class TestCertificates:
    def test_adds_shows_how_it_stands_and_removes(self, inside, session, packer):
        form = inside.page("/onderneming/certificaten").form(has="number")
        answer = inside.submit(
            form,
            kind="organic",
            body="BE-BIO-01",
            number="4711",
            valid_from="2026-01-01",
            valid_to="2026-11-30",
        )
        assert answer.status_code == 303
        assert "loopt bijna af" in inside.page("/onderneming/certificaten")
        assert "verdwijnt het label" in inside.page("/onderneming")
        inside.submit(inside.page("/onderneming/certificaten").form("/weg"))
        session.rollback()
        assert session.scalars(select(Certificate)).all() == []

    def test_says_what_is_wrong(self, inside, session, packer):
        form = inside.page("/onderneming/certificaten").form(has="number")
        answer = inside.submit(
            form,
            kind="organic",
            body="Certisys",
            number="4711",
            valid_from="2026-01-01",
            valid_to="2026-11-30",
        )
        assert answer.status_code == 422
        assert "BE-BIO-01" in answer.get_data(as_text=True)

    def test_a_recognition_counts_once_a_coordinator_looked_at_it(self, client, inside, session, packer):
        assert "21 %" in inside.page("/onderneming/diensten/BOX_ASSEMBLE")
        form = inside.page("/onderneming/certificaten").form(has="number")
        sent = {"kind": "social", "number": "SO-12", "valid_from": "2026-01-01", "valid_to": "2028-12-31"}
        assert inside.submit(form, **sent).status_code == 303
        assert "wordt nagekeken" in inside.page("/onderneming/certificaten")
        assert "21 %" in inside.page("/onderneming/diensten/BOX_ASSEMBLE")
        michael = accounts.user(session, name="Michael")
        enterprises.member(session, michael, enterprises.hub(session))
        coordinator = signed_in(client, session, michael)
        page = coordinator.page("/onderneming/na-te-kijken")
        assert "SO-12" in page
        for _ in range(2):
            assert coordinator.submit(page.form("/na-te-kijken/erkenning/1")).status_code == 303
        assert "SO-12" not in coordinator.page("/onderneming/na-te-kijken")
        assert coordinator.post("/onderneming/na-te-kijken/erkenning/999999").status_code == 404
        [spans] = recognitions.spans(session).values()
        assert spans == ((local_day(NOW), date(2028, 12, 31)),)

    def test_only_a_recognition_is_looked_at(self, client, session, packer):
        organic = enterprises.certificate(session, packer)
        michael = accounts.user(session, name="Michael")
        enterprises.member(session, michael, enterprises.hub(session))
        coordinator = signed_in(client, session, michael)
        assert coordinator.post(f"/onderneming/na-te-kijken/erkenning/{organic.id}").status_code == 404


class TestPickupPoints:
    def opened(self, inside, **changed):
        form = inside.page("/onderneming/afhaalpunten/nieuw").form(has="opens")
        values = {
            "name": "Loods Zuid",
            "street": "Kouter",
            "postcode": "9000",
            "municipality": "Gent",
            "note_nl": "Achter de poort.",
            "storage_classes": ["COOL"],
            "weekday": ["3", "4", "3"],
            "opens": ["16:00", "08:00", ""],
            "closes": ["19:00", "12:00", ""],
            "places": ["40", "20", ""],
            **changed,
        }
        return inside.submit(form, **values)

    def test_opens_changes_and_pauses_a_point(self, inside, session, hub):
        assert self.opened(inside).status_code == 303
        page = inside.page("/onderneming/afhaalpunten")
        assert "donderdag 16:00–\u206019:00, 40 bestellingen" in page
        form = inside.page(page.link("Wijzig")).form(has="opens")
        answer = inside.submit(form, name="Loods Noord", weekday=["3"], opens=["17:00"], closes=["18:00"], places=["5"])
        assert answer.status_code == 303
        page = inside.page("/onderneming/afhaalpunten")
        assert "donderdag 17:00–\u206018:00, 5 bestellingen" in page
        assert "vrijdag" not in page
        inside.submit(page.form("/pauze"))
        assert not only(session, PickupPoint).is_active
        inside.submit(inside.page("/onderneming/afhaalpunten").form("/pauze"))
        assert only(session, PickupPoint).is_active

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            (
                {"opens": ["half vijf"], "closes": ["19:00"], "weekday": ["3"], "places": ["4"]},
                "Schrijf een uur als 16:00",
            ),
            (
                {"opens": [""], "closes": [""], "weekday": ["3"], "places": [""]},
                "Geef minstens één moment",
            ),
            ({"postcode": "9999", "municipality": "Nergenshuizen"}, "We vinden dit adres niet"),
            ({"storage_classes": []}, "Kies minstens één temperatuurklasse"),
        ],
    )
    def test_says_what_is_wrong(self, inside, session, hub, wrong, words):
        answer = self.opened(inside, **wrong)
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)

    def test_is_of_its_own_hub_only(self, inside, session, hub):
        other = enterprises.pickup_point(session, enterprises.hub(session), opens=((3, time(16), time(19), 40),))
        assert inside.get(f"/onderneming/afhaalpunten/{other.public_id}").status_code == 404
        assert inside.post(f"/onderneming/afhaalpunten/{other.public_id}/pauze").status_code == 404


class TestPayouts:
    @pytest.fixture(autouse=True)
    def _without(self, session, packer):
        packer.stripe_account, packer.payouts_enabled = None, False
        session.commit()

    def test_leads_to_the_payment_provider_and_asks_how_things_stand(self, inside, session, packer, gateways):
        answer = inside.submit(inside.page("/onderneming/uitbetaling").form("/onderneming/uitbetaling"))
        assert answer.status_code == 303
        assert answer.location.startswith("https://pay.example/onboarding/")
        account = only(session, Enterprise).stripe_account
        assert "wacht nog op gegevens" in inside.page("/onderneming/uitbetaling")
        gateways.payments.enable(account)
        inside.post("/onderneming/uitbetaling", data={"deed": "refresh"})
        assert "Alles is in orde" in inside.page("/onderneming/uitbetaling")

    def test_says_so_when_the_provider_does_not_answer(self, inside, gateways, packer):
        gateways.payments.down = True
        answer = inside.post("/onderneming/uitbetaling")
        assert "antwoordt niet" in inside.page(answer.location)

    def test_reads_what_is_still_wanted_and_goes_on_after_a_link_that_was_used(self, inside, session, packer, gateways):
        inside.submit(inside.page("/onderneming/uitbetaling").form("/onderneming/uitbetaling"))
        account = only(session, Enterprise).stripe_account
        gateways.payments.accounts[account] = replace(
            gateways.payments.accounts[account],
            can_receive=True,
            submitted=True,
            missing=("person_1.verification.document", "external_account"),
            refused=(("person_1.verification.document", "verification_document_expired"),),
            stopped="requirements.past_due",
            due_by=NOW + timedelta(days=3),
            bank_end="7034",
            bank_name="TESTBANK",
        )
        answer = inside.get("/onderneming/uitbetaling/terug")
        page = inside.page(answer.location)
        for words in ("Er ontbreekt nog iets", "Het was vervallen", "niet aanvaard", "Een bankrekening", "7034"):
            assert words in page
        assert inside.get("/onderneming/uitbetaling/opnieuw").location.startswith("https://pay.example/onboarding/")
        desk = inside.post("/onderneming/uitbetaling", data={"deed": "desk"})
        assert desk.location == f"https://pay.example/desk/{account}"
        gateways.payments.close_account(account)
        assert "is gesloten" in inside.page(inside.get("/onderneming/uitbetaling/terug").location)
        inside.submit(inside.page("/onderneming/uitbetaling").form("/onderneming/uitbetaling"))
        assert only(session, Enterprise).stripe_account != account

    def test_chooses_when_it_wants_its_money(self, inside, session, packer):
        form = inside.page("/onderneming/uitbetaling").form("/wanneer")
        chosen = {"interval": "weekly", "weekday": "4", "minimum": "25,50"}
        assert inside.submit(form, **chosen).status_code == 303
        row = only(session, PayoutSchedule)
        assert (row.interval.value, row.anchor, row.minimum_cents) == ("weekly", 4, 2550)
        shown = inside.page("/onderneming/uitbetaling").form("/wanneer")
        assert (shown.values["interval"], shown.values["minimum"]) == (["weekly"], ["25,50"])
        answer = inside.submit(shown, interval="monthly", monthday="40", minimum="900")
        assert answer.status_code == 422
        assert "Kies een dag die bestaat" in answer.get_data(as_text=True)
        assert 'value="900"' in answer.get_data(as_text=True), "what was typed is not lost"
        assert only(session, PayoutSchedule).interval.value == "weekly"
