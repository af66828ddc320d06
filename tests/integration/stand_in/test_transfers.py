"""Money goes to connected accounts, within what their charge brought in, and can come back."""

from __future__ import annotations

import pytest
import stripe

from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayRefused
from tests.integration.stand_in.conftest import gateway_to
from tests.support.stand_in import running_stand_in


def test_divides_a_charge_over_accounts_to_the_cent(gateway, client, paid, account, key):
    status = paid()
    group = f"group-{key}-paid"
    for number, cents in enumerate((1000, 200, 34)):
        gateway.transfer(
            key=f"{key}-{number}",
            account=account,
            amount=Money(cents),
            charge=status.charge,
            transfer_group=group,
        )
    listed = client.v1.transfers.list({"transfer_group": group}).data
    assert sum(transfer.amount for transfer in listed) == 1234
    with pytest.raises(GatewayRefused, match="amount_too_large"):
        gateway.transfer(
            key=f"{key}-more",
            account=account,
            amount=Money(1),
            charge=status.charge,
            transfer_group=group,
        )


def test_lists_what_was_taken_back_on_stripes_own_pages_beside_ours(gateway, stand_in, paid, account, key):
    made = gateway.transfer(
        key=key, account=account, amount=Money(900), charge=paid().charge, transfer_group=f"group-{key}-paid"
    )
    ours = gateway.reverse_transfer(key=f"{key}-back", transfer=made, amount=Money(200))
    theirs = stand_in.control(f"transfers/{made}/reverse", {"amount": 50})["id"]
    found = gateway.reversals_of(transfer=made)
    assert [(one.reference, one.amount, one.key) for one in found] == [
        (ours, Money(200), f"{key}-back"),
        (theirs, Money(50), ""),
    ]
    with pytest.raises(GatewayRefused, match="resource_missing"):
        gateway.reversals_of(transfer="tr_nothing")


def test_frees_what_is_taken_back(gateway, client, paid, account, key):
    status = paid()
    group = f"group-{key}-paid"
    made = gateway.transfer(key=key, account=account, amount=Money(1234), charge=status.charge, transfer_group=group)
    gateway.reverse_transfer(key=f"{key}-r", transfer=made, amount=Money(234))
    again = gateway.reverse_transfer(key=f"{key}-r", transfer=made, amount=Money(234))
    transfer = client.v1.transfers.retrieve(made)
    assert (transfer.amount_reversed, transfer.reversed) == (234, False)
    assert [reversal.id for reversal in transfer.reversals.data] == [again]
    with pytest.raises(GatewayRefused):
        gateway.reverse_transfer(key=f"{key}-r2", transfer=made, amount=Money(1001))
    gateway.transfer(
        key=f"{key}-2",
        account=account,
        amount=Money(234),
        charge=status.charge,
        transfer_group=group,
    )


def test_moves_balances_and_books_each_move(gateway, client, paid, account, key):
    before = client.v1.balance.retrieve().available[0].amount
    status = paid()
    made = gateway.transfer(
        key=key,
        account=account,
        amount=Money(1000),
        charge=status.charge,
        transfer_group=f"group-{key}-paid",
    )
    gateway.reverse_transfer(key=f"{key}-r", transfer=made, amount=Money(100))
    gateway.refund(key=f"{key}-f", intent=status.intent, amount=Money(50), reason="x")
    after = client.v1.balance.retrieve().available[0].amount
    theirs = client.v1.balance.retrieve(options={"stripe_account": account}).available[0].amount
    bookings = client.v1.balance_transactions.list({"limit": 4}).data
    assert after - before == 1234 - 1000 + 100 - 50
    assert theirs == 900
    assert [booking.net for booking in bookings] == [-50, 100, -1000, 1234]


def test_takes_nothing_back_from_an_empty_account(gateway, stand_in, paid, account, key):
    made = gateway.transfer(
        key=key,
        account=account,
        amount=Money(1000),
        charge=paid().charge,
        transfer_group=f"group-{key}-paid",
    )
    assert stand_in.control(f"accounts/{account}/pay_out", {}) == {"amount": 1000}
    with pytest.raises(GatewayRefused, match="balance_insufficient"):
        gateway.reverse_transfer(key=f"{key}-r", transfer=made, amount=Money(1))


def test_sends_without_a_charge_only_what_is_available(gateway, client, account, key):
    available = client.v1.balance.retrieve().available[0].amount
    with pytest.raises(GatewayRefused, match="balance_insufficient"):
        gateway.transfer(
            key=key,
            account=account,
            amount=Money(max(available, 0) + 1),
            charge=None,
            transfer_group="top-up",
        )


@pytest.mark.parametrize("change", [{"transfer_group": "another"}, {"charge": "py_nothing"}])
def test_refuses_a_charge_that_does_not_fit(gateway, paid, account, key, change):
    values = {"charge": paid().charge, "transfer_group": f"group-{key}-paid"} | change
    with pytest.raises(GatewayRefused):
        gateway.transfer(key=key, account=account, amount=Money(1), **values)


def test_makes_an_account_once(gateway, key):
    values = {"email": "boer@demo.example", "name": "De Testhoeve", "kbo": "0909337554"}
    made = gateway.open_account(key=key, **values)
    status = gateway.account_status(account=made)
    assert gateway.open_account(key=key, **values) == made
    assert (status.can_receive, status.paid_out, status.missing) == (True, True, ())


def test_pays_nobody_who_has_not_said_who_they_are(tmp_path, key):
    with running_stand_in(tmp_path, options=("--onboarding", "page", "--settle-seconds", "60")) as own:
        gateway = gateway_to(own)
        account = gateway.open_account(key=key, email="b@demo.example", name="B", kbo="0909337554")
        client = stripe.StripeClient(own.secret_key, base_addresses={"api": own.url})
        charge = client.v1.payment_intents.create(
            {
                "amount": 900,
                "currency": "eur",
                "confirm": True,
                "payment_method": "pm_card_visa",
                "transfer_group": "g",
            }
        ).latest_charge
        values = {"account": account, "amount": Money(500), "transfer_group": "g"}
        status = gateway.account_status(account=account)
        assert (status.can_receive, status.paid_out) == (False, False)
        assert "external_account" in status.missing
        with pytest.raises(GatewayRefused, match="insufficient_capabilities"):
            gateway.transfer(key="t1", charge=charge, **values)
        own.control(f"accounts/{account}/complete", {})
        assert gateway.account_status(account=account).can_receive
        with pytest.raises(GatewayRefused, match="balance_insufficient"):
            gateway.transfer(key="t2", charge=None, **values)
        assert gateway.transfer(key="t3", charge=charge, **values).startswith("tr_")
        balance = client.v1.balance.retrieve()
        assert (balance.available[0].amount, balance.pending[0].amount) == (-500, 900)
