"""An enterprise tells the payment provider who it is, so that it can be paid. Each function is one deed.

The provider is asked outside any transaction: the row first, then the call, then a second short transaction for
the answer.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session
from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError

from shortchain.enterprises import founding, payout_accounts
from shortchain.enterprises.payout_accounts import Change
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.payment_port import AccountStatus
from shortchain.kernel.ports import GatewayRefused, Gateways
from shortchain.notifications import payout_news
from shortchain.payouts import provider_news, timing
from shortchain.payouts.schedules import Schedule
from shortchain.transaction import transaction


class NotAnIban(Invalid):
    """The text is no international bank account number, or its check digits are wrong."""

    message = N_("Dit rekeningnummer klopt niet. Kijk het na op je bankkaart.")


class NoAccountYet(Invalid):
    """There is no connected account to ask about."""

    message = N_("Er is nog geen rekening voor uitbetalingen.")


def lead_to_provider(
    session: Session,
    gateways: Gateways,
    *,
    enterprise_id: int,
    return_url: str,
    refresh_url: str,
    now: datetime,
    by: Actor,
) -> str:
    """Lead an owner to where the payment provider asks what it must know; returns the address.

    The key of the call is made of what is stored: however often and however interrupted this is repeated, there
    is one account. After an account was closed a new one is opened.

    :raises GatewayDown, GatewayRefused: nothing is lost; the same call may be made again
    """
    enterprise = founding.get(session, enterprise_id=enterprise_id)
    account, key = payout_accounts.next_key(session, enterprise_id=enterprise_id)
    email, name, kbo = enterprise.email, enterprise.name, enterprise.kbo or ""
    session.rollback()
    if account is None:
        account = gateways.payments.open_account(key=key, email=email, name=name, kbo=kbo)
        with transaction(session):
            payout_accounts.begin(session, enterprise_id=enterprise_id, account=account, now=now, by=by)
    return gateways.payments.onboarding_link(account=account, return_url=return_url, refresh_url=refresh_url)


def lead_to_desk(session: Session, gateways: Gateways, *, enterprise_id: int) -> str:
    """Lead an owner to its own account at the provider, where the bank account can be changed; returns the address.

    :raises NoAccountYet: when it has no account
    :raises GatewayDown: when the provider does not answer
    :raises GatewayRefused: when the provider wants to know more first
    """
    return gateways.payments.desk_link(account=_account(session, enterprise_id))


def _account(session: Session, enterprise_id: int) -> str:
    account = founding.get(session, enterprise_id=enterprise_id).stripe_account
    session.rollback()
    if account is None:
        raise NoAccountYet
    return account


def set_bank_account(session: Session, *, enterprise_id: int, text: str, now: datetime, by: Actor) -> None:
    """Keep the bank account on which an enterprise is paid when it has none at the provider; empty forgets it.

    :raises NotAnIban: when the number is none
    """
    iban = ""
    if text.strip():
        try:
            # the banks that the library knows are not all there are; the check digits are what counts
            iban = iban_numbers.validate(text, check_country=False)
        except ValidationError as problem:
            raise NotAnIban(fields=("iban",)) from problem
    with transaction(session):
        founding.note_iban(session, enterprise_id=enterprise_id, iban=iban, now=now, by=by)


def choose_schedule(session: Session, *, enterprise_id: int, schedule: Schedule, now: datetime, by: Actor) -> None:
    """Keep on which days an enterprise wants its money, and from which amount.

    :raises BadSchedule: for a day that does not exist, or too high a minimum
    """
    with transaction(session):
        timing.choose(session, enterprise_id=enterprise_id, schedule=schedule, by=by, now=now)


def account_of(session: Session, *, enterprise_id: int) -> str | None:
    """Say which account an enterprise is paid on; None while it has none."""
    return founding.get(session, enterprise_id=enterprise_id).stripe_account


def refresh(session: Session, gateways: Gateways, *, enterprise_id: int, now: datetime, by: Actor) -> Change:
    """Ask whether an enterprise can be paid, and keep the answer; returns what changed and what is still wanted.

    :raises NoAccountYet: when it has no account
    :raises GatewayDown: when the provider does not answer
    """
    account = _account(session, enterprise_id)
    status: AccountStatus | None = None
    with suppress(GatewayRefused):  # closed: the provider does not let us see it any more
        status = gateways.payments.account_status(account=account)
    with transaction(session):
        change = payout_accounts.note(
            session, enterprise_id=enterprise_id, account=account, status=status, now=now, by=by
        )
        provider_news.account_changed(session, change=change, now=now)
        payout_news.account_changed(session, change=change, now=now)
    return change
