"""How long somebody has to pay, by the way of paying; and where a bank transfer would come too late. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from shortchain.payments.models import TRANSFER

HOLD = timedelta(minutes=30)
"""How long goods wait for a card."""
TRANSFER_HOLD = timedelta(hours=48)
TRANSFER_NEEDS = timedelta(hours=24)
"""With less than this until the cycle closes no transfer is offered: banks and coordinators need a working day."""
BEFORE_CLOSING = timedelta(hours=1)


def hold_until(method: str, *, closes_at: datetime, now: datetime) -> datetime:
    """Give a card half an hour, a bank transfer two days or until just before the cycle closes."""
    if method != TRANSFER:
        return now + HOLD
    return max(now + HOLD, min(now + TRANSFER_HOLD, closes_at - BEFORE_CLOSING))


def leaves_time(*, closes_at: datetime, now: datetime) -> bool:
    """Say whether a bank transfer can still come before the cycle closes."""
    return closes_at - now > TRANSFER_NEEDS
