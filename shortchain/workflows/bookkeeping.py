"""Our books are compared with the payment provider's, with issuers of vouchers, with the orders and with the documents: every
night, and when a coordinator asks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy.orm import Session

from shortchain import progress
from shortchain.documents import agreeing
from shortchain.kernel.payment_port import Movement
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.kernel.voucher_port import IssuerStatement
from shortchain.kernel.window import at_local, local_day
from shortchain.notifications import telling
from shortchain.payments import issuer_payments
from shortchain.payouts import below_zero, reconciling
from shortchain.progress import Progress
from shortchain.transaction import transaction

logger = logging.getLogger(__name__)

ASKED = "reconcile"
NIGHT = time(3)
LOOKS = 3


def compare_books(session: Session, gateways: Gateways, *, now: datetime, since: datetime | None = None) -> int:
    """Compare the ledger with the provider, orders with charges and documents with the ledger, and keep what came of
    it; returns how many differences there are.

    The first time everything is compared, later the last weeks: what was compared then cannot change. What
    only the provider knows (fees, top-ups, payouts to our bank) is taken over into the ledger. Differences
    are mailed to the hubs that they concern, those of no order to every hub. Who stands below zero there is kept beside it.

    :raises GatewayDown: when the provider does not answer; nothing is written then
    """
    last = reconciling.latest(session)
    since = since or (now - reconciling.LOOK_BACK if last else datetime(2000, 1, 1, tzinfo=now.tzinfo))
    low_before, accounts = below_zero.of(last), below_zero.accounts(session)
    session.rollback()
    movements, provider_cents = _look(gateways, since)
    balances = _balances(gateways, accounts)
    announced = _ask_issuer(gateways, since)
    with transaction(session):
        reconciling.take_over(session, movements=movements, now=now)
        for told in announced:
            issuer_payments.take(session, told=told, now=now)
        found, books = reconciling.compare(
            session, movements=movements, provider_cents=provider_cents, since=since, now=now
        )
        found += reconciling.orders_and_charges(session, since=since)
        found += reconciling.issuers(session, now=now)
        found += reconciling.hubs(session, now=now)
        found += agreeing.differences(session, now=now, since=since)
        kept = reconciling.keep(
            session,
            since=since,
            movements=movements,
            provider_cents=provider_cents,
            books_cents=books,
            found=found,
            now=now,
        )
        low = below_zero.gather(session, platform_cents=provider_cents, balances=balances, before=low_before)
        below_zero.keep(session, kept=kept, found=low, before=low_before, now=now)
        if found:
            telling.books_differ(session, kept=kept, now=now)
    return len(found)


def _look(gateways: Gateways, since: datetime) -> tuple[list[Movement], int]:
    """Read balance and movements of one moment; when money moved in between, again."""
    for _ in range(LOOKS):
        before = gateways.payments.balance()
        movements = list(gateways.payments.movements(since=since))
        if gateways.payments.balance() == before:
            return movements, before.minor
    raise GatewayDown("the balance moves all the time")


def _balances(gateways: Gateways, accounts: Sequence[tuple[int, str]]) -> dict[int, int | None]:
    """Ask how the accounts of enterprises stand, in cents; None where the provider does not say (closed, or silent)."""
    found: dict[int, int | None] = dict.fromkeys((number for number, _account in accounts), None)
    for number, account in accounts:
        try:
            found[number] = gateways.payments.balance_of(account=account).minor
        except GatewayRefused:
            continue
        except GatewayDown:
            break
    return found


def _ask_issuer(gateways: Gateways, since: datetime) -> Sequence[IssuerStatement]:
    """Ask what the issuer of vouchers paid; one that does not answer now is asked the next night."""
    if gateways.vouchers is None:
        return ()
    try:
        return gateways.vouchers.statements(since=local_day(since))
    except (GatewayDown, GatewayRefused):
        return ()


def ask(session: Session, *, hub_id: int, now: datetime) -> Progress:
    """Ask for a comparison; one that is on its way is not asked for twice."""
    with transaction(session):
        return progress.ask(session, kind=ASKED, enterprise_id=hub_id, asked={}, total=1, now=now)


def compare_asked(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Do the comparisons that coordinators asked for; returns how many requests were ended."""
    due = progress.due(session, kind=ASKED, now=now)
    session.rollback()
    for number in due:
        with transaction(session):
            run = progress.take(session, progress_id=number)
            if run is None:
                continue
            run.move("begin")
            run.updated_at = now
        try:
            compare_books(session, gateways, now=now)
            ending = "finish"
        except (GatewayDown, GatewayRefused):
            ending = "fail"
        with transaction(session):
            run = progress.take(session, progress_id=number)
            if run is not None:
                run.move(ending)
                run.done, run.updated_at = 1, now
    return len(due)


def compare_nightly(session: Session, gateways: Gateways, *, now: datetime) -> bool:
    """Compare once a night, after three; says whether it was done now. Without a provider there is nothing to compare."""
    if not gateways.has_provider:
        logger.warning("the books are not compared: no payment provider is set (STRIPE_SECRET_KEY)")
        return False
    due_from = at_local(local_day(now), NIGHT)
    last = reconciling.latest(session)
    session.rollback()
    if now < due_from or (last is not None and last.at >= due_from):
        return False
    compare_books(session, gateways, now=now)
    return True
