"""What an issuer of vouchers owed us came in on our bank account: the debt is gone, and its fee is ours to bear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import Actor
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.payments import issuer_payments
from shortchain.payments.issuer_models import IssuerPayment
from shortchain.payouts import ledger
from shortchain.payouts.ledger import Entry
from shortchain.payouts.models import Account
from shortchain.payouts.reconciling import OWN_BANK


def came_in(session: Session, *, public_id: str, credit: str, by: Actor, now: datetime) -> IssuerPayment:
    """Book that an announced payment lies on our bank account, once; `credit` is the bank's name of it.

    Where the issuer pays for more or less than it took, the difference stays open on the account of issuers.

    :raises NotFound: for one that nobody announced
    :raises AlreadyDone: when it was booked before
    """
    row = issuer_payments.lock(session, public_id=public_id)
    if row is None:
        raise NotFound()
    if row.received_at is not None:
        raise AlreadyDone()
    row.received_at, row.bank_reference = now, credit[:80]
    ledger.post(
        session,
        transaction=f"issuer:{row.public_id}",
        order_id=None,
        entries=[
            Entry(Account.BANK, OWN_BANK, row.net_cents),
            Entry(Account.PLATFORM, "issuer_fee", row.fee_cents),
            Entry(Account.ISSUER, "issuer_paid", -row.gross_cents),
        ],
        now=now,
    )
    journal.record(session, "issuer.paid", by=by, now=now, reference=row.reference, amount_cents=row.net_cents)
    return row
