"""A person makes an account, comes in, changes things and leaves."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shortchain.notifications.models import Notice
from tests.support.factories import accounts, catalogue, ordering
from tests.support.factories.accounts import PASSWORD, signed_in

NEW = "elf bussels radijs"


@pytest.fixture
def nele(session):
    return accounts.user(session, email="nele@post.example", password=PASSWORD)


def token(session):
    session.rollback()
    return session.scalars(select(Notice).order_by(Notice.id.desc())).first().context["token"]


def sign_in(client, password=PASSWORD, path="/mijn/aanmelden"):
    form = client.page(path).form(has="password")
    return client.submit(form, email="nele@post.example", password=password)


def test_walks_from_registering_to_being_in(client, session):
    form = client.page("/mijn/registreren").form(has="password")
    answer = client.submit(form, name="Nele", email="Nele@Post.example", password=PASSWORD)
    assert answer.status_code == 303
    assert "Er is een mail onderweg" in client.page(answer.location)
    link = f"/mijn/bevestig/{token(session)}"
    answer = client.submit(client.page(link).form(has="password"), password=PASSWORD)
    assert answer.status_code == 303
    page = client.page(answer.location)
    assert page.heading == "Dag Nele"
    assert "Je e-mailadres is bevestigd" in page


def test_answers_the_same_for_a_known_and_an_unknown_address(client, session, nele):
    said = []
    for email in ("nele@post.example", "niemand@post.example"):
        for path, values in (
            ("/mijn/registreren", {"name": "X", "password": NEW}),
            ("/mijn/wachtwoord-vergeten", {}),
        ):
            answer = client.submit(client.page(path).form(has="email"), email=email, **values)
            page = client.page(answer.location)
            said.append((path, answer.status_code, answer.location, page.text))
    assert said[:2] == said[2:]


def test_says_no_the_same_way_and_keeps_the_address_typed(client, session, nele):
    answer = sign_in(client, "iets anders")
    assert answer.status_code == 422
    other = client.submit(
        client.page("/mijn/aanmelden").form(has="password"),
        email="niemand@post.example",
        password="iets anders",
    )
    assert answer.get_data(as_text=True).replace("nele@", "niemand@") == other.get_data(as_text=True)
    assert "nele@post.example" in answer.get_data(as_text=True)
    assert "iets anders" not in answer.get_data(as_text=True)
    assert "<title>Fout: " in answer.get_data(as_text=True)


def test_says_in_words_how_long_to_wait(client, session, nele):
    for _ in range(10):
        sign_in(client, "iets anders")
    answer = sign_in(client)
    assert answer.status_code == 429
    assert "over 15 minuten" in answer.get_data(as_text=True)
    assert int(answer.headers["Retry-After"]) <= 900


def test_goes_where_the_person_wanted_to_go(client, session, nele):
    answer = client.get("/mijn/sessies?a=1")
    assert answer.status_code == 302
    done = sign_in(client, path=answer.location)
    assert done.location == "/mijn/sessies?a=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://elders.example/",
        "//elders.example",
        "/\\elders.example",
        "/\t/elders.example",
        "javascript:alert(1)",
        "elders.example",
        "/\n//x",
    ],
)
def test_goes_nowhere_else(client, session, nele, target):
    answer = client.post("/mijn/aanmelden", data={"email": nele.email, "password": PASSWORD, "next": target})
    assert answer.status_code == 303
    assert answer.location == "/mijn"


def test_takes_a_new_session_when_signing_in(client, session, nele):
    client.put_in_session(seat="van-voordien")
    before = client.get_cookie("session").value
    sign_in(client)
    after = client.get_cookie("session").value
    assert after != before
    thief = client.application.test_client()
    thief.set_cookie("session", before)
    assert thief.get("/mijn").status_code == 302


def test_signs_out_for_good(client, session, nele):
    sign_in(client)
    stolen = client.get_cookie("session").value
    page = client.page("/mijn")
    client.submit(page.form("/mijn/afmelden"))
    assert client.get("/mijn").status_code == 302
    thief = client.application.test_client()
    thief.set_cookie("session", stolen)
    assert thief.get("/mijn").status_code == 302


def test_does_not_sign_out_by_a_link(client, session, nele):
    sign_in(client)
    assert client.get("/mijn/afmelden").status_code == 405
    assert client.get("/mijn").status_code == 200


def test_keeps_own_pages_out_of_caches(client, session, nele):
    signed_in(client, session, nele)
    for path in ("/mijn", "/mijn/gegevens", "/mijn/bestellingen", "/mijn/sessies"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


class TestForgotten:
    def test_leads_to_a_new_password_and_ends_other_browsers(self, client, session, nele):
        other = client.application.test_client()
        signed_in(other, session, nele)
        form = client.page("/mijn/wachtwoord-vergeten").form(has="email")
        client.submit(form, email="nele@post.example")
        link = f"/mijn/wachtwoord/{token(session)}"
        answer = client.submit(client.page(link).form(has="password"), password=NEW)
        assert client.page(answer.location).heading == "Dag Nele"
        assert other.get("/mijn").status_code == 302
        again = client.application.test_client()
        assert sign_in(again, NEW).status_code == 303

    def test_says_when_a_link_is_used_up(self, client, session, nele):
        answer = client.post("/mijn/wachtwoord/onzin", data={"password": NEW})
        assert answer.status_code == 404
        assert "Deze link werkt niet meer" in answer.get_data(as_text=True)

    def test_keeps_the_link_when_the_password_is_weak(self, client, session, nele):
        client.post("/mijn/wachtwoord-vergeten", data={"email": nele.email})
        link = f"/mijn/wachtwoord/{token(session)}"
        answer = client.submit(client.page(link).form(has="password"), password="azerty123")
        assert answer.status_code == 422
        assert "vaak gebruikt" in answer.get_data(as_text=True)
        assert client.submit(client.page(link).form(has="password"), password=NEW).status_code == 303


class TestOwnData:
    @pytest.fixture(autouse=True)
    def _in(self, client, session, nele):
        sign_in(client)

    def test_saves_name_telephone_and_language(self, client):
        form = client.page("/mijn/gegevens").form("/mijn/gegevens")
        answer = client.submit(form, name="Nele V.", phone="0470 12 34 56", language="fr")
        assert answer.status_code == 303
        page = client.page("/mijn/gegevens")
        assert page.form("/mijn/gegevens").values["phone"] == ["+32470123456"]

    def test_says_what_is_wrong_with_a_number_at_the_field(self, client):
        form = client.page("/mijn/gegevens").form("/mijn/gegevens")
        answer = client.submit(form, phone="bel me")
        assert answer.status_code == 422
        assert 'href="#phone"' in answer.get_data(as_text=True)

    def test_changes_the_password_and_stays_here(self, client, session, nele):
        other = client.application.test_client()
        signed_in(other, session, nele)
        form = client.page("/mijn/gegevens").form("/mijn/gegevens/wachtwoord")
        assert client.submit(form, old_password="mis", password=NEW).status_code == 422
        form = client.page("/mijn/gegevens").form("/mijn/gegevens/wachtwoord")
        assert client.submit(form, old_password=PASSWORD, password=NEW).status_code == 303
        assert client.get("/mijn").status_code == 200
        assert other.get("/mijn").status_code == 302

    def test_changes_the_address_after_its_link_was_pressed(self, client, session, nele):
        form = client.page("/mijn/gegevens").form("/mijn/gegevens/e-mail")
        answer = client.submit(form, email="nieuw@post.example", old_password=PASSWORD)
        assert "nieuwe adres" in client.page(answer.location)
        link = f"/mijn/nieuw-adres/{token(session)}"
        page = client.page(link)
        session.rollback()
        session.refresh(nele)
        assert nele.email == "nele@post.example"
        client.submit(page.form(link))
        session.refresh(nele)
        assert nele.email == "nieuw@post.example"

    def test_lists_browsers_and_ends_one(self, client, session, nele):
        other = client.application.test_client()
        signed_in(other, session, nele)
        page = client.page("/mijn/sessies")
        assert "deze browser" in page
        assert page.link("Mijn account") == "/mijn"
        form = next(
            one
            for one in page.forms
            if one.action.endswith("/afmelden")
            and one.action.startswith("/mijn/sessies/")
            and "andere" not in one.action
        )
        assert client.submit(form).status_code == 303
        assert other.get("/mijn").status_code == 302

    def test_ends_all_other_browsers(self, client, session, nele):
        others = [client.application.test_client() for _ in range(2)]
        for other in others:
            signed_in(other, session, nele)
        client.submit(client.page("/mijn/sessies").form("/mijn/sessies/andere-afmelden"))
        assert [other.get("/mijn").status_code for other in others] == [302, 302]
        assert client.get("/mijn").status_code == 200

    def test_notes_that_the_browser_was_here(self, client, session, nele, clock):
        clock.move(hours=2, minutes=5)
        client.get("/mijn")
        page = client.page("/mijn/sessies")
        assert "ma 23 nov, 10 u." in page  # when they signed in
        assert "ma 23 nov, 12.05 u." in page

    def test_claims_the_orders_of_a_guest(self, client, session, nele):
        cycle = catalogue.cycle(session)
        mine = ordering.order(session, cycle, catalogue.window(session, cycle), email=nele.email)
        assert mine.number not in client.page("/mijn/bestellingen")
        client.submit(client.page("/mijn").form("/mijn/bestellingen/ophalen"))
        page = client.page("/mijn/bestellingen")
        assert "1 bestelling toegevoegd." in page
        shown = client.page(page.link(mine.number))
        assert "€ 10,00" in shown

    def test_does_not_list_the_orders_of_somebody_else(self, client, session):
        cycle = catalogue.cycle(session)
        other = ordering.order(session, cycle, catalogue.window(session, cycle), user_id=accounts.user(session).id)
        page = client.page("/mijn/bestellingen")
        assert other.number not in page
        assert "Nog geen bestellingen" in page


@pytest.mark.parametrize(
    "path",
    [
        "/mijn/aanmelden",
        "/mijn/registreren",
        "/mijn/wachtwoord-vergeten",
        "/mijn/kijk-in-je-mail",
    ],
)
@pytest.mark.parametrize("language", ["nl", "fr", "en"])
@pytest.mark.sqlite_only
def test_opens_for_a_stranger_without_making_a_session(client, path, language):
    client.set_cookie("taal", language)
    assert client.page(path).heading
    assert client.get_cookie("session") is None


@pytest.mark.parametrize(
    ("path", "onwards"),
    [
        ("/mijn/bevestig/x", "/mijn/aanmelden"),
        ("/mijn/wachtwoord/x", "/mijn/wachtwoord-vergeten"),
        ("/mijn/nieuw-adres/x", "/mijn/gegevens"),
    ],
)
@pytest.mark.parametrize("language", ["nl", "fr", "en"])
@pytest.mark.sqlite_only
def test_says_at_once_that_a_link_is_old_and_where_there_is_another(client, path, onwards, language):
    client.set_cookie("taal", language)
    page = client.page(path, status=410)
    assert onwards in page.links.values()
    assert client.get_cookie("session") is None
