"""Compares our books with the payment provider's, movement by movement. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from shortchain.kernel.payment_port import Movement

GRACE = timedelta(minutes=15)
"""How long a movement may be under way between the provider and our books."""

COMPARED = frozenset({"charge", "refund", "refund_back", "transfer", "reversal", "dispute"})
"""What our own deeds cause; each has a row of ours behind it."""

BOOKED_AFTER = frozenset({"topup", "payout", "payout_back", "stripe_fee"})
"""What happens at the provider only; nightly it is taken over into the ledger."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One movement as we know it: what it is, the provider's name for it, cents as they change our balance."""

    kind: str
    source: str
    cents: int
    at: datetime
    order_id: int | None = None
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not agree.

    `what` is 'missing_here', 'missing_there', 'amount' or 'balance'; between orders and charges 'order_amount'; of
    documents 'document_missing' or 'document_amount', where the ledger's amount is ours and the paper's is theirs.
    """

    what: str
    kind: str
    source: str
    ours_cents: int | None
    theirs_cents: int | None
    order_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Give plain values to keep."""
        return asdict(self)


def differences(
    ours: Iterable[Fact], theirs: Iterable[Movement], *, since: datetime, now: datetime
) -> list[Difference]:
    """List where the two lists do not agree, oldest first.

    `ours` holds all that we know, `theirs` everything from `since` on. What is younger than `GRACE` may
    still be on its way to the other side and is not missed; what both have must agree at once.
    """
    known: dict[tuple[str, str], Fact] = {}
    for fact in ours:
        before = known.get((fact.kind, fact.source))
        cents = fact.cents + (before.cents if before else 0)
        known[fact.kind, fact.source] = Fact(fact.kind, fact.source, cents, fact.at, fact.order_id, fact.currency)
    found: list[Difference] = []
    seen: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], Movement] = {}
    for movement in theirs:
        key = (movement.kind, movement.source)
        seen[key] = seen.get(key, 0) + movement.amount.minor
        first[key] = movement
    for key, cents in seen.items():
        movement, own = first[key], known.get(key)
        if movement.kind in BOOKED_AFTER:
            continue
        if own is None:
            if movement.at <= now - GRACE:
                found.append(Difference("missing_here", movement.kind, movement.source, None, cents))
        elif own.cents != cents or own.currency != movement.amount.currency:
            found.append(Difference("amount", own.kind, own.source, own.cents, cents, own.order_id))
    for key, fact in known.items():
        if key not in seen and fact.cents and since + GRACE <= fact.at <= now - GRACE:
            found.append(Difference("missing_there", fact.kind, fact.source, fact.cents, None, fact.order_id))
    return sorted(found, key=lambda one: (one.kind, one.source))


def under_way(ours: Iterable[Fact], theirs: Iterable[Movement], *, now: datetime) -> int:
    """Say how many euro cents the provider's balance may rightly be above our books at this moment.

    What only the provider knows counts as a plus (it is listed as missing when it stays so), what we wrote
    within `GRACE` and the provider's list does not hold yet as a minus.
    """
    known = {(fact.kind, fact.source): fact for fact in ours}
    seen = set()
    cents = 0
    for one in theirs:
        seen.add((one.kind, one.source))
        is_ours = (one.kind, one.source) in known or one.kind in BOOKED_AFTER
        if one.amount.currency == "EUR" and not is_ours:
            cents += one.amount.minor - (one.fee_cents if one.kind == "dispute" else 0)
    for key, fact in known.items():
        if key not in seen and fact.at > now - GRACE and fact.currency == "EUR":
            cents -= fact.cents
    return cents
