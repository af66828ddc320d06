"""Documents are made when they are due: after an order is divided, after a refund, after a month of fees."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.documents import due, issuing
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.transaction import transaction

logger = logging.getLogger(__name__)


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
        with transaction(session):
            order = orders.lock(session, order_id=order_id)
            if due.is_made(session, cause=f"settle:{order.public_id}"):
                continue
            issues = due.of_settling(session, order=order, platform=platform)
            made += len(issuing.issue_all(session, issues=issues, now=now))
    for cause, order_id in due.refunded(session):
        with transaction(session):
            order = orders.lock(session, order_id=order_id)
            if due.is_made(session, cause=cause) or not due.is_made(session, cause=f"settle:{order.public_id}"):
                continue
            issues = due.of_refund(session, order=order, cause=cause, platform=platform)
            made += len(issuing.issue_all(session, issues=issues, now=now))
    for fee in due.fees(session, now=now):
        with transaction(session):
            session.get_one(Enterprise, fee.enterprise_id, with_for_update=True)  # one worker invoices a farm
            if not due.is_made(session, cause=fee.cause):
                issue = due.of_fee(session, due=fee, platform=platform)
                issuing.issue(session, wanted=issue, now=now)
                made += 1
    return made
