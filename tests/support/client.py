"""A browser for tests: sends what a browser sends, and minds what a view forgot."""

from __future__ import annotations

import contextvars
import hashlib
import os
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shortchain.database import db
from tests.support.pages import Form, Page

FORGOTTEN = "shortchain.tests.forgotten"
_UNSAVED = "tests.unsaved"


class Browser(FlaskClient):
    """Runs each request apart from the test's own app context, as a server would.

    Changing requests carry the Origin header and the form token by themselves; say
    `cross_site=True` or `token=False` to leave one out.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # type: ignore[override]
        token, cross_site = kwargs.pop("token", True), kwargs.pop("cross_site", False)
        method = kwargs.get("method", "GET").upper()
        if method not in ("GET", "HEAD", "OPTIONS"):
            headers = dict(kwargs.pop("headers", None) or {})
            origin = "https://elders.example" if cross_site else "http://localhost"
            headers.setdefault("Origin", origin)
            if token:
                headers.setdefault("X-CSRFToken", self.form_token())
            kwargs["headers"] = headers
        if current_app:
            own = db.session()
            assert not (own.new or own.dirty or own.deleted), "the test holds unsaved rows"
            own.rollback()  # so that the test reads afresh what the request wrote
        forgotten: list[str] = self.application.extensions[FORGOTTEN]
        forgotten.clear()
        response = contextvars.Context().run(super().open, *args, **kwargs)
        assert not forgotten, f"the request left changes that were never committed: {forgotten}"
        return response

    def page(self, path: str, *, status: int = 200) -> Page:
        """Open a page, following redirects, and read it."""
        response = self.get(path, follow_redirects=True)
        assert response.status_code == status, f"{path} answered {response.status_code}"
        return Page(response)

    def submit(self, form: Form, *, button: str | None = None, **values: Any) -> TestResponse:
        """Fill in a form and press its button; gives the answer before any redirect."""
        data = form.filled(button=button, **values)
        if form.method == "get":
            return self.get(form.action, query_string=data)
        kwargs = {"content_type": "multipart/form-data"} if form.has_files else {}
        return self.post(form.action, data=data, token="csrf_token" not in form.values, **kwargs)

    def form_token(self) -> str:
        """Make the token that a form on a page would carry."""
        raw = hashlib.sha1(os.urandom(64)).hexdigest()
        raw = self.put_in_session(csrf_token=raw, keep=True)["csrf_token"]
        signer = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token")
        token = signer.dumps(raw)
        return token if isinstance(token, str) else token.decode()

    def put_in_session(self, *, keep: bool = False, **values: Any) -> dict[str, Any]:
        """Put values in the web session; with `keep` only those that are not there yet."""

        def put() -> dict[str, Any]:
            with self.session_transaction() as web_session:
                for name, value in values.items():
                    if not (keep and name in web_session):
                        web_session[name] = value
                return dict(web_session)

        return contextvars.Context().run(put)


def watch(app: Flask) -> None:
    """Note changes that a request flushed or made and did not commit."""
    app.test_client_class = Browser
    app.extensions[FORGOTTEN] = []

    @app.teardown_request
    def _look(_error: BaseException | None = None) -> None:
        session = db.session()
        left = [type(row).__name__ for row in (*session.new, *session.dirty, *session.deleted)]
        left += session.info.get(_UNSAVED, [])
        app.extensions[FORGOTTEN].extend(left)
        session.rollback()


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, context: Any) -> None:
    rows = [type(row).__name__ for row in (*session.new, *session.dirty, *session.deleted)]
    session.info.setdefault(_UNSAVED, []).extend(rows)


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_soft_rollback")
def _ended(session: Session, *_previous: Any) -> None:
    session.info.pop(_UNSAVED, None)
