"""Another password, another address, other details."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shortchain.accounts.models import User
from shortchain.accounts.operations import BadEmail, EmailTaken, NotMatching, WrongPassword
from shortchain.accounts.passwords import TooCommon
from shortchain.accounts.tokens import LinkUsedUp
from shortchain.journal import GUEST
from shortchain.workflows import accounts as deeds
from tests.support.account_steps import HOME, NEW, enter, mails, secret, who
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts
from tests.support.factories.accounts import PASSWORD


class TestReset:
    @pytest.fixture
    def nele(self, session):
        return accounts.user(session, email="nele@post.example", password=PASSWORD)

    def reset(self, session, token, password=NEW, now=NOW):
        return deeds.reset_password(session, secret=token, password=password, browser=HOME, now=now, by=GUEST)

    def test_mails_nobody_for_an_unknown_address(self, session):
        deeds.ask_reset(session, email="niemand@post.example", browser=HOME, now=NOW)
        assert mails(session) == []

    def test_sets_the_password_ends_all_and_tells(self, session, nele):
        old = enter(session)
        deeds.ask_reset(session, email="nele@post.example", browser=HOME, now=NOW)
        key = self.reset(session, secret(session, "reset_password"))
        assert who(session, old) is None
        assert who(session, key)
        assert enter(session, password=NEW)
        with pytest.raises(NotMatching):
            enter(session)
        assert mails(session)[-1].template == "password_changed"

    def test_works_once_and_for_half_an_hour(self, session, nele):
        deeds.ask_reset(session, email="nele@post.example", browser=HOME, now=NOW)
        token = secret(session, "reset_password")
        with pytest.raises(LinkUsedUp):
            self.reset(session, token, now=NOW + timedelta(minutes=30))
        self.reset(session, token)
        with pytest.raises(LinkUsedUp):
            self.reset(session, token)

    def test_keeps_the_link_when_the_new_password_is_weak(self, session, nele):
        deeds.ask_reset(session, email="nele@post.example", browser=HOME, now=NOW)
        token = secret(session, "reset_password")
        with pytest.raises(TooCommon):
            self.reset(session, token, password="azerty123")
        assert self.reset(session, token)

    def test_confirms_the_address(self, session):
        accounts.user(session, email="nele@post.example", password=PASSWORD, confirmed=False)
        deeds.ask_reset(session, email="nele@post.example", browser=HOME, now=NOW)
        assert who(session, self.reset(session, secret(session, "reset_password"))).is_confirmed

    def test_lifts_the_limit_of_a_person_who_was_locked_out(self, session, nele):
        for _ in range(10):
            with pytest.raises(NotMatching):
                enter(session, password="iets anders")
        deeds.ask_reset(session, email="nele@post.example", browser=HOME, now=NOW)
        self.reset(session, secret(session, "reset_password"))
        assert enter(session, password=NEW)


class TestChange:
    @pytest.fixture
    def nele(self, session):
        return accounts.user(session, email="nele@post.example", password=PASSWORD)

    def test_changes_the_password_and_ends_the_other_browsers(self, session, nele):
        here, there = enter(session), enter(session)
        deeds.change_password(session, user_id=nele.id, old=PASSWORD, new=NEW, key=here, now=NOW, by=GUEST)
        assert who(session, here)
        assert who(session, there) is None
        assert enter(session, password=NEW)

    def test_asks_for_the_present_password(self, session, nele):
        with pytest.raises(WrongPassword):
            deeds.change_password(session, user_id=nele.id, old="iets anders", new=NEW, key="x", now=NOW, by=GUEST)
        with pytest.raises(WrongPassword):
            deeds.ask_email_change(session, user_id=nele.id, email="n@post.example", password="iets anders", now=NOW)

    def test_changes_the_address_after_the_new_one_answered_and_tells_the_old(self, session, nele):
        deeds.ask_email_change(session, user_id=nele.id, email="Nele.Nieuw@post.example", password=PASSWORD, now=NOW)
        (asked,) = mails(session)
        assert (asked.to_email, asked.template) == ("nele.nieuw@post.example", "change_email")
        assert enter(session)  # nothing has changed yet
        deeds.change_email(session, secret=asked.context["token"], now=NOW, by=GUEST)
        told = mails(session)[-1]
        assert (told.to_email, told.template) == ("nele@post.example", "email_changed")
        assert enter(session, email="nele.nieuw@post.example")

    def test_does_not_tell_that_the_new_address_has_an_account(self, session, nele):
        accounts.user(session, email="bart@post.example")
        deeds.ask_email_change(session, user_id=nele.id, email="bart@post.example", password=PASSWORD, now=NOW)
        (mail,) = mails(session)
        assert (mail.to_email, mail.template) == ("bart@post.example", "account_exists")

    def test_refuses_an_address_that_was_taken_meanwhile(self, session, nele):
        deeds.ask_email_change(session, user_id=nele.id, email="nieuw@post.example", password=PASSWORD, now=NOW)
        accounts.user(session, email="nieuw@post.example")
        token = secret(session, "change_email")
        with pytest.raises(EmailTaken):
            deeds.change_email(session, secret=token, now=NOW, by=GUEST)

    def test_refuses_what_is_no_address(self, session, nele):
        with pytest.raises(BadEmail):
            deeds.ask_email_change(session, user_id=nele.id, email="nieuw", password=PASSWORD, now=NOW)

    def test_saves_details(self, session, nele):
        deeds.save_details(
            session,
            user_id=nele.id,
            name=" Nele V. ",
            phone="0470 12 34 56",
            language="en",
            now=NOW,
            by=GUEST,
        )
        session.rollback()
        user = session.get(User, nele.id)
        assert (user.name, user.phone, user.language) == ("Nele V.", "+32470123456", "en")
