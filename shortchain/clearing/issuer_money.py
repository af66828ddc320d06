"""What an issuer of vouchers owed us came in on our bank account: the debt is gone, and its fee is ours to bear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, AlreadyDone, Invalid, NotFound
from shortchain.ordering.models import Order
from shortchain.payments import issuer_payments
from shortchain.payments.issuer_models import IssuerPayment, IssuerWriteOff
from shortchain.payouts import ledger
from shortchain.payouts.ledger import OWN_BANK, Entry
from shortchain.payouts.models import Account

LONGEST_REASON = 200


class WhyWrittenOff(Invalid):
    """A loss is booked with a reason."""

    message = N_("Schrijf waarom je het afboekt, bijvoorbeeld wat de uitgever antwoordde.")


def came_in(session: Session, *, public_id: str, credit: str, by: Actor, now: datetime) -> IssuerPayment:
    """Book that an announced payment lies on our bank account, once; `credit` is the bank's name of it.

    One below zero is a bill of the issuer, and is booked when we have paid it. Where the issuer pays for more or less than it took, the difference stays open on the account of issuers.

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


def write_off(
    session: Session, *, reference: str, hub_id: int, cents: int, reason: str, by: Actor, now: datetime
) -> IssuerWriteOff:
    """Let the platform bear what an issuer counts otherwise than we do and does not put right; once.

    `cents` is the difference as it was seen: what the issuer still had to bring, or (a minus) brought too much. When the
    issuer corrects it later after all, that is a difference again, the other way round.

    :raises NotFound: for an unknown name, or one of another hub's order
    :raises AlreadyDone: when it is no difference (any more), or another one
    :raises WhyWrittenOff: without a reason
    """
    if not reason.strip():
        raise WhyWrittenOff(fields=("reason",))
    item = issuer_payments.lock_item(session, reference=reference)
    if item is None or (item.order_id and session.get_one(Order, item.order_id).hub_id != hub_id):
        raise NotFound()
    if not item.is_wrong(now) or item.off_cents != cents:
        raise AlreadyDone()
    row = IssuerWriteOff(reference=reference, cents=cents, reason=reason.strip()[:LONGEST_REASON], at=now)
    session.add(row)
    session.flush()
    ledger.post(
        session,
        transaction=f"issuer-off:{row.public_id}",
        order_id=None,
        entries=[Entry(Account.PLATFORM, "issuer_loss", cents), Entry(Account.ISSUER, "issuer_loss", -cents)],
        now=now,
    )
    journal.record(
        session,
        "issuer.written_off",
        by=by,
        now=now,
        order_id=item.order_id,
        reference=reference,
        amount_cents=cents,
        reason=row.reason,
    )
    return row
