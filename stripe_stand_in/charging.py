"""Payment intents and charges: how money comes in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stripe_stand_in import debiting, switches
from stripe_stand_in.balance import book
from stripe_stand_in.errors import invalid
from stripe_stand_in.events import emit
from stripe_stand_in.store import Unit, new_id

SMALLEST_CENTS = 50
LARGEST_CENTS = 99_999_999
CURRENCIES = frozenset({"eur", "usd", "gbp"})
METHODS = ("card", "bancontact", "sepa_debit")
SLOW_METHODS = frozenset({"sepa_debit"})
EURO_ONLY = frozenset({"bancontact", "sepa_debit"})
FAILS_LATER = "fails_later"
_DECLINED = "Your card was declined."


def check_money(amount: int, currency: str, *, param: str = "amount") -> str:
    """Return the currency in lower case.

    :raises ApiError: (400) for an amount or a currency that Stripe would refuse
    """
    currency = currency.lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < SMALLEST_CENTS:
        raise invalid(f"Amount must be at least {SMALLEST_CENTS} cents", param=param, code="amount_too_small")
    if amount > LARGEST_CENTS:
        raise invalid("Amount must be no more than 999,999.99", param=param, code="amount_too_large")
    return currency


def check_methods(wanted: list[str] | None, currency: str, *, param: str) -> list[str]:
    """Return the payment methods that can be offered.

    :raises ApiError: (400) when one is not spoken here, or not in this currency
    """
    methods = wanted or ["card", "bancontact"]
    for method in methods:
        if method not in METHODS:
            raise invalid(f'The payment method type "{method}" is invalid here.', param=param)
        if method in EURO_ONLY and currency != "eur":
            raise invalid(f"The payment method {method} needs the currency eur.", param=param)
    return methods


def check_metadata(metadata: Any) -> dict[str, str]:
    """Return metadata within Stripe's limits: 50 keys of 40 characters, values of 500.

    :raises ApiError: (400) beyond them
    """
    checked = {str(key): str(value) for key, value in dict(metadata or {}).items()}
    if len(checked) > 50:
        raise invalid("Metadata can have up to 50 keys.", param="metadata")
    for key, value in checked.items():
        if len(key) > 40 or len(value) > 500:
            raise invalid(f"Metadata is too long: {key}", param=f"metadata[{key}]")
    return checked


def new_intent(
    unit: Unit,
    *,
    amount: int,
    currency: str,
    methods: list[str],
    data: Mapping[str, Any],
    account: str = "",
) -> dict[str, Any]:
    """Keep a payment intent that waits for a payment method. `data` holds the optional fields."""
    identifier = new_id("pi")
    intent = {
        "id": identifier,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{new_id('x', length=16)[2:]}",
        "confirmation_method": "automatic",
        "created": int(unit.now),
        "currency": currency,
        "customer": data.get("customer"),
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": check_metadata(data.get("metadata")),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": methods,
        "receipt_email": data.get("receipt_email"),
        "setup_future_usage": data.get("setup_future_usage"),
        "status": "requires_payment_method",
        "transfer_group": data.get("transfer_group"),
    }
    unit.add("payment_intent", intent, account=account)
    return intent


def pay(
    unit: Unit, intent: dict[str, Any], method: str, *, outcome: str, agreed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Try to pay an intent; `outcome` is 'pay' or the code of a refusal.

    Returns the intent, whose status tells how it went. A direct debit stays 'processing' for a
    while, and then fails when `outcome` is `FAILS_LATER`; it goes by the payment method `agreed` earlier, or by one
    that is made now. Switches may turn a success into a refusal or charge another sum.
    """
    amount, currency = intent["amount"], intent["currency"]
    for switch in switches.of_payment():
        if switch.name == "decline":
            outcome = "generic_decline"
        elif switch.name == "debit_fails":
            outcome = FAILS_LATER if method in SLOW_METHODS else outcome
        elif switch.name == "wrong_amount":
            amount += 1
        else:
            currency = "usd"
    account = unit.owner(intent["id"]) or ""
    if method == "sepa_debit" and agreed is None:
        reusable = intent["setup_future_usage"] == "off_session"
        agreed = debiting.agree(unit, customer=intent["customer"], email=intent["receipt_email"], reusable=reusable)
    charge = _new_charge(unit, intent, method, amount=amount, currency=currency, agreed=agreed)
    intent = {
        **intent,
        "payment_method": charge["payment_method"],
        "latest_charge": charge["id"],
        "next_action": None,
        "last_payment_error": None,
    }
    if method in SLOW_METHODS and outcome in {"pay", FAILS_LATER}:
        charge["status"] = "pending"
        intent["status"] = "processing"
        unit.add("charge", charge, account=account)
        unit.save(intent)
        emit(unit, "charge.pending", charge, account=account)
        emit(unit, "payment_intent.processing", intent, account=account)
        unit.later(unit.settings.async_seconds, "finish_debit", intent["id"], outcome)
        return intent
    unit.add("charge", charge, account=account)
    if outcome == "pay":
        return _succeed(unit, intent, charge, account)
    return _fail(unit, intent, charge, outcome, account)


def finish_debit(unit: Unit, intent_id: str, outcome: str) -> None:
    """Let a direct debit that is on its way arrive or fail, and tell its checkout."""
    intent = unit.find(intent_id, "payment_intent")
    if intent is None or intent["status"] != "processing":
        return
    charge = unit.find(intent["latest_charge"], "charge")
    assert charge is not None
    account = unit.owner(intent_id) or ""
    if outcome == FAILS_LATER:
        _fail(unit, intent, charge, "debit_not_authorized", account)
    else:
        _succeed(unit, intent, charge, account)
    found = unit.select(
        "checkout.session",
        "json_extract(body, '$.payment_intent') = ?",
        (intent_id,),
        account=account,
        limit=1,
    )
    for session in found:
        session["payment_status"] = "unpaid" if outcome == FAILS_LATER else "paid"
        unit.save(session)
        ending = "failed" if outcome == FAILS_LATER else "succeeded"
        emit(unit, f"checkout.session.async_payment_{ending}", session, account=account)


def _new_charge(
    unit: Unit,
    intent: Mapping[str, Any],
    method: str,
    *,
    amount: int,
    currency: str,
    agreed: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "id": new_id("ch" if method == "card" else "py"),
        "object": "charge",
        "amount": amount,
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "balance_transaction": None,
        "billing_details": {"email": intent["receipt_email"]},
        "captured": False,
        "created": int(unit.now),
        "currency": currency,
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": agreed["id"] if agreed else new_id("pm"),
        "payment_method_details": {
            "type": method,
            method: debiting.details(unit, agreed) if agreed else _details(unit, method),
        },
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": "failed",
        "transfer_group": intent["transfer_group"] or f"group_{intent['id']}",
    }


def _details(unit: Unit, method: str) -> dict[str, Any]:
    if method != "card":
        return {}
    year = datetime.fromtimestamp(unit.now, UTC).year
    return {
        "brand": "visa",
        "country": "BE",
        "exp_month": 12,
        "exp_year": year + 3,
        "funding": "debit",
        "last4": "4242",
    }


def _succeed(unit: Unit, intent: dict[str, Any], charge: dict[str, Any], account: str) -> dict[str, Any]:
    settings = unit.settings
    fee = settings.fee_fixed + charge["amount"] * settings.fee_bp // 10_000
    booking = book(
        unit,
        account=account,
        kind="charge" if charge["id"].startswith("ch_") else "payment",
        amount=charge["amount"],
        currency=charge["currency"],
        source=charge["id"],
        fee=fee,
        pending_for=settings.settle_seconds,
        description=charge["description"],
    )
    charge.update(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=charge["amount"],
        balance_transaction=booking["id"],
    )
    unit.save(charge)
    intent = {
        **intent,
        "status": "succeeded",
        "amount_received": charge["amount"],
        "currency": charge["currency"],
    }
    unit.save(intent)
    emit(unit, "charge.succeeded", charge, account=account)
    emit(unit, "payment_intent.succeeded", intent, account=account)
    return intent


def _fail(unit: Unit, intent: dict[str, Any], charge: dict[str, Any], code: str, account: str) -> dict[str, Any]:
    charge.update(
        status="failed",
        failure_code="card_declined",
        failure_message=_DECLINED,
        outcome={"type": "issuer_declined", "reason": code},
    )
    unit.save(charge)
    intent = {
        **intent,
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": code,
            "message": _DECLINED,
            "charge": charge["id"],
        },
    }
    unit.save(intent)
    emit(unit, "charge.failed", charge, account=account)
    emit(unit, "payment_intent.payment_failed", intent, account=account)
    return intent
