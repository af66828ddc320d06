"""From refusals to pages: one table of kinds, and pages that need no database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask, flash, g, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from shortchain.blueprints import context, formatting
from shortchain.blueprints.api import problems
from shortchain.kernel.errors import DomainError, NotFound

logger = structlog.get_logger("shortchain.errors")

STATUS = problems.STATUS
PAGES = frozenset({403, 404, 409, 410, 413, 422, 429, 500, 503})


def register(app: Flask) -> None:
    """Answer every error with a page (or problem+json below /api)."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(TimeoutError, _database_away)
    app.register_error_handler(Exception, _bug)


def sentence(error: DomainError) -> str:
    """Give the refusal's sentence in the reader's language."""
    return str(gettext(error.message, **formatting.filled(error.values)))


@contextmanager
def refusals_told() -> Iterator[None]:
    """Say why a deed was refused on the page that comes next; what is not there stays a 404.

    Whether somebody else has it is nobody's business.
    """
    try:
        yield
    except NotFound:
        raise
    except DomainError as refusal:
        flash(sentence(refusal), "warning")


def _domain(error: DomainError) -> tuple[str, int] | Response:
    return _page(STATUS[error.kind], sentence(error))


def _http(error: HTTPException) -> tuple[str, int] | Response:
    if error.code is not None and 300 <= error.code < 400:
        return error.get_response()
    page = _page(error.code or 500, None)
    if isinstance(page, tuple):
        response = Response(page[0], status=page[1], mimetype="text/html")
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response
    return page


def _database_away(error: Exception) -> tuple[str, int] | Response:
    _forget_session()
    logger.error("database away", request_id=g.get("request_id"), error=type(error).__name__)
    return _page(503, None)


def _bug(error: Exception) -> tuple[str, int] | Response:
    _forget_session()
    logger.exception("unexpected error", request_id=g.get("request_id"), exc_info=error)
    return _page(500, None)


def _forget_session() -> None:
    try:
        context.session().rollback()
    except Exception:  # the page must come whatever the database does
        logger.warning("could not roll back", request_id=g.get("request_id"))


def _page(status: int, text: str | None) -> tuple[str, int] | Response:
    """Render the page of a status; it works without database and without script."""
    if request.path.startswith("/api/"):
        return problems.of_http(status, text)
    name = status if status in PAGES else (500 if status >= 500 else 404 if status == 405 else 422)
    code = g.get("request_id") or secrets.token_hex(6)
    g.seats = []  # the page must not ask the database who is who
    return render_template(f"errors/{name}.html", sentence=text, code=code, status=status), status
