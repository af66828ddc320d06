"""What happens after a payment: disputes, payouts that fail, accounts that close; the stand-in can produce each."""

from __future__ import annotations

import pytest

from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayRefused


def test_takes_the_money_of_a_dispute_and_gives_it_back_when_won(gateway, stand_in, receiver, paid, key):
    status, before = paid(), gateway.balance()
    dispute = stand_in.control(f"charges/{status.charge}/dispute", {"reason": "fraudulent"})["id"]
    opened = gateway.dispute_status(reference=dispute)
    assert (opened.state, opened.taken_cents, opened.intent) == ("open", 1234, status.intent)
    assert opened.key == f"{key}-paid"
    assert opened.answer_by is not None
    assert gateway.balance() == before - Money(1234)
    with pytest.raises(GatewayRefused, match="charge_disputed"):
        gateway.refund(key=key, intent=status.intent, amount=Money(1), reason="x")
    stand_in.control(f"disputes/{dispute}/close", {"outcome": "won"})
    assert (gateway.dispute_status(reference=dispute).state, gateway.balance()) == ("won", before)
    for kind in ("created", "funds_withdrawn", "funds_reinstated", "closed"):
        assert receiver.wait_for_type(f"charge.dispute.{kind}", about=dispute)


def test_leaves_the_money_of_a_lost_dispute_with_the_customer(gateway, stand_in, paid):
    status, before = paid(), gateway.balance()
    dispute = stand_in.control(f"charges/{status.charge}/dispute", {"amount": 1000})["id"]
    stand_in.control(f"disputes/{dispute}/close", {"outcome": "lost"})
    found = gateway.dispute_status(reference=dispute)
    assert (found.state, found.amount, found.taken_cents) == ("lost", Money(1000), 1000)
    assert gateway.balance() == before - Money(1000)


def test_moves_no_money_for_an_inquiry(gateway, stand_in, paid):
    status, before = paid(), gateway.balance()
    dispute = stand_in.control(f"charges/{status.charge}/dispute", {"inquiry": True})["id"]
    found = gateway.dispute_status(reference=dispute)
    assert (found.state, found.taken_cents, gateway.balance()) == ("inquiry", 0, before)


def test_lists_every_movement_of_our_balance(gateway, stand_in, paid, key, account):
    from datetime import UTC, datetime, timedelta

    status = paid()
    transfer = gateway.transfer(
        key=f"{key}-t", account=account, amount=Money(700), charge=status.charge, transfer_group=f"group-{key}-paid"
    )
    gateway.reverse_transfer(key=f"{key}-r", transfer=transfer, amount=Money(100))
    refund = gateway.refund(key=f"{key}-b", intent=status.intent, amount=Money(34), reason="x")
    dispute = stand_in.control(f"charges/{status.charge}/dispute", {"amount": 200})["id"]
    since = datetime.now(UTC) - timedelta(hours=1)
    rows = list(gateway.movements(since=since))
    own = [(row.kind, row.amount.minor, row.source) for row in rows][:5]
    assert own[0] == ("dispute", -200, dispute)
    assert own[1] == ("refund", -34, refund)
    assert own[2][:2] == ("reversal", 100)
    assert own[3] == ("transfer", -700, transfer)
    assert own[4] == ("charge", 1234, status.charge)
    assert (
        sum(row.amount.minor - row.fee_cents for row in rows if row.amount.currency == "EUR") == gateway.balance().minor
    )


def test_tells_that_a_bank_refused_a_payout(gateway, stand_in, client, receiver, paid, key, account):
    status = paid()
    gateway.transfer(
        key=key, account=account, amount=Money(700), charge=status.charge, transfer_group=f"group-{key}-paid"
    )
    assert stand_in.control(f"accounts/{account}/pay_out", {"fails": True})["amount"] == 0
    told = receiver.wait_for_type("payout.failed").event
    assert (told["account"], told["data"]["object"]["amount"]) == (account, 700)
    assert client.v1.balance.retrieve(options={"stripe_account": account}).available[0].amount == 700


def test_does_not_show_an_account_that_was_closed(gateway, stand_in, receiver, account):
    stand_in.control(f"accounts/{account}/close", {})
    assert receiver.wait_for_type("account.application.deauthorized").event["account"] == account
    with pytest.raises(GatewayRefused):
        gateway.account_status(account=account)
