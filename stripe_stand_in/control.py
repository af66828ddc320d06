"""`/_control/…`: what tests and benchmarks use to steer the stand-in. JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Request, Response

from stripe_stand_in import (
    accounts,
    charging,
    chores,
    disputing,
    events,
    refunding,
    requiring,
    sender,
    sessions,
    switches,
    transferring,
)
from stripe_stand_in.errors import ApiError, invalid
from stripe_stand_in.listing import Call
from stripe_stand_in.settings import is_loopback
from stripe_stand_in.store import Store, Unit


def _complete(unit: Unit, account_id: str, *, ready: bool = True) -> dict[str, Any]:
    if ready:
        return requiring.press(unit, account_id, "confirm")
    return requiring.reject(unit, account_id, "requirements.past_due")


_ACCOUNT_DEEDS: dict[str, Callable[..., dict[str, Any]]] = {
    "complete": _complete,
    "press": requiring.press,
    "ask": requiring.ask,
    "reject": requiring.reject,
    "change_bank": requiring.change_bank,
    "close": accounts.close,
    "take": accounts.take,
}


def answer(store: Store, request: Request) -> Response:
    """Do what a test asks."""
    try:
        given = json.loads(request.get_data() or b"{}") if request.method == "POST" else {}
        parts = [part for part in request.path.split("/")[2:] if part]
        status, body = 200, _do(store, request, parts, given)
    except ApiError as problem:
        status, body = problem.status, problem.body
    except ValueError as problem:
        status, body = 400, {"error": {"message": str(problem)}}
    return Response(json.dumps(body), status=status, content_type="application/json")


def _do(store: Store, request: Request, parts: list[str], given: dict[str, Any]) -> Any:
    match (request.method, *parts):
        case ("GET",):
            return _summary(store)
        case (method, "calls" | "webhooks" as which):
            known = switches.calls if which == "calls" else switches.webhooks
            if method == "DELETE":
                known.clear()
            if method == "POST":
                return asdict(known.plan(given))
            return {"planned": known.as_list()}
        case ("GET", "deliveries"):
            return {"deliveries": sender.deliveries(store, request.args.get("type"))}
        case ("POST", "webhook_url"):
            if not is_loopback(given.get("url", "")):
                raise ValueError("events go to this machine only")
            with store.writing() as unit:
                unit.write_note("webhook_url", given["url"])
            return given
        case ("POST", "clock"):
            store.put_ahead(float(given.get("ahead", 0)))
            chores.do_due(store)  # what the new hour makes due has happened before we answer
            return {"now": store.now()}
        case ("POST", "sessions", session_id, "pay"):
            with store.writing() as unit:
                method = given.get("method") or _first_method(unit, session_id)
                return sessions.try_to_pay(unit, session_id, method, outcome=given.get("outcome", "pay"))
        case ("POST", "accounts", account_id, deed) if deed in _ACCOUNT_DEEDS:
            with store.writing() as unit:
                return _ACCOUNT_DEEDS[deed](unit, account_id, **given)
        case ("POST", "accounts", account_id, "pay_out"):
            with store.writing() as unit:
                return {"amount": accounts.pay_out(unit, account_id, fails=given.get("fails", False))}
        case ("POST", "pay_out"):
            with store.writing() as unit:
                return {"amount": accounts.pay_out(unit, "", fails=given.get("fails", False))}
        case ("POST", "intents", intent_id, "finish"):
            with store.writing() as unit:
                charging.finish_debit(unit, intent_id, given.get("outcome", "pay"))
                return unit.find(intent_id, "payment_intent")
        case ("POST", "charges", charge_id, "refund"):
            with store.writing() as unit:
                return refunding.create(unit, Call({"charge": charge_id, **given}))
        case ("POST", "transfers", transfer_id, "reverse"):
            with store.writing() as unit:
                return transferring.reverse(unit, Call(given, {"id": transfer_id}))
        case ("POST", "charges", charge_id, "dispute"):
            with store.writing() as unit:
                return disputing.open_dispute(
                    unit,
                    charge_id,
                    reason=given.get("reason", "general"),
                    amount=given.get("amount"),
                    inquiry=bool(given.get("inquiry")),
                )
        case ("POST", "disputes", dispute_id, "close"):
            with store.writing() as unit:
                return disputing.close(unit, dispute_id, outcome=given.get("outcome", "won"))
        case ("POST", "events", event_id, "resend"):
            with store.writing() as unit:
                return {"queued": events.resend(unit, event_id)}
    raise ApiError(404, f"There is no control {request.method} {request.path}")


def _first_method(unit: Any, session_id: str) -> str:
    session = unit.find(session_id, "checkout.session")
    if session is None:
        raise invalid(f"No such checkout.session: {session_id}")
    return str(session["payment_method_types"][0])


def _summary(store: Store) -> dict[str, Any]:
    with store.reading() as unit:
        kinds = dict(unit.db.execute("SELECT kind, count(*) FROM objects GROUP BY kind").fetchall())
        states = dict(unit.db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())
        return {
            "objects": kinds,
            "deliveries": states,
            "webhook_url": events.webhook_url(unit),
            "calls": switches.calls.as_list(),
            "webhooks": switches.webhooks.as_list(),
        }
