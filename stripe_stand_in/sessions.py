"""Checkout sessions: the hosted page on which a person pays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from stripe_stand_in import debiting
from stripe_stand_in.charging import (
    SLOW_METHODS,
    check_metadata,
    check_methods,
    check_money,
    new_intent,
    pay,
)
from stripe_stand_in.errors import invalid
from stripe_stand_in.events import emit
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit, new_id

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 3600
_SLACK = 5
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SPOKEN = frozenset(
    {
        "mode",
        "line_items",
        "allowed_payment_method_types",
        "success_url",
        "cancel_url",
        "locale",
        "expires_at",
        "customer_email",
        "customer",
        "customer_creation",
        "client_reference_id",
        "metadata",
        "payment_intent_data",
        "expand",
        "submit_type",
    }
)
_SPOKEN_OF_INTENT = frozenset({"metadata", "description", "receipt_email", "transfer_group", "setup_future_usage"})


def create(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/checkout/sessions"""
    params = call.params
    for name in params.keys() - _SPOKEN:
        raise invalid(f"The stand-in does not speak {name}.", param=name)
    data = params.get("payment_intent_data", {})
    for name in data.keys() - _SPOKEN_OF_INTENT:
        raise invalid(f"The stand-in does not speak payment_intent_data[{name}].", param=name)
    if "customer" in params and ("customer_email" in params or "customer_creation" in params):
        raise invalid("You may only specify one of these parameters: customer, customer_email.", param="customer")
    if params.get("mode") != "payment":
        raise invalid("The stand-in speaks mode=payment only.", param="mode")
    items, currency = _line_items(params.get("line_items"))
    amount = sum(item["amount_total"] for item in items)
    currency = check_money(amount, currency, param="line_items")
    methods = check_methods(params.get("allowed_payment_method_types"), currency, param="allowed_payment_method_types")
    if "customer_email" in params and not _EMAIL.fullmatch(params["customer_email"]):
        raise invalid(
            f"Invalid email address: {params['customer_email']}",
            param="customer_email",
            code="email_invalid",
        )
    for name in ("success_url", "cancel_url"):
        _check_url(params.get(name), name, required=name == "success_url")
    expires_at = _expiry(unit, params.get("expires_at"))
    session = _new_session(unit, params, amount=amount, currency=currency, methods=methods, expires_at=expires_at)
    unit.add("checkout.session", session, account=call.account)
    unit.add(
        "session_facts",
        {"id": _facts_id(session["id"]), "line_items": items, "payment_intent_data": data},
    )
    unit.later(expires_at - unit.now, "expire_session", session["id"])
    return session


def _new_session(
    unit: Unit,
    params: Mapping[str, Any],
    *,
    amount: int,
    currency: str,
    methods: list[str],
    expires_at: int,
) -> dict[str, Any]:
    identifier = new_id("cs_test", length=40)
    email = params.get("customer_email")
    return {
        "id": identifier,
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "allowed_payment_method_types": methods,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": int(unit.now),
        "currency": currency,
        "custom_fields": [],
        "custom_text": {},
        "customer": params.get("customer"),
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": {"email": email} if email else None,
        "customer_email": email,
        "expires_at": expires_at,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": check_metadata(params.get("metadata")),
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": methods,
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{unit.settings.public_url}/pay/{identifier}",
    }


def _facts_id(session_id: str) -> str:
    return f"facts_{session_id}"


def facts(unit: Unit, session_id: str) -> dict[str, Any]:
    """Return what belongs to a session and is not on the object: its lines and intent fields."""
    found = unit.find(_facts_id(session_id), "session_facts")
    assert found is not None
    return found


def _line_items(given: Any) -> tuple[list[dict[str, Any]], str]:
    """Return the lines with their amounts, and the one currency they are in."""
    if not given:
        raise invalid("Missing required param: line_items.", param="line_items", code="parameter_missing")
    items, currencies = [], set()
    for position, line in enumerate(given):
        param = f"line_items[{position}]"
        price = line.get("price_data")
        if line.keys() - {"price_data", "quantity"} or price is None:
            raise invalid("The stand-in speaks price_data and quantity only.", param=param)
        if "product_data" not in price or "unit_amount" not in price:
            raise invalid(
                "Missing required param: product_data and unit_amount.",
                param=f"{param}[price_data]",
                code="parameter_missing",
            )
        quantity = line.get("quantity", 1)
        if price["unit_amount"] < 0 or quantity < 1:
            raise invalid("Amounts and quantities must be positive.", param=param)
        currencies.add(price["currency"].lower())
        items.append(
            {
                "id": new_id("li"),
                "object": "item",
                "description": price["product_data"]["name"],
                "quantity": quantity,
                "amount_discount": 0,
                "amount_subtotal": price["unit_amount"] * quantity,
                "amount_tax": 0,
                "amount_total": price["unit_amount"] * quantity,
                "currency": price["currency"].lower(),
            }
        )
    if len(currencies) != 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    return items, currencies.pop()


def _check_url(url: str | None, name: str, *, required: bool) -> None:
    if url is None and not required:
        return
    parts = urlsplit(url or "")
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(url or "") > 5000:
        raise invalid("Not a valid URL", param=name, code="url_invalid")


def _expiry(unit: Unit, wanted: int | None) -> int:
    if wanted is None:
        return int(unit.now) + LONGEST_SECONDS
    ahead = wanted - unit.now
    if not SHORTEST_SECONDS - _SLACK <= ahead <= LONGEST_SECONDS + _SLACK:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours "
            "from Checkout Session creation.",
            param="expires_at",
        )
    return wanted


def get(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/checkout/sessions/{id}"""
    return retrieve(unit, "checkout.session", call.path["id"], account=call.account)


def list_sessions(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/checkout/sessions"""
    where, values = "1", tuple[Any, ...]()
    if "customer_details" in call.params:
        where = "json_extract(body, '$.customer_email') = ?"
        values = (call.params["customer_details"]["email"],)
    filters = {"payment_intent": "$.payment_intent", "status": "$.status"}
    return list_page(unit, call, "checkout.session", "/v1/checkout/sessions", filters, where=where, values=values)


def list_line_items(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/checkout/sessions/{id}/line_items"""
    session = get(unit, call)
    return {
        "object": "list",
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
        "has_more": False,
        "data": facts(unit, session["id"])["line_items"],
    }


def expire(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/checkout/sessions/{id}/expire"""
    session = get(unit, call)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This '
            f"Checkout Session has a status of `{session['status']}`."
        )
    return _expire(unit, session)


def expire_if_open(unit: Unit, session_id: str) -> None:
    """Close a page whose time is over."""
    session = unit.find(session_id, "checkout.session")
    if session is not None and session["status"] == "open":
        _expire(unit, session)


def _expire(unit: Unit, session: dict[str, Any]) -> dict[str, Any]:
    session.update(status="expired", url=None)
    unit.save(session)
    account = unit.owner(session["id"]) or ""
    if session["payment_intent"]:
        intent = unit.find(session["payment_intent"], "payment_intent")
        if intent is not None and intent["status"] == "requires_payment_method":
            intent.update(status="canceled", canceled_at=int(unit.now))
            unit.save(intent)
            emit(unit, "payment_intent.canceled", intent, account=account)
    emit(unit, "checkout.session.expired", session, account=account)
    return session


def is_payable(unit: Unit, session: Mapping[str, Any]) -> bool:
    """Say whether a person may still pay on this page."""
    return bool(session["status"] == "open" and session["expires_at"] > unit.now)


def _customer(unit: Unit, session: dict[str, Any]) -> str | None:
    """Give the customer of a session; one that wants to be remembered is made when they pay."""
    if session["customer"] is None and session["customer_creation"] == "always":
        session["customer"] = debiting.new_customer(unit, session["customer_email"])["id"]
    found: str | None = session["customer"]
    return found


def try_to_pay(unit: Unit, session_id: str, method: str, *, outcome: str) -> dict[str, Any]:
    """Do what a press on the page does; returns the session.

    After a refusal the page stays open, so that the person can try again. A page that is done or
    too old is returned as it is.

    :raises ApiError: (404, 400) for a session that is not there, or a method it does not offer
    """
    session = retrieve(unit, "checkout.session", session_id, account=unit.owner(session_id) or "")
    if not is_payable(unit, session):
        return session
    if method not in session["payment_method_types"]:
        raise invalid(f"This page does not offer {method}.", param="method")
    account = unit.owner(session_id) or ""
    intent = session["payment_intent"] and unit.find(session["payment_intent"], "payment_intent")
    if not intent:
        data = {
            "receipt_email": session["customer_email"],
            "customer": _customer(unit, session),
            **facts(unit, session_id)["payment_intent_data"],
        }
        intent = new_intent(
            unit,
            amount=session["amount_total"],
            currency=session["currency"],
            methods=session["payment_method_types"],
            data=data,
            account=account,
        )
    intent = pay(unit, intent, method, outcome=outcome)
    session["payment_intent"] = intent["id"]
    if intent["last_payment_error"] is None:
        session.update(status="complete", url=None)
        session["payment_status"] = "unpaid" if method in SLOW_METHODS else "paid"
        emit(unit, "checkout.session.completed", session, account=account)
    unit.save(session)
    return session
