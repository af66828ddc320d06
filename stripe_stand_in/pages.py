"""The hosted page on which a person pays."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from stripe_stand_in import sessions
from stripe_stand_in.charging import FAILS_LATER
from stripe_stand_in.store import Store
from stripe_stand_in.texts import TEXTS, pick_language, write_amount

HERE = Path(__file__).parent
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
_BRUSSELS = ZoneInfo("Europe/Brussels")
_pages = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def style(request: Request) -> Response:
    """Answer the one style sheet."""
    response = Response((HERE / "static" / "pages.css").read_bytes(), content_type="text/css")
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def pay(store: Store, request: Request, session_id: str) -> Response:
    """Show the payment page of a session, or do what the person pressed."""
    with store.reading() as unit:
        session = unit.find(session_id, "checkout.session")
    if session is None:
        return render(request, "message.html", None, status=404, text="unknown", link=None)
    if request.method != "POST":
        return _show(store, request, session)
    pressed = request.form.get("press", "")
    if pressed == "leave":
        return redirect(session["cancel_url"] or session["success_url"], 303)
    outcome = {"fail": "generic_decline", "later": FAILS_LATER}.get(pressed, "pay")
    method = pressed if outcome == "pay" else request.form.get("method", "")
    if method not in session["payment_method_types"]:
        return _show(store, request, session)
    with store.writing() as unit:
        session = sessions.try_to_pay(
            unit,
            session_id,
            method,
            outcome=outcome,
        )
    if session["status"] == "complete":
        return redirect(session["success_url"].replace(PLACEHOLDER, session_id), 303)
    return redirect(f"/pay/{session_id}?failed=1", 303)


def _show(store: Store, request: Request, session: dict[str, Any]) -> Response:
    with store.reading() as unit:
        payable = sessions.is_payable(unit, session)
        items = sessions.facts(unit, session["id"])["line_items"]
    if not payable:
        done = session["status"] == "complete"
        text = "expired" if not done else ("paid" if session["payment_status"] == "paid" else "on_its_way")
        link = session["success_url"].replace(PLACEHOLDER, session["id"]) if done else (session["cancel_url"])
        return render(request, "message.html", session, text=text, link=link, done=done)
    return render(request, "pay.html", session, items=items, failed="failed" in request.args)


def render(
    request: Request,
    template: str,
    session: dict[str, Any] | None,
    *,
    status: int = 200,
    targets: tuple[str, ...] = (),
    **values: Any,
) -> Response:
    """Make a page in the language of its session or of the browser, with strict headers.

    `targets` are the addresses to which a form on it may lead.
    """
    locale = session["locale"] if session else None
    language = pick_language(locale, request.accept_languages)
    values.setdefault("done", False)
    if session:
        values["session"] = session
        targets = (session["success_url"], session["cancel_url"] or session["success_url"])
        moment = datetime.fromtimestamp(session["expires_at"], _BRUSSELS)
        values["amount"] = write_amount(session["amount_total"], session["currency"], language)
        values["until"] = moment.strftime("%d/%m, %H:%M")
        values["until_iso"] = moment.isoformat()
    html = _pages.get_template(template).render(
        t=TEXTS[language],
        language=language,
        write=lambda cents, currency: write_amount(cents, currency, language),
        **values,
    )
    response = Response(html, status=status, content_type="text/html; charset=utf-8")
    response.headers.update(_headers(targets))
    return response


def _headers(targets: tuple[str, ...]) -> dict[str, str]:
    """Return strict headers. A form's redirect counts as its action, so the shop is named too."""
    origins = sorted({f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in targets})
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action " + " ".join(["'self'", *origins])
    )
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
