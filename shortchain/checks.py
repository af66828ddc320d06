"""Verifies the promises of `docs/transactions.md` on the database. Reads only.

Each check returns sentences about what is wrong; none means that the promise holds. The numbers are
those of the design: P1 money, P2 charges, P3 stock, P4 capacity, P5 orders, P6 the chain, P11 journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.capacity import verifying as capacity
from shortchain.catalogue import verifying as prices
from shortchain.delivery import verifying as delivery
from shortchain.documents import verifying as documents
from shortchain.fulfilment import verifying as work
from shortchain.ordering import verifying as orders
from shortchain.payments import verifying as payments
from shortchain.payouts import verifying as payouts
from shortchain.payouts import verifying_books as books
from shortchain.stock import verifying as stock


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise that does not hold, and where."""

    promise: str
    what: str


def check_all(session: Session, *, now: datetime) -> list[Breach]:
    """Verify every promise; an empty list means that all hold."""
    return [Breach(promise, what) for promise, check in CHECKS for what in check(session, now)]


Check = Callable[[Session, datetime], list[str]]

CHECKS: tuple[tuple[str, Check], ...] = (
    *books.CHECKS,
    *payouts.CHECKS,
    *documents.CHECKS,
    *payments.CHECKS,
    *prices.CHECKS,
    *stock.CHECKS,
    *capacity.CHECKS,
    *orders.CHECKS,
    *work.CHECKS,
    *delivery.CHECKS,
)
