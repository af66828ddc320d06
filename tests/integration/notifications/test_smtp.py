"""Mails through a real mail server on loopback: down, slow to accept, and back again."""

from __future__ import annotations

import dataclasses
import email
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.notifications.models import Notice, NoticeState
from tests.support.clock import Clock
from tests.support.market import Market, market
from tests.support.ports import free_port
from tests.support.running_shop import Post


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    kept = Post()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield kept, controller.port
    controller.stop()


def through(gateways: Gateways, port: int) -> Gateways:
    """Send with the real mailer. Loaded here: gateways are chosen by the composition alone."""
    from shortchain.gateways.smtp_mail import build_mailer

    mailer = build_mailer(url=f"smtp://127.0.0.1:{port}", sender="shortchain <post@shortchain.example>")
    return dataclasses.replace(gateways, mailer=mailer)


def read(kept: Post, to: str) -> list[EmailMessage]:
    return [
        email.message_from_bytes(one.content, policy=policy.default)  # type: ignore[misc]
        for one in kept.received
        if to in one.rcpt_tos
    ]


def test_confirms_an_order_with_all_that_the_law_asks(
    session: Session, gateways: Gateways, clock: Clock, post: tuple[Post, int]
) -> None:
    kept, port = post
    shop: Market = market(session, gateways)
    farm = shop.farms[0]
    farm.kbo, farm.street, farm.house_number, farm.phone = "0909337554", "Veldweg", "3", "09 000 00 01"
    shop.packers[0].kbo = "0417497106"  # who has a number charges VAT
    session.commit()
    order = shop.order(2, 3)
    number, total = order.number, order.total_cents
    session.rollback()
    sending.send_due(session, through(gateways, port), now=clock.now)
    [message] = read(kept, "nele@post.example")
    text = message.get_body(("plain",)).get_content().replace("\u00a0", " ").replace("\r\n", "\n")  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert number in message["Subject"]
    assert message["Message-ID"]
    for fact in (
        number,
        "Hof",
        "Veldweg 3",
        "0909.337.554",
        "09 000 00 01",  # who sells
        "2 stuks Prei",
        "3 stuks Kool",
        "€ 4,80",
        "€ 5,55",  # what, for how much
        f"€ {total // 100},{total % 100:02}",
        "\nBtw per verkoper\n- Hof, btw 6 %: € 0,27 op € 4,83\n- ",
        "De Pakker, btw 21 %: € 0,35 op € 2,00\n",
        "Akker: rekent geen btw aan, op € 5,60\n",  # the total and its VAT
        "Kouter 1, 9000 Gent",
        "do 26 nov, 17–\u206019 u.",  # where and when
        "kun je die koop niet herroepen (WER VI.53, 4°)",
        "wettelijke garantie",
        "/volg/",
    ):
        assert fact in text, fact
    assert "<h2>" in html
    assert "{{" not in html + text


def test_goes_on_while_the_mail_server_is_away_and_sends_once_when_it_is_back(
    session: Session, gateways: Gateways, clock: Clock, post: tuple[Post, int]
) -> None:
    kept, port = post
    shop = market(session, gateways)
    order_id = shop.order(1, 1).id
    session.rollback()
    assert sending.send_due(session, through(gateways, free_port()), now=clock.now) == 0  # nobody listens
    kept.refuses = True
    assert sending.send_due(session, through(gateways, port), now=clock.move(minutes=2)) == 0
    kept.refuses = False
    for _ in range(3):
        sending.send_due(session, through(gateways, port), now=clock.move(minutes=10))
    ids = kept.ids()
    assert len(ids) == len(set(ids)) >= 2
    session.rollback()
    told = session.scalars(select(Notice.state).where(Notice.order_id == order_id)).all()
    assert set(told) == {NoticeState.SENT}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_writes_in_the_readers_language(
    session: Session, gateways: Gateways, clock: Clock, post: tuple[Post, int], language: str
) -> None:
    kept, port = post
    shop = market(session, gateways)
    order = shop.order(1, 1)
    session.rollback()
    for notice in session.scalars(select(Notice).where(Notice.order_id == order.id)):
        notice.language = language
    session.commit()
    sending.send_due(session, through(gateways, port), now=clock.now)
    [message] = read(kept, "nele@post.example")
    assert {"fr": "est confirmée", "en": "is confirmed"}[language] in message["Subject"]
