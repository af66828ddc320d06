"""The calls that the stand-in answers, each with the library's type of its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_stand_in import accounts, debiting, disputing, intents, refunding, sessions, transferring
from stripe_stand_in.balance import read_balance
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit

Handler = Callable[[Unit, Call], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: where it is, what it takes and who answers."""

    method: str
    pattern: re.Pattern[str]
    schema: str
    handler: Handler


def _get_intent(unit: Unit, call: Call) -> dict[str, Any]:
    return retrieve(unit, "payment_intent", call.path["id"], account=call.account)


def _get_charge(unit: Unit, call: Call) -> dict[str, Any]:
    return retrieve(unit, "charge", call.path["id"], account=call.account)


def _get_balance(unit: Unit, call: Call) -> dict[str, Any]:
    if call.account:
        retrieve(unit, "account", call.account)  # one that cut the tie is not ours to see
    return read_balance(unit, call.account)


def _list_bookings(unit: Unit, call: Call) -> dict[str, Any]:
    filters = {"type": "$.type", "source": "$.source", "currency": "$.currency"}
    return list_page(unit, call, "balance_transaction", "/v1/balance_transactions", filters)


def _get_booking(unit: Unit, call: Call) -> dict[str, Any]:
    return retrieve(unit, "balance_transaction", call.path["id"], account=call.account)


def _list_events(unit: Unit, call: Call) -> dict[str, Any]:
    where, values = "1", tuple(call.params.get("types", ()))
    if values:
        where = f"json_extract(body, '$.type') IN ({', '.join('?' * len(values))})"
    return list_page(unit, call, "event", "/v1/events", {"type": "$.type"}, where=where, values=values)


def _get_event(unit: Unit, call: Call) -> dict[str, Any]:
    return retrieve(unit, "event", call.path["id"], account=call.account)


_TABLE: tuple[tuple[str, str, str, Handler], ...] = (
    (
        "POST",
        "checkout/sessions",
        "checkout._session_create_params:SessionCreateParams",
        sessions.create,
    ),
    (
        "GET",
        "checkout/sessions",
        "checkout._session_list_params:SessionListParams",
        sessions.list_sessions,
    ),
    (
        "GET",
        "checkout/sessions/{id}",
        "checkout._session_retrieve_params:SessionRetrieveParams",
        sessions.get,
    ),
    (
        "POST",
        "checkout/sessions/{id}/expire",
        "checkout._session_expire_params:SessionExpireParams",
        sessions.expire,
    ),
    (
        "GET",
        "checkout/sessions/{id}/line_items",
        "checkout._session_list_line_items_params:SessionListLineItemsParams",
        sessions.list_line_items,
    ),
    (
        "POST",
        "payment_intents",
        "_payment_intent_create_params:PaymentIntentCreateParams",
        intents.create_intent,
    ),
    (
        "GET",
        "payment_intents",
        "_payment_intent_list_params:PaymentIntentListParams",
        intents.list_intents,
    ),
    (
        "GET",
        "payment_intents/{id}",
        "_payment_intent_retrieve_params:PaymentIntentRetrieveParams",
        _get_intent,
    ),
    (
        "POST",
        "payment_intents/{id}/confirm",
        "_payment_intent_confirm_params:PaymentIntentConfirmParams",
        intents.confirm_intent,
    ),
    (
        "POST",
        "payment_intents/{id}/cancel",
        "_payment_intent_cancel_params:PaymentIntentCancelParams",
        intents.cancel_intent,
    ),
    ("GET", "charges", "_charge_list_params:ChargeListParams", intents.list_charges),
    ("GET", "charges/{id}", "_charge_retrieve_params:ChargeRetrieveParams", _get_charge),
    ("POST", "refunds", "_refund_create_params:RefundCreateParams", refunding.create),
    ("GET", "refunds", "_refund_list_params:RefundListParams", refunding.list_refunds),
    ("GET", "refunds/{id}", "_refund_retrieve_params:RefundRetrieveParams", refunding.get),
    ("GET", "disputes", "_dispute_list_params:DisputeListParams", disputing.list_disputes),
    ("GET", "disputes/{id}", "_dispute_retrieve_params:DisputeRetrieveParams", disputing.get),
    ("GET", "payouts", "_payout_list_params:PayoutListParams", accounts.list_payouts),
    ("GET", "payouts/{id}", "_payout_retrieve_params:PayoutRetrieveParams", accounts.get_payout),
    ("POST", "accounts", "_account_create_params:AccountCreateParams", accounts.create),
    ("GET", "accounts", "_account_list_params:AccountListParams", accounts.list_accounts),
    ("GET", "accounts/{id}", "_account_retrieve_params:AccountRetrieveParams", accounts.get),
    (
        "GET",
        "accounts/{id}/capabilities/{name}",
        "_account_capability_retrieve_params:AccountCapabilityRetrieveParams",
        accounts.get_capability,
    ),
    (
        "POST",
        "accounts/{id}/login_links",
        "_account_create_login_link_params:AccountCreateLoginLinkParams",
        accounts.create_login_link,
    ),
    (
        "POST",
        "account_links",
        "_account_link_create_params:AccountLinkCreateParams",
        accounts.create_link,
    ),
    ("POST", "customers", "_customer_create_params:CustomerCreateParams", debiting.create_customer),
    ("GET", "customers", "_customer_list_params:CustomerListParams", debiting.list_customers),
    ("GET", "customers/{id}", "_customer_retrieve_params:CustomerRetrieveParams", debiting.get_customer),
    ("GET", "mandates/{id}", "_mandate_retrieve_params:MandateRetrieveParams", debiting.get_mandate),
    (
        "GET",
        "payment_methods/{id}",
        "_payment_method_retrieve_params:PaymentMethodRetrieveParams",
        debiting.get_method,
    ),
    (
        "POST",
        "payment_methods/{id}/detach",
        "_payment_method_detach_params:PaymentMethodDetachParams",
        debiting.detach,
    ),
    ("POST", "transfers", "_transfer_create_params:TransferCreateParams", transferring.create),
    ("GET", "transfers", "_transfer_list_params:TransferListParams", transferring.list_transfers),
    ("GET", "transfers/{id}", "_transfer_retrieve_params:TransferRetrieveParams", transferring.get),
    (
        "POST",
        "transfers/{id}/reversals",
        "_transfer_reversal_create_params:TransferReversalCreateParams",
        transferring.reverse,
    ),
    (
        "GET",
        "transfers/{id}/reversals",
        "_transfer_reversal_list_params:TransferReversalListParams",
        transferring.list_reversals,
    ),
    (
        "GET",
        "transfers/{id}/reversals/{reversal}",
        "_transfer_reversal_retrieve_params:TransferReversalRetrieveParams",
        transferring.get_reversal,
    ),
    ("GET", "balance", "_balance_retrieve_params:BalanceRetrieveParams", _get_balance),
    (
        "GET",
        "balance_transactions",
        "_balance_transaction_list_params:BalanceTransactionListParams",
        _list_bookings,
    ),
    (
        "GET",
        "balance_transactions/{id}",
        "_balance_transaction_retrieve_params:BalanceTransactionRetrieveParams",
        _get_booking,
    ),
    ("GET", "events", "_event_list_params:EventListParams", _list_events),
    ("GET", "events/{id}", "_event_retrieve_params:EventRetrieveParams", _get_event),
)

ROUTES = tuple(
    Route(method, re.compile("/v1/" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), schema, handler)
    for method, path, schema, handler in _TABLE
)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return who answers a call, and the names in its path."""
    for route in ROUTES:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return route, found.groupdict()
    return None
