"""Who stands below zero at the payment provider: the platform itself, or the account of an enterprise.

A refund, a dispute or a payout that came back may take more than there is. The provider makes good for it with what comes
next, and in the end with the platform's own balance: somebody has to call the enterprise, or send money there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.ordering.models import Order
from shortchain.payouts.models import Payout, Reconciliation


@dataclass(frozen=True, slots=True)
class Low:
    """One account below zero, in cents; no enterprise is the platform itself. `hub_ids` brought it money: they know whom to call."""

    enterprise_id: int | None
    name: str
    cents: int
    hub_ids: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give plain values to keep."""
        return {
            "enterprise_id": self.enterprise_id,
            "name": self.name,
            "cents": self.cents,
            "hub_ids": list(self.hub_ids),
        }

    def concerns(self, hub_id: int) -> bool:
        """Say whether a hub is to know of it: the platform's balance concerns them all."""
        return self.enterprise_id is None or hub_id in self.hub_ids


def accounts(session: Session) -> list[tuple[int, str]]:
    """List the accounts to ask about: the enterprise, and its account at the provider."""
    rows = session.execute(
        select(Enterprise.id, Enterprise.stripe_account)
        .where(Enterprise.stripe_account.is_not(None))
        .order_by(Enterprise.id)
    )
    return [(number, account) for number, account in rows if account]


def of(kept: Reconciliation | None) -> list[Low]:
    """Read who stood below zero at a comparison."""
    rows = kept.below_zero if kept is not None else []
    return [Low(row["enterprise_id"], row["name"], row["cents"], tuple(row["hub_ids"])) for row in rows]


def gather(
    session: Session, *, platform_cents: int, balances: Mapping[int, int | None], before: Sequence[Low]
) -> list[Low]:
    """Say who stands below zero now, the platform first. Of whom the provider did not tell it is as it was `before`.

    `balances` are cents by enterprise, None where nothing was told.
    """
    silent = {number for number, cents in balances.items() if cents is None}
    low = {number: cents for number, cents in balances.items() if cents is not None and cents < 0}
    names = dict(session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(low))).all())
    hubs: dict[int, list[int]] = {}
    for number, hub_id in session.execute(
        select(Payout.enterprise_id, Order.hub_id)
        .join(Order, Order.id == Payout.order_id)
        .where(Payout.enterprise_id.in_(low))
        .distinct()
        .order_by(Payout.enterprise_id, Order.hub_id)
    ):
        hubs.setdefault(number, []).append(hub_id)
    found = [Low(None, "", platform_cents)] if platform_cents < 0 else []
    found += [one for one in before if one.enterprise_id in silent]
    return found + [Low(number, names[number], cents, tuple(hubs.get(number, ()))) for number, cents in low.items()]


def keep(session: Session, *, kept: Reconciliation, found: Sequence[Low], before: Sequence[Low], now: datetime) -> None:
    """Write down who stands below zero, and in the journal who fell below it and who is above it again."""
    kept.below_zero = [one.as_json() for one in found]
    were, are = ({one.enterprise_id: one.cents for one in rows} for rows in (before, found))
    for number in sorted(are.keys() - were.keys(), key=_platform_first):
        journal.record(
            session, "balance.below_zero", by=SYSTEM, now=now, enterprise_id=number, amount_cents=are[number]
        )
    for number in sorted(were.keys() - are.keys(), key=_platform_first):
        journal.record(session, "balance.recovered", by=SYSTEM, now=now, enterprise_id=number)
    session.flush()


def _platform_first(enterprise_id: int | None) -> int:
    return enterprise_id or 0
