"""Direct debits: who agreed to them, on which bank account, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stripe_stand_in.errors import invalid
from stripe_stand_in.events import emit
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit, new_id

DAYS_TO_BANK = 5


def new_customer(unit: Unit, email: str | None) -> dict[str, Any]:
    """Keep somebody who will come back."""
    customer = {
        "id": new_id("cus", length=14),
        "object": "customer",
        "balance": 0,
        "created": int(unit.now),
        "email": email,
        "livemode": False,
        "metadata": {},
        "name": None,
    }
    unit.add("customer", customer)
    return customer


def agree(unit: Unit, *, customer: str | None, email: str | None, reusable: bool) -> dict[str, Any]:
    """Keep that somebody typed their bank account and agreed to be debited; returns the payment method."""
    method = {
        "id": new_id("pm"),
        "object": "payment_method",
        "billing_details": {"address": None, "email": email, "name": None, "phone": None, "tax_id": None},
        "created": int(unit.now),
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "sepa_debit": {
            "bank_code": "539",
            "branch_code": "",
            "country": "BE",
            "fingerprint": new_id("x", length=16)[2:],
            "last4": "7034",
        },
        "type": "sepa_debit",
    }
    reference = new_id("X", length=16)[2:].upper()
    mandate = {
        "id": new_id("mandate"),
        "object": "mandate",
        "customer_acceptance": {
            "accepted_at": int(unit.now),
            "online": {"ip_address": "127.0.0.1", "user_agent": "stand-in"},
            "type": "online",
        },
        "livemode": False,
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": {
            "sepa_debit": {"reference": reference, "url": f"{unit.settings.public_url}/mandate/{reference}"},
            "type": "sepa_debit",
        },
        "status": "active",
        "type": "multi_use" if reusable else "single_use",
    }
    unit.add("payment_method", method)
    unit.add("mandate", mandate)
    return method


def mandate_of(unit: Unit, method: str) -> dict[str, Any] | None:
    """Find the mandate under which a payment method may be debited."""
    found = unit.select("mandate", "json_extract(body, '$.payment_method') = ?", (method,), limit=1)
    return found[0] if found else None


def details(unit: Unit, method: Mapping[str, Any]) -> dict[str, Any]:
    """Say on a charge which bank account is debited and under which mandate."""
    mandate = mandate_of(unit, method["id"])
    return {**method["sepa_debit"], "mandate": mandate["id"] if mandate else None}


def usable(unit: Unit, method: str, customer: str | None) -> dict[str, Any]:
    """Give a payment method that its customer left for later.

    :raises ApiError: when it is not there, another's, or was taken back
    """
    found = retrieve(unit, "payment_method", method)
    mandate = mandate_of(unit, method)
    if customer is None or found["customer"] != customer or mandate is None or mandate["status"] != "active":
        raise invalid(
            "The provided PaymentMethod cannot be used: it has no customer or its mandate is not active.",
            param="payment_method",
            code="payment_method_unexpected_state",
        )
    return found


def detach(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/payment_methods/{id}/detach"""
    method = retrieve(unit, "payment_method", call.path["id"])
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    method["customer"] = None
    unit.save(method)
    mandate = mandate_of(unit, method["id"])
    if mandate is not None:
        unit.save({**mandate, "status": "inactive"})
        emit(unit, "mandate.updated", {**mandate, "status": "inactive"})
    emit(unit, "payment_method.detached", method)
    return method


def get_method(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/payment_methods/{id}"""
    return retrieve(unit, "payment_method", call.path["id"])


def get_mandate(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/mandates/{id}"""
    return retrieve(unit, "mandate", call.path["id"])


def get_customer(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/customers/{id}"""
    return retrieve(unit, "customer", call.path["id"])


def create_customer(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/customers"""
    for name in call.params.keys() - {"email", "metadata", "expand"}:
        raise invalid(f"The stand-in does not speak {name}.", param=name)
    return new_customer(unit, call.params.get("email"))


def list_customers(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/customers"""
    return list_page(unit, call, "customer", "/v1/customers", {"email": "$.email"})
