"""A small web server that collects the webhooks it gets, and answers what a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One webhook as it came."""

    payload: bytes
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.payload)


@dataclass(slots=True)
class WebhookReceiver:
    """What came in so far; `answer` decides the status of each next webhook."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda received: 200

    def types(self) -> list[str]:
        """List the types of the events in the order in which they came."""
        return [one.event["type"] for one in self.received]

    def wait_for(self, wanted: Callable[[list[Received]], bool], *, seconds: float = 10) -> None:
        """Wait until what came in is as wanted."""
        deadline = time.monotonic() + seconds
        while not wanted(self.received):
            assert time.monotonic() < deadline, f"only got {self.types()}"
            time.sleep(0.02)

    def wait_for_type(self, event_type: str, *, about: str | None = None, seconds: float = 10) -> Received:
        """Wait for an event of a type, and about one object if it is named; returns the last one."""

        def fits(one: Received) -> bool:
            event = one.event
            return event["type"] == event_type and about in (None, event["data"]["object"]["id"])

        self.wait_for(lambda received: any(map(fits, received)), seconds=seconds)
        return [one for one in self.received if fits(one)][-1]


@contextmanager
def running_webhook_receiver(port: int = 0) -> Iterator[WebhookReceiver]:
    """Run a receiver on the loopback address."""
    receiver = WebhookReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            one = Received(payload, self.headers.get("Stripe-Signature", ""))
            receiver.received.append(one)
            self.send_response(receiver.answer(one))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
