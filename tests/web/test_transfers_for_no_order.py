"""What comes in by bank transfer and pays no order: a gift card, and what a hub owes for its codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.clearing import bank_matching
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.giftcards import operations as cards
from shortchain.giftcards.models import CardState, GiftCard
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.payments import bank_statements, matching
from shortchain.payments.transfer_message import message_of_card, message_of_codes
from shortchain.payouts import code_debts, ledger
from shortchain.payouts.code_debts import ASK_AFTER, OtherDebt
from shortchain.payouts.models import Account
from shortchain.workflows import bookkeeping, discount_codes, gift_cards
from tests.integration.workflows.test_discount_codes import ordered
from tests.integration.workflows.test_losses import found_by
from tests.support import paperwork
from tests.support.bank import Paid, camt, coda
from tests.support.client import Browser
from tests.support.codes import made_code
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_bank_statement import upload
from tests.web.test_complaining import enter
from tests.web.test_other_transfers import backs, bring

Write = Callable[[Sequence[Paid]], bytes]
DAY = timedelta(days=1)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def asked(client: Browser, session: Session, amount: str = "25") -> tuple[str, GiftCard]:
    """Order a card by bank transfer; gives the address of its page and the card."""
    form = client.page("/cadeaubon").form("/cadeaubon")
    done = client.submit(
        form, amount=amount, name="Keuken De Lepel", email="lepel@post.example", message="", method="transfer"
    )
    assert done.status_code == 303
    session.rollback()
    return done.location, session.scalars(select(GiftCard)).one()


def another(client: Browser) -> Browser:
    """Give the browser of somebody else."""
    found = client.application.test_client()
    assert isinstance(found, Browser)
    return found


def card_now(session: Session, card_id: int) -> GiftCard:
    session.rollback()
    return session.get_one(GiftCard, card_id, populate_existing=True)


@pytest.mark.parametrize("write", [camt, coda])
def test_a_card_that_is_transferred_is_made_and_mailed(
    client: Browser, session: Session, gateways: Gateways, shop: Market, write: Write
) -> None:
    place, card = asked(client, session)
    card_id, message = card.id, message_of_card(card.id)
    page = client.page(place)
    assert message in page and "€ 25,00" in page
    assert "QR-code met rekening" in client.get(place).text
    assert "ten laatste op ma 7 dec" in page
    assert "http-equiv" not in client.get(place).text, "nothing happens here within ten seconds"
    sending.send_due(session, gateways, now=shop.now)
    (mail,) = gateways.mailer.sent  # type: ignore[attr-defined]
    assert all(words in mail.text for words in ("25,00", message, "BE49", place))
    session.rollback()
    desk = enter(another(client), session, shop.cycle.hub_id)
    done = bring(desk, write([Paid(2500, f"bon {message}", name="De Lepel")]))
    assert "Cadeaubon van € 25,00 is betaald" in done
    card = card_now(session, card_id)
    assert (card.state, card.balance_cents, card.payer_name) == (CardState.LIVE, 2500, "De Lepel")
    assert re.search(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", client.get(place).text)
    told = [one.template for one in session.scalars(select(Notice).order_by(Notice.id))]
    assert told == ["gift_card_asked", "gift_card_ready"]
    session.rollback()
    assert "was al geboekt" in upload(desk, write([Paid(2500, message, name="De Lepel")])).text
    bookkeeping.compare_books(session, gateways, now=shop.now + DAY)
    assert checks.check_all(session, now=shop.now + DAY) == [], "it lies on our own account, not with the provider"
    assert ledger.balance(session, account=Account.GIFT_CARD) == -2500


def test_another_amount_or_a_second_time_goes_back(client: Browser, session: Session, shop: Market) -> None:
    _place, card = asked(client, session)
    card_id, message = card.id, message_of_card(card.id)
    session.rollback()
    desk = enter(another(client), session, shop.cycle.hub_id)
    page = Page(upload(desk, camt([Paid(2400, message), Paid(2500, message), Paid(2500, message)])))
    assert "een ander bedrag dan we verwachten" in page and "tweede keer betaald" in page
    assert "te betalen: € 25,00" in page
    states = [
        one.state for one in _matched(session, shop, [Paid(2400, message), Paid(2500, message), Paid(2500, message)])
    ]
    assert states == [matching.AWAITED_OTHER, matching.AWAITED, matching.TWICE]
    bring(desk, camt([Paid(2400, message), Paid(2500, message)]))
    assert card_now(session, card_id).state is CardState.LIVE
    assert backs(session) == [], "nobody ticked that it goes back"
    assert checks.check_all(session, now=shop.now) == []


def _matched(session: Session, shop: Market, paid: Sequence[Paid]) -> list[matching.Match]:
    found = bank_matching.match(session, hub_id=shop.cycle.hub_id, credits=bank_statements.read(camt(paid)))
    session.rollback()
    return found


def test_a_card_that_nobody_pays_lapses_and_late_money_goes_back(
    client: Browser, session: Session, shop: Market
) -> None:
    place, card = asked(client, session)
    card_id, message = card.id, message_of_card(card.id)
    session.rollback()
    last = shop.now + cards.TRANSFER_DAYS * DAY + cards.TRANSFER_GRACE
    assert gift_cards.lapse(session, now=last - DAY) == 0
    assert gift_cards.lapse(session, now=last + DAY) == 1
    assert gift_cards.lapse(session, now=last + DAY) == 0
    assert "Vervallen" in client.page(place)
    (found,) = _matched(session, shop, [Paid(2500, message)])
    assert found.state == matching.OFF
    with pytest.raises(Exception, match="wacht niet"):
        gift_cards.book_transfer(
            session,
            public_id=card_now(session, card_id).public_id,
            credit=found.credit,
            hub_id=shop.cycle.hub_id,
            by=SYSTEM,
            now=last + DAY,
        )
    session.rollback()
    assert checks.check_all(session, now=last + DAY) == []


def test_who_gives_it_back_unspent_is_paid_over_the_bank(client: Browser, session: Session, shop: Market) -> None:
    place, card = asked(client, session)
    card_id, message = card.id, message_of_card(card.id)
    session.rollback()
    desk = enter(another(client), session, shop.cycle.hub_id)
    bring(desk, camt([Paid(2500, message, name="De Lepel")]))
    client.submit(client.page(place).form("/teruggeven"))
    assert gift_cards.send_refunds(session, shop.gateways, now=shop.now + DAY) == 0, "no provider has this money"
    page = desk.page("/hub")
    assert "Betaal een cadeaubon terug" in page and "De Lepel · BE68539007547034" in page
    session.rollback()
    task = session.scalars(select(CoordinatorTask.public_id).where(CoordinatorTask.kind == gift_cards.BY_HAND)).one()
    session.rollback()
    assert ledger.balance(session, account=Account.GIFT_CARD) == -2500, "owed until it is sent"
    path = f"/hub/taken/{task}/bon-terugbetaald"
    assert "€ 25,00 is terugbetaald" in Page(desk.post(path, data={}, follow_redirects=True))
    assert "Dit was al gedaan" in Page(desk.post(path, data={}, follow_redirects=True))
    assert ledger.balance(session, account=Account.GIFT_CARD) == 0
    assert card_now(session, card_id).refunded_at is not None
    bookkeeping.compare_books(session, shop.gateways, now=shop.now + DAY)
    assert checks.check_all(session, now=shop.now + DAY) == []


def test_a_hubs_payment_of_its_codes_is_found_on_the_statement(client: Browser, session: Session, shop: Market) -> None:
    paperwork.numbered(shop)
    hub_id = shop.cycle.hub_id
    order = ordered(shop, made_code(shop, hub_id, "amount", 500, least_cents=500), 2, 3)
    paperwork.finish(shop, order)
    message = message_of_codes(hub_id)
    desk = enter(client, session, hub_id)
    page = desk.page("/hub/geld")
    assert message in page and "€ 5,00" in page
    assert "QR-code met rekening" in desk.get("/hub/geld").text
    session.rollback()
    done = bring(desk, camt([Paid(200, f"kortingscodes {message}", name="Hub")]))
    assert "€ 2,00 van de hub is geboekt." in done
    assert code_debts.owed(session) == {hub_id: 300}
    session.rollback()
    both = camt([Paid(200, message, name="Hub"), Paid(301, message, name="Hub")])
    page = Page(upload(desk, both))
    assert "was al geboekt" in page and "een ander bedrag dan we verwachten" in page and "te betalen: € 3,00" in page
    with pytest.raises(OtherDebt):
        discount_codes.note_received(session, hub_id=hub_id, cents=301, reference="REF1", by=SYSTEM, now=shop.now)
    session.rollback()
    bring(desk, camt([Paid(200, message, name="Hub"), Paid(300, message, name="Hub")]))
    assert code_debts.owed(session) == {}
    assert ledger.balance(session, account=Account.DISCOUNT) == 0
    session.rollback()
    assert message not in desk.page("/hub/geld")
    assert found_by(shop, ASK_AFTER + 5 * DAY) == []


def test_another_hub_finds_no_codes_of_this_one(session: Session, shop: Market) -> None:
    (found,) = _matched(session, shop, [Paid(200, message_of_codes(shop.farms[0].id))])
    assert found.state == matching.UNKNOWN


def test_a_terminal_books_them_too(client: Browser, session: Session, shop: Market, tmp_path: Path) -> None:
    paperwork.numbered(shop)
    hub_id = shop.cycle.hub_id
    order = ordered(shop, made_code(shop, hub_id, "amount", 500, least_cents=500), 2, 3)
    paperwork.finish(shop, order)
    _place, card = asked(client, session)
    card_id, slug = card.id, session.get_one(Enterprise, hub_id).slug
    session.rollback()
    file = tmp_path / "afschrift.xml"
    file.write_bytes(camt([Paid(2500, message_of_card(card_id)), Paid(500, message_of_codes(hub_id), name="Hub")]))
    command = ["bank", "match", str(file), "--hub", slug]
    run = client.application.test_cli_runner()
    looked = run.invoke(args=command)
    assert (looked.exit_code, looked.output.count("awaited"), "0 to look at" in looked.output) == (0, 2, True)
    assert card_now(session, card_id).state is CardState.ASKED
    assert run.invoke(args=[*command, "--book"]).output.count("booked now") == 2
    assert card_now(session, card_id).state is CardState.LIVE
    assert code_debts.owed(session) == {}
    session.rollback()
    assert run.invoke(args=[*command, "--book"]).output.count("booked  ") == 2
