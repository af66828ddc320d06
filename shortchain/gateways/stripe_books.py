"""What lies with Stripe and how it moved: the balance, its movements, disputes. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import stripe

from shortchain.gateways.stripe_calls import KEY_FIELD, translated
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import DisputeStatus, Movement, RefundStatus, ReversalStatus

if TYPE_CHECKING:
    from stripe._v1_services import V1Services
    from stripe.params import BalanceTransactionListParams

PAGE = 100
KINDS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_back",
    "payment_failure_refund": "refund_back",
    "transfer": "transfer",
    "transfer_refund": "reversal",
    "payout": "payout",
    "payout_failure": "payout_back",
    "topup": "topup",
}
"""Stripe's types of balance transactions in our words; any other keeps its own."""

_DISPUTE_STATES = {"won": "won", "warning_closed": "won", "lost": "lost", "prevented": "won"}


class StripeBooks:
    """The reading half of `PaymentGateway` by Stripe."""

    _api: V1Services

    def refund_status(self, *, reference: str) -> RefundStatus:
        """Ask what became of a refund: a bank may take days, and may send the money back.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the refund
        """
        with translated():
            return _refund(self._api.refunds.retrieve(reference).to_dict())

    def refunds_of(self, *, intent: str) -> list[RefundStatus]:
        """List the refunds of a payment, also those that somebody made on Stripe's own pages; the oldest first.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the payment
        """
        with translated():
            found = self._api.refunds.list({"payment_intent": intent, "limit": PAGE})
            return [_refund(one.to_dict()) for one in found.auto_paging_iter()][::-1]

    def reversals_of(self, *, transfer: str) -> list[ReversalStatus]:
        """List the reversals of a transfer, also those that somebody made on Stripe's own pages; the oldest first.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the transfer
        """
        with translated():
            found = self._api.transfers.reversals.list(transfer, {"limit": PAGE})
            rows = [one.to_dict() for one in found.auto_paging_iter()][::-1]
        return [ReversalStatus(one["id"], Money(one["amount"], one["currency"].upper()), _key_of(one)) for one in rows]

    def dispute_status(self, *, reference: str) -> DisputeStatus:
        """Ask how a dispute stands.

        What was taken is added up from the movements that Stripe lists in it, so that it is right also
        for a part, and for a fee that Stripe keeps though the dispute was won.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: when Stripe does not know the dispute
        """
        with translated():
            found = self._api.disputes.retrieve(reference, {"expand": ["payment_intent"]})
        plain = found.to_dict()
        intent = plain.get("payment_intent") or {}
        movements = plain.get("balance_transactions") or []
        due = (plain.get("evidence_details") or {}).get("due_by")
        status = plain["status"]
        open_state = "inquiry" if status.startswith("warning_") else "open"
        return DisputeStatus(
            plain["id"],
            _DISPUTE_STATES.get(status, open_state),
            Money(plain["amount"], plain["currency"].upper()),
            taken_cents=-sum(one["amount"] for one in movements),
            fee_cents=sum(one["fee"] for one in movements),
            charge=str(plain["charge"]),
            intent=intent.get("id", ""),
            key=(intent.get("metadata") or {}).get(KEY_FIELD, ""),
            reason=plain.get("reason") or "",
            answer_by=datetime.fromtimestamp(due, UTC) if due else None,
        )

    def balance(self) -> Money:
        """Ask what lies on our balance, in euro: available and on its way.

        :raises GatewayDown: when Stripe does not answer
        """
        with translated():
            return _in_euro(self._api.balance.retrieve().to_dict())

    def balance_of(self, *, account: str) -> Money:
        """Ask what lies on the balance of a connected account, in euro: available and on its way.

        :raises GatewayDown: when Stripe does not answer
        :raises GatewayRefused: for an account that we may not see (any more)
        """
        with translated():
            return _in_euro(self._api.balance.retrieve(None, {"stripe_account": account}).to_dict())

    def movements(self, *, since: datetime) -> Iterator[Movement]:
        """List the movements of our balance from `since` on, the newest first, page by page.

        :raises GatewayDown: when Stripe does not answer
        """
        wanted: BalanceTransactionListParams = {"limit": PAGE, "created": {"gte": int(since.timestamp())}}
        while True:
            with translated():
                page = self._api.balance_transactions.list(wanted)
            for one in page.data:
                yield _movement(one)
            if not page.has_more or not page.data:
                return
            wanted["starting_after"] = page.data[-1].id


def _in_euro(plain: dict[str, Any]) -> Money:
    parts = [*plain["available"], *plain["pending"]]
    return Money(sum(part["amount"] for part in parts if part["currency"] == "eur"))


_REFUND_STATES = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}


def _refund(plain: dict[str, Any]) -> RefundStatus:
    return RefundStatus(
        plain["id"],
        _REFUND_STATES.get(plain.get("status") or "", "pending"),
        Money(plain["amount"], plain["currency"].upper()),
        plain.get("failure_reason"),
        str(plain.get("payment_intent") or ""),
        _key_of(plain),
    )


def _key_of(plain: dict[str, Any]) -> str:
    return str((plain.get("metadata") or {}).get(KEY_FIELD) or "")


def _movement(one: stripe.BalanceTransaction) -> Movement:
    source = one.source if isinstance(one.source, str) else getattr(one.source, "id", "")
    kind = KINDS.get(one.type, one.type)
    if one.type == "adjustment" and source.startswith(("dp_", "du_")):
        kind = "dispute"
    at = datetime.fromtimestamp(one.created, UTC)
    return Movement(one.id, kind, Money(one.amount, one.currency.upper()), one.fee, source, at)
