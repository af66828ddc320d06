"""Direct debits: agreed to on a page, asked again without it, arriving or not days later, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import Agreement, PaymentGateway, PaymentStatus
from shortchain.kernel.ports import GatewayRefused
from tests.integration.stand_in.conftest import open_checkout
from tests.support.stand_in import RunningStandIn


def agreed(gateway: PaymentGateway, stand_in: RunningStandIn, key: str) -> tuple[PaymentStatus, Agreement]:
    page = open_checkout(gateway, key, method="sepa_debit")
    stand_in.pay(page.reference, method="sepa_debit")
    status = gateway.status(reference=page.reference)
    assert status.agreement is not None
    return status, status.agreement


def again(gateway: PaymentGateway, key: str, agreement: Agreement, cents: int = 800) -> str:
    return gateway.debit(
        key=key,
        amount=Money(cents),
        order_number="SC-26-00043",
        transfer_group=f"group-{key}",
        customer=agreement.customer,
        method=agreement.method,
    )


def test_is_under_way_first_and_there_days_later(gateway: PaymentGateway, stand_in: RunningStandIn, key: str) -> None:
    status, agreement = agreed(gateway, stand_in, key)
    assert (status.state, status.amount, agreement.account_end) == ("processing", Money(1234), "7034")
    assert agreement.reference
    stand_in.control(f"intents/{status.intent}/finish", {})
    assert gateway.status(reference=status.reference).state == "captured"


def test_debits_again_once_without_a_page(gateway: PaymentGateway, stand_in: RunningStandIn, key: str) -> None:
    _, agreement = agreed(gateway, stand_in, f"{key}-first")
    made = again(gateway, key, agreement)
    assert again(gateway, key, agreement) == made
    status = gateway.status(reference=made)
    assert (status.state, status.amount, status.agreement) == ("processing", Money(800), agreement)
    gateway.expire(reference=made)
    stand_in.control(f"intents/{made}/finish", {"outcome": "fails_later"})
    status = gateway.status(reference=made)
    assert (status.state, status.reason) == ("failed", "debit_not_authorized")


def test_debits_nobody_who_took_it_back(gateway: PaymentGateway, stand_in: RunningStandIn, key: str) -> None:
    _, agreement = agreed(gateway, stand_in, f"{key}-first")
    gateway.forget_agreement(method=agreement.method)
    gateway.forget_agreement(method=agreement.method)
    with pytest.raises(GatewayRefused):
        again(gateway, key, agreement)


def test_finds_a_debit_again_whose_answer_was_lost(gateway: PaymentGateway, stand_in: RunningStandIn, key: str) -> None:
    _, agreement = agreed(gateway, stand_in, f"{key}-first")
    stand_in.fault("500_after", match="POST /v1/payment_intents")
    made = again(gateway, key, agreement)
    since = datetime.now(UTC) - timedelta(minutes=5)
    stand_in.control(f"intents/{made}/finish", {})
    charge = gateway.status(reference=made).charge
    assert [one.amount for one in gateway.movements(since=since) if one.source == charge] == [Money(800)]


def test_lets_a_bank_take_a_debit_back_weeks_later(gateway: PaymentGateway, stand_in: RunningStandIn, key: str) -> None:
    status, _ = agreed(gateway, stand_in, key)
    stand_in.control(f"intents/{status.intent}/finish", {})
    dispute = stand_in.control(f"charges/{status.charge}/dispute", {"reason": "debit_not_authorized"})["id"]
    stand_in.control(f"disputes/{dispute}/close", {"outcome": "lost"})
    told = gateway.dispute_status(reference=dispute)
    assert (told.state, told.taken_cents, told.reason) == ("lost", 1234, "debit_not_authorized")
