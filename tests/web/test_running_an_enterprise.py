"""People found an enterprise, work there together, and say what it can do and when."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import select

from shortchain.capacity import ledger
from shortchain.enterprises.models import (
    Capability,
    Certificate,
    Closure,
    Enterprise,
    MemberRole,
    PickupPoint,
)
from shortchain.notifications.models import Notice
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import signed_in


@pytest.fixture
def bart(session):
    return accounts.user(session, name="Bart", email="bart@post.example")


@pytest.fixture
def packer(session, bart):
    made = enterprises.packer(session, name="De Handige Hand")
    enterprises.member(session, bart, made)
    return made


@pytest.fixture
def hub(session, bart):
    made = enterprises.hub(session, name="Hub Zuid")
    enterprises.member(session, bart, made)
    return made


@pytest.fixture
def inside(client, session, bart):
    return signed_in(client, session, bart)


def only(session, table):
    session.rollback()
    return session.scalars(select(table).execution_options(populate_existing=True)).one()


class TestFounding:
    def values(self, **changed):
        return {"name": "Hoeve Ganzenveld", "kind": "farm", "kbo": "0100.000.070", "street": "Kouter",
                "house_number": "1", "postcode": "9000", "municipality": "Gent", **changed}

    def test_leads_to_the_enterprise(self, inside, session):
        page = inside.page(inside.page("/mijn").link("Schrijf je onderneming in"))
        answer = inside.submit(page.form("/onderneming/oprichten"), **self.values())
        assert answer.status_code == 303
        page = inside.page(answer.location)
        assert page.heading == "Hoeve Ganzenveld"
        assert "Een coördinator kijkt je gegevens na" in page
        assert "0100.000.070" in page

    @pytest.mark.parametrize(("wrong", "field", "words"), [
        ({"kbo": "0100.000.071"}, "kbo", "Dit is geen ondernemingsnummer"),
        ({"name": ""}, "name", "Vul de naam in"),
        ({"postcode": "9999", "municipality": "Nergenshuizen"}, "postcode", "We vinden dit adres niet"),
        ({"phone": "bel me"}, "phone", "Dit is geen telefoonnummer"),
    ])
    def test_says_at_the_field_what_is_wrong_and_keeps_the_rest(self, inside, wrong, field, words):
        form = inside.page("/onderneming/oprichten").form(has="kbo")
        answer = inside.submit(form, **self.values(**wrong))
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert f'href="#{field}"' in text
        assert words in text
        assert 'value="Kouter"' in text


class TestProfile:
    def test_saves_the_story_in_three_languages(self, inside, session, packer):
        form = inside.page("/onderneming/profiel").form("/onderneming/profiel")
        answer = inside.submit(form, name="De Handige Hand vzw", story_nl="Wij pakken.", story_fr="Nous emballons.",
                               people="Bart en Lies")
        assert answer.status_code == 303
        row = only(session, Enterprise)
        assert row.story == {"nl": "Wij pakken.", "fr": "Nous emballons."}
        assert (row.name, row.people) == ("De Handige Hand vzw", "Bart en Lies")

    def test_does_not_write_over_what_a_colleague_saved(self, inside, session, packer):
        form = inside.page("/onderneming/profiel").form("/onderneming/profiel")
        inside.submit(form, name="Eerst")
        answer = inside.submit(form, name="Later")
        assert answer.status_code == 422
        assert "Iemand anders heeft dit intussen gewijzigd" in answer.get_data(as_text=True)
        assert only(session, Enterprise).name == "Eerst"

    def test_moves(self, inside, session, packer):
        form = inside.page("/onderneming/profiel").form("/onderneming/adres")
        assert inside.submit(form, postcode="2400", municipality="Mol").status_code == 303
        assert only(session, Enterprise).municipality == "Mol"


class TestPeople:
    def invite(self, inside, email="lies@post.example", role="planner"):
        form = inside.page("/onderneming/mensen").form("/onderneming/mensen/uitnodigen")
        return inside.submit(form, email=email, role=role)

    def link(self, session):
        session.rollback()
        notice = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
        return f"/onderneming/uitnodiging/{notice.context['token']}"

    def test_invites_somebody_who_then_works_here(self, inside, session, packer):
        assert self.invite(inside).status_code == 303
        assert "lies@post.example" in inside.page("/onderneming/mensen")
        path = self.link(session)
        lies = inside.application.test_client()
        assert "Meld je aan" in lies.page(path)
        signed_in(lies, session, accounts.user(session, name="Lies", email="lies@post.example"))
        answer = lies.submit(lies.page(path).form("/aanvaarden"))
        assert answer.status_code == 303
        assert "De Handige Hand" in lies.page("/mijn")
        assert "Lies" in inside.page("/onderneming/mensen")

    def test_tells_somebody_else_that_it_is_not_for_them(self, inside, session, packer):
        self.invite(inside)
        path = self.link(session)
        jan = signed_in(inside.application.test_client(), session, accounts.user(session))
        assert "voor een ander e-mailadres" in jan.page(path)
        assert jan.post(f"{path}/aanvaarden").status_code == 403

    def test_withdraws(self, inside, session, packer):
        self.invite(inside)
        path = self.link(session)
        inside.submit(inside.page("/onderneming/mensen").form("/intrekken"))
        assert inside.get(path).status_code == 404
        assert "lies@post.example" not in inside.page("/onderneming/mensen")

    def test_keeps_the_last_owner_and_says_why(self, inside, session, bart, packer):
        answer = inside.post(f"/onderneming/mensen/{bart.public_id}/weg")
        assert "Dit is de laatste eigenaar" in inside.page(answer.location)
        inside.post("/onderneming/verlaten")
        assert "De Handige Hand" in inside.page("/mijn")

    def test_gives_and_takes_roles(self, inside, session, packer):
        lies = accounts.user(session, name="Lies")
        enterprises.member(session, lies, packer, MemberRole.WORKER)
        inside.post(f"/onderneming/mensen/{lies.public_id}/rol/driver")
        assert "chauffeur" in inside.page("/onderneming/mensen")
        inside.post(f"/onderneming/mensen/{lies.public_id}/rol/worker/weg")
        inside.post(f"/onderneming/mensen/{lies.public_id}/weg")
        assert "Lies" not in inside.page("/onderneming/mensen")
        assert inside.post(f"/onderneming/mensen/{lies.public_id}/rol/keizer").status_code == 404

    def test_lets_owners_only_change_who_works_here(self, client, session, packer, bart):
        lies = accounts.user(session, name="Lies")
        enterprises.member(session, lies, packer, MemberRole.PLANNER)
        signed_in(client, session, lies)
        assert "Stuur de uitnodiging" not in client.page("/onderneming/mensen")
        assert client.post("/onderneming/mensen/uitnodigen", data={"email": "x@y.be"}).status_code == 404
        assert client.post(f"/onderneming/mensen/{bart.public_id}/weg").status_code == 404


class TestServices:
    TERMS = {"price": "0,35", "price_form": "kg", "vat_rate": "2100", "radius_km": "30", "lead_days": "1",
             "answer_hours": "8", **{f"capacity_{day}": "200" for day in range(5)}}

    def test_offers_changes_and_stops_a_service(self, inside, session, packer):
        page = inside.page("/onderneming/diensten")
        path = page.link("wassen")
        form = inside.page(path).form(has="price")
        assert inside.submit(form, **self.TERMS, storage_classes=["COOL"]).status_code == 303
        made = session.scalars(select(Capability).where(Capability.service == "WASH")).one()
        assert (made.price_cents, made.radius_m, made.weekday_capacity) == (
            35, 30_000, [200_000] * 5 + [0, 0])
        form = inside.page(path).form(has="price")
        assert form.values["price"] == ["0,35"]
        assert form.values["capacity_0"] == ["200"]
        assert inside.submit(form, price="0,40").status_code == 303
        assert "€ 0,40 per kg" in inside.page("/onderneming/diensten")
        inside.submit(inside.page("/onderneming/diensten").form("/WASH/stoppen"))
        assert "€ 0,40 per kg" not in inside.page("/onderneming/diensten")

    @pytest.mark.parametrize(("wrong", "words"), [
        ({"price": "gratis"}, "price"), ({"radius_km": "900"}, "Kies een afstand"),
        ({"radius_km": ""}, "Vul een afstand in"), ({"capacity_2": "veel"}, "Geef voor elke weekdag"),
        ({"storage_classes": []}, "Kies minstens één temperatuurklasse"),
        ({"lead_days": "x"}, "lead_days"),
    ])
    def test_says_what_is_wrong(self, inside, session, packer, wrong, words):
        form = inside.page("/onderneming/diensten/WASH").form(has="price")
        answer = inside.submit(form, **{**self.TERMS, "storage_classes": ["COOL"], **wrong})
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
        assert session.scalars(select(Capability).where(Capability.service == "WASH")).first() is None

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
            ledger.hold(session, key="k", claim="c", wants=[ledger.Want(number, self.THURSDAY, amount)],
                        until=NOW, now=NOW)

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

    def test_shows_the_promised_days_first(self, inside, session, packer):
        self.promise(session, 12)
        answer = self.close(inside)
        assert answer.status_code == 422
        assert "26/11" in answer.get_data(as_text=True)

    @pytest.mark.parametrize(("first", "last"), [("2026-11-27", "2026-11-26"), ("", "2026-11-26"),
                                                 ("morgen", "2026-11-26")])
    def test_says_what_is_wrong_with_the_days(self, inside, session, packer, first, last):
        assert self.close(inside, first, last).status_code == 422


class TestCertificates:
    def test_adds_shows_how_it_stands_and_removes(self, inside, session, packer):
        form = inside.page("/onderneming/certificaten").form(has="number")
        answer = inside.submit(form, kind="organic", body="BE-BIO-01", number="4711",
                               valid_from="2026-01-01", valid_to="2026-11-30")
        assert answer.status_code == 303
        assert "loopt bijna af" in inside.page("/onderneming/certificaten")
        assert "verdwijnt het label" in inside.page("/onderneming")
        inside.submit(inside.page("/onderneming/certificaten").form("/weg"))
        session.rollback()
        assert session.scalars(select(Certificate)).all() == []

    def test_says_what_is_wrong(self, inside, session, packer):
        form = inside.page("/onderneming/certificaten").form(has="number")
        answer = inside.submit(form, kind="organic", body="Certisys", number="4711",
                               valid_from="2026-01-01", valid_to="2026-11-30")
        assert answer.status_code == 422
        assert "BE-BIO-01" in answer.get_data(as_text=True)


class TestPickupPoints:
    def opened(self, inside, **changed):
        form = inside.page("/onderneming/afhaalpunten/nieuw").form(has="opens")
        values = {"name": "Loods Zuid", "street": "Kouter", "postcode": "9000", "municipality": "Gent",
                  "note_nl": "Achter de poort.", "storage_classes": ["COOL"],
                  "weekday": ["3", "4", "3"], "opens": ["16:00", "08:00", ""],
                  "closes": ["19:00", "12:00", ""], "places": ["40", "20", ""], **changed}
        return inside.submit(form, **values)

    def test_opens_changes_and_pauses_a_point(self, inside, session, hub):
        assert self.opened(inside).status_code == 303
        page = inside.page("/onderneming/afhaalpunten")
        assert "donderdag 16:00–19:00, 40 bestellingen" in page
        form = inside.page(page.link("Wijzig")).form(has="opens")
        answer = inside.submit(form, name="Loods Noord", weekday=["3"], opens=["17:00"],
                               closes=["18:00"], places=["5"])
        assert answer.status_code == 303
        page = inside.page("/onderneming/afhaalpunten")
        assert "donderdag 17:00–18:00, 5 bestellingen" in page
        assert "vrijdag" not in page
        inside.submit(page.form("/pauze"))
        assert not only(session, PickupPoint).is_active
        inside.submit(inside.page("/onderneming/afhaalpunten").form("/pauze"))
        assert only(session, PickupPoint).is_active

    @pytest.mark.parametrize(("wrong", "words"), [
        ({"opens": ["half vijf"], "closes": ["19:00"], "weekday": ["3"], "places": ["4"]},
         "Schrijf een uur als 16:00"),
        ({"opens": [""], "closes": [""], "weekday": ["3"], "places": [""]}, "Geef minstens één moment"),
        ({"postcode": "9999", "municipality": "Nergenshuizen"}, "We vinden dit adres niet"),
        ({"storage_classes": []}, "Kies minstens één temperatuurklasse"),
    ])
    def test_says_what_is_wrong(self, inside, session, hub, wrong, words):
        answer = self.opened(inside, **wrong)
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)

    def test_is_of_its_own_hub_only(self, inside, session, hub):
        other = enterprises.pickup_point(session, enterprises.hub(session),
                                         opens=((3, time(16), time(19), 40),))
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


class TestSeveralEnterprises:
    def test_acts_for_the_one_that_was_chosen(self, inside, session, bart, packer, hub):
        for made in (packer, hub):
            form = next(one for one in inside.page("/mijn").forms
                        if made.public_id in one.action and one.values.get("next") == ["/onderneming"])
            answer = inside.submit(form)
            assert inside.page(answer.location).heading == made.name

    def test_cannot_choose_one_of_somebody_else(self, inside, session, packer):
        other = enterprises.farm(session)
        assert inside.post(f"/mijn/werkplek/{other.public_id}").status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", ["", "/profiel", "/mensen", "/diensten", "/diensten/DELIVER_BIKE", "/kalender",
                                  "/certificaten", "/afhaalpunten", "/afhaalpunten/nieuw", "/uitbetaling"])
def test_opens_in_every_language(inside, session, hub, path, language):
    inside.set_cookie("taal", language)
    assert inside.page(f"/onderneming{path}").heading
