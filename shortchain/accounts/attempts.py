"""How often something may be tried, per account and per network address, counted in the database.

Counting in the database holds over all web processes. What is counted is kept as a hash, so the table
tells nobody who tried what.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from shortchain.accounts.models import Attempts
from shortchain.database import UtcDateTime
from shortchain.kernel.errors import N_, DomainError, Kind


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in each span of `span`."""

    name: str
    most: int
    span: timedelta


SIGN_IN_ACCOUNT = Limit("sign_in:account", 10, timedelta(minutes=15))
SIGN_IN_ADDRESS = Limit("sign_in:address", 60, timedelta(minutes=15))
MAIL_ACCOUNT = Limit("mail:account", 4, timedelta(hours=1))
MAIL_ADDRESS = Limit("mail:address", 30, timedelta(hours=1))
BASKET_ADDRESS = Limit("basket:address", 120, timedelta(hours=1))
ORDER_ADDRESS = Limit("order:address", 60, timedelta(hours=1))
ORDER_EMAIL = Limit("order:email", 12, timedelta(hours=1))
INVITE = Limit("invite", 40, timedelta(hours=1))
API_QUOTE = Limit("api:quote", 240, timedelta(minutes=10))
API_KEY = Limit("api:key", 600, timedelta(minutes=10))
API_STRANGER = Limit("api:stranger", 30, timedelta(minutes=15))
API_ORDER = Limit("api:order", 60, timedelta(hours=1))


class TooManyTries(DomainError):
    """It was tried too often; `retry_after` says in how many seconds it may be tried again."""

    kind = Kind.TOO_MANY
    message = N_("Te veel pogingen. Probeer het over %(minutes)s minuten opnieuw.")
    message_one = N_("Te veel pogingen. Probeer het over een minuut opnieuw.")

    def __init__(self, wait: timedelta) -> None:
        self.retry_after = max(1, math.ceil(wait.total_seconds()))
        minutes = math.ceil(self.retry_after / 60)
        super().__init__(self.message_one if minutes == 1 else self.message, minutes=minutes)


def count(session: Session, limit: Limit, *, of: str, now: datetime) -> None:
    """Count one try of `of` (an e-mail address, a network address).

    One statement, so that two tries at the same moment are both counted.

    :raises TooManyTries: when it is one too many; what was counted must be committed all the same
    """
    start = _span_start(limit, now)
    tries = session.scalar(
        text(
            "INSERT INTO attempts (key, span_start, count) VALUES (:key, :start, 1) "
            "ON CONFLICT (key, span_start) DO UPDATE SET count = attempts.count + 1 RETURNING count"
        ).bindparams(bindparam("start", type_=UtcDateTime())),
        {"key": _key(limit, of), "start": start},
    )
    if int(tries or 0) > limit.most:
        raise TooManyTries(start + limit.span - now)


def check(session: Session, limit: Limit, *, of: str, now: datetime) -> None:
    """Refuse when the tries are used up already, without counting.

    :raises TooManyTries: when there is none left
    """
    start = _span_start(limit, now)
    tries = session.scalar(select(Attempts.count).where(Attempts.key == _key(limit, of), Attempts.span_start == start))
    if (tries or 0) >= limit.most:
        raise TooManyTries(start + limit.span - now)


def forget(session: Session, limit: Limit, *, of: str) -> None:
    """Start counting anew, after a try that was right."""
    session.execute(delete(Attempts).where(Attempts.key == _key(limit, of)))


def sweep(session: Session, *, now: datetime) -> int:
    """Remove counts of more than a day ago; returns how many."""
    done = session.execute(delete(Attempts).where(Attempts.span_start < now - timedelta(days=1)))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _key(limit: Limit, of: str) -> str:
    return f"{limit.name}:{hashlib.sha256(of.encode()).hexdigest()[:40]}"


def _span_start(limit: Limit, now: datetime) -> datetime:
    seconds = int(limit.span.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
