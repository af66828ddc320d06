"""Connected accounts: the sellers, and the page on which they tell who they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stripe_stand_in import requiring
from stripe_stand_in.balance import available, book
from stripe_stand_in.charging import check_metadata
from stripe_stand_in.errors import invalid, missing
from stripe_stand_in.events import emit
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit, new_id

LINK_SECONDS = 300
COUNTRIES = frozenset({"BE", "NL", "FR", "DE", "LU"})


def create(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/accounts"""
    params = call.params
    country = params.get("country", "BE")
    if country not in COUNTRIES:
        raise invalid(f"Country '{country}' is unknown here.", param="country")
    if params.get("type", "express") not in {"express", "custom", "standard"}:
        raise invalid("Invalid type: must be one of custom, express, or standard", param="type")
    if "type" in params and "controller" in params:
        raise invalid(
            "You may not provide the `type` parameter and `controller` parameters simultaneously.",
            param="type",
        )
    requested = sorted(name for name, wish in params.get("capabilities", {}).items() if wish.get("requested"))
    account = {
        "id": new_id("acct", length=16),
        "object": "account",
        "business_profile": params.get("business_profile", {}),
        "business_type": params.get("business_type"),
        "capabilities": dict.fromkeys(requested, "inactive"),
        "charges_enabled": False,
        "company": _company(params.get("company")),
        "controller": _controller(params),
        "country": country,
        "created": int(unit.now),
        "default_currency": "eur",
        "details_submitted": False,
        "email": params.get("email"),
        "metadata": check_metadata(params.get("metadata")),
        "payouts_enabled": False,
        "requirements": requiring.of_newcomer(),
        "future_requirements": requiring.nothing(),
        "settings": _settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": params.get("type", "none"),
    }
    account["external_accounts"] = {
        "object": "list",
        "data": [],
        "has_more": False,
        "total_count": 0,
        "url": f"/v1/accounts/{account['id']}/external_accounts",
    }
    unit.add("account", account)
    if unit.settings.onboarding == "instant":
        account = requiring.press(unit, account["id"], "confirm")
    return account


def _settings() -> dict[str, Any]:
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Europe/Brussels"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 7, "interval": "daily"},
            "statement_descriptor": None,
        },
    }


def _company(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the company as Stripe shows it: that a number was given, not which."""
    company = dict(given or {})
    for name in ("tax_id", "vat_id"):
        if company.pop(name, None):
            company[f"{name}_provided"] = True
    return company


def _controller(params: Mapping[str, Any]) -> dict[str, Any]:
    given = params.get("controller", {})
    return {
        "type": "application",
        "is_controller": True,
        "fees": given.get("fees", {"payer": "application_express"}),
        "losses": given.get("losses", {"payments": "application"}),
        "requirement_collection": given.get("requirement_collection", "stripe"),
        "stripe_dashboard": given.get("stripe_dashboard", {"type": "express"}),
    }


def get(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/accounts/{id}"""
    return retrieve(unit, "account", call.path["id"])


def list_accounts(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/accounts"""
    return list_page(unit, call, "account", "/v1/accounts", {})


def get_capability(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/accounts/{id}/capabilities/{name}"""
    account = retrieve(unit, "account", call.path["id"])
    if call.path["name"] not in account["capabilities"]:
        raise missing("capability", call.path["name"])
    return requiring.capability(account, call.path["name"])


def create_login_link(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/accounts/{id}/login_links"""
    account = retrieve(unit, "account", call.path["id"])
    if not account["details_submitted"]:
        raise invalid("Cannot create a login link for an account that has not completed onboarding.")
    link = {"id": new_id("desk"), "account": account["id"], "expires_at": int(unit.now) + LINK_SECONDS}
    unit.add("desk", link)
    return {
        "object": "login_link",
        "created": int(unit.now),
        "url": f"{unit.settings.public_url}/express/{link['id']}",
    }


def create_link(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/account_links"""
    params = call.params
    account = retrieve(unit, "account", params["account"])
    if params["type"] not in {"account_onboarding", "account_update"}:
        raise invalid("Invalid type", param="type")
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    link = {
        "id": new_id("link"),
        "account": account["id"],
        "refresh_url": params["refresh_url"],
        "return_url": params["return_url"],
        "expires_at": int(unit.now) + LINK_SECONDS,
        "used": False,
    }
    unit.add("link", link)
    return {
        "object": "account_link",
        "created": int(unit.now),
        "expires_at": link["expires_at"],
        "url": f"{unit.settings.public_url}/connect/{link['id']}",
    }


def close(unit: Unit, account_id: str) -> dict[str, Any]:
    """Let a seller cut the tie with the platform: the account is not ours to see or to pay any more.

    :raises ApiError: (404) for an account that is not there
    """
    account = retrieve(unit, "account", account_id)
    unit.rename(account_id, account="closed")
    application = {"id": "ca_shortchain", "object": "application", "name": "shortchain"}
    emit(unit, "account.application.deauthorized", application, account=account_id)
    return account


def take(unit: Unit, account_id: str, *, amount: int) -> dict[str, Any]:
    """Take so many cents from an account, or give (a minus), as a correction by Stripe or a bank does; it may fall below zero.

    :raises ApiError: (404) for an account that is not there
    """
    retrieve(unit, "account", account_id)
    return book(
        unit,
        account=account_id,
        kind="adjustment",
        amount=-int(amount),
        currency="eur",
        source=new_id("adj"),
        description="Correction",
    )


def pay_out(unit: Unit, account_id: str, *, fails: bool = False) -> int:
    """Send what an account has to its bank, as Stripe does every day; returns the cents that left.

    '' is the platform itself. One that fails comes back at once, and Stripe stops paying out until the
    bank account has been corrected.
    """
    if account_id:
        retrieve(unit, "account", account_id)
    amount = max(available(unit, account_id, "eur"), 0)
    if not amount:
        return 0
    payout: dict[str, Any] = {
        "id": new_id("po"),
        "object": "payout",
        "amount": amount,
        "arrival_date": int(unit.now),
        "automatic": True,
        "created": int(unit.now),
        "currency": "eur",
        "failure_code": "account_closed" if fails else None,
        "failure_message": "The bank account has been closed." if fails else None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "not_applicable",
        "source_type": "card",
        "status": "failed" if fails else "paid",
        "type": "bank_account",
    }
    for kind, cents in (("payout", -amount), ("payout_failure", amount)):
        if kind == "payout" or fails:
            book(unit, account=account_id, kind=kind, amount=cents, currency="eur", source=payout["id"])
    unit.add("payout", payout, account=account_id)
    emit(unit, "payout.failed" if fails else "payout.paid", payout, account=account_id)
    return 0 if fails else amount


def get_payout(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/payouts/{id}"""
    return retrieve(unit, "payout", call.path["id"], account=call.account)


def list_payouts(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/payouts"""
    return list_page(unit, call, "payout", "/v1/payouts", {"status": "$.status"})
