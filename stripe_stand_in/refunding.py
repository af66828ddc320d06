"""Refunds: money goes back to where it came from, never more than came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stripe_stand_in.balance import book
from stripe_stand_in.charging import check_metadata
from stripe_stand_in.errors import ApiError, invalid
from stripe_stand_in.events import emit
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit, new_id

REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})
_SPOKEN = frozenset({"amount", "charge", "payment_intent", "metadata", "reason", "expand"})


def create(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/refunds"""
    params = call.params
    for name in params.keys() - _SPOKEN:
        raise invalid(f"The stand-in does not speak {name}.", param=name)
    if params.get("reason", "duplicate") not in REASONS:
        raise invalid(f"Invalid reason: must be one of {', '.join(sorted(REASONS))}", param="reason")
    charge = _charge(unit, call)
    amount = _amount(call, charge)
    by_bank = charge["payment_method_details"]["type"] != "card"
    identifier = new_id("pyr" if by_bank else "re")
    booking = book(
        unit,
        account=call.account,
        kind="payment_refund" if by_bank else "refund",
        amount=-amount,
        currency=charge["currency"],
        source=identifier,
    )
    refund = {
        "id": identifier,
        "object": "refund",
        "amount": amount,
        "balance_transaction": booking["id"],
        "charge": charge["id"],
        "created": int(unit.now),
        "currency": charge["currency"],
        "destination_details": {"type": charge["payment_method_details"]["type"]},
        "metadata": check_metadata(params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if by_bank else "succeeded",
        "transfer_reversal": None,
    }
    _change_refunded(unit, charge, amount)
    unit.add("refund", refund, account=call.account)
    emit(unit, "refund.created", refund, account=call.account)
    emit(unit, "charge.refunded", charge, account=call.account)
    fails = call.fault is not None and call.fault.name == "refund_fails"
    if by_bank or fails:
        unit.later(
            unit.settings.refund_seconds,
            "finish_refund",
            refund["id"],
            "failed" if fails else "succeeded",
        )
    return refund


def _amount(call: Call, charge: Mapping[str, Any]) -> int:
    """Return what to send back: what is asked, or all that is left, but never more."""
    left = charge["amount"] - charge["amount_refunded"]
    amount = call.params.get("amount", left)
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        raise invalid(
            f"Refund amount (€{amount / 100:.2f}) is greater than unrefunded amount on charge (€{left / 100:.2f})",
            param="amount",
            code="amount_too_large",
        )
    return int(amount)


def _charge(unit: Unit, call: Call) -> dict[str, Any]:
    params = call.params
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if "charge" in params:
        charge = retrieve(unit, "charge", params["charge"], account=call.account)
    else:
        intent = retrieve(unit, "payment_intent", params["payment_intent"], account=call.account)
        if intent["status"] != "succeeded":
            raise invalid(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = retrieve(unit, "charge", intent["latest_charge"], account=call.account)
    if charge["disputed"] and not _may_refund_disputed(unit, charge["id"]):
        raise ApiError(
            400, f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if charge["status"] != "succeeded":
        raise ApiError(400, f"Charge {charge['id']} did not succeed.", code="charge_not_refundable")
    return charge


def _may_refund_disputed(unit: Unit, charge_id: str) -> bool:
    """A charge whose dispute was won, or only asked about, can be refunded."""
    disputes = unit.select("dispute", "json_extract(body, '$.charge') = ?", (charge_id,))
    return all(one["status"] in {"won", "warning_needs_response", "warning_closed"} for one in disputes)


def _change_refunded(unit: Unit, charge: dict[str, Any], amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    unit.save(charge)


def finish(unit: Unit, refund_id: str, outcome: str) -> None:
    """End a refund that was on its way: 'succeeded', or 'failed' and the money is back with us."""
    refund = unit.find(refund_id, "refund")
    if refund is None or refund["status"] in {"failed", "canceled"}:
        return
    account = unit.owner(refund_id) or ""
    refund["status"] = outcome
    if outcome == "failed":
        charge = unit.find(refund["charge"], "charge")
        assert charge is not None
        booking = book(
            unit,
            account=account,
            amount=refund["amount"],
            currency=refund["currency"],
            kind="payment_failure_refund" if refund_id.startswith("pyr_") else "refund_failure",
            source=refund_id,
        )
        refund.update(failure_reason="expired_or_canceled_card", failure_balance_transaction=booking["id"])
        _change_refunded(unit, charge, -refund["amount"])
    unit.save(refund)
    emit(unit, "refund.updated", refund, account=account)
    if outcome == "failed":
        emit(unit, "refund.failed", refund, account=account)


def get(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/refunds/{id}"""
    return retrieve(unit, "refund", call.path["id"], account=call.account)


def list_refunds(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/refunds"""
    filters = {"charge": "$.charge", "payment_intent": "$.payment_intent"}
    return list_page(unit, call, "refund", "/v1/refunds", filters)
