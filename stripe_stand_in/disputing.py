"""Disputes: a customer asks the bank for the money back, and the bank takes it until it has decided."""

from __future__ import annotations

from typing import Any

from stripe_stand_in.balance import book
from stripe_stand_in.errors import ApiError, invalid
from stripe_stand_in.events import emit
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit, new_id

DAYS_TO_ANSWER = 7
REASONS = frozenset(
    {
        "fraudulent",
        "debit_not_authorized",
        "insufficient_funds",
        "bank_cannot_process",
        "general",
        "product_not_received",
        "product_unacceptable",
        "duplicate",
    }
)
_OPEN = frozenset({"needs_response", "warning_needs_response"})


def open_dispute(
    unit: Unit, charge_id: str, *, reason: str = "general", amount: int | None = None, inquiry: bool = False
) -> dict[str, Any]:
    """Let the customer's bank take money of a charge back; an inquiry asks first and takes nothing.

    :raises ApiError: for a charge that is not there, not paid or disputed already, or too much
    """
    charge = retrieve(unit, "charge", charge_id)
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise ApiError(400, f"Charge {charge_id} cannot be disputed.", code="charge_not_disputable")
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if reason not in REASONS or not 1 <= amount <= left:
        raise invalid("Invalid reason or amount.", param="amount")
    dispute: dict[str, Any] = {
        "id": new_id("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge_id,
        "created": int(unit.now),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "enhanced_eligibility": {},
            "submission_method": "not_submitted",
            "due_by": int(unit.now) + DAYS_TO_ANSWER * 24 * 3600,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    charge["disputed"] = True
    unit.save(charge)
    unit.add("dispute", dispute)
    emit(unit, "charge.dispute.created", dispute)
    if not inquiry:
        _move(unit, dispute, -amount, fee=unit.settings.dispute_fee)
        emit(unit, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(unit: Unit, dispute_id: str, *, outcome: str) -> dict[str, Any]:
    """Let the bank decide: 'won' gives the money back to the shop, 'lost' leaves it with the customer.

    :raises ApiError: for a dispute that is closed or not there, or another outcome
    """
    dispute = retrieve(unit, "dispute", dispute_id)
    if outcome not in {"won", "lost"} or dispute["status"] not in _OPEN:
        raise invalid(f"Dispute {dispute_id} is {dispute['status']} and cannot be {outcome}.")
    was_taken = bool(dispute["balance_transactions"])
    if not was_taken:
        dispute["status"] = "warning_closed"
    else:
        dispute["status"] = outcome
    if was_taken and outcome == "won":
        _move(unit, dispute, dispute["amount"])
        emit(unit, "charge.dispute.funds_reinstated", dispute)
    unit.save(dispute)
    emit(unit, "charge.dispute.closed", dispute)
    return dispute


def _move(unit: Unit, dispute: dict[str, Any], amount: int, *, fee: int = 0) -> None:
    booking = book(
        unit,
        account="",
        kind="adjustment",
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        fee=fee,
    )
    dispute["balance_transactions"].append(booking)
    unit.save(dispute)


def get(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/disputes/{id}"""
    return retrieve(unit, "dispute", call.path["id"])


def list_disputes(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/disputes"""
    filters = {"charge": "$.charge", "payment_intent": "$.payment_intent"}
    return list_page(unit, call, "dispute", "/v1/disputes", filters)
