"""Deeds with one's account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shortchain.accounts import people, sign_ins
from shortchain.accounts.attempts import TooManyTries
from shortchain.accounts.models import SignIn, User
from shortchain.accounts.operations import BadEmail, EmailTaken, NotMatching, WrongPassword
from shortchain.accounts.passwords import TooCommon, TooPersonal
from shortchain.accounts.tokens import LinkUsedUp
from shortchain.journal import GUEST, Actor
from shortchain.kernel.errors import NotFound
from shortchain.notifications.models import Notice
from shortchain.workflows import accounts as deeds
from shortchain.workflows.accounts import Browser
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import PASSWORD

HOME = Browser("192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Firefox/131.0")
NEW = "elf bussels radijs"


def mails(session, to=None):
    session.rollback()
    query = select(Notice).order_by(Notice.id)
    return session.scalars(query.where(Notice.to_email == to) if to else query).all()


def secret(session, template):
    return [mail for mail in mails(session) if mail.template == template][-1].context["token"]


def register(session, email="nele@post.example", password=PASSWORD, now=NOW):
    deeds.register(session, email=email, name="Nele", password=password, language="fr", browser=HOME,
                   now=now, by=GUEST)


def enter(session, password=PASSWORD, email="nele@post.example", now=NOW, browser=HOME):
    return deeds.sign_in(session, email=email, password=password, browser=browser, now=now, by=GUEST)


def who(session, key, now=NOW):
    session.rollback()
    return people.find_signed_in(session, key=key, now=now)


class TestRegister:
    def test_makes_an_unconfirmed_account_and_owes_a_mail(self, session):
        register(session, email=" Nele@Post.Example ")
        user = session.scalar(select(User))
        (mail,) = mails(session)
        assert (user.email, user.is_confirmed, user.language) == ("nele@post.example", False, "fr")
        assert (mail.template, mail.to_email, mail.language) == ("confirm_email", user.email, "fr")

    def test_keeps_neither_the_password_nor_the_token_of_the_link(self, session):
        register(session)
        user = session.scalar(select(User))
        assert PASSWORD not in user.password_hash

    def test_tells_the_owner_and_nobody_else_when_the_address_is_known(self, session):
        accounts.user(session, email="nele@post.example", password=PASSWORD)
        register(session, password=NEW)
        (mail,) = mails(session)
        assert mail.template == "account_exists"
        assert enter(session)  # the password is still the old one

    def test_refuses_a_weak_password_before_anything_is_written(self, session):
        with pytest.raises(TooCommon):
            register(session, password="wachtwoord1")
        with pytest.raises(TooPersonal):
            register(session, password="nele1985nele")
        assert session.scalar(select(func.count()).select_from(User)) == 0

    def test_mails_one_address_only_so_often(self, session):
        for _ in range(4):
            register(session)
        with pytest.raises(TooManyTries):
            register(session)
        assert len(mails(session)) == 4


class TestConfirm:
    def confirm(self, session, token, password=PASSWORD, now=NOW):
        return deeds.confirm_email(session, secret=token, password=password, browser=HOME, now=now,
                                   by=GUEST)

    def test_signs_in_who_knows_the_password(self, session):
        register(session)
        key = self.confirm(session, secret(session, "confirm_email"))
        assert who(session, key).is_confirmed

    def test_does_not_wave_through_the_account_of_a_stranger(self, session):
        register(session, password=NEW)  # a stranger, with Nele's address
        with pytest.raises(NotMatching):
            self.confirm(session, secret(session, "confirm_email"), password="what Nele would type")
        session.rollback()
        assert not session.scalar(select(User)).is_confirmed

    def test_works_once(self, session):
        register(session)
        token = secret(session, "confirm_email")
        self.confirm(session, token)
        with pytest.raises(LinkUsedUp):
            self.confirm(session, token)

    def test_works_for_three_days(self, session):
        register(session)
        with pytest.raises(LinkUsedUp):
            self.confirm(session, secret(session, "confirm_email"), now=NOW + timedelta(days=3))

    def test_takes_the_newest_link_only(self, session):
        register(session)
        first = secret(session, "confirm_email")
        register(session)
        with pytest.raises(LinkUsedUp):
            self.confirm(session, first)
        assert self.confirm(session, secret(session, "confirm_email"))

    def test_is_not_fooled_by_a_link_for_something_else(self, session):
        accounts.user(session, email="nele@post.example", password=PASSWORD)
        deeds.ask_reset(session, email="nele@post.example", browser=HOME, now=NOW)
        with pytest.raises(LinkUsedUp):
            self.confirm(session, secret(session, "reset_password"))


class TestSignIn:
    @pytest.fixture
    def nele(self, session):
        return accounts.user(session, email="nele@post.example", password=PASSWORD)

    def test_gives_a_key_of_which_only_the_hash_is_kept(self, session, nele):
        key = enter(session, email="NELE@post.example ")
        assert who(session, key).id == nele.id
        assert session.scalar(select(SignIn.key_hash)) != key

    def test_says_the_same_whatever_is_wrong(self, session, nele):
        accounts.user(session, email="uit@post.example", password=PASSWORD, disabled_at=NOW)
        accounts.user(session, email="nieuw@post.example", password=PASSWORD, confirmed=False)
        said = set()
        for email, password in (("nele@post.example", "iets anders"), ("niemand@post.example", PASSWORD),
                                ("uit@post.example", PASSWORD), ("nieuw@post.example", PASSWORD),
                                ("geen adres", PASSWORD)):
            with pytest.raises(NotMatching) as refusal:
                enter(session, email=email, password=password)
            said.add(refusal.value.for_people)
        assert len(said) == 1

    def test_mails_the_link_again_when_the_address_is_not_confirmed(self, session):
        accounts.user(session, email="nele@post.example", password=PASSWORD, confirmed=False)
        with pytest.raises(NotMatching):
            enter(session)
        assert [mail.template for mail in mails(session)] == ["confirm_email"]

    def test_stops_guessing_at_one_account_even_with_the_right_password(self, session, nele):
        for _ in range(10):
            with pytest.raises(NotMatching):
                enter(session, password="iets anders")
        with pytest.raises(TooManyTries):
            enter(session)
        assert enter(session, now=NOW + timedelta(minutes=15))

    def test_stops_guessing_at_many_accounts_from_one_address(self, session):
        for number in range(60):
            with pytest.raises(NotMatching):
                enter(session, email=f"mens{number}@elders.example")
        with pytest.raises(TooManyTries):
            enter(session, email="nog@elders.example")
        with pytest.raises(NotMatching):
            enter(session, email="nog@elders.example", browser=Browser("192.0.2.8"))

    def test_forgets_wrong_tries_after_a_right_one(self, session, nele):
        for _ in range(3):
            for _ in range(6):
                with pytest.raises(NotMatching):
                    enter(session, password="iets anders")
            assert enter(session)

    def test_ends_with_the_account(self, session, nele):
        key = enter(session)
        nele.disabled_at = NOW
        session.commit()
        assert who(session, key) is None

    def test_ends_by_itself_after_thirty_days(self, session, nele):
        key = enter(session)
        assert who(session, key, NOW + timedelta(days=29))
        assert who(session, key, NOW + timedelta(days=30)) is None


class TestSignedInBrowsers:
    @pytest.fixture
    def nele(self, session):
        return accounts.user(session, email="nele@post.example", password=PASSWORD)

    def test_lists_them_and_says_which_is_this_one(self, session, nele):
        enter(session)
        key = enter(session, now=NOW + timedelta(hours=1))
        found = sign_ins.list_open(session, user_id=nele.id, key=key, now=NOW + timedelta(hours=1))
        assert [(one.browser, one.is_this_one) for one in found] == [
            ("Firefox, Linux", True), ("Firefox, Linux", False)]

    def test_ends_one(self, session, nele):
        first, second = enter(session), enter(session)
        listed = sign_ins.list_open(session, user_id=nele.id, key=second, now=NOW)
        other = next(one for one in listed if not one.is_this_one)
        deeds.end_sign_in(session, user_id=nele.id, public_id=other.public_id, now=NOW, by=GUEST)
        assert who(session, first) is None
        assert who(session, second)

    def test_does_not_end_that_of_somebody_else(self, session, nele):
        key = enter(session)
        mine = sign_ins.list_open(session, user_id=nele.id, key=key, now=NOW)[0]
        other = accounts.user(session)
        with pytest.raises(NotFound):
            deeds.end_sign_in(session, user_id=other.id, public_id=mine.public_id, now=NOW, by=GUEST)
        assert who(session, key)

    def test_ends_all_others(self, session, nele):
        first, second, third = (enter(session) for _ in range(3))
        assert deeds.end_other_sign_ins(session, user_id=nele.id, key=second, now=NOW, by=GUEST) == 2
        assert [bool(who(session, key)) for key in (first, second, third)] == [False, True, False]

    def test_signs_out_for_good(self, session, nele):
        key = enter(session)
        deeds.sign_out(session, key=key, now=NOW, by=Actor("user", nele.id))
        assert who(session, key) is None

    def test_remembers_when_it_was_last_here(self, session, nele):
        key = enter(session)
        deeds.note_seen(session, user_id=nele.id, key=key, now=NOW + timedelta(minutes=20))
        session.rollback()
        assert session.scalar(select(SignIn.seen_at)) == NOW + timedelta(minutes=20)

    @pytest.mark.parametrize(("place", "rest"), [
        (None, timedelta(days=30)), ("farm", timedelta(days=30)), ("packer", timedelta(hours=12)),
        ("hub", timedelta(hours=8)),
    ])
    def test_rests_shorter_where_one_sees_the_data_of_many(self, session, nele, place, rest):
        if place:
            enterprises.member(session, nele, getattr(enterprises, place)(session))
        key = enter(session)
        a_little = timedelta(minutes=1)
        assert who(session, key, NOW + rest - a_little)
        assert who(session, key, NOW + rest) is None
        later = NOW + rest - a_little
        deeds.note_seen(session, user_id=nele.id, key=key, now=later)
        assert who(session, key, later + rest - a_little)
        assert who(session, key, later + rest) is None

    def test_does_not_come_back_to_life_by_being_seen(self, session, nele):
        key = enter(session)
        deeds.sign_out(session, key=key, now=NOW, by=GUEST)
        deeds.note_seen(session, user_id=nele.id, key=key, now=NOW + timedelta(hours=1))
        assert who(session, key) is None


class TestReset:
    @pytest.fixture
    def nele(self, session):
        return accounts.user(session, email="nele@post.example", password=PASSWORD)

    def reset(self, session, token, password=NEW, now=NOW):
        return deeds.reset_password(session, secret=token, password=password, browser=HOME, now=now,
                                    by=GUEST)

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
            deeds.change_password(session, user_id=nele.id, old="iets anders", new=NEW, key="x", now=NOW,
                                  by=GUEST)
        with pytest.raises(WrongPassword):
            deeds.ask_email_change(session, user_id=nele.id, email="n@post.example",
                                   password="iets anders", now=NOW)

    def test_changes_the_address_after_the_new_one_answered_and_tells_the_old(self, session, nele):
        deeds.ask_email_change(session, user_id=nele.id, email="Nele.Nieuw@post.example",
                               password=PASSWORD, now=NOW)
        (asked,) = mails(session)
        assert (asked.to_email, asked.template) == ("nele.nieuw@post.example", "change_email")
        assert enter(session)  # nothing has changed yet
        deeds.change_email(session, secret=asked.context["token"], now=NOW, by=GUEST)
        told = mails(session)[-1]
        assert (told.to_email, told.template) == ("nele@post.example", "email_changed")
        assert enter(session, email="nele.nieuw@post.example")

    def test_does_not_tell_that_the_new_address_has_an_account(self, session, nele):
        accounts.user(session, email="bart@post.example")
        deeds.ask_email_change(session, user_id=nele.id, email="bart@post.example", password=PASSWORD,
                               now=NOW)
        (mail,) = mails(session)
        assert (mail.to_email, mail.template) == ("bart@post.example", "account_exists")

    def test_refuses_an_address_that_was_taken_meanwhile(self, session, nele):
        deeds.ask_email_change(session, user_id=nele.id, email="nieuw@post.example", password=PASSWORD,
                               now=NOW)
        accounts.user(session, email="nieuw@post.example")
        token = secret(session, "change_email")
        with pytest.raises(EmailTaken):
            deeds.change_email(session, secret=token, now=NOW, by=GUEST)

    def test_refuses_what_is_no_address(self, session, nele):
        with pytest.raises(BadEmail):
            deeds.ask_email_change(session, user_id=nele.id, email="nieuw", password=PASSWORD, now=NOW)

    def test_saves_details(self, session, nele):
        deeds.save_details(session, user_id=nele.id, name=" Nele V. ", phone="0470 12 34 56",
                           language="en", now=NOW, by=GUEST)
        session.rollback()
        user = session.get(User, nele.id)
        assert (user.name, user.phone, user.language) == ("Nele V.", "+32470123456", "en")
