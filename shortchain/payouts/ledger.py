"""Books money: every transaction adds up to zero, and nothing is ever changed.

Signs: an amount on an account is what it gained. Money at the payment provider (`bank`) is a plus;
what we owe somebody in return (`customer`, `enterprise`) or keep (`platform`) is a minus.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.kernel.errors import AlreadyDone
from shortchain.payments.tenders import DISCOUNT, GIFT_CARD, SOME_GOODS_ONLY
from shortchain.payouts.models import Account, LedgerEntry

OWN_BANK = "own_bank"
"""The kind of a bank entry that lies on our own bank account and not with the provider."""


class Unbalanced(RuntimeError):
    """The entries of a transaction do not add up to zero; a bug, never a person's mistake."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a booking, in cents; `vat_cents` is the VAT that the amount holds, same sign."""

    account: Account
    kind: str
    amount_cents: int
    enterprise_id: int | None = None
    vat_rate_bp: int = 0
    vat_cents: int = 0
    about_id: int | None = None
    """Who gives or gets the other side of what a farm gives out of its price, or the hub that pays for its code."""


def post(
    session: Session,
    *,
    transaction: str,
    entries: Iterable[Entry],
    order_id: int | None,
    now: datetime,
    currency: str = "EUR",
) -> list[LedgerEntry]:
    """Book the entries under the name `transaction`, once.

    Entries of zero cents are left out. The name is the idempotency key: `capture:<payment>`,
    `settle:<order>`, `refund:<refund>`, `payout:<payout>`, `reverse:<payout>:<refund>`.

    :raises AlreadyDone: when the transaction is in the books
    :raises Unbalanced: when the entries do not add up to zero
    """
    if is_booked(session, transaction=transaction):
        raise AlreadyDone()
    wanted = [entry for entry in entries if entry.amount_cents]
    if sum(entry.amount_cents for entry in wanted) != 0:
        raise Unbalanced(f"{transaction} adds up to {sum(e.amount_cents for e in wanted)} cents")
    rows = [
        LedgerEntry(
            transaction=transaction,
            position=position,
            order_id=order_id,
            account=entry.account,
            enterprise_id=entry.enterprise_id,
            kind=entry.kind,
            amount_cents=entry.amount_cents,
            vat_rate_bp=entry.vat_rate_bp,
            vat_cents=entry.vat_cents,
            about_id=entry.about_id,
            currency=currency,
            at=now,
        )
        for position, entry in enumerate(wanted)
    ]
    session.add_all(rows)
    session.flush()
    return rows


def is_booked(session: Session, *, transaction: str) -> bool:
    """Say whether a transaction is in the books."""
    return session.scalar(select(LedgerEntry.id).where(LedgerEntry.transaction == transaction).limit(1)) is not None


def book_capture(
    session: Session,
    *,
    payment_public_id: str,
    order_id: int,
    amount_cents: int,
    now: datetime,
    currency: str = "EUR",
    method: str = "",
    hub_id: int | None = None,
) -> None:
    """Book money that came in: it lies at the provider and we owe it to the customer until settled.

    What a gift card pays we owe its holder no more; what a voucher pays its issuer owes us, and what a hub's code pays
    the hub of the order (`hub_id`).
    """
    post(
        session,
        transaction=f"capture:{payment_public_id}",
        order_id=order_id,
        entries=[
            side(method, "capture", amount_cents, hub_id=hub_id),
            Entry(Account.CUSTOMER, "capture", -amount_cents),
        ],
        now=now,
        currency=currency,
    )


def side_of(method: str) -> Account:
    """Say on which account the money lies that was paid in a way."""
    if method == GIFT_CARD:
        return Account.GIFT_CARD
    if method == DISCOUNT:
        return Account.DISCOUNT
    return Account.ISSUER if method in SOME_GOODS_ONLY else Account.BANK


def side(method: str, kind: str, cents: int, *, hub_id: int | None) -> Entry:
    """Make the entry of money that was paid in a way, or goes back that way; a hub's code names its hub."""
    account = side_of(method)
    return Entry(account, kind, cents, about_id=hub_id if account is Account.DISCOUNT else None)


def entries_of(session: Session, *, order_id: int) -> Sequence[LedgerEntry]:
    """List the entries of an order in the order of booking."""
    return session.scalars(select(LedgerEntry).where(LedgerEntry.order_id == order_id).order_by(LedgerEntry.id)).all()


def balance(
    session: Session, *, account: Account, order_id: int | None = None, enterprise_id: int | None = None
) -> int:
    """Add up an account in cents, whole or for one order or enterprise."""
    query = select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(LedgerEntry.account == account)
    if order_id is not None:
        query = query.where(LedgerEntry.order_id == order_id)
    if enterprise_id is not None:
        query = query.where(LedgerEntry.enterprise_id == enterprise_id)
    return int(session.scalar(query) or 0)
