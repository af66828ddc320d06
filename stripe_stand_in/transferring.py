"""Transfers from the platform to connected accounts, and their reversals."""

from __future__ import annotations

from typing import Any

from stripe_stand_in.balance import available, book
from stripe_stand_in.charging import CURRENCIES, check_metadata
from stripe_stand_in.errors import ApiError, invalid
from stripe_stand_in.events import emit
from stripe_stand_in.listing import Call, list_page, retrieve
from stripe_stand_in.store import Unit, new_id


def create(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/transfers"""
    params = call.params
    currency, amount = params["currency"].lower(), params.get("amount", 0)
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}", param="currency")
    if amount < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    account = unit.find(params["destination"], "account")
    if account is None or unit.owner(account["id"]) != "":
        raise ApiError(
            400,
            f"No such destination: '{params['destination']}'",
            param="destination",
            code="resource_missing",
        )
    if account["capabilities"].get("transfers") != "active":
        raise invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            param="destination",
            code="insufficient_capabilities_for_transfer",
        )
    group = _check_source(unit, call, amount, currency) or params.get("transfer_group")
    transfer = _new_transfer(unit, call, amount, currency, group)
    booking = book(unit, account="", kind="transfer", amount=-amount, currency=currency, source=transfer["id"])
    book(
        unit,
        account=account["id"],
        kind="payment",
        amount=amount,
        currency=currency,
        source=transfer["destination_payment"],
    )
    transfer["balance_transaction"] = booking["id"]
    unit.add("transfer", transfer)
    emit(unit, "transfer.created", transfer)
    return transfer


def _check_source(unit: Unit, call: Call, amount: int, currency: str) -> str | None:
    """Refuse a transfer of money that is not there; return the group of its charge."""
    source = call.params.get("source_transaction")
    if source is None:
        if available(unit, "", currency) < amount:
            raise invalid(
                "You have insufficient available funds in your Stripe account.",
                code="balance_insufficient",
            )
        return None
    charge = unit.find(source, "charge")
    if charge is None or charge["status"] != "succeeded":
        raise invalid(f"No such charge: '{source}'", param="source_transaction", code="resource_missing")
    if charge["currency"] != currency:
        raise invalid(
            "The currency of source_transaction's balance transaction is not the same as the transfer currency.",
            param="currency",
        )
    given = call.params.get("transfer_group")
    if given is not None and given != charge["transfer_group"]:
        raise invalid(
            "You cannot set a transfer_group other than that of the source_transaction.",
            param="transfer_group",
        )
    already = sum(
        other["amount"] - other["amount_reversed"]
        for other in unit.select("transfer", "json_extract(body, '$.source_transaction') = ?", (source,))
    )
    if already + amount > charge["amount"]:
        raise invalid(
            "Transfers using this transaction as a source must not exceed the source amount of "
            f"€{charge['amount'] / 100:.2f}. (There is already a transfer using this source, "
            f"amounting to €{already / 100:.2f}.)",
            param="amount",
            code="amount_too_large",
        )
    return str(charge["transfer_group"])


def _new_transfer(unit: Unit, call: Call, amount: int, currency: str, group: str | None) -> dict[str, Any]:
    identifier = new_id("tr")
    return {
        "id": identifier,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": int(unit.now),
        "currency": currency,
        "description": call.params.get("description"),
        "destination": call.params["destination"],
        "destination_payment": new_id("py"),
        "livemode": False,
        "metadata": check_metadata(call.params.get("metadata")),
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "total_count": 0,
            "url": f"/v1/transfers/{identifier}/reversals",
        },
        "reversed": False,
        "source_transaction": call.params.get("source_transaction"),
        "source_type": "card",
        "transfer_group": group,
    }


def get(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/transfers/{id}"""
    return retrieve(unit, "transfer", call.path["id"])


def list_transfers(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/transfers"""
    filters = {"destination": "$.destination", "transfer_group": "$.transfer_group"}
    return list_page(unit, call, "transfer", "/v1/transfers", filters)


def reverse(unit: Unit, call: Call) -> dict[str, Any]:
    """POST /v1/transfers/{id}/reversals"""
    transfer = retrieve(unit, "transfer", call.path["id"])
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.params.get("amount", left)
    if left == 0:
        raise invalid(
            f"Transfer {transfer['id']} is already fully reversed.",
            code="transfer_already_reversed",
        )
    if not 1 <= amount <= left:
        raise invalid(
            f"Reversal amount is greater than unreversed amount (€{left / 100:.2f}).",
            param="amount",
        )
    if available(unit, transfer["destination"], transfer["currency"]) < amount:
        raise invalid(
            "The connected account does not have enough available balance to cover this reversal.",
            code="balance_insufficient",
        )
    reversal = {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "created": int(unit.now),
        "currency": transfer["currency"],
        "destination_payment_refund": new_id("pyr"),
        "metadata": check_metadata(call.params.get("metadata")),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    booking = book(
        unit,
        account="",
        kind="transfer_refund",
        amount=amount,
        currency=transfer["currency"],
        source=reversal["id"],
    )
    book(
        unit,
        account=transfer["destination"],
        kind="payment_refund",
        amount=-amount,
        currency=transfer["currency"],
        source=reversal["destination_payment_refund"],
    )
    reversal["balance_transaction"] = booking["id"]
    unit.add("transfer_reversal", reversal)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    transfer["reversals"]["total_count"] += 1
    unit.save(transfer)
    emit(unit, "transfer.reversed", transfer)
    return reversal


def list_reversals(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/transfers/{id}/reversals"""
    transfer = retrieve(unit, "transfer", call.path["id"])
    return list_page(
        unit,
        call,
        "transfer_reversal",
        transfer["reversals"]["url"],
        {},
        where="json_extract(body, '$.transfer') = ?",
        values=(transfer["id"],),
    )


def get_reversal(unit: Unit, call: Call) -> dict[str, Any]:
    """GET /v1/transfers/{id}/reversals/{reversal}"""
    reversal = retrieve(unit, "transfer_reversal", call.path["reversal"])
    if reversal["transfer"] != call.path["id"]:
        raise invalid("This reversal belongs to another transfer.", code="resource_missing")
    return reversal
