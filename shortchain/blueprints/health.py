"""Is it alive, is it ready, how is it doing."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select

from shortchain import progress
from shortchain.blueprints import context
from shortchain.database import newest_revisions, revisions_of

bp = Blueprint("health", __name__)

WORKER_SILENCE_S = 180


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process lives; touches nothing."""
    return jsonify(status="alive")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether the database answers, is migrated, agrees on the time, and the worker lives."""
    checks: dict[str, object] = {}
    session = context.session()
    clock = session.scalar(select(func.current_timestamp()))
    if isinstance(clock, str):
        clock = datetime.fromisoformat(clock)
    if clock is not None and clock.tzinfo is None:
        clock = clock.replace(tzinfo=UTC)
    drift = abs((datetime.now(UTC) - clock).total_seconds()) if clock else 1e9
    checks["clock"] = drift <= 2
    checks["migrations"] = revisions_of(session) == newest_revisions()
    beat = progress.last_beat(session, name="worker")
    age = (context.now() - beat).total_seconds() if beat else None
    checks["worker"] = age is not None and age <= WORKER_SILENCE_S
    ready = all(value for value in checks.values())
    body = jsonify(status="ready" if ready else "not ready", checks=checks, worker_age_s=age)
    return body, 200 if ready else 503


@bp.get("/metrics")
def metrics() -> Response:
    """Give the figures of this process to Prometheus; in production only with the token."""
    settings = context.settings()
    if settings.is_production:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not settings.metrics_token or not hmac.compare_digest(given, settings.metrics_token):
            abort(404)
    return Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST)
