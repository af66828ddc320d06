"""Enterprises join, and people join enterprises."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from shortchain.accounts.operations import BadEmail
from shortchain.enterprises import directory, people
from shortchain.enterprises.founding import BadKbo, KboTaken, NameMissing, StaleEdit
from shortchain.enterprises.models import Enterprise, EnterpriseKind, MemberRole
from shortchain.enterprises.payout_needs import Need
from shortchain.enterprises.people import AlreadyMember, ForSomebodyElse, InvitationOver, LastOwner
from shortchain.enterprises.seats import seats_of
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import GatewayDown
from shortchain.notifications.models import Notice
from shortchain.workflows import onboarding as deeds
from shortchain.workflows import payout_accounts as accounts_deeds
from shortchain.workflows.onboarding import NotConfirmed, TypedAddress, WhichPlace
from shortchain.workflows.payout_accounts import NoAccountYet
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts, enterprises

GENT = TypedAddress("Kouter", "1", "", "9000", "Gent")


@pytest.fixture
def bart(session):
    return accounts.user(session, name="Bart", email="bart@post.example")


@pytest.fixture
def by(bart):
    return Actor("user", bart.id)


@pytest.fixture
def farm(session, bart):
    made = enterprises.farm(
        session,
        name="Hoeve Ganzenveld",
        stripe_account=None,
        payouts_enabled=False,
        kbo="0100000070",
    )
    enterprises.member(session, bart, made)
    return made


def fresh(session, farm):
    session.rollback()
    return session.get(Enterprise, farm.id, populate_existing=True)


class TestFound:
    def found(self, session, gateways, person, **values):
        values = {
            "name": "Hoeve Ganzenveld",
            "kind": EnterpriseKind.FARM,
            "kbo": "0100.000.070",
            "address": GENT,
            "phone": "09 123 45 67",
            "language": "nl",
            **values,
        }
        return deeds.found_enterprise(
            session, gateways, user_id=person.id, now=NOW, by=Actor("user", person.id), **values
        )

    def test_makes_the_founder_its_owner_and_knows_where_it_is(self, session, gateways, bart):
        public_id = self.found(session, gateways, bart)
        (seat,) = seats_of(session, user_id=bart.id)
        made = session.scalar(select(Enterprise))
        assert (seat.public_id, seat.roles, seat.is_grower) == (public_id, {MemberRole.OWNER}, True)
        assert (made.kbo, made.municipality, made.slug) == (
            "0100000070",
            "Gent",
            "hoeve-ganzenveld",
        )
        assert 51.0 < made.lat < 51.1
        assert made.verified_at is None

    @pytest.mark.parametrize("kind", list(EnterpriseKind))
    def test_takes_every_kind(self, session, gateways, bart, kind):
        self.found(session, gateways, bart, kind=kind)
        assert session.scalar(select(Enterprise.kind)) == kind

    def test_gives_two_of_the_same_name_different_addresses(self, session, gateways, bart):
        self.found(session, gateways, bart)
        self.found(session, gateways, bart, kbo="0100.000.169")
        slugs = session.scalars(select(Enterprise.slug).order_by(Enterprise.id)).all()
        assert slugs == ["hoeve-ganzenveld", "hoeve-ganzenveld-2"]

    def test_takes_a_number_once(self, session, gateways, bart):
        self.found(session, gateways, bart)
        with pytest.raises(KboTaken):
            self.found(session, gateways, bart, kbo="BE0100000070")

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"kbo": "0100000071"}, BadKbo),
            ({"name": " "}, NameMissing),
            ({"address": TypedAddress("", "", "", "", "Xyzzyqrst")}, WhichPlace),
        ],
    )
    def test_refuses_and_makes_nothing(self, session, gateways, bart, wrong, refusal):
        with pytest.raises(refusal):
            self.found(session, gateways, bart, **wrong)
        session.rollback()
        assert session.scalar(select(Enterprise)) is None

    def test_asks_for_a_confirmed_address(self, session, gateways):
        with pytest.raises(NotConfirmed):
            self.found(session, gateways, accounts.user(session, confirmed=False))


class TestProfile:
    def save(self, session, farm, by, version=1, **values):
        values = {
            "name": "Ganzenveld",
            "email": "Hoeve@Post.example",
            "phone": "",
            "language": "fr",
            "people_names": "Bart en Lies",
            "legal_form": "",
            "court": "",
            "story": {"nl": "Sinds 1960.", "fr": " ", "xx": "?"},
            **values,
        }
        deeds.save_profile(session, enterprise_id=farm.id, version=version, now=NOW, by=by, **values)

    def test_saves_what_people_read(self, session, farm, by):
        self.save(session, farm, by)
        farm = fresh(session, farm)
        assert (farm.name, farm.email, farm.story) == (
            "Ganzenveld",
            "hoeve@post.example",
            {"nl": "Sinds 1960."},
        )

    def test_does_not_write_over_somebody_elses_save(self, session, farm, by):
        self.save(session, farm, by)
        with pytest.raises(StaleEdit):
            self.save(session, farm, by, version=1, name="Anders")
        assert fresh(session, farm).name == "Ganzenveld"

    def test_tells_routing_when_it_moves(self, session, gateways, farm, by):
        before = directory.number(session)
        deeds.move_enterprise(
            session,
            gateways,
            enterprise_id=farm.id,
            language="nl",
            now=NOW,
            by=by,
            address=TypedAddress("Kerkstraat", "1", "", "2400", "Mol"),
        )
        assert fresh(session, farm).postcode == "2400"
        assert directory.number(session) == before + 1

    def test_asks_when_it_does_not_know_the_place(self, session, gateways, farm, by):
        with pytest.raises(WhichPlace):
            deeds.move_enterprise(
                session,
                gateways,
                enterprise_id=farm.id,
                language="nl",
                now=NOW,
                by=by,
                address=TypedAddress("", "", "", "", "Wettteren aan zee bis"),
            )


class TestPeople:
    def invite(self, session, farm, by, email="lies@post.example", role=MemberRole.PLANNER, now=NOW):
        deeds.invite(
            session,
            enterprise_id=farm.id,
            email=email,
            role=role,
            invited_by_id=by.user_id,
            now=now,
            by=by,
        )
        session.rollback()
        return session.scalars(select(Notice).order_by(Notice.id.desc())).first().context["token"]

    def test_gives_the_invited_person_a_seat(self, session, farm, by):
        token = self.invite(session, farm, by, email="Lies@Post.example")
        lies = accounts.user(session, email="lies@post.example")
        deeds.accept_invitation(session, secret=token, user_id=lies.id, now=NOW, by=by)
        (seat,) = seats_of(session, user_id=lies.id)
        assert seat.roles == {MemberRole.PLANNER}
        with pytest.raises(InvitationOver):
            deeds.accept_invitation(session, secret=token, user_id=lies.id, now=NOW, by=by)

    def test_gives_nobody_else_a_seat(self, session, farm, by):
        token = self.invite(session, farm, by)
        other = accounts.user(session, email="jan@post.example")
        unproven = accounts.user(session, email="lies@post.example", confirmed=False)
        for person in (other, unproven):
            with pytest.raises(ForSomebodyElse):
                deeds.accept_invitation(session, secret=token, user_id=person.id, now=NOW, by=by)
            session.rollback()
            assert seats_of(session, user_id=person.id) == []

    def test_ends_after_two_weeks_or_when_withdrawn(self, session, farm, by):
        lies = accounts.user(session, email="lies@post.example")
        token = self.invite(session, farm, by)
        with pytest.raises(InvitationOver):
            deeds.accept_invitation(session, secret=token, user_id=lies.id, by=by, now=NOW + timedelta(days=14))
        (open_one,) = people.open_invitations(session, enterprise_id=farm.id, now=NOW)
        deeds.withdraw_invitation(session, enterprise_id=farm.id, public_id=open_one.public_id, now=NOW, by=by)
        with pytest.raises(InvitationOver):
            deeds.accept_invitation(session, secret=token, user_id=lies.id, now=NOW, by=by)

    def test_replaces_an_earlier_invitation(self, session, farm, by):
        first, second = self.invite(session, farm, by), self.invite(session, farm, by)
        with pytest.raises(InvitationOver):
            people.read_invitation(session, secret=first, now=NOW)
        assert people.read_invitation(session, secret=second, now=NOW).enterprise == "Hoeve Ganzenveld"

    def test_withdraws_its_own_only(self, session, farm, by):
        self.invite(session, farm, by)
        (open_one,) = people.open_invitations(session, enterprise_id=farm.id, now=NOW)
        other = enterprises.farm(session)
        with pytest.raises(NotFound):
            deeds.withdraw_invitation(session, enterprise_id=other.id, public_id=open_one.public_id, now=NOW, by=by)

    def test_refuses_whom_it_has_and_what_is_no_address(self, session, farm, by):
        with pytest.raises(AlreadyMember):
            self.invite(session, farm, by, email="bart@post.example", role=MemberRole.OWNER)
        with pytest.raises(BadEmail):
            self.invite(session, farm, by, email="lies")

    def test_keeps_the_last_owner(self, session, farm, bart, by):
        with pytest.raises(LastOwner):
            deeds.remove_member(session, enterprise_id=farm.id, public_id=bart.public_id, now=NOW, by=by)
        lies = accounts.user(session)
        enterprises.member(session, lies, farm, MemberRole.STAFF)
        deeds.add_role(
            session,
            enterprise_id=farm.id,
            public_id=lies.public_id,
            role=MemberRole.OWNER,
            now=NOW,
            by=by,
        )
        deeds.remove_member(session, enterprise_id=farm.id, public_id=bart.public_id, now=NOW, by=by)
        session.rollback()
        assert [one.name for one in people.members(session, enterprise_id=farm.id)] == ["Nele"]

    def test_takes_one_role_and_leaves_the_others(self, session, farm, bart, by):
        enterprises.member(session, bart, farm, MemberRole.DRIVER)
        deeds.remove_member(
            session,
            enterprise_id=farm.id,
            public_id=bart.public_id,
            role=MemberRole.DRIVER,
            now=NOW,
            by=by,
        )
        (member,) = people.members(session, enterprise_id=farm.id)
        assert member.roles == (MemberRole.OWNER,)

    def test_keeps_an_owner_when_two_leave_at_once(self, app, session, farm, bart, by):
        from shortchain.database import db

        lies = accounts.user(session)
        enterprises.member(session, lies, farm)
        ids, farm_id = [bart.public_id, lies.public_id], farm.id
        session.rollback()
        refused = []

        def leave(public_id):
            with app.app_context():
                try:
                    deeds.remove_member(db.session(), enterprise_id=farm_id, public_id=public_id, now=NOW, by=by)
                except LastOwner:
                    refused.append(public_id)

        threads = [threading.Thread(target=leave, args=(one,)) for one in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
        assert len(people.members(session, enterprise_id=farm_id)) == 1


class TestPayoutAccount:
    def lead(self, session, gateways, farm, by):
        return accounts_deeds.lead_to_provider(
            session,
            gateways,
            enterprise_id=farm.id,
            return_url="http://shop.example/terug",
            refresh_url="http://shop.example/opnieuw",
            now=NOW,
            by=by,
        )

    def test_opens_one_account_however_often(self, session, gateways, farm, by):
        first, second = (
            self.lead(session, gateways, farm, by),
            self.lead(session, gateways, farm, by),
        )
        assert first == second
        assert gateways.payments.names().count("open_account") == 1
        assert fresh(session, farm).stripe_account in first

    def test_opens_one_account_when_the_answer_was_lost(self, session, gateways, farm, by):
        lost = gateways.payments.open_account(key=f"account:{farm.public_id}", email="x", name="y", kbo="z")
        self.lead(session, gateways, farm, by)
        assert fresh(session, farm).stripe_account == lost

    def test_leaves_all_as_it_was_when_the_provider_is_down(self, session, gateways, farm, by):
        gateways.payments.down = True
        with pytest.raises(GatewayDown):
            self.lead(session, gateways, farm, by)
        assert fresh(session, farm).stripe_account is None

    def test_notes_whether_it_can_be_paid(self, session, gateways, farm, by):
        with pytest.raises(NoAccountYet):
            accounts_deeds.refresh(session, gateways, enterprise_id=farm.id, now=NOW, by=by)
        self.lead(session, gateways, farm, by)
        assert accounts_deeds.refresh(session, gateways, enterprise_id=farm.id, now=NOW, by=by).needs == (
            Need("other", "now"),
        )
        assert not fresh(session, farm).payouts_enabled
        gateways.payments.enable(fresh(session, farm).stripe_account)
        before = directory.number(session)
        accounts_deeds.refresh(session, gateways, enterprise_id=farm.id, now=NOW, by=by)
        assert fresh(session, farm).payouts_enabled
        assert directory.number(session) == before + 1
