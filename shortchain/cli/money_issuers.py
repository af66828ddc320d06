"""The issuer of vouchers in `flask money simulate`: it pays late, once too little, and settles what is left in the end."""

from __future__ import annotations

from dataclasses import dataclass

from shortchain.cli import money_world as world
from shortchain.cli.money_stage import Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.window import local_day
from shortchain.payments import issuer_payments, matching
from shortchain.payments.bank_statements import Credit
from shortchain.workflows import bookkeeping
from shortchain.workflows import issuer_payments as deeds

SHORT = 7
"""So many cents an issuer pays too little, and never puts right."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What an issuer is going to pay, or (a minus) asks, as a coordinator reads it."""

    public_id: str
    reference: str
    net_cents: int


def pay(stage: Stage, *, is_last: bool = False) -> None:
    """Let the issuer pay, hear of it as every night, and book what a statement of the bank says.

    The last time it settles: what went back onto vouchers beyond what was taken it asks of the platform.
    """
    if stage.issuer is None or not (is_last or stage.dice.random() < 0.5):
        return
    is_short = stage.is_sure and stage.happens("issuers that paid too little", 0.05)
    before = _announced(stage)
    stage.issuer.pay(short=SHORT if is_short else 0, settles=is_last)
    bookkeeping.compare_books(stage.session, stage.gateways, now=stage.now)
    told = _announced(stage)
    stage.counts["issuers that paid too little"] += is_short and len(told) > len(before)
    credits = [
        Credit("", f"CHQ {one.public_id}", local_day(stage.now), one.net_cents, "", one.reference)
        for one in told
        if one.net_cents > 0
    ]
    found = matching.match(stage.session, hub_id=world.HUB_ID, credits=credits)
    bills = [one.public_id for one in told if one.net_cents < 0]
    stage.session.rollback()
    for one in found:
        deeds.note_received(
            stage.session,
            public_id=one.issuer_public_id,
            by=SYSTEM,
            now=stage.now,
            credit=one.credit.reference,
        )
        stage.counts["payments of issuers"] += 1
    for public_id in bills:
        deeds.note_received(stage.session, public_id=public_id, by=SYSTEM, now=stage.now)
        stage.counts["bills of issuers"] += 1


def _announced(stage: Stage) -> list[Announced]:
    rows = issuer_payments.page(stage.session, hub_id=world.HUB_ID, now=stage.now).announced
    found = [Announced(row.public_id, row.reference, row.net_cents) for row in rows]
    stage.session.rollback()
    return found


def write_off(stage: Stage) -> None:
    """Let the coordinator write off what the issuer paid too little; any other difference stays one."""
    wrong = issuer_payments.page(stage.session, hub_id=world.HUB_ID, now=stage.now).wrong
    stage.session.rollback()
    for item in (one for one, _order, _number in wrong if one.off_cents == SHORT):
        deeds.write_off(
            stage.session,
            reference=item.reference,
            hub_id=world.HUB_ID,
            cents=item.off_cents,
            reason="simulated",
            by=SYSTEM,
            now=stage.now,
        )
        stage.counts["differences of issuers written off"] += 1
