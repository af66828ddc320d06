"""Documents are made when they are due: after an order is divided, after a refund, after a month of fees."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from shortchain.documents import buyers, due, due_monthly, issuing, refusals, sending, standing
from shortchain.documents.due_monthly import FeeDue
from shortchain.documents.refusals import Refusal
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment import asks, coordinator_tasks
from shortchain.journal import Actor
from shortchain.kernel.ports import AccessPoint, Firm, GatewayDown, GatewayRefused, Gateways, NotAllowed, SendingStatus
from shortchain.notifications import paper_news
from shortchain.ordering import orders
from shortchain.transaction import transaction

logger = logging.getLogger(__name__)

REFUSED = "document_refused"
"""The kind of the task about a document that a hub minds."""


def make_due(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Make every document that is due; returns how many.

    Each cause is one transaction, and is looked at again under the lock of its order: a second worker
    finds its documents made. Without an enterprise number of the platform nothing is made and all stays due.
    """
    platform = gateways.platform
    if platform is None:
        logger.warning("no documents are made: PLATFORM_KBO is not set")
        return 0
    made = 0
    for order_id in due.settled(session):
        made += _safely(partial(_of_settling, session, order_id, platform, now), f"order {order_id}")
    for cause, order_id in due.refunded(session):
        made += _safely(partial(_of_refund, session, cause, order_id, platform, now), cause)
    for fee in due_monthly.fees(session, now=now):
        made += _safely(partial(_of_fee, session, fee, platform, now), fee.cause)
    return made


def _safely(make: Callable[[], int], what: str) -> int:
    """Make documents; what can not be made is logged, stays due and holds up nothing else."""
    try:
        return make()
    except Exception:
        logger.exception("no documents for %s", what)
        return 0


def _of_settling(session: Session, order_id: int, platform: Firm, now: datetime) -> int:
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        if due.is_made(session, cause=f"settle:{order.public_id}"):
            return 0
        issues = due.of_settling(session, order=order, platform=platform)
        return len(issuing.issue_all(session, issues=issues, now=now))


def _of_refund(session: Session, cause: str, order_id: int, platform: Firm, now: datetime) -> int:
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        if due.is_made(session, cause=cause) or not due.is_made(session, cause=f"settle:{order.public_id}"):
            return 0
        issues = due.of_refund(session, order=order, cause=cause, platform=platform)
        return len(issuing.issue_all(session, issues=issues, now=now))


def _of_fee(session: Session, fee: FeeDue, platform: Firm, now: datetime) -> int:
    with transaction(session):
        session.get_one(Enterprise, fee.enterprise_id, with_for_update=True)  # one worker invoices a farm
        if due.is_made(session, cause=fee.cause):
            return 0
        issuing.issue(session, wanted=due_monthly.of_fee(session, due=fee, platform=platform), now=now)
        return 1


def name_buyer(
    session: Session,
    *,
    token: str,
    kbo: str,
    company: str,
    street: str,
    postcode: str,
    municipality: str,
    is_vat_liable: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Note for which enterprise an order was bought, by its link: its sellers then make invoices.

    :raises NotFound: for an unknown link
    :raises BadKbo: when the number is not one of an enterprise
    :raises Incomplete: when a part of the name or the address is missing
    :raises DocumentsMade: when it is too late
    """
    with transaction(session):
        order = orders.lock(session, order_id=orders.find_by_token(session, token=token).id)
        buyers.name(
            session,
            order=order,
            kbo=kbo,
            company=company,
            street=street,
            postcode=postcode,
            municipality=municipality,
            is_vat_liable=is_vat_liable,
            now=now,
            by=by,
        )


def send_due(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Send documents over Peppol and ask after those that are on their way; returns how many came further.

    Row first, then the call, then the answer. An access point that is away is tried again later with the
    same key; without one everything stays made. One that does not know our key is not asked about the others, which
    leave as soon as it does; after some refusals the hubs are told.
    """
    if gateways.access_point is None:
        return 0
    sent = 0
    for document_id in sending.due(session, now=now):
        try:
            sent += _send(session, gateways.access_point, document_id, now)
        except NotAllowed:
            with transaction(session):
                since = standing.note_not_allowed(session, now=now)
                if since is not None:
                    paper_news.locked_out(session, since=since, now=now)
            break
    return sent


def _send(session: Session, point: AccessPoint, document_id: int, now: datetime) -> bool:
    """Send one document, or ask after it; says whether it came further.

    :raises NotAllowed: when the access point does not know our key; that is noted beside the document
    """
    with transaction(session):
        wanted = sending.begin(session, document_id=document_id, now=now)
    if wanted is None:
        return False
    reference, status, down, refusal = None, None, "", None
    try:
        if wanted.reference is None:
            reference = point.send(key=wanted.key, document=wanted.xml, sender=wanted.sender, receiver=wanted.receiver)
        else:
            status = point.status(reference=wanted.reference)
    except NotAllowed as error:
        down, refusal = str(error), error
    except GatewayDown as error:
        down = str(error)
    except GatewayRefused as refused:
        status = SendingStatus("refused", refused.reason)
    with transaction(session):
        if reference is not None:
            sending.note_sent(session, document_id=document_id, reference=reference, now=now)
        elif status is not None:
            if sending.note_status(session, document_id=document_id, status=status, now=now):
                _tell(session, refusals.of(session, document_id=document_id), now)
        else:
            sending.note_down(session, document_id=document_id, reason=down)
        if not down:
            standing.note_allowed(session, now=now)
    if refusal is not None:
        raise refusal
    return reference is not None or (status is not None and status.state != "sent")


def _tell(session: Session, refusal: Refusal, now: datetime) -> None:
    """Mail who minds a refused document; the platform's own becomes a task, as nobody of the platform has a page of it."""
    paper_news.document_refused(session, refusal=refusal, now=now)
    for hub_id in refusal.hub_ids:
        asks.ask_once(
            session,
            hub_id=hub_id,
            order_id=refusal.order_id,
            kind=REFUSED,
            about=refusal.public_id,
            now=now,
            name=f"{refusal.number}, {refusal.sender}",
            reason=refusal.reason,
        )


def send_again_by_hub(session: Session, *, task_public_id: str, hub_id: int, by: Actor, now: datetime) -> None:
    """Send the refused document of a task again; the task is done, at other hubs that mind it too.

    :raises NotFound: for a task of another hub, or about something else
    :raises AlreadyDone: when somebody was first
    """
    with transaction(session):
        task = asks.load(session, public_id=task_public_id, hub_id=hub_id, kinds=(REFUSED,))
        about = str(task.data["about"])
        sending.again(session, public_id=about, enterprise_id=None, now=now, by=by)
        coordinator_tasks.settle(session, task=task, answer="again", by=by, now=now)
        asks.settle_about(session, kind=REFUSED, about=about, answer="again", now=now)


def send_again(session: Session, *, public_id: str, enterprise_id: int, by: Actor, now: datetime) -> None:
    """Send a refused document of an enterprise again.

    :raises NotFound: when there is no such document of this enterprise
    :raises IllegalTransition: when it was not refused
    """
    with transaction(session):
        sending.again(session, public_id=public_id, enterprise_id=enterprise_id, now=now, by=by)
