"""What a connected account still has to tell, what of it was refused, and what it may do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stripe_stand_in.errors import invalid
from stripe_stand_in.events import emit
from stripe_stand_in.listing import retrieve
from stripe_stand_in.store import Unit, new_id

ASKED = (
    "business_profile.product_description",
    "company.address.city",
    "company.address.line1",
    "company.address.postal_code",
    "company.directors_provided",
    "company.owners_provided",
    "company.phone",
    "external_account",
    "representative.address.city",
    "representative.dob.day",
    "representative.email",
    "representative.first_name",
    "representative.last_name",
    "tos_acceptance.date",
)
"""What a new Belgian company is asked, apart from what its platform told already."""

DAYS_TO_ANSWER = 14
_DAY = 24 * 3600
_OF_CAPABILITY = {"": None, "past_due": "requirements.fields_needed", "pending_verification": "pending.review"} | (
    dict.fromkeys(("fraud", "listed", "other", "terms_of_service"), "rejected.other")
)
"""Why a capability is off, which the API words otherwise than for the account."""

_UNREADABLE = "verification_document_not_readable"
_WHY = {
    _UNREADABLE: "The document supplied was not readable.",
    "verification_document_expired": "The document supplied has expired.",
    "verification_failed_keyed_identity": "The person's identity could not be verified.",
    "invalid_tax_id": "The tax ID is not valid.",
}


def nothing() -> dict[str, Any]:
    """Give the requirements of an account of which nothing is asked."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }


def of_newcomer() -> dict[str, Any]:
    """Give the requirements of an account that has told nothing."""
    return nothing() | {
        "currently_due": list(ASKED),
        "past_due": list(ASKED),
        "eventually_due": list(ASKED),
        "disabled_reason": "requirements.past_due",
    }


def press(unit: Unit, account_id: str, outcome: str) -> dict[str, Any]:
    """Do what was chosen on the page of an account link; returns the account.

    'confirm' tells everything and is believed, 'check' is believed after a while, 'unreadable' sends a document
    that nobody can read, 'no_bank' leaves the bank account out.

    :raises ApiError: for another choice
    """
    if outcome not in PRESSES:
        raise invalid(f"Unknown outcome {outcome}; there are {sorted(PRESSES)}")
    return PRESSES[outcome](unit, retrieve(unit, "account", account_id))


def _confirm(unit: Unit, account: dict[str, Any]) -> dict[str, Any]:
    _add_bank(unit, account)
    return change(unit, account, nothing(), active=True)


def _check(unit: Unit, account: dict[str, Any]) -> dict[str, Any]:
    _add_bank(unit, account)
    unit.later(unit.settings.async_seconds, "verify_account", account["id"])
    waiting = nothing() | {
        "pending_verification": [f"{_person(account)}.verification.document"],
        "disabled_reason": "requirements.pending_verification",
    }
    return change(unit, account, waiting, active=False)


def _unreadable(unit: Unit, account: dict[str, Any]) -> dict[str, Any]:
    _add_bank(unit, account)
    field = f"{_person(account)}.verification.document"
    return change(unit, account, _refused([field], _UNREADABLE), active=False)


def _no_bank(unit: Unit, account: dict[str, Any]) -> dict[str, Any]:
    left = ["external_account"]
    asked = {"currently_due": left, "eventually_due": left, "past_due": left}
    return change(unit, account, nothing() | asked | {"disabled_reason": "requirements.past_due"}, active=False)


PRESSES: dict[str, Callable[[Unit, dict[str, Any]], dict[str, Any]]] = {
    "confirm": _confirm,
    "check": _check,
    "unreadable": _unreadable,
    "no_bank": _no_bank,
}


def verified(unit: Unit, account_id: str, _detail: str) -> None:
    """Let what was being checked be in order."""
    account = unit.find(account_id, "account")
    if account is not None and account["requirements"]["pending_verification"]:
        change(unit, account, nothing(), active=True)


def ask(
    unit: Unit,
    account_id: str,
    fields: Sequence[str],
    *,
    seconds: float = DAYS_TO_ANSWER * _DAY,
    code: str = "",
    eventually: bool = False,
) -> dict[str, Any]:
    """Ask an account for more, until a deadline; with `code` because what it told before was refused.

    Until the deadline it goes on as before; then payouts stop. `eventually` asks without a deadline.

    :raises ApiError: (404) for an account that is not there
    """
    account = retrieve(unit, "account", account_id)
    wanted = nothing() | {"eventually_due": list(fields)}
    if not eventually:
        wanted |= _refused(fields, code) if code else {"currently_due": list(fields)}
        wanted |= {"past_due": [], "disabled_reason": None, "current_deadline": int(unit.now + seconds)}
        unit.later(seconds, "requirements_overdue", account_id)
    return change(unit, account, wanted, active=account["payouts_enabled"])


def overdue(unit: Unit, account_id: str, _detail: str) -> None:
    """Stop the payouts of an account that did not answer in time."""
    account = unit.find(account_id, "account")
    asked = account["requirements"] if account is not None else {}
    if account is None or not asked["current_deadline"] or asked["current_deadline"] > unit.now:
        return
    late = {**asked, "past_due": asked["currently_due"], "disabled_reason": "requirements.past_due"}
    change(unit, account, late, active=False)


def reject(unit: Unit, account_id: str, reason: str) -> dict[str, Any]:
    """Let Stripe refuse to work with an account, such as 'rejected.fraud'.

    :raises ApiError: (404) for an account that is not there
    """
    account = retrieve(unit, "account", account_id)
    return change(unit, account, nothing() | {"disabled_reason": reason}, active=False)


def change(unit: Unit, account: dict[str, Any], asked: Mapping[str, Any], *, active: bool) -> dict[str, Any]:
    """Put an account into a state and tell the platform of it."""
    was = dict(account["capabilities"])
    waits = bool(asked["pending_verification"])
    account.update(
        capabilities=dict.fromkeys(was, "active" if active else ("pending" if waits else "inactive")),
        charges_enabled=active and "card_payments" in was,
        details_submitted=account["details_submitted"] or active or asked["currently_due"] != list(ASKED),
        payouts_enabled=active,
        requirements=dict(asked),
    )
    unit.save(account)
    emit(unit, "account.updated", account, account=account["id"])
    for name, state in account["capabilities"].items():
        if was[name] != state:
            emit(unit, "capability.updated", capability(account, name), account=account["id"])
    return account


def capability(account: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Give one capability of an account as an object of its own."""
    needs = dict(account["requirements"])
    needs["disabled_reason"] = _OF_CAPABILITY.get((needs["disabled_reason"] or "").partition(".")[2])
    return {
        "id": name,
        "object": "capability",
        "account": account["id"],
        "requested": True,
        "requested_at": account["created"],
        "requirements": needs,
        "status": account["capabilities"][name],
    }


def _refused(fields: Sequence[str], code: str) -> dict[str, Any]:
    asked = list(fields)
    errors = [{"code": code, "reason": _WHY.get(code, "Not accepted."), "requirement": field} for field in asked]
    return nothing() | {
        "currently_due": asked,
        "eventually_due": asked,
        "past_due": asked,
        "errors": errors,
        "disabled_reason": "requirements.past_due",
    }


def _person(account: Mapping[str, Any]) -> str:
    return f"person_{account['id'].removeprefix('acct_')}"


def _add_bank(unit: Unit, account: dict[str, Any], *, last4: str = "7034") -> None:
    """Give an account the bank account that its owner typed, unless it has one."""
    if account["external_accounts"]["data"]:
        return
    bank = {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": account["company"].get("name"),
        "account_holder_type": "company",
        "bank_name": "TESTBANK",
        "country": "BE",
        "currency": "eur",
        "default_for_currency": True,
        "last4": last4,
        "metadata": {},
        "status": "new",
    }
    account["external_accounts"].update(data=[bank], total_count=1)
    unit.save(account)
    emit(unit, "account.external_account.created", bank, account=account["id"])


def change_bank(unit: Unit, account_id: str, *, last4: str) -> dict[str, Any]:
    """Let a seller fill in another bank account; returns the account.

    :raises ApiError: for an account that is not there or has no bank account
    """
    account = retrieve(unit, "account", account_id)
    if not account["external_accounts"]["data"]:
        raise invalid("This account has no bank account yet.")
    bank = account["external_accounts"]["data"][0]
    bank.update(last4=last4[-4:], status="new")
    unit.save(account)
    emit(unit, "account.external_account.updated", bank, account=account_id)
    return change(unit, account, nothing(), active=True)
