"""Answers one call to `/v1/…`: who may, which fault, which key, which handler."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from typing import Any

from werkzeug.wrappers import Request, Response

from stripe_stand_in import forms, schemas, switches
from stripe_stand_in.errors import ApiError, broken, invalid, key_in_use, too_many, unknown_account
from stripe_stand_in.listing import Call, expanded
from stripe_stand_in.routes import Route, find_route
from stripe_stand_in.store import Store, Unit, new_id
from stripe_stand_in.switches import Switch

KEY_LENGTH = 255
FAULT_HEADER = "Stripe-Stand-In"
_running: set[tuple[str, str]] = set()
_running_lock = threading.Lock()


def answer(store: Store, request: Request) -> Response:
    """Answer a call to the API, in Stripe's shapes, also when it goes wrong."""
    replayed = False
    try:
        _check_key(request)
        fault = _fault(request)
        _before(fault)
        status, text, replayed = _answer(store, request, fault)
        _after(fault)
    except ApiError as problem:
        status, text = problem.status, json.dumps(problem.body)
    response = Response(text, status=status, content_type="application/json")
    response.headers["Request-Id"] = new_id("req", length=14)
    if "Idempotency-Key" in request.headers:
        response.headers["Idempotency-Key"] = request.headers["Idempotency-Key"]
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _check_key(request: Request) -> None:
    """Refuse a call without a test key; a live key has no business here."""
    given = request.authorization
    key = "" if given is None else given.token or given.username or ""
    if not key:
        raise ApiError(401, "You did not provide an API key.")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ApiError(
            401,
            "Invalid API Key provided: the stand-in takes keys that start with "
            "sk_test_ only. Never send it a live key.",
        )


def _fault(request: Request) -> Switch | None:
    try:
        return switches.of_call(request.method, request.path, request.headers.get(FAULT_HEADER))
    except ValueError as problem:
        raise invalid(str(problem), param=FAULT_HEADER) from problem


def _before(fault: Switch | None) -> None:
    """Suffer a fault that keeps the call from being done."""
    if fault is None:
        return
    if fault.name == "timeout_before":
        time.sleep(fault.seconds)
        raise broken()
    if fault.name == "500_before":
        raise broken()
    if fault.name == "409":
        raise key_in_use("switched on for a test")
    if fault.name == "429":
        raise too_many()


def _after(fault: Switch | None) -> None:
    if fault is not None and fault.name == "timeout_after":
        time.sleep(fault.seconds)


def _answer(store: Store, request: Request, fault: Switch | None) -> tuple[int, str, bool]:
    found = find_route(request.method, request.path)
    if found is None:
        raise ApiError(
            404,
            f"Unrecognized request URL ({request.method}: {request.path}). The "
            "stand-in speaks the calls listed in docs/payments.md.",
        )
    route, path = found
    raw = request.get_data(as_text=False) if request.method == "POST" else request.query_string
    try:
        params = forms.decode(raw.decode())
    except UnicodeDecodeError as problem:
        raise invalid("Invalid UTF-8 in the request.") from problem
    call = Call(schemas.check(route.schema, params), path, request.headers.get("Stripe-Account", ""), fault)
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    if len(key) > KEY_LENGTH:
        raise invalid(f"Idempotency keys have at most {KEY_LENGTH} characters.")
    if request.method == "GET":
        with store.reading() as unit:
            return *_handle(unit, route, call), False
    if not key:
        if fault is not None and fault.name == "slow":
            time.sleep(fault.seconds)
        with store.writing() as unit:
            return *_handle(unit, route, call), False
    return _once(store, route, call, key, _fingerprint(request, params))


def _fingerprint(request: Request, params: dict[str, Any]) -> str:
    said = [request.method, request.path, request.headers.get("Stripe-Account", ""), params]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _once(store: Store, route: Route, call: Call, key: str, fingerprint: str) -> tuple[int, str, bool]:
    """Do a call with an idempotency key: the first time for real, later the same answer again."""
    mark = (call.account, key)
    with _running_lock:
        if mark in _running:
            raise key_in_use(key)
        _running.add(mark)
    try:
        if call.fault is not None and call.fault.name == "slow":
            time.sleep(call.fault.seconds)
        with store.writing() as unit:
            known = unit.db.execute(
                "SELECT fingerprint, status, body FROM idempotency WHERE key = ? AND account = ?",
                (key, call.account),
            ).fetchone()
            if known is not None:
                if known[0] != fingerprint:
                    raise ApiError(
                        400,
                        "Keys for idempotent requests can only be used with the same "
                        f"parameters they were first used with. (key: {key})",
                        kind="idempotency_error",
                    )
                return known[1], known[2], True
            status, text = _handle(unit, route, call)
            unit.db.execute(
                "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
                (key, call.account, fingerprint, status, text, unit.now),
            )
            return status, text, False
    finally:
        with _running_lock:
            _running.discard(mark)


def _handle(unit: Unit, route: Route, call: Call) -> tuple[int, str]:
    """Let the handler answer; what it wrote before it refused is undone unless it must stay."""
    if call.account and unit.find(call.account, "account") is None:
        refusal = unknown_account(call.account)
        return refusal.status, json.dumps(refusal.body)
    fault = call.fault.name if call.fault is not None else ""
    if fault == "500_stored":
        return _failure()
    writes = route.method == "POST"
    if writes:
        unit.db.execute("SAVEPOINT handler")
    try:
        body = expanded(unit, route.handler(unit, call), call.params.get("expand"))
    except ApiError as problem:
        if writes and not problem.keep:
            unit.db.execute("ROLLBACK TO handler")
        return problem.status, json.dumps(problem.body)
    return _failure() if fault == "500_after" else (200, json.dumps(body))


def _failure() -> tuple[int, str]:
    failed = broken()
    return failed.status, json.dumps(failed.body)
