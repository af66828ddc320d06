"""People found an enterprise, work there together, and say what it can do and when."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shortchain.enterprises.models import (
    Enterprise,
    MemberRole,
)
from shortchain.notifications.models import Notice
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import signed_in


def only(session, table):
    session.rollback()
    return session.scalars(select(table).execution_options(populate_existing=True)).one()


class TestFounding:
    def values(self, **changed):
        return {
            "name": "Hoeve Ganzenveld",
            "kind": "farm",
            "kbo": "0100.000.070",
            "street": "Kouter",
            "house_number": "1",
            "postcode": "9000",
            "municipality": "Gent",
            **changed,
        }

    def test_leads_to_the_enterprise(self, inside, session):
        page = inside.page(inside.page("/mijn").link("Schrijf je onderneming in"))
        answer = inside.submit(page.form("/onderneming/oprichten"), **self.values())
        assert answer.status_code == 303
        page = inside.page(answer.location)
        assert page.heading == "Hoeve Ganzenveld"
        assert "Een coördinator kijkt je gegevens na" in page
        assert "0100.000.070" in page

    @pytest.mark.parametrize(
        ("wrong", "field", "words"),
        [
            ({"kbo": "0100.000.071"}, "kbo", "Dit is geen ondernemingsnummer"),
            ({"name": ""}, "name", "Vul de naam in"),
            (
                {"postcode": "9999", "municipality": "Nergenshuizen"},
                "postcode",
                "We vinden dit adres niet",
            ),
            ({"phone": "bel me"}, "phone", "Dit is geen telefoonnummer"),
        ],
    )
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
        answer = inside.submit(
            form,
            name="De Handige Hand vzw",
            story_nl="Wij pakken.",
            story_fr="Nous emballons.",
            people="Bart en Lies",
        )
        assert answer.status_code == 303
        row = only(session, Enterprise)
        assert row.story == {"nl": "Wij pakken.", "fr": "Nous emballons."}
        assert (row.name, row.people) == ("De Handige Hand vzw", "Bart en Lies")

    def test_says_its_legal_form_and_court(self, inside, session, packer):
        form = inside.page("/onderneming/profiel").form("/onderneming/profiel")
        alone = inside.submit(form, court="Gent, afdeling Gent")
        assert alone.status_code == 422
        assert "Vul ook de rechtsvorm in" in alone.get_data(as_text=True)
        assert inside.submit(form, legal_form=" CV ", court="Gent, afdeling  Gent").status_code == 303
        row = only(session, Enterprise)
        assert (row.legal_form, row.court) == ("CV", "Gent, afdeling Gent")

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


class TestSeveralEnterprises:
    def test_acts_for_the_one_that_was_chosen(self, inside, session, bart, packer, hub):
        for made in (packer, hub):
            form = next(
                one
                for one in inside.page("/mijn").forms
                if made.public_id in one.action and one.values.get("next") == ["/onderneming"]
            )
            answer = inside.submit(form)
            assert inside.page(answer.location).heading == made.name

    def test_cannot_choose_one_of_somebody_else(self, inside, session, packer):
        other = enterprises.farm(session)
        assert inside.post(f"/mijn/werkplek/{other.public_id}").status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/profiel",
        "/mensen",
        "/diensten",
        "/diensten/DELIVER_BIKE",
        "/kalender",
        "/certificaten",
        "/afhaalpunten",
        "/afhaalpunten/nieuw",
        "/uitbetaling",
    ],
)
def test_opens_in_every_language(inside, session, hub, path, language):
    inside.set_cookie("taal", language)
    assert inside.page(f"/onderneming{path}").heading
