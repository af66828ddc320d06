"""Payouts without the payment provider: a file for the bank is made, carried out or taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.journal import Actor
from shortchain.kernel.errors import N_, AlreadyDone, Conflict
from shortchain.payouts import bank_files
from shortchain.transaction import transaction


class NothingToPay(Conflict):
    """Nobody with a bank account and without an account at the provider is owed anything."""

    message = N_("Er is niets om in een betaalbestand te zetten.")


def make(session: Session, *, hub_id: int, by: Actor, now: datetime) -> str:
    """Make a file of everything that can leave by file; returns its public id.

    :raises NothingToPay: when there is nothing
    """
    with transaction(session):
        file = bank_files.gather(session, hub_id=hub_id, by=by, now=now)
        public_id = file.public_id if file else ""
    if not public_id:
        raise NothingToPay()
    return public_id


def confirm(session: Session, *, public_id: str, hub_id: int, by: Actor, now: datetime) -> int:
    """Note that the bank has carried a file out; returns how many payouts arrived.

    :raises NotFound: for a file of another hub
    :raises AlreadyDone: when it was carried out or withdrawn before
    """
    with transaction(session):
        file = bank_files.own(session, public_id=public_id, hub_id=hub_id, lock=True)
        if file.done_at or file.withdrawn_at:
            raise AlreadyDone()
        return bank_files.carried_out(session, file=file, by=by, now=now)


def withdraw(session: Session, *, public_id: str, hub_id: int, by: Actor, now: datetime) -> int:
    """Take a file back that was not given to the bank; returns how many payouts are due again.

    :raises NotFound: for a file of another hub
    :raises AlreadyDone: when it was carried out or withdrawn before
    """
    with transaction(session):
        file = bank_files.own(session, public_id=public_id, hub_id=hub_id, lock=True)
        if file.done_at or file.withdrawn_at:
            raise AlreadyDone()
        return bank_files.withdraw(session, file=file, by=by, now=now)
