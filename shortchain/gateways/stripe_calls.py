"""How a call to Stripe is made: once, within seconds, and with our own words for its failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from shortchain.gateways.breaker import Breaker
from shortchain.kernel.ports import GatewayDown, GatewayRefused

KEY_FIELD = "shortchain_key"
"""The metadata field by which a thing is found again that Stripe made without telling us."""

LOOK_BACK = 100
"""How many things of a list are searched for one that was made without an answer."""

_MAY_WORK_LATER = frozenset({401, 409, 429})
"""A wrong key of ours (401) is a fault of the shop, not a no to this payment."""


class CarefulClient(stripe.RequestsClient):
    """Repeats a call once when the connection broke, and never when it only took long.

    Every call that changes something carries an idempotency key, so a repeat is safe. After a
    time-out the person has waited long enough; the sweep asks again later. While Stripe does not
    answer at all, most calls fail at once (`Breaker`).
    """

    def __init__(self, *, timeout: tuple[float, float], breaker: Breaker | None = None) -> None:
        super().__init__(timeout=timeout)
        self._breaker = breaker or Breaker()

    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request, unless it is known that nobody will answer.

        :raises stripe.APIConnectionError: when nobody answered, or would
        """
        if not self._breaker.may_ask():
            raise stripe.APIConnectionError("not asked after several silences")  # type: ignore[no-untyped-call]
        try:
            answer = super().request(method, url, headers, post_data)
        except stripe.APIConnectionError:
            self._breaker.failed()
            raise
        self._breaker.worked()
        return answer

    def _should_retry(
        self,
        response: Any,
        api_connection_error: Any,
        num_retries: int,
        max_network_retries: int | None,
    ) -> bool:
        cause = getattr(api_connection_error, "__cause__", None)
        return (
            num_retries < 1
            and response is None
            and isinstance(cause, self.requests.exceptions.ConnectionError)
            and not isinstance(cause, self.requests.exceptions.Timeout)
        )


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of the library into one of ours, with the original as its cause."""
    try:
        yield
    except stripe.StripeError as problem:
        status = problem.http_status
        if isinstance(problem, stripe.APIConnectionError) or status is None:
            raise GatewayDown("no answer") from problem
        if status >= 500 or status in _MAY_WORK_LATER:
            raise GatewayDown(f"answer {status}") from problem
        body = problem.json_body if isinstance(problem.json_body, dict) else {}
        said = body.get("error") or {}
        reason = said.get("decline_code") or said.get("code") or said.get("message")
        raise GatewayRefused(str(reason or said.get("type") or status)) from problem


def make_once(key: str, create: Callable[[Any], Any], search: Callable[[], Any]) -> Any:
    """Make a thing once, also when Stripe failed in the middle of making it.

    `create` takes the options of the library's call, `search` lists where the thing would be. Stripe repeats its first answer to a key for a day, *even when that was a failure of its
    own* (500). The thing may exist all the same, so after such an answer we look for it by the
    key in its metadata. Only when a *repeated* failure leaves nothing to find a new key is
    used, which then is safe.

    :raises GatewayDown: when it is not sure that the thing was made
    :raises GatewayRefused: when it was refused
    """
    for again in ("", ":2", ":3"):
        try:
            with translated():
                return create({"idempotency_key": key + again})
        except GatewayDown as problem:
            failure = problem.__cause__
            if not isinstance(failure, stripe.StripeError) or (failure.http_status or 0) < 500:
                raise
            with translated():
                found = _with_key(search().data, key)
            if found is not None:
                return found
            if not _is_replay(failure):
                raise
    raise GatewayDown("Stripe fails again and again")


def _with_key(things: list[Any], key: str) -> Any | None:
    for thing in things:
        if thing.to_dict().get("metadata", {}).get(KEY_FIELD) == key:
            return thing
    return None


def _is_replay(failure: stripe.StripeError) -> bool:
    headers: Mapping[str, str] = failure.headers or {}
    return any(name.lower() == "idempotent-replayed" and value == "true" for name, value in headers.items())
