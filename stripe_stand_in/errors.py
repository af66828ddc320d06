"""Refusals in the shape that Stripe gives them."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than 200.

    `keep` means that what the handler wrote before it refused must stay: a declined card leaves a
    failed charge behind.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        error = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.body = {"error": {name: value for name, value in error.items() if value is not None}}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """Refuse a request that can never succeed as it is (400)."""
    return ApiError(400, message, param=param, code=code)


def missing(kind: str, identifier: str, *, param: str = "id") -> ApiError:
    """Refuse a request about a thing that is not there (404)."""
    return ApiError(404, f"No such {kind}: '{identifier}'", code="resource_missing", param=param)


def broken() -> ApiError:
    """Fail as a server does when something of its own breaks (500)."""
    return ApiError(500, "An unknown error occurred", kind="api_error")


def too_many() -> ApiError:
    """Ask for patience (429)."""
    return ApiError(429, "Too many requests hit the API too quickly.", code="rate_limit")


def key_in_use(key: str) -> ApiError:
    """Refuse a second request while the first with the same key still runs (409)."""
    return ApiError(
        409,
        f"There is currently another in-progress request using this Idempotent Key ({key}).",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def unknown_account(account: str) -> ApiError:
    """Refuse to act for an account that is not connected (403)."""
    return ApiError(
        403,
        f"The provided key does not have access to account '{account}' (or that account does not exist).",
        code="account_invalid",
    )
