"""The mails about accounts and invitations, in three languages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shortchain.enterprises.models import MemberRole
from shortchain.journal import GUEST, Actor
from shortchain.notifications.models import Notice
from shortchain.workflows import accounts as deeds
from shortchain.workflows import onboarding
from shortchain.workflows.accounts import Browser
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import PASSWORD

pytestmark = pytest.mark.sqlite_only
HOME = Browser("192.0.2.7")


@pytest.fixture
def owed(session):
    """Let everything happen that leads to a mail, and give the mails."""
    nele = accounts.user(session, name="Nele & Co", email="nele@post.example", password=PASSWORD)
    for email in ("nieuw@post.example", "nele@post.example"):
        deeds.register(
            session,
            email=email,
            name="<b>Nieuw</b>",
            password=PASSWORD,
            language="nl",
            browser=HOME,
            now=NOW,
            by=GUEST,
        )
    deeds.ask_reset(session, email=nele.email, browser=HOME, now=NOW)
    deeds.change_password(session, user_id=nele.id, old=PASSWORD, new="elf bussels radijs", key="", now=NOW, by=GUEST)
    deeds.ask_email_change(session, user_id=nele.id, email="ander@post.example", password="elf bussels radijs", now=NOW)
    change = session.scalars(select(Notice).where(Notice.template == "change_email")).one()
    deeds.change_email(session, secret=change.context["token"], now=NOW, by=GUEST)
    farm = enterprises.farm(session, name="Hoeve Ganzenveld")
    onboarding.invite(
        session,
        enterprise_id=farm.id,
        email="lies@post.example",
        role=MemberRole.PLANNER,
        invited_by_id=nele.id,
        now=NOW,
        by=Actor("user", nele.id),
    )
    session.rollback()
    return session.scalars(select(Notice).order_by(Notice.id)).all()


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_writes_each_mail_with_its_link(owed, gateways, language):
    found = set()
    for notice in owed:
        subject, text, html = gateways.render_mail(notice.template, language=language, context=notice.context)
        found.add(notice.template)
        assert 5 < len(subject) <= 120
        assert "\n" not in subject
        if "token" in notice.context:
            link = next(word for word in text.split() if notice.context["token"] in word)
            assert link.startswith("http")
            assert f'href="{link}"' in html
        assert "<b>Nieuw" not in html
        assert "{{" not in text + html
        assert "{%" not in text + html
    assert found == {
        "confirm_email",
        "account_exists",
        "reset_password",
        "password_changed",
        "change_email",
        "email_changed",
        "invitation",
    }


def test_leads_to_pages_that_exist(owed, gateways, client):
    """Some of these links are spent by now; their pages say so (410), while a path that is not there is a 404."""
    for notice in owed:
        _subject, text, _html = gateways.render_mail(notice.template, language="nl", context=notice.context)
        for word in text.split():
            if word.startswith("http"):
                path = "/" + word.split("/", 3)[3]
                assert client.get(path).status_code in (200, 410), path
