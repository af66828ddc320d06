"""Every refusal as application/problem+json (RFC 9457), with a code and the places that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g
from flask_babel import gettext
from pydantic import ValidationError

from shortchain.accounts.attempts import TooManyTries
from shortchain.blueprints import formatting
from shortchain.blueprints.api.told import Fault, Money, Problem, Quantity
from shortchain.giftcards import operations as cards
from shortchain.kernel.errors import DomainError, Kind
from shortchain.kernel.quantity import base_unit
from shortchain.ordering import discounts, refusals, wishes
from shortchain.ordering.keyed_requests import KeyUsedOtherwise, StillBusy
from shortchain.ordering.wishes import BadLines
from shortchain.payments.rests import TooLittleLeft
from shortchain.payments.vouchers import VoucherTooLittle, VoucherTooMuch
from shortchain.routing.plans import Unroutable
from shortchain.stock.allocations import SoldOut
from shortchain.workflows import checkout

MIMETYPE = "application/problem+json"
STATUS = {Kind.NOT_FOUND: 404, Kind.REFUSED: 403, Kind.CONFLICT: 409, Kind.INVALID: 422, Kind.TOO_MANY: 429}
MOST_FAULTS = 50
LONGEST_PATH = 200

CODES: dict[type[DomainError], str] = {
    BadLines: "lines",
    KeyUsedOtherwise: "key_used_otherwise",
    StillBusy: "still_busy",
    SoldOut: "sold_out",
    Unroutable: "unroutable",
    TooManyTries: "too_many_requests",
    checkout.PriceChanged: "price_changed",
    checkout.BasketChanged: "price_changed",
    refusals.BelowMinimum: "below_minimum",
    refusals.BelowCycleMinimum: "below_cycle_minimum",
    checkout.CycleClosed: "cycle_closed",
    discounts.NoSuchCode: "unknown_code",
    discounts.CodeNotYet: "code_not_yet",
    discounts.CodeOver: "code_over",
    discounts.CodeUsed: "code_used",
    discounts.NothingForCode: "nothing_for_code",
    discounts.TooLittleForCode: "too_little_for_code",
    cards.NoSuchCard: "unknown_card",
    cards.CardOver: "card_over",
    cards.CardEmpty: "card_empty",
    cards.CardSpent: "card_empty",
    VoucherTooMuch: "voucher_too_much",
    VoucherTooLittle: "voucher_too_little",
    TooLittleLeft: "too_little_left",
    checkout.WindowFull: "window_full",
    checkout.CapacityGone: "capacity_gone",
}
_EXPLAINED: dict[type[DomainError], str] = {
    KeyUsedOtherwise: "This Idempotency-Key came before with another request.",
    StillBusy: "The first request with this Idempotency-Key is being handled; ask again in a moment.",
    BadLines: "Some lines can not be ordered like this.",
}
_OF_LINES = {
    wishes.GONE: "This offer is not for sale now.",
    wishes.UNIT: "This offer is sold in another unit.",
    wishes.AMOUNT: "This offer is sold from the least on, in steps.",
    wishes.MOST: "This is more than one customer may order.",
    wishes.SOLD_OUT: "So much is not left.",
    wishes.CYCLE: "This offer is of another order cycle than the lines before it.",
}


class Refusal(Exception):
    """A refusal of the API itself, about certain places of the request."""

    def __init__(self, status: int, code: str, detail: str, *faults: Fault) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.faults = status, code, detail, faults


def register(blueprint: Blueprint) -> None:
    """Answer the refusals of the API's views."""
    blueprint.register_error_handler(Refusal, of_refusal)
    blueprint.register_error_handler(DomainError, of_domain)


def answer(status: int, code: str, detail: str | None, faults: Sequence[Fault] = (), **more: Any) -> Response:
    """Make a problem; without a `type` of its own its title is that of the status (RFC 9457, 4.2.1)."""
    problem = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        instance=f"urn:shortchain:request:{g.get('request_id', '')}",
        errors=list(faults[:MOST_FAULTS]),
        **more,
    )
    return Response(problem.model_dump_json(exclude_none=True), status=status, mimetype=MIMETYPE)


def of_http(status: int, detail: str | None = None) -> Response:
    """Make the problem of a plain HTTP status: no such address, too large, a bug."""
    return answer(status, HTTPStatus(status).name.lower(), detail)


def of_refusal(refusal: Refusal) -> Response:
    """Make the problem of a refusal of the API itself."""
    response = answer(refusal.status, refusal.code, refusal.detail, refusal.faults)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="shortchain"'
    return response


def of_domain(error: DomainError) -> Response:
    """Make the problem of a refusal of the domain."""
    kind = type(error)
    detail = _EXPLAINED.get(kind) or str(gettext(error.message, **formatting.filled(error.values)))
    more: dict[str, Any] = {}
    if isinstance(error, checkout.PriceChanged):
        more["total"] = Money(minor=error.total_cents)
    faults = [_of_line(fault) for fault in error.faults] if isinstance(error, BadLines) else []
    response = answer(STATUS[error.kind], CODES.get(kind, error.kind.value), detail, faults, **more)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, StillBusy):
        response.headers["Retry-After"] = "2"
    return response


def _of_line(fault: wishes.Fault) -> Fault:
    place = "offer" if fault.code in (wishes.GONE, wishes.CYCLE) else "quantity"
    made = Fault(place="body", path=f"/lines/{fault.line}/{place}", code=fault.code, detail=_OF_LINES[fault.code])
    row = fault.row
    if row is None:
        return made
    unit = base_unit(row.sell_unit).value
    amounts: dict[str, dict[str, int]] = {
        wishes.UNIT: {"least": row.least, "step": row.step},
        wishes.AMOUNT: {"least": row.least, "step": row.step},
        wishes.MOST: {"most": row.most or 0},
        wishes.SOLD_OUT: {"left": max(0, row.left)},
    }
    told = {name: Quantity(amount=value, unit=unit) for name, value in amounts.get(fault.code, {}).items()}
    return made.model_copy(update=told)


def of_validation(place: str, error: ValidationError) -> Refusal:
    """Turn what pydantic found into a refusal; what was sent is not sent back."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        return Refusal(400, "not_json", "The body is not valid JSON.")
    faults = [
        Fault(place=place, path=_pointer(place, one["loc"]), code=one["type"], detail=one["msg"][:LONGEST_PATH])
        for one in found[:MOST_FAULTS]
    ]
    return Refusal(422, "invalid", "Some values can not be right; `errors` says which and why.", *faults)


def _pointer(place: str, loc: Sequence[int | str]) -> str:
    """Write a place as JSON Pointer (RFC 6901) in a body, as a plain name elsewhere."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in loc]
    text = "/".join(["", *parts]) if place == "body" else ".".join(parts)
    return text[:LONGEST_PATH]
