"""The calls about payment intents and charges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stripe_stand_in import debiting
from stripe_stand_in.charging import check_methods, check_money, new_intent, pay
from stripe_stand_in.errors import ApiError, invalid
from stripe_stand_in.events import emit
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit

TEST_METHODS = {
    "pm_card_visa": None,
    "pm_card_mastercard": None,
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
}
_CANCELABLE = frozenset(
    {
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
    }
)


def create_intent(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents"""
    params = call.params
    for name in ("application_fee_amount", "transfer_data", "on_behalf_of", "mandate_data"):
        if name in params:
            raise invalid(f"The stand-in does not speak {name}.", param=name)
    if params.get("capture_method", "automatic") not in {"automatic", "automatic_async"}:
        raise invalid("The stand-in captures automatically only.", param="capture_method")
    currency = check_money(params["amount"], params["currency"])
    methods = check_methods(params.get("allowed_payment_method_types"), currency, param="allowed_payment_method_types")
    intent = new_intent(
        unit,
        amount=params["amount"],
        currency=currency,
        methods=methods,
        data=params,
        account=call.account,
    )
    return _confirm(unit, intent, params) if params.get("confirm") else intent


def confirm_intent(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/confirm"""
    intent = retrieve(unit, "payment_intent", call.path["id"], account=call.account)
    return _confirm(unit, intent, call.params)


def _confirm(unit: Unit, intent: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    if intent["status"] not in {"requires_payment_method", "requires_confirmation"}:
        raise ApiError(
            400,
            f"You cannot confirm this PaymentIntent: it is {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    method = params.get("payment_method")
    if method is not None and unit.find(method, "payment_method") is not None:
        agreed = debiting.usable(unit, method, intent["customer"])
        return pay(unit, intent, "sepa_debit", outcome="pay", agreed=agreed)
    if method not in TEST_METHODS:
        raise invalid(
            "The stand-in confirms with Stripe's test cards, such as pm_card_visa; other methods go through Checkout.",
            param="payment_method",
        )
    intent = pay(unit, intent, "card", outcome=TEST_METHODS[method] or "pay")
    if intent["last_payment_error"]:
        failure = intent["last_payment_error"]
        raise ApiError(
            402,
            failure["message"],
            kind="card_error",
            code=failure["code"],
            decline_code=failure["decline_code"],
            charge=failure["charge"],
            payment_intent=intent,
            keep=True,
        )
    return intent


def cancel_intent(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/payment_intents/{id}/cancel"""
    intent = retrieve(unit, "payment_intent", call.path["id"], account=call.account)
    if intent["status"] not in _CANCELABLE:
        raise ApiError(
            400,
            f"You cannot cancel this PaymentIntent: it is {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    intent.update(
        status="canceled",
        canceled_at=int(unit.now),
        next_action=None,
        cancellation_reason=call.params.get("cancellation_reason"),
    )
    unit.save(intent)
    emit(unit, "payment_intent.canceled", intent, account=call.account)
    return intent


def list_intents(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/payment_intents"""
    return list_page(unit, call, "payment_intent", "/v1/payment_intents", {})


def list_charges(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/charges"""
    filters = {"payment_intent": "$.payment_intent", "transfer_group": "$.transfer_group"}
    return list_page(unit, call, "charge", "/v1/charges", filters)
