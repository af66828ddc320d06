"""Who is paid in `flask money simulate`: accounts that open, close and fall below zero, payouts held or sent by a file."""

from __future__ import annotations

from shortchain.cli import money_world as world
from shortchain.cli.money_stage import Stage
from shortchain.enterprises import payout_accounts as enterprise_accounts
from shortchain.journal import SYSTEM
from shortchain.payouts import preview
from shortchain.payouts.schedules import Interval, Schedule
from shortchain.workflows import bookkeeping, paying_by_file, payout_accounts, payout_holds

SHOP = "http://127.0.0.1"
CLOSES = world.HUB_ID + 1
"""The farm that cuts its tie with the provider in the second week, and takes up another in the third."""
FALLS = world.HUB_ID + 2
"""The farm from whose account more is taken than there is."""
BY_MONTH = world.HUB_ID + 4
"""The farm that wants its money once a month."""
TAKEN = 4_321
IBAN = "BE68539007547034"


def open_all(stage: Stage) -> None:
    """Give everybody without an account at the provider one, but for the last carrier: it has a bank account only."""
    for row in stage.rows.tables["enterprise"]:
        about = {"enterprise_id": row["id"], "now": stage.now, "by": SYSTEM}
        if row["id"] == _without(stage):
            payout_accounts.set_bank_account(stage.session, text=IBAN, **about)
            continue
        was = payout_accounts.account_of(stage.session, enterprise_id=row["id"])
        stage.session.rollback()
        payout_accounts.lead_to_provider(stage.session, stage.gateways, return_url=SHOP, refresh_url=SHOP, **about)
        payout_accounts.refresh(stage.session, stage.gateways, **about)
        stage.counts["accounts opened anew"] += was is not None and was != _account(stage, row["id"])
    payout_accounts.choose_schedule(
        stage.session, enterprise_id=BY_MONTH, schedule=Schedule(Interval.MONTHLY, 20), now=stage.now, by=SYSTEM
    )


def _without(stage: Stage) -> int:
    return int(stage.rows.tables["enterprise"][-1]["id"])


def _account(stage: Stage, enterprise_id: int) -> str:
    found = payout_accounts.account_of(stage.session, enterprise_id=enterprise_id)
    stage.session.rollback()
    return found or ""


def accounts(stage: Stage) -> list[str]:
    """List the open accounts at the provider."""
    known = enterprise_accounts.known(stage.session)
    found = [row.account for _number, row in sorted(known.items()) if row.closed_at is None]
    stage.session.rollback()
    return found


def close(stage: Stage, enterprise_id: int = CLOSES) -> None:
    """Let an enterprise cut its tie with the provider while it is owed money."""
    account = _account(stage, enterprise_id)
    if account not in accounts(stage):
        return
    stage.provider.control(f"accounts/{account}/close")
    stage.counts["accounts closed"] += 1
    stage.hear()


def fall_below_zero(stage: Stage, account: str = "") -> None:
    """Take more from an account than there is, as a correction of the provider does; the night tells."""
    account = account or _account(stage, FALLS)
    left = stage.gateways.payments.balance_of(account=account).minor
    stage.provider.control(f"accounts/{account}/take", {"amount": max(left, 0) + TAKEN})
    bookkeeping.compare_books(stage.session, stage.gateways, now=stage.now)
    stage.counts["accounts below zero"] += 1


def rise_again(stage: Stage) -> None:
    """Let the enterprise pay what was taken."""
    stage.provider.control(f"accounts/{_account(stage, FALLS)}/take", {"amount": -TAKEN})


def empty(stage: Stage, account: str) -> None:
    """Let the provider send what an account has to its bank, which may refuse it."""
    fails = stage.happens("payouts that a bank refused", 0.5)
    left = stage.gateways.payments.balance_of(account=account).minor
    stage.provider.control(f"accounts/{account}/pay_out", {"fails": fails})
    stage.counts["payouts that a bank refused"] += left > 0 and fails


def hold_one(stage: Stage) -> None:
    """Let the coordinator keep a payout back."""
    seen = preview.read(stage.session, hub_id=world.HUB_ID, now=stage.now)
    ready = [line.public_id for party in seen.parties for line in party.lines if line.state == preview.READY]
    stage.session.rollback()
    if ready and stage.happens("payouts held", 0.1):
        payout_holds.hold(
            stage.session,
            payout_public_id=stage.dice.choice(ready),
            hub_id=world.HUB_ID,
            reason="simulated",
            by=SYSTEM,
            now=stage.now,
        )
        stage.counts["payouts held"] += 1


def pay_by_file(stage: Stage) -> None:
    """Let the coordinator make a file for the bank, which carries it out, or never gets it."""
    try:
        file = paying_by_file.make(stage.session, hub_id=world.HUB_ID, by=SYSTEM, now=stage.now)
    except paying_by_file.NothingToPay:
        stage.session.rollback()
        return
    is_lost = stage.happens("bank files taken back", 0.1)
    deed = paying_by_file.withdraw if is_lost else paying_by_file.confirm
    done = deed(stage.session, public_id=file, hub_id=world.HUB_ID, by=SYSTEM, now=stage.now)
    stage.counts["bank files taken back" if is_lost else "payouts by bank file"] += 1 if is_lost else done
