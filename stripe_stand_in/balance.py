"""Balances of the platform and of the connected accounts, moved only by balance transactions."""

from __future__ import annotations

from typing import Any

from stripe_stand_in.store import Unit, new_id


def book(
    unit: Unit,
    *,
    account: str,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    fee: int = 0,
    pending_for: float = 0.0,
    description: str | None = None,
) -> dict[str, Any]:
    """Write a balance transaction and move the balance by its net amount.

    With `pending_for` seconds the money waits in the pending balance first.
    """
    waits = pending_for > 0
    booking: dict[str, Any] = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": int(unit.now + pending_for),
        "balance_type": "payments",
        "created": int(unit.now),
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Processing fee",
                "type": "stripe_fee",
            }
        ]
        if fee
        else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "pending" if waits else "available",
        "type": kind,
    }
    unit.add("balance_transaction", booking, account=account)
    _move(unit, account, currency, pending=waits, net=amount - fee)
    if waits:
        unit.later(pending_for, "settle", booking["id"])
    return booking


def settle(unit: Unit, booking_id: str) -> None:
    """Make pending money available."""
    booking = unit.find(booking_id, "balance_transaction")
    if booking is None or booking["status"] != "pending":
        return
    account = unit.owner(booking_id) or ""
    _move(unit, account, booking["currency"], pending=True, net=-booking["net"])
    _move(unit, account, booking["currency"], pending=False, net=booking["net"])
    unit.save({**booking, "status": "available"})


def available(unit: Unit, account: str, currency: str) -> int:
    """Return what an account could send away now, in cents."""
    row = unit.db.execute(
        "SELECT available FROM balances WHERE account = ? AND currency = ?", (account, currency)
    ).fetchone()
    return row[0] if row else 0


def top_up_once(unit: Unit, amount: int) -> None:
    """Give the platform money of its own to begin with, as a top-up from its bank would.

    Orders that were paid by bank transfer are paid out of it. Nothing happens when it has been done.
    """
    done = unit.db.execute("SELECT 1 FROM balances WHERE account = ''").fetchone()
    if amount > 0 and not done:
        book(unit, account="", kind="topup", amount=amount, currency="eur", source=new_id("tu"))


def read_balance(unit: Unit, account: str) -> dict[str, Any]:
    """Return the balance object of an account; '' is the platform."""
    rows = unit.db.execute(
        "SELECT currency, available, pending FROM balances WHERE account = ? ORDER BY currency",
        (account,),
    ).fetchall() or [("eur", 0, 0)]
    return {
        "object": "balance",
        "livemode": False,
        "available": [{"amount": here, "currency": money} for money, here, _ in rows],
        "pending": [{"amount": waits, "currency": money} for money, _, waits in rows],
    }


def _move(unit: Unit, account: str, currency: str, *, pending: bool, net: int) -> None:
    here, waiting = (0, net) if pending else (net, 0)
    unit.db.execute(
        "INSERT INTO balances (account, currency, available, pending) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (account, currency) DO UPDATE SET"
        " available = available + excluded.available, pending = pending + excluded.pending",
        (account, currency, here, waiting),
    )
