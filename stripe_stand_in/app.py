"""The WSGI application: sends each request to the API, the pages or the control."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Request, Response

from stripe_stand_in import api, control, pages, schemas, seller_pages
from stripe_stand_in.balance import top_up_once
from stripe_stand_in.routes import ROUTES
from stripe_stand_in.sender import Sender
from stripe_stand_in.settings import ENVIRONMENT_NAME, Settings, refuse_production
from stripe_stand_in.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY = 1_000_000
_PR_SET_PDEATHSIG = 1
log = logging.getLogger("stripe_stand_in")


class StandInRequest(Request):
    """A request whose body has an end."""

    max_content_length = MAX_BODY
    max_form_memory_size = MAX_BODY


class StandIn:
    """The stand-in as a WSGI application."""

    def __init__(self, settings: Settings) -> None:
        self.store = Store(settings)
        self.sender = Sender(self.store)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = StandInRequest(environ)
        try:
            response = self._answer(request)
        except HTTPException as problem:
            response = problem.get_response(environ)
        except Exception:
            log.exception("%s %s broke", request.method, request.path)
            response = Response(
                '{"error": {"type": "api_error", "message": "The stand-in broke."}}',
                status=500,
                content_type="application/json",
            )
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path.startswith("/v1/"):
            return api.answer(self.store, request)
        if path == "/healthz":
            return Response("ok\n", content_type="text/plain")
        if path == "/_control" or path.startswith("/_control/"):
            return control.answer(self.store, request)
        if path == "/pages.css":
            return pages.style(request)
        if path == "/favicon.ico":
            return Response(status=204)
        page, name = _page(path)
        if request.method not in {"GET", "HEAD", "POST"}:
            raise MethodNotAllowed(["GET", "HEAD", "POST"])
        return page(self.store, request, name)


_PAGES = {"pay": pages.pay, "connect": seller_pages.connect, "express": seller_pages.desk}


def _page(path: str) -> tuple[Callable[[Store, Request, str], Response], str]:
    parts = path.strip("/").split("/")
    if len(parts) == 2 and parts[0] in _PAGES:
        return _PAGES[parts[0]], parts[1]
    raise NotFound()


def create() -> WSGIApplication:
    """Build the application in a server's worker, from the settings in the environment.

    :raises Unsafe: in production
    """
    refuse_production()
    _end_with_parent()
    stand_in = StandIn(Settings.from_json(os.environ[ENVIRONMENT_NAME]))
    with stand_in.store.writing() as unit:
        top_up_once(unit, stand_in.store.settings.funds)
    stand_in.sender.start()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    return stand_in


def _end_with_parent() -> None:
    """Let the kernel end this worker when the server process is killed, so that the port is free."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _warm_up() -> None:
    """Build the validators before the first calls need them."""
    for route in ROUTES:
        if route.method == "POST":
            schemas.prepare(route.schema)
