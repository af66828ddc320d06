"""Deeds with one's account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shortchain.accounts import sign_ins
from shortchain.accounts.attempts import TooManyTries
from shortchain.accounts.models import SignIn, User
from shortchain.accounts.operations import NotMatching
from shortchain.accounts.passwords import TooCommon, TooPersonal
from shortchain.accounts.tokens import LinkUsedUp
from shortchain.journal import GUEST, Actor
from shortchain.kernel.errors import NotFound
from shortchain.workflows import accounts as deeds
from shortchain.workflows.accounts import Browser
from tests.support.account_steps import HOME, NEW, enter, mails, register, secret, who
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import PASSWORD


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
        return deeds.confirm_email(session, secret=token, password=password, browser=HOME, now=now, by=GUEST)

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
        for email, password in (
            ("nele@post.example", "iets anders"),
            ("niemand@post.example", PASSWORD),
            ("uit@post.example", PASSWORD),
            ("nieuw@post.example", PASSWORD),
            ("geen adres", PASSWORD),
        ):
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
            ("Firefox, Linux", True),
            ("Firefox, Linux", False),
        ]

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

    @pytest.mark.parametrize(
        ("place", "rest"),
        [
            (None, timedelta(days=30)),
            ("farm", timedelta(days=30)),
            ("packer", timedelta(hours=12)),
            ("hub", timedelta(hours=8)),
        ],
    )
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
