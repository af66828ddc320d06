"""Sends queued events to the shop, again and again until it says 2xx, and does what is due.

Everything it needs is in the file, so after a restart it goes on where it was.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import urllib3
from stripe import WebhookSignature

from stripe_stand_in import chores
from stripe_stand_in.events import webhook_url
from stripe_stand_in.store import Store

GIVE_UP_AFTER = 3 * 24 * 3600
LONGEST_WAIT = 3600.0
REPLAY_AGE = 600
SENDERS = 4
_TICK = 0.25
_GATHER = 0.01
"""Under load one look at the queue then serves many events."""
_HOUSEKEEPING = 600.0

log = logging.getLogger("stripe_stand_in")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to send; `signing` is 'good', 'bad' or 'old'."""

    seq: int
    url: str
    body: str
    signing: str
    attempts: int
    once: bool
    made: float


class Sender:
    """The background thread of the stand-in. It may die at any moment: at worst an event goes twice."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._busy: set[int] = set()
        self._busy_lock = threading.Lock()
        self._http = urllib3.PoolManager(maxsize=SENDERS, retries=False)
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def _run(self) -> None:
        next_cleaning = 0.0
        while True:
            self.store.written.wait(_TICK)
            time.sleep(_GATHER)
            self.store.written.clear()
            try:
                chores.do_due(self.store)
                for delivery in self._due():
                    self._pool.submit(self._send, delivery)
                if time.monotonic() > next_cleaning:
                    chores.forget_old(self.store)
                    next_cleaning = time.monotonic() + _HOUSEKEEPING
            except Exception:
                log.exception("the background thread stumbled and goes on")
                time.sleep(1)

    def _due(self) -> list[Delivery]:
        with self.store.reading() as unit, self._busy_lock:
            url = webhook_url(unit)
            if url is None:
                return []
            rows = unit.db.execute(
                "SELECT d.seq, coalesce(d.body, o.body), d.signing, d.attempts, d.once, d.made"
                " FROM deliveries d JOIN objects o ON o.id = d.event"
                " WHERE d.state = 'due' AND d.due <= ? ORDER BY d.due, d.seq LIMIT 200",
                (unit.now,),
            ).fetchall()
            found = [
                Delivery(seq, url, body, signing, attempts, bool(once), made)
                for seq, body, signing, attempts, once, made in rows
                if seq not in self._busy
            ]
            self._busy.update(delivery.seq for delivery in found)
        return found

    def _send(self, delivery: Delivery) -> None:
        try:
            status = self._post(delivery)
            self._record(delivery, status)
        except Exception:
            log.exception("delivery %s could not be recorded", delivery.seq)
        finally:
            with self._busy_lock:
                self._busy.discard(delivery.seq)

    def _post(self, delivery: Delivery) -> int:
        """Send one event; 0 stands for no answer."""
        secret = self.store.settings.webhook_secret
        stamp = int(self.store.now()) - (REPLAY_AGE if delivery.signing == "old" else 0)
        signature = WebhookSignature.generate_signature_header(
            delivery.body, "whsec_of_somebody_else" if delivery.signing == "bad" else secret, stamp
        )
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "Stripe/1.0 (stand-in)",
        }
        try:
            answer = self._http.request(
                "POST",
                delivery.url,
                body=delivery.body.encode(),
                headers=headers,
                redirect=False,
                timeout=urllib3.Timeout(connect=3, read=10),
            )
        except urllib3.exceptions.HTTPError as problem:
            log.info("event %s not delivered: %s", delivery.seq, type(problem).__name__)
            return 0
        return answer.status

    def _record(self, delivery: Delivery, status: int) -> None:
        settings = self.store.settings
        attempts = delivery.attempts + 1
        wait = min(settings.retry_base * 2**delivery.attempts, LONGEST_WAIT)
        if 200 <= status < 300:
            state = "done"
        elif delivery.once or self.store.now() + wait > delivery.made + GIVE_UP_AFTER:
            state = "given_up"
        else:
            state = "due"
        with self.store.writing() as unit:
            unit.db.execute(
                "UPDATE deliveries SET attempts = ?, state = ?, last_status = ?, due = ? WHERE seq = ?",
                (attempts, state, status, unit.now + wait, delivery.seq),
            )


def deliveries(store: Store, event_type: str | None = None) -> list[dict[str, object]]:
    """List the newest deliveries with their state, for the control page."""
    with store.reading() as unit:
        rows = unit.db.execute(
            "SELECT seq, event, type, state, attempts, signing, last_status, body FROM deliveries"
            " WHERE ? IS NULL OR type = ? ORDER BY seq DESC LIMIT 500",
            (event_type, event_type),
        ).fetchall()
    names = ("seq", "event", "type", "state", "attempts", "signing", "last_status")
    return [
        {
            **dict(zip(names, row[:7], strict=True)),
            "event": json.loads(row[7])["id"] if row[7] else row[1],
        }
        for row in rows
    ]
