"""Logs: one line per request, ids only. What happened in the business goes to the journal."""

from __future__ import annotations

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

from shortchain.config import Settings

logger = structlog.get_logger("shortchain.request")


def init_logs(app: Flask, settings: Settings) -> None:
    """Set up structlog for our own lines and for those of the libraries."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        # Our own lines are written straight away: the way through `logging` costs as much as a query.
        processors=[*shared, renderer],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer))
    root = logging.getLogger("shortchain")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    root.propagate = settings.shortchain_env != "production"
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(6)


def _finish(response: Response) -> Response:
    """Write one line: the rule and not the path, so that no token ends up in a log."""
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint == "static":
        return response
    logger.log(
        logging.WARNING if response.status_code >= 500 else logging.INFO,
        "request",
        id=g.get("request_id"),
        method=request.method,
        rule=str(request.url_rule) if request.url_rule else "-",
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
    )
    return response
