"""`flask bank match`: what came in by transfer, from a file of the bank."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from shortchain.clearing import bank_matching
from shortchain.config import Settings
from shortchain.database import db
from shortchain.enterprises import seats
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import DomainError
from shortchain.payments import bank_statements, matching
from shortchain.payments.matching import Match
from shortchain.workflows import bank_credits, discount_codes, gift_cards, issuer_payments

bank = AppGroup("bank", help="Statements of the bank.")


@bank.command("match")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--hub", "slug", required=True, help="The name of the hub in its address.")
@click.option("--book", is_flag=True, help="Book what is exact; without it nothing changes.")
def match(file: Path, slug: str, book: bool) -> None:
    """Find the orders of a hub that a CAMT.053 or CODA file pays; safe to run twice on the same file.

    Exits with 1 when a credit needs somebody to look at it.
    """
    settings: Settings = current_app.extensions["shortchain.settings"]
    session, gateways, now = db.session(), current_app.extensions["shortchain.gateways"], datetime.now(UTC)
    try:
        credits = bank_statements.read(file.read_bytes(), own_account=settings.bank_account)
        hub_id = seats.hub_of(session, slug=slug)
    except DomainError as refusal:
        raise click.ClickException(f"{type(refusal).__name__}: {refusal}") from None
    found = bank_matching.match(session, hub_id=hub_id, credits=credits)
    session.rollback()
    open_ones = 0
    for one in found:
        state = one.state
        if book and state == matching.EXACT and one.order_id is not None:
            bank_credits.mark_transfer_received(
                session,
                gateways,
                order_id=one.order_id,
                hub_id=hub_id,
                by=SYSTEM,
                now=now,
                credit=one.credit.reference,
            )
            state = "booked now"
        if book and state == matching.ISSUER:
            issuer_payments.note_received(
                session, public_id=one.issuer_public_id, by=SYSTEM, now=now, credit=one.credit.reference
            )
            state = "booked now"
        if book and state == matching.AWAITED:
            _book_awaited(session, one, hub_id, now)
            state = "booked now"
        open_ones += state not in ("booked now", matching.EXACT, matching.ISSUER, matching.AWAITED, matching.BOOKED)
        euros = f"{one.credit.cents // 100}.{one.credit.cents % 100:02d}"
        click.echo(f"{one.credit.day.isoformat()}  {euros:>12}  {state:<10}  {one.number:<14}  {one.credit.name}")
    click.echo(f"{len(found)} credits, {open_ones} to look at")
    sys.exit(bool(open_ones))


def _book_awaited(session: Session, one: Match, hub_id: int, now: datetime) -> None:
    """Book what pays a gift card, or what a hub owes for its codes."""
    assert one.awaited is not None, "the state says so"
    credit = one.credit
    if one.awaited.kind == bank_matching.CARD:
        gift_cards.book_transfer(
            session, public_id=one.awaited.public_id, credit=credit, hub_id=hub_id, by=SYSTEM, now=now
        )
    else:
        discount_codes.note_received(
            session, hub_id=hub_id, cents=credit.cents, reference=credit.reference, by=SYSTEM, now=now
        )
