"""The HTTP side of the stand-in: `/v1` for the shop, `/holder` for people, `/_control` for tests."""

from __future__ import annotations

import html
import json
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from voucher_stand_in.book import Book, Fault, Paid, Refused

LARGEST = 64 * 1024
NAMES = {"meal_voucher": "maaltijdcheques", "eco_voucher": "ecocheques"}


def make_server(port: int, *, key: str) -> ThreadingHTTPServer:
    """Make a server on the loopback address; port 0 takes a free one."""
    book = Book()

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the shop logs its calls."""

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), LARGEST)
            body = self.rfile.read(length)
            path = self.path.split("?")[0].strip("/").split("/")
            try:
                if path[0] == "holder" and len(path) == 2:
                    self._holder(method, path[1], body)
                elif path[0] == "_control":
                    self._send(200, control(book, path[1:], json.loads(body or b"{}")))
                elif path[:2] == ["v1", "authorisations"]:
                    self._api(method, path[2:], json.loads(body or b"{}"))
                elif path == ["v1", "statements"] and method == "GET":
                    self._statements()
                else:
                    raise Refused(404, "unknown")
            except Refused as refused:
                self._send(refused.status, {"reason": refused.reason})
            except ValueError:
                self._send(400, {"reason": "bad_request"})

        def _check_caller(self, call: str) -> None:
            if self.headers.get("Authorization") != f"Bearer {key}":
                raise Refused(401, "who_are_you")
            book.trip(call)

        def _statements(self) -> None:
            self._check_caller("GET /v1/statements")
            since = parse_qs(self.path.partition("?")[2]).get("since", [""])[0]
            with book.lock:
                self._send(200, {"statements": [asdict(one) for one in book.statements if one.day >= since]})

        def _api(self, method: str, rest: list[str], asked: dict[str, Any]) -> None:
            self._check_caller(f"{method} {self.path}")
            own = self.headers.get("Idempotency-Key", "")
            base = f"http://{self.headers['Host']}"
            with book.lock:
                if method == "GET" and len(rest) == 1:
                    one = book.find(rest[0])
                elif method == "POST" and not rest:
                    one = book.once("open", own, lambda: book.open(asked))
                elif method == "POST" and rest[1:] == ["capture"]:
                    one = book.capture(rest[0])
                elif method == "POST" and rest[1:] == ["release"]:
                    one = book.release(rest[0])
                elif method == "POST" and rest[1:] == ["refunds"]:
                    self._send(200, book.once("refund", own, lambda: book.refund(rest[0], asked.get("amount"))))
                    return
                else:
                    raise Refused(404, "unknown")
                shown = book.shown(one, base)
            self._send(200, shown)

        def _holder(self, method: str, name: str, body: bytes) -> None:
            if method == "POST":
                said = parse_qs(body.decode("utf-8", "replace")).get("answer", [""])[0]
                one = book.answer(name, approves=said == "approve")
                self.send_response(303)
                self.send_header("Location", one.return_url)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            with book.lock:
                page = holder_page(book.find(name)).encode()
            self._raw(200, page, "text/html; charset=utf-8")

        def _send(self, status: int, value: Any) -> None:
            self._raw(status, json.dumps(value).encode(), "application/json")

        def _raw(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def control(book: Book, path: list[str], asked: dict[str, Any]) -> Any:
    """Steer the stand-in: plan faults, answer for a holder, set the clock ahead, pay the shop."""
    with book.lock:
        if path == ["faults"]:
            book.faults = [Fault(asked["name"], asked["match"], int(asked.get("times", 1)))] if asked else []
            return {"faults": len(book.faults)}
        if path == ["clock"]:
            book.ahead = float(asked["ahead"])
            return {"ahead": book.ahead}
        if path == ["pay"]:
            made = book.pay(
                fee_bp=int(asked.get("fee_bp", 0)),
                short=int(asked.get("short", 0)),
                settles=bool(asked.get("settles", False)),
            )
            return {"statements": [asdict(one) for one in made]}
        if len(path) == 2 and path[0] == "answer":
            return {"state": book.answer(path[1], approves=bool(asked.get("approves", True))).state}
    raise Refused(404, "unknown")


def holder_page(one: Paid) -> str:
    """Write the page on which a holder approves; without script, as plain as can be."""
    what = f"€ {one.amount // 100},{one.amount % 100:02d} met {NAMES[one.kind]}"
    buttons = (
        '<form method="post"><button name="answer" value="approve">Betalen</button> '
        '<button name="answer" value="refuse">Niet betalen</button></form>'
        if one.state == "open"
        else f'<p><a href="{html.escape(one.return_url)}">Terug naar de winkel</a></p>'
    )
    return (
        '<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Nagebootste uitgever</title>'
        '<meta name="viewport" content="width=device-width"></head><body><main>'
        f"<h1>{what}</h1><p>Bestelling {html.escape(one.order)}. Dit is een nagebootste uitgever van cheques: "
        f"er gaat geen geld om.</p>{buttons}</main></body></html>"
    )
