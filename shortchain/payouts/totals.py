"""Where the money of each order is: charged = paid out + fees + refunded + held, to the cent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from shortchain.ordering.models import Order
from shortchain.payouts.models import OF_MONEY, Account, LedgerEntry

OUT = ("payout", "reversal", "netting")
BACK = ("refund", "refund_back", "refund_hand")
CARRIED = ("dispute", "dispute_fee", "dispute_refund")


@dataclass(slots=True)
class OrderMoney:
    """The money of one order in cents.

    `paid_out` is what enterprises got, `fees` what the platform keeps of it (margins of re-routes included),
    `refunded` what the customer got back from us, `held` what is still owed to the customer or to enterprises,
    `owed` the enterprises' part of that.
    `disputed` is what banks took with their fee; the platform carries it from what it has, so it is no part
    of the sum.
    """

    number: str = ""
    charged: int = 0
    paid_out: int = 0
    fees: int = 0
    refunded: int = 0
    held: int = 0
    owed: int = 0
    disputed: int = 0
    bank: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether everything that was charged is somewhere, and lies where the books say."""
        is_whole = self.charged == self.paid_out + self.fees + self.refunded + self.held
        return is_whole and self.bank == self.fees + self.held - self.disputed

    def add(self, other: OrderMoney) -> None:
        """Add another order to this sum."""
        for name in ("charged", "paid_out", "fees", "refunded", "held", "owed", "disputed", "bank"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def per_order(session: Session, *, hub_id: int | None = None) -> list[OrderMoney]:
    """Read the money of every order (of a hub) that has a booking, in the order of their numbers.

    Each figure is read from its own side of the ledger, so that a booking with one side missing shows.
    """
    found: dict[int, OrderMoney] = {}
    for order_id, number, account, kind, cents in session.execute(
        select(LedgerEntry.order_id, Order.number, LedgerEntry.account, LedgerEntry.kind, LedgerEntry.amount_cents)
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(Order.hub_id == hub_id if hub_id is not None else true())
        .order_by(Order.number)
    ):
        _count(found.setdefault(order_id or 0, OrderMoney(number)), account, kind, cents)
    return list(found.values())


def _count(money: OrderMoney, account: Account, kind: str, cents: int) -> None:
    if account in OF_MONEY:
        money.bank += cents
        if kind == "capture":
            money.charged += cents
        elif kind in OUT:
            money.paid_out -= cents
        elif kind in BACK:
            money.refunded -= cents
        elif kind in CARRIED:
            money.disputed -= cents
    elif account is Account.PLATFORM:
        money.fees -= cents if kind not in CARRIED else 0
    else:
        money.held -= cents
        money.owed -= cents if account is Account.ENTERPRISE else 0


def total(rows: list[OrderMoney]) -> OrderMoney:
    """Add the orders up."""
    whole = OrderMoney("total")
    for row in rows:
        whole.add(row)
    return whole
