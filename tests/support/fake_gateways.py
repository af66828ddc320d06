"""Recorders at the outer edge, for tests that are not about the outside services themselves.

They keep the promises of `kernel.ports`: the same key gives the same answer, amounts are checked.
The gateway to Stripe has tests of its own against the stand-in (tests/integration/stand_in).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import (
    AccountStatus,
    Agreement,
    BadSignature,
    CheckoutStart,
    DisputeStatus,
    Movement,
    PaymentEvent,
    PaymentStatus,
    RefundStatus,
    ReversalStatus,
)
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Mail


@dataclass
class RecordingPayments:
    """A payment provider in memory. Tests say what the person or the provider does next.

    `down` makes every call fail as when the provider does not answer; `refusals` maps the name of a
    call to the reason with which it is refused.
    """

    down: bool = False
    refusals: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    checkouts: dict[str, PaymentStatus] = field(default_factory=dict)
    refunds: dict[str, RefundStatus] = field(default_factory=dict)
    transfers: dict[str, Money] = field(default_factory=dict)
    reversals: dict[str, Money] = field(default_factory=dict)
    taken: list[tuple[str, ReversalStatus]] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    accounts: dict[str, AccountStatus] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    disputes: dict[str, DisputeStatus] = field(default_factory=dict)
    moved: list[Movement] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)
    _by_key: dict[str, str] = field(default_factory=dict)

    # What a test lets happen.

    def pay(self, reference: str) -> PaymentStatus:
        """Let the person pay the checkout."""
        status = self.checkouts[reference]
        intent = status.intent or f"pi_{reference}"
        self.checkouts[reference] = replace(status, state="captured", charge=f"ch_{reference}", intent=intent)
        self._move("charge", status.amount.minor, f"ch_{reference}")
        return self.checkouts[reference]

    def agree(self, reference: str) -> None:
        """Let the person agree to a direct debit on the page: the money is on its way."""
        self.checkouts[reference] = replace(
            self.checkouts[reference],
            state="processing",
            charge=f"ch_{reference}",
            intent=f"pi_{reference}",
            agreement=Agreement("cus_1", f"pm_{reference}", "MANDATE1", "7034"),
        )

    def fail(self, reference: str, reason: str = "card_declined") -> None:
        """Let the payment be refused."""
        self.checkouts[reference] = replace(self.checkouts[reference], state="failed", reason=reason)

    def finish_refund(self, reference: str, state: str = "succeeded") -> None:
        """Let a pending refund arrive, or fail."""
        if state == "failed" and self.refunds[reference].state != "failed":
            self._move("refund_back", self.refunds[reference].amount.minor, reference)
        self.refunds[reference] = replace(self.refunds[reference], state=state)

    def dispute(self, reference: str, *, state: str = "open", fee_cents: int = 1500) -> str:
        """Let the customer's bank take the money of a paid checkout, or decide ('won', 'lost'); gives its name."""
        name, status = f"dp_{reference}", self.checkouts[reference]
        is_known = name in self.disputes
        taken = 0 if state in ("won", "inquiry") else status.amount.minor
        fee = fee_cents if state != "inquiry" else 0
        before = self.disputes[name].taken_cents if is_known else 0
        if taken != before or not is_known:
            self._move("dispute", before - taken, name, 0 if is_known else fee)
        self.disputes[name] = DisputeStatus(
            name,
            state,
            status.amount,
            taken,
            fee,
            charge=f"ch_{reference}",
            intent=f"pi_{reference}",
            key=self._key_of(reference),
            reason="general",
        )
        return name

    def refund_at_desk(self, intent: str, cents: int) -> str:
        """Let somebody give money back on the provider's own pages; gives its name."""
        reference = f"re_desk_{len(self.refunds) + 1}"
        self.refunds[reference] = RefundStatus(reference, "pending", Money(cents), intent=intent)
        self._move("refund", -cents, reference)
        return reference

    def reverse_at_desk(self, transfer: str, cents: int) -> str:
        """Let somebody take money of a transfer back on the provider's own pages; gives its name."""
        reference = f"trr_desk_{len(self.taken) + 1}"
        self.taken.append((transfer, ReversalStatus(reference, Money(cents))))
        self._move("reversal", cents, reference)
        return reference

    def close_account(self, account: str) -> None:
        """Let a seller cut the tie: the provider does not know the account any more."""
        del self.accounts[account]

    def enable(self, account: str) -> None:
        """Let a seller have told the provider everything."""
        self.accounts[account] = AccountStatus(account, can_receive=True, paid_out=True)

    def names(self) -> list[str]:
        """List the calls that were made, in order."""
        return [name for name, _values in self.calls]

    # The port.

    def start_checkout(self, *, key: str, amount: Money, **values: Any) -> CheckoutStart:
        reference = self._once("start_checkout", key, "cs", amount=amount, **values)
        self.checkouts.setdefault(reference, PaymentStatus(reference, "open", amount))
        return CheckoutStart(reference, f"https://pay.example/{reference}")

    def debit(self, *, key: str, amount: Money, customer: str, method: str, **values: Any) -> str:
        if method in self.forgotten:
            raise GatewayRefused("payment_method_unexpected_state")
        reference = self._once("debit", key, "pi", amount=amount, customer=customer, method=method, **values)
        if reference not in self.checkouts:
            agreement = Agreement(customer, method, "MANDATE1", "7034")
            self.checkouts[reference] = PaymentStatus(
                reference, "processing", amount, f"ch_{reference}", reference, agreement=agreement
            )
        return reference

    def forget_agreement(self, *, method: str) -> None:
        self._called("forget_agreement", method=method)
        self.forgotten.add(method)

    def status(self, *, reference: str) -> PaymentStatus:
        self._called("status", reference=reference)
        return self.checkouts[reference]

    def expire(self, *, reference: str) -> None:
        self._called("expire", reference=reference)
        if self.checkouts[reference].state == "open":
            self.checkouts[reference] = replace(self.checkouts[reference], state="expired")

    def refund(self, *, key: str, intent: str, amount: Money, reason: str) -> str:
        reference = self._once("refund", key, "re", intent=intent, amount=amount, reason=reason)
        if reference not in self.refunds:
            self.refunds[reference] = RefundStatus(reference, "pending", amount, intent=intent, key=key)
            self._move("refund", -amount.minor, reference)
        return reference

    def refunds_of(self, *, intent: str) -> list[RefundStatus]:
        self._called("refunds_of", intent=intent)
        return [one for one in self.refunds.values() if one.intent == intent]

    def reversals_of(self, *, transfer: str) -> list[ReversalStatus]:
        self._called("reversals_of", transfer=transfer)
        return [one for name, one in self.taken if name == transfer]

    def refund_status(self, *, reference: str) -> RefundStatus:
        self._called("refund_status", reference=reference)
        return self.refunds[reference]

    def transfer(self, *, key: str, account: str, amount: Money, **values: Any) -> str:
        if account not in self.accounts:
            raise GatewayRefused("resource_missing")
        reference = self._once("transfer", key, "tr", account=account, amount=amount, **values)
        if reference not in self.transfers:
            self.transfers[reference] = amount
            self._move("transfer", -amount.minor, reference)
        return reference

    def reverse_transfer(self, *, key: str, transfer: str, amount: Money) -> str:
        reference = self._once("reverse_transfer", key, "trr", transfer=transfer, amount=amount)
        if reference not in self.reversals:
            self.reversals[reference] = amount
            self.taken.append((transfer, ReversalStatus(reference, amount, key)))
            self._move("reversal", amount.minor, reference)
        return reference

    def open_account(self, *, key: str, **values: Any) -> str:
        account = self._once("open_account", key, "acct", **values)
        missing = AccountStatus(account, can_receive=False, paid_out=False, missing=("iban",))
        self.accounts.setdefault(account, missing)
        return account

    def onboarding_link(self, *, account: str, return_url: str, refresh_url: str) -> str:
        self._called("onboarding_link", account=account, return_url=return_url)
        return f"https://pay.example/onboarding/{account}"

    def desk_link(self, *, account: str) -> str:
        self._called("desk_link", account=account)
        return f"https://pay.example/desk/{account}"

    def account_status(self, *, account: str) -> AccountStatus:
        self._called("account_status", account=account)
        if account not in self.accounts:
            raise GatewayRefused("resource_missing")
        return self.accounts[account]

    def dispute_status(self, *, reference: str) -> DisputeStatus:
        self._called("dispute_status", reference=reference)
        return self.disputes[reference]

    def balance(self) -> Money:
        self._called("balance")
        return Money(sum(one.amount.minor - one.fee_cents for one in self.moved))

    def balance_of(self, *, account: str) -> Money:
        self._called("balance_of", account=account)
        if account not in self.accounts:
            raise GatewayRefused("account_invalid")
        return Money(self.balances.get(account, 0))

    def movements(self, *, since: datetime) -> Iterator[Movement]:
        self._called("movements", since=since)
        return iter([one for one in reversed(self.moved) if one.at >= since])

    def verify(self, *, payload: bytes, signature: str, now: datetime) -> PaymentEvent:
        if signature != "good":
            raise BadSignature("not signed")
        event = json.loads(payload)
        made = datetime.fromtimestamp(event.get("created", now.timestamp()), UTC)
        return PaymentEvent(event["id"], event["type"], made, event["data"]["object"], event.get("account", ""))

    def _move(self, kind: str, cents: int, source: str, fee_cents: int = 0) -> None:
        number = f"txn_{len(self.moved) + 1}"
        self.moved.append(Movement(number, kind, Money(cents), fee_cents, source, self.now))

    def _key_of(self, reference: str) -> str:
        return next(key.split(" ", 1)[1] for key, made in self._by_key.items() if made == reference)

    def _called(self, call: str, /, **values: Any) -> None:
        self.calls.append((call, values))
        if self.down:
            raise GatewayDown(call)
        if call in self.refusals:
            raise GatewayRefused(self.refusals[call])

    def _once(self, call: str, key: str, prefix: str, /, **values: Any) -> str:
        self._called(call, key=key, **values)
        return self._by_key.setdefault(f"{call} {key}", f"{prefix}_{len(self._by_key) + 1}")


@dataclass
class RecordingMailer:
    """Keeps every mail that left; `fails` is raised instead when set."""

    sent: list[Mail] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, mail: Mail) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(mail)


def signed(event_id: str, kind: str, /, *, of_account: str = "", **thing: Any) -> dict[str, Any]:
    """Give the arguments of `client.post` for a webhook that `RecordingPayments` accepts."""
    body: dict[str, Any] = {"id": event_id, "type": kind, "data": {"object": thing}}
    if of_account:
        body["account"] = of_account
    return {
        "data": json.dumps(body),
        "content_type": "application/json",
        "headers": {"Stripe-Signature": "good"},
    }
