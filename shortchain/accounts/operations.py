"""What happens to people: they register, confirm, change and come in."""

from __future__ import annotations

import re
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.accounts.models import Role, User
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound, Refused

LANGUAGES = frozenset({"nl", "fr", "en"})


class BadEmail(Invalid):
    """The text is not an e-mail address."""

    message = N_("Dit is geen e-mailadres. Een e-mailadres ziet eruit als naam@voorbeeld.be.")


class BadPhone(Invalid):
    """The text is not a telephone number."""

    message = N_("Dit is geen telefoonnummer. Schrijf het bijvoorbeeld als 0470 12 34 56.")


class NotMatching(Refused):
    """Address and password do not belong together; says the same whichever of the two is wrong."""

    message = N_(
        "Dit e-mailadres en dit wachtwoord horen niet bij elkaar, of je hebt je adres nog niet "
        "bevestigd. Kijk in je mail of probeer opnieuw."
    )


class WrongPassword(Refused):
    """A signed-in person gave another password than their own."""

    message = N_("Dit is niet je huidige wachtwoord.")


class EmailTaken(Conflict):
    """Somebody else has this address."""

    message = N_("Dit e-mailadres kan niet gebruikt worden.")


def normal_email(text: str) -> str:
    """Write an e-mail address the one way in which we keep it.

    Whether mail arrives there is found out by sending one, so the name of the domain is not asked.

    :raises BadEmail: when it is not an address
    """
    try:
        checked = validate_email(
            text.strip(),
            check_deliverability=False,
            globally_deliverable=False,
            allow_display_name=False,
        )
    except EmailNotValidError as error:
        raise BadEmail(fields=("email",)) from error
    address = checked.normalized.lower()
    if "." not in address.rpartition("@")[2] or len(address) > 254:
        raise BadEmail(fields=("email",))
    return address


def normal_phone(text: str) -> str:
    """Write a telephone number with its country: `+32470123456`; empty stays empty.

    :raises BadPhone: when it has letters, or too few or too many digits
    """
    if not text.strip():
        return ""
    bare = re.sub(r"[\s./()-]", "", text)
    bare = re.sub(r"^00", "+", bare)
    if bare.startswith("0"):
        bare = "+32" + bare[1:]
    if not re.fullmatch(r"\+[1-9]\d{7,14}", bare):
        raise BadPhone(fields=("phone",))
    return bare


def find_by_email(session: Session, *, email: str) -> User | None:
    """Find the person with an address."""
    return session.scalar(select(User).where(User.email == email.lower()))


def get(session: Session, *, user_id: int) -> User:
    """Give a person.

    :raises NotFound: when there is nobody of this number
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def register(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str,
    language: str,
    now: datetime,
    by: Actor,
    role: Role = Role.CUSTOMER,
) -> User:
    """Make an account that still has to confirm its address.

    :raises EmailTaken: when the address has one
    """
    user = User(
        email=email,
        name=name.strip()[:120],
        password_hash=password_hash,
        role=role,
        language=language if language in LANGUAGES else "nl",
        created_at=now,
    )
    _save_unique(session, user)
    journal.record(session, "account.registered", by=by, now=now, user_id=user.id)
    return user


def confirm_email(session: Session, *, user: User, now: datetime, by: Actor) -> None:
    """Note that mail to the address of a person arrives."""
    if user.email_confirmed_at is None:
        user.email_confirmed_at = now
        session.flush()
        journal.record(session, "account.email_confirmed", by=by, now=now, user_id=user.id)


def set_password(session: Session, *, user: User, password_hash: str, now: datetime, by: Actor) -> None:
    """Give a person another password. Ending sign-ins and links is for the workflow."""
    user.password_hash = password_hash
    session.flush()
    journal.record(session, "account.password_changed", by=by, now=now, user_id=user.id)


def change_email(session: Session, *, user: User, email: str, now: datetime, by: Actor) -> None:
    """Give a person another address, one that they have shown to read.

    :raises EmailTaken: when somebody else has it by now
    """
    user.email = email
    user.email_confirmed_at = now
    _save_unique(session, user)
    journal.record(session, "account.email_changed", by=by, now=now, user_id=user.id)


def save_details(
    session: Session, *, user: User, name: str, phone: str, language: str, now: datetime, by: Actor
) -> None:
    """Change a person's name, telephone number and language.

    :raises BadPhone: when it is not a number
    """
    user.name = name.strip()[:120]
    user.phone = normal_phone(phone)
    user.language = language if language in LANGUAGES else "nl"
    session.flush()
    journal.record(session, "account.details_changed", by=by, now=now, user_id=user.id)


def set_role(session: Session, *, user: User, role: Role, now: datetime, by: Actor) -> None:
    """Change what a person is for the whole installation."""
    user.role = role
    session.flush()
    journal.record(session, "account.role_changed", by=by, now=now, user_id=user.id, role=role.value)


def _save_unique(session: Session, user: User) -> None:
    try:
        with session.begin_nested():
            session.add(user)
            session.flush()
    except IntegrityError as error:
        raise EmailTaken(fields=("email",)) from error
