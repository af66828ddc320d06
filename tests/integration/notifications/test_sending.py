"""Mails leave once, whatever happens to the mail server or to us."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.notifications import notices, sending
from shortchain.notifications.models import Notice, NoticeState
from shortchain.transaction import transaction
from tests.support.clock import Clock


def plain(template: str, *, language: str, context: Any) -> tuple[str, str, str]:
    if context.get("broken"):
        raise KeyError("name")
    return f"{template} {language}", f"Dag {context['name']}", "<p>Dag</p>"


def with_plain_mail(gateways: Gateways) -> Gateways:
    return dataclasses.replace(gateways, render_mail=plain)


def owe(session: Session, clock: Clock, key: str = "order:1:confirmed", **context: Any) -> int:
    with transaction(session):
        notice = notices.owe(
            session,
            key=key,
            template="order_confirmed",
            to_email="nele@post.example",
            language="nl",
            context={"name": "Nele", **context},
            now=clock.now,
        )
    return notice.id


def load(session: Session, notice_id: int) -> Notice:
    session.rollback()
    return session.scalars(select(Notice).where(Notice.id == notice_id).execution_options(populate_existing=True)).one()


def test_sends_what_is_due_and_keeps_the_words(session: Session, gateways: Gateways, clock: Clock) -> None:
    number = owe(session, clock)
    assert sending.send_due(session, with_plain_mail(gateways), now=clock.now) == 1
    notice = load(session, number)
    assert (notice.state, notice.sent_at, notice.text) == (NoticeState.SENT, clock.now, "Dag Nele")
    assert [mail.to for mail in gateways.mailer.sent] == ["nele@post.example"]


def test_sends_one_thing_once_however_often_it_is_owed_and_sent(
    session: Session, gateways: Gateways, clock: Clock
) -> None:
    first, again = owe(session, clock), owe(session, clock)
    assert first == again
    for _ in range(3):
        sending.send_due(session, with_plain_mail(gateways), now=clock.now)
    assert len(gateways.mailer.sent) == 1


def test_leaves_a_mail_to_the_worker_that_leased_it(session: Session, gateways: Gateways, clock: Clock) -> None:
    number = owe(session, clock)
    with transaction(session):
        session.get_one(Notice, number).leased_until = clock.now + sending.LEASE
    assert sending.send_due(session, with_plain_mail(gateways), now=clock.now) == 0
    assert not sending.send_one(session, with_plain_mail(gateways), notice_id=number, now=clock.now)
    clock.move(minutes=3)  # the other one died
    assert sending.send_due(session, with_plain_mail(gateways), now=clock.now) == 1


def test_repeats_a_mail_under_the_same_message_id(session: Session, gateways: Gateways, clock: Clock) -> None:
    number = owe(session, clock)
    mailer = with_plain_mail(gateways)
    sending.send_due(session, mailer, now=clock.now)
    with transaction(session):  # as when the process died after the mail left and before the mark
        notice = session.get_one(Notice, number)
        notice.state, notice.leased_until = NoticeState.DUE, clock.now
    sending.send_due(session, mailer, now=clock.move(minutes=3))
    assert len({mail.message_id for mail in gateways.mailer.sent}) == 1


def test_waits_longer_each_time_and_parks_after_eight(session: Session, gateways: Gateways, clock: Clock) -> None:
    number = owe(session, clock)
    gateways.mailer.fails = GatewayDown("mail server says 421")
    waits = []
    for _ in range(sending.MOST_TRIES):
        sending.send_due(session, with_plain_mail(gateways), now=clock.now)
        notice = load(session, number)
        waits.append(notice.due_at - clock.now)
        if notice.state is NoticeState.DUE:
            clock.now = notice.due_at
    assert load(session, number).state is NoticeState.PARKED
    assert waits[:-1] == sorted(waits[:-1])
    gateways.mailer.fails = None
    assert sending.retry_parked(session, public_id=load(session, number).public_id, now=clock.now)
    assert sending.send_due(session, with_plain_mail(gateways), now=clock.now) == 1


def test_gives_up_at_once_on_an_address_that_is_refused(session: Session, gateways: Gateways, clock: Clock) -> None:
    number = owe(session, clock)
    gateways.mailer.fails = GatewayRefused("recipient refused (550)")
    sending.send_due(session, with_plain_mail(gateways), now=clock.now)
    notice = load(session, number)
    assert (notice.state, notice.last_error) == (NoticeState.REFUSED, "recipient refused (550)")


def test_lets_a_mail_that_cannot_be_made_hold_up_no_other(session: Session, gateways: Gateways, clock: Clock) -> None:
    owe(session, clock, "broken", broken=True)
    owe(session, clock, "whole")
    assert sending.send_due(session, with_plain_mail(gateways), now=clock.now) == 1
