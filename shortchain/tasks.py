"""Background work: a sweep that does whatever is due, and nudges that make it come sooner.

Nothing lives only in the queue (`docs/decisions/0004`): every deed finds its work in rows that the
transaction of the cause wrote. Losing a nudge costs seconds, never a deed.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import click
import structlog
from flask import Flask
from huey import RedisHuey, SqliteHuey
from huey.consumer import Consumer
from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.config import Settings
from shortchain.database import db
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.workflows import (
    adding,
    asking_payment,
    batching,
    bookkeeping,
    closing,
    collecting,
    cycles,
    declining,
    dispatch,
    documents,
    gift_cards,
    housekeeping,
    learning,
    payment_events,
    refunds,
    settlement,
    vouchers,
    yearly,
)

logger = structlog.get_logger("shortchain.tasks")

PAUSE_S = 10.0
HOURLY_S = 3600.0

Chore = Callable[[Session, Gateways, datetime], Any]

CHORES: dict[str, Chore] = {
    "beat": lambda session, gateways, now: housekeeping.beat(session, now=now),
    "webhooks": lambda session, gateways, now: payment_events.process_inbox(session, gateways, now=now),
    "reconcile": lambda session, gateways, now: payment_events.reconcile(session, gateways, now=now),
    "additions": lambda session, gateways, now: adding.expire(session, gateways, now=now),
    "gift_cards": lambda session, gateways, now: gift_cards.ask_about_silent(session, gateways, now=now),
    "lapsed_cards": lambda session, gateways, now: gift_cards.lapse(session, now=now),
    "vouchers": lambda session, gateways, now: vouchers.sweep(session, gateways, now=now),
    "card_refunds": lambda session, gateways, now: gift_cards.send_refunds(session, gateways, now=now),
    "expire_orders": lambda session, gateways, now: asking_payment.expire_orders(session, gateways, now=now),
    "release_holds": lambda session, gateways, now: housekeeping.release_holds(session, now=now),
    "close_cycles": lambda session, gateways, now: cycles.close_due(session, now=now),
    "prepare_cycles": lambda session, gateways, now: cycles.prepare_next(session, now=now),
    "open_cycles": lambda session, gateways, now: cycles.open_due(session, now=now),
    "finish_cycles": lambda session, gateways, now: cycles.finish_due(session, now=now),
    "expire_offers": lambda session, gateways, now: declining.expire_offers(session, gateways, now=now),
    "replace_refused": lambda session, gateways, now: declining.replace_refused(session, gateways, now=now),
    "reroute_closed": lambda session, gateways, now: closing.reroute_closed(session, gateways, now=now),
    "collecting": lambda session, gateways, now: collecting.hand_on(session, now=now),
    "batch": lambda session, gateways, now: batching.run_asked(session, gateways, now=now),
    "plan_asked": lambda session, gateways, now: dispatch.plan_asked(session, gateways, now=now),
    "settle": lambda session, gateways, now: settlement.settle_orders(session, now=now),
    "refunds": lambda session, gateways, now: refunds.send_refunds(session, gateways, now=now),
    "payouts": lambda session, gateways, now: settlement.send_payouts(session, gateways, now=now),
    "reversals": lambda session, gateways, now: settlement.send_reversals(session, gateways, now=now),
    "books": lambda session, gateways, now: bookkeeping.compare_asked(session, gateways, now=now),
    "send_documents": lambda session, gateways, now: documents.send_due(session, gateways, now=now),
    "mails": lambda session, gateways, now: sending.send_due(session, gateways, now=now),
}
"""Everything that may be due, in the order of a sweep. Each is safe to run twice and at the same time."""

HOURLY: dict[str, Chore] = {
    "documents": lambda session, gateways, now: documents.make_due(session, gateways, now=now),
    "plan_tours": lambda session, gateways, now: dispatch.plan_due(session, gateways, now=now),
    "learn_stop_costs": lambda session, gateways, now: learning.learn_stop_costs(session, gateways, now=now),
    "compare_books": lambda session, gateways, now: bookkeeping.compare_nightly(session, gateways, now=now),
    "yearly_copies": lambda session, gateways, now: yearly.mail_copies(session, gateways, now=now),
    "forget_old": lambda session, gateways, now: housekeeping.forget_old(session, now=now),
}

AFTER = {"books": ("books", "mails"), "webhooks": ("webhooks", "vouchers", "mails"), "refunds": ("refunds", "mails")}
"""What a nudge sets off; by default the chore of its name alone."""


def do(app: Flask, name: str, chore: Chore) -> bool:
    """Do one chore in a session of its own; a failure is logged and holds up nothing else."""
    started = time.monotonic()
    with app.app_context():
        try:
            done = chore(db.session(), app.extensions["shortchain.gateways"], _now(app))
        except Exception:
            logger.exception("chore failed", chore=name)
            return False
        finally:
            db.session.rollback()
            db.session.remove()
    if done:
        logger.info("chore", chore=name, done=done, ms=round(1000 * (time.monotonic() - started)))
    crash.point(f"sweep.{name}")
    return True


def run_sweep(app: Flask, *, hourly: bool = False) -> list[str]:
    """Do every chore once; returns the names of those that failed."""
    chores = {**CHORES, **(HOURLY if hourly else {})}
    return [name for name, chore in chores.items() if not do(app, name, chore)]


def _now(app: Flask) -> datetime:
    clock = app.extensions.get("shortchain.clock")
    return clock() if clock else datetime.now(UTC)


class Nudges:
    """The queue: names of chores that somebody wants done soon."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        if settings.redis_url:
            self.huey: Any = RedisHuey("shortchain", url=settings.redis_url, results=False)
        else:
            settings.huey_path.parent.mkdir(parents=True, exist_ok=True)
            self.huey = SqliteHuey("shortchain", filename=str(settings.huey_path), results=False)

        @self.huey.task(name="nudge")  # type: ignore[untyped-decorator]
        def _run(name: str) -> None:
            for chore in AFTER.get(name, (name,)):
                if chore in CHORES:
                    do(app, chore, CHORES[chore])

        self._run = _run

    def __call__(self, name: str) -> None:
        """Ask for a chore soon. Never fails: the sweep comes by anyway."""
        try:
            self._run(name)
        except Exception as error:
            logger.warning("nudge lost", chore=name, error=type(error).__name__)


class _QuietConsumer(Consumer):  # type: ignore[misc]
    """Works off the queue in threads, and leaves the signals to the worker."""

    def _set_signal_handlers(self) -> None:
        """Leave them."""


def work(app: Flask, *, pause: float = PAUSE_S, stop: threading.Event | None = None) -> None:
    """Work until somebody asks to stop: nudges at once, a sweep every `pause` seconds."""
    stop = stop or threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
    consumer = _QuietConsumer(app.extensions["shortchain.nudge"].huey, workers=1, periodic=False, max_delay=1.0)
    consumer.start()
    tidied = float("-inf")
    try:
        while not stop.is_set():
            hourly = time.monotonic() - tidied >= HOURLY_S
            if hourly:
                tidied = time.monotonic()
            run_sweep(app, hourly=hourly)
            stop.wait(pause)
    finally:
        consumer.stop(graceful=True)


def init_tasks(app: Flask, settings: Settings) -> None:
    """Give the views their way to nudge, and the command line the worker."""
    app.extensions["shortchain.nudge"] = Nudges(app, settings)

    @app.cli.command("worker")
    @click.option("--pause", default=PAUSE_S, show_default=True, help="Seconds between two sweeps.")
    @click.option("--once", is_flag=True, help="Sweep once and end.")
    def worker(pause: float, once: bool) -> None:
        """Do background work: mail, payments, refunds, payouts, offers that expire."""
        if once:
            failed = run_sweep(app, hourly=True)
            if failed:
                raise click.ClickException(f"failed: {', '.join(failed)}")
            return
        work(app, pause=pause)
