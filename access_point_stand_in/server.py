"""The HTTP side of the stand-in: `/v1/documents` for the shop, `/_control` for tests."""

from __future__ import annotations

import base64
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from access_point_stand_in.outbox import Fault, Outbox, Refused

LARGEST = 8 * 1024 * 1024
STATUS = {"down": (503, "down"), "busy": (429, "too many at once"), "stranger": (401, "who are you")}


def make_server(port: int, *, key: str, delivery_seconds: float = 0.0) -> ThreadingHTTPServer:
    """Make a server on the loopback address; port 0 takes a free one."""
    outbox = Outbox(delivery_seconds)

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the shop logs its calls."""

        def do_GET(self) -> None:
            self._handle("GET")

        def do_POST(self) -> None:
            self._handle("POST")

        def _handle(self, method: str) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
            try:
                asked = json.loads(body or b"{}")
                status, found, fault = self._decide(method, self.path.strip("/").split("/"), asked)
            except Refused as refused:
                status, found, fault = refused.status, {"reason": refused.reason}, None
            except (ValueError, KeyError, TypeError):
                status, found, fault = 400, {"reason": "request: not what was agreed"}, None
            if fault is not None and fault.name in ("silent", "lost"):
                time.sleep(fault.seconds)
                self.close_connection = True  # the work may be done; nobody hears of it
                return
            content = b"<html>" if fault is not None and fault.name == "garbage" else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _decide(
            self, method: str, path: list[str], asked: dict[str, Any]
        ) -> tuple[int, dict[str, Any], Fault | None]:
            """Answer with status and content, and with what was planned to go wrong on the way back."""
            if path == ["healthz"]:
                return 200, {}, None
            if path[0] == "_control" and len(path) == 2:
                return 200, outbox.steer(path[1], asked), None
            if self.headers.get("Authorization") != f"Bearer {key}":
                raise Refused(*STATUS["stranger"])
            fault = outbox.planned(method)
            if fault is not None and fault.name in STATUS:
                raise Refused(*STATUS[fault.name])
            if fault is not None and fault.name == "silent":
                return 503, {}, fault
            if method == "POST" and path == ["v1", "documents"]:
                own = self.headers.get("Idempotency-Key", "")
                if not own:
                    raise Refused(400, "key: there is none")
                document = base64.b64decode(asked["document"], validate=True)
                one = outbox.take(own, document=document, sender=asked["sender"], receiver=asked["receiver"])
                return 202, {"id": one.id}, fault
            if method == "GET" and path[:2] == ["v1", "documents"] and len(path) == 3:
                return 200, dict(outbox.status(path[2])), fault
            raise Refused(404, "unknown")

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
