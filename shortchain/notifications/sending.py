"""Sends the mails that are owed, one at a time and each in transactions of its own.

A mail is leased before it leaves and marked after, so two workers never send the same one. A process
that dies in between leaves the lease to run out; the mail then goes once more under the same Message-ID,
by which mail programs know that it is the same.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways, Mail
from shortchain.notifications.models import Notice, NoticeState
from shortchain.transaction import transaction

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MOST_TRIES = 8
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240))


def send_due(session: Session, gateways: Gateways, *, now: datetime, limit: int = 50) -> int:
    """Send what is due, oldest first; returns how many left. One that fails holds up no other."""
    sent = 0
    for notice_id in due(session, now=now, limit=limit):
        sent += send_one(session, gateways, notice_id=notice_id, now=now)
    return sent


def due(session: Session, *, now: datetime, limit: int = 50) -> Sequence[int]:
    """List the notices that wait to be sent and that nobody is sending."""
    return session.scalars(
        select(Notice.id)
        .where(Notice.state == NoticeState.DUE, Notice.due_at <= now, _free(now))
        .order_by(Notice.due_at, Notice.id)
        .limit(limit)
    ).all()


def send_one(session: Session, gateways: Gateways, *, notice_id: int, now: datetime) -> bool:
    """Send one notice; says whether it left. Harmless when another worker is at it, or it has left."""
    with transaction(session):
        if not _lease(session, notice_id=notice_id, now=now):
            return False
        notice = session.get_one(Notice, notice_id, populate_existing=True)
    crash.point("mail.leased")
    try:
        subject, text, html = gateways.render_mail(notice.template, language=notice.language, context=notice.context)
        gateways.mailer.send(Mail(notice.to_email, subject, text, html, message_id(notice.key)))
    except GatewayRefused as refusal:
        _note_failure(session, notice_id=notice_id, why=refusal.reason, for_good=True, now=now)
        return False
    except GatewayDown as failure:
        _note_failure(session, notice_id=notice_id, why=str(failure), for_good=False, now=now)
        return False
    except Exception as bug:
        logger.exception("a mail could not be made", extra={"notice": notice_id})
        _note_failure(session, notice_id=notice_id, why=type(bug).__name__, for_good=False, now=now)
        return False
    crash.point("mail.sent")
    with transaction(session):
        notice = session.get_one(Notice, notice_id, populate_existing=True, with_for_update=True)
        if notice.state is NoticeState.DUE:
            notice.move("send")
        notice.subject, notice.text, notice.html = subject[:200], text, html
        notice.sent_at, notice.leased_until, notice.last_error = now, None, ""
    return True


def message_id(key: str) -> str:
    """Make the Message-ID of a notice: always the same for the same key, and it tells nothing."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@shortchain.example>"


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(Notice.leased_until.is_(None), Notice.leased_until <= now)


def _lease(session: Session, *, notice_id: int, now: datetime) -> bool:
    """Take the notice for this process; False when somebody else has it."""
    return bool(
        session.execute(
            update(Notice)
            .where(Notice.id == notice_id, Notice.state == NoticeState.DUE, Notice.due_at <= now, _free(now))
            .values(leased_until=now + LEASE, attempts=Notice.attempts + 1)
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
    )


def _note_failure(session: Session, *, notice_id: int, why: str, for_good: bool, now: datetime) -> None:
    """Write down that it did not leave: to be tried later, or parked for the coordinator."""
    with transaction(session):
        notice = session.get_one(Notice, notice_id, populate_existing=True, with_for_update=True)
        if notice.state is not NoticeState.DUE:
            return
        notice.leased_until, notice.last_error = None, why[:200]
        if for_good:
            notice.move("refuse")
        elif notice.attempts >= MOST_TRIES:
            notice.move("park")
        else:
            notice.due_at = now + BACK_OFF[min(notice.attempts, len(BACK_OFF)) - 1]


def retry_parked(session: Session, *, public_id: str, now: datetime) -> bool:
    """Let a parked mail go again, at a coordinator's wish; False when it is not parked."""
    with transaction(session):
        notice = session.scalar(select(Notice).where(Notice.public_id == public_id).with_for_update())
        if notice is None or notice.state is not NoticeState.PARKED:
            return False
        notice.move("retry")
        notice.attempts, notice.due_at = 0, now
    return True
