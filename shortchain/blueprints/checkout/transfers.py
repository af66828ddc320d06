"""How to pay by bank transfer: account, amount, structured message, and a QR code to scan."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import segno
from stdnum import iban as iban_numbers

from shortchain.blueprints import context
from shortchain.kernel.money import Money
from shortchain.ordering.history import OrderView
from shortchain.payments import deadlines
from shortchain.payments.standing import Standing
from shortchain.payments.transfer_message import qr_payload


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a person types into their bank's app, and the same as a picture (a data address)."""

    name: str
    iban: str
    message: str
    amount_cents: int
    qr: str


def is_offered(*, closes_at: datetime) -> bool:
    """Say whether somebody may pay by transfer now: there is an account, and time until the cycle closes."""
    return bool(context.settings().bank_account) and deadlines.leaves_time(closes_at=closes_at, now=context.now())


def instructions(order: OrderView, payment: Standing) -> Transfer:
    """Make the instructions for an order that is paid by transfer."""
    return written(payment.structured_message or order.number, payment.amount_cents)


def written(message: str, amount_cents: int) -> Transfer:
    """Make the instructions for a transfer of so much under a message."""
    settings = context.settings()
    payload = qr_payload(
        name=settings.transfer_name, iban=settings.bank_account, amount=Money(amount_cents), message=message
    )
    drawing = io.BytesIO()
    code = segno.make(payload, error="m", encoding="utf-8", micro=False, boost_error=False)
    code.save(drawing, kind="svg", scale=4, border=4, xmldecl=False, svgns=True, nl=False, dark="#221a2b")
    return Transfer(
        settings.transfer_name,
        iban_numbers.format(settings.bank_account),
        message,
        amount_cents,
        "data:image/svg+xml," + quote(drawing.getvalue()),
    )
