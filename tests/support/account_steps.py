"""What people do with their account, in one word each; and the mails that follow."""

from __future__ import annotations

from sqlalchemy import select

from shortchain.accounts import people
from shortchain.journal import GUEST
from shortchain.notifications.models import Notice
from shortchain.workflows import accounts as deeds
from shortchain.workflows.accounts import Browser
from tests.support.clock import MONDAY_MORNING as NOW
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
    deeds.register(
        session,
        email=email,
        name="Nele",
        password=password,
        language="fr",
        browser=HOME,
        now=now,
        by=GUEST,
    )


def enter(session, password=PASSWORD, email="nele@post.example", now=NOW, browser=HOME):
    return deeds.sign_in(session, email=email, password=password, browser=browser, now=now, by=GUEST)


def who(session, key, now=NOW):
    session.rollback()
    return people.find_signed_in(session, key=key, now=now)
