"""What a view needs of its request: the session, the time, the gateways, the person and their seat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from flask import current_app, g, request
from flask import session as web_session
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from shortchain.accounts import people
from shortchain.accounts.people import Person
from shortchain.config import Settings
from shortchain.database import db
from shortchain.enterprises import buying, seats
from shortchain.enterprises.price_lists import Grants
from shortchain.enterprises.seats import Seat
from shortchain.journal import GUEST, Actor
from shortchain.kernel.ports import Gateways

LANGUAGES = ("nl", "fr", "en")


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person of this request, as Flask-Login wants to see them.

    Flask-Login keeps `get_id()` in the web session. We give it the secret of the sign-in and not the
    number of the person, so that ending one sign-in ends exactly that browser.
    """

    def __init__(self, person: Person, key: str) -> None:
        self.person = person
        self.key = key

    def get_id(self) -> str:
        return self.key


def load_signed_in(key: str) -> SignedIn | None:
    """Find who holds the sign-in key of the web session (Flask-Login's user loader)."""
    person = people.find_signed_in(session(), key=key, now=now())
    return SignedIn(person, key) if person else None


def session() -> Session:
    """Give the database session of this request."""
    return db.session()


def gateways() -> Gateways:
    """Give the outside services."""
    return cast(Gateways, current_app.extensions["shortchain.gateways"])


def nudge(name: str) -> None:
    """Ask the worker to do a chore soon (`tasks.CHORES`); losing it costs seconds, never a deed."""
    queue = current_app.extensions.get("shortchain.nudge")
    if queue is not None:
        queue(name)


def settings() -> Settings:
    """Give the settings that the app was made with."""
    return cast(Settings, current_app.extensions["shortchain.settings"])


def now() -> datetime:
    """Give the time of this request; the same at every call within it."""
    if "now" not in g:
        clock = current_app.extensions.get("shortchain.clock")
        g.now = clock() if clock else datetime.now(UTC)
    return cast(datetime, g.now)


def person() -> Person | None:
    """Give the person who is signed in, if any."""
    return current_user.person if current_user and current_user.is_authenticated else None


def me() -> Person:
    """Give the signed-in person, in views that the access table opens to signed-in people only."""
    found = person()
    assert found is not None, "the access table let a stranger in"
    return found


def actor() -> Actor:
    """Say who acts, for the journal."""
    found = person()
    return Actor("user", found.id) if found else GUEST


def my_seats() -> list[Seat]:
    """List the enterprises for which the person may act."""
    if "seats" not in g:
        found = person()
        g.seats = seats.seats_of(session(), user_id=found.id) if found else []
    return cast("list[Seat]", g.seats)


def grants() -> Grants:
    """Say which price lists the signed-in person may use, and of whom; no query for a guest."""
    if "grants" not in g:
        found = person()
        g.grants = buying.grants_of(session(), user_id=found.id if found else None)
    return cast(Grants, g.grants)


def seat() -> Seat:
    """Give the seat that the access table chose for this view."""
    return cast(Seat, g.seat)


def choose_seat(public_id: str) -> None:
    """Remember for which enterprise a person with several seats wants to act."""
    web_session["seat"] = public_id


def language() -> str:
    """Choose the language: the person's choice, else the browser's, else Dutch."""
    if "language" not in g:
        g.language = _language()
    return cast(str, g.language)


def _language() -> str:
    chosen = request.cookies.get("taal", "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or "nl"
