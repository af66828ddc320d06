"""What happens by itself when its time has come: pages expire, slow money arrives or does not."""

from __future__ import annotations

import logging
from collections.abc import Callable

from stripe_stand_in import charging, refunding, requiring, sessions
from stripe_stand_in.balance import settle
from stripe_stand_in.store import Store, Unit

KEYS_LIVE = 24 * 3600
MESSAGES_LIVE = 7 * 24 * 3600

PUT_OFF = 60
log = logging.getLogger("stripe_stand_in")

DEEDS: dict[str, Callable[[Unit, str, str], None]] = {
    "expire_session": lambda unit, subject, _: sessions.expire_if_open(unit, subject),
    "finish_debit": charging.finish_debit,
    "finish_refund": refunding.finish,
    "requirements_overdue": requiring.overdue,
    "verify_account": requiring.verified,
    "settle": lambda unit, subject, _: settle(unit, subject),
}


def do_due(store: Store) -> int:
    """Do every chore whose time has come; returns how many.

    Whoever takes a chore away does it, so that two threads at this never do one twice.
    """
    with store.reading() as unit:
        due = unit.db.execute(
            "SELECT seq, deed, subject, detail FROM chores WHERE due <= ? ORDER BY due, seq LIMIT 500",
            (unit.now,),
        ).fetchall()
    for seq, deed, subject, detail in due:
        try:
            with store.writing() as unit:
                if unit.db.execute("DELETE FROM chores WHERE seq = ?", (seq,)).rowcount:
                    DEEDS[deed](unit, subject, detail)
        except Exception:
            log.exception("chore %s %s failed and is put off", deed, subject)
            with store.writing() as unit:
                unit.db.execute("UPDATE chores SET due = ? WHERE seq = ?", (unit.now + PUT_OFF, seq))
    return len(due)


def forget_old(store: Store) -> None:
    """Drop idempotency keys after a day, as Stripe may, and delivered messages after a week."""
    with store.writing() as unit:
        unit.db.execute("DELETE FROM idempotency WHERE created < ?", (unit.now - KEYS_LIVE,))
        unit.db.execute("DELETE FROM deliveries WHERE state <> 'due' AND made < ?", (unit.now - MESSAGES_LIVE,))
