"""What people do with their account. Each function is one deed with its own transaction.

Hashing a password takes 20 ms on purpose, so it happens before the transaction: nobody waits for the
database meanwhile. Answers never tell whether an address has an account: what differs goes by mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.accounts import attempts, operations, passwords, sign_ins, tokens
from shortchain.accounts.attempts import Limit, TooManyTries
from shortchain.accounts.models import TokenPurpose, User
from shortchain.accounts.operations import NotMatching, WrongPassword, normal_email
from shortchain.accounts.people import hash_of
from shortchain.enterprises.seats import seats_of
from shortchain.journal import Actor
from shortchain.notifications import notices
from shortchain.ordering import claims
from shortchain.transaction import transaction

REST_OF_COORDINATORS = timedelta(hours=8)
REST_OF_PROVIDERS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a try comes from: the network address for counting, the program's name for the list."""

    address: str
    agent: str = ""


def register(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    language: str,
    browser: Browser,
    now: datetime,
    by: Actor,
) -> None:
    """Make an account and send the link that confirms it.

    When the address has an account, its owner gets a mail that says so instead; the caller sees no
    difference.

    :raises BadEmail, TooShort, TooLong, TooCommon, TooPersonal, TooManyTries: nothing was made
    """
    email = normal_email(email)
    passwords.check_strength(password, own_words=(name, email))
    _count(session, now, (attempts.MAIL_ADDRESS, browser.address), (attempts.MAIL_ACCOUNT, email))
    password_hash = passwords.hashed(password)
    with transaction(session):
        known = operations.find_by_email(session, email=email)
        if known is None:
            user = operations.register(
                session,
                email=email,
                name=name,
                language=language,
                password_hash=password_hash,
                now=now,
                by=by,
            )
            _owe_link(session, user, TokenPurpose.CONFIRM_EMAIL, "confirm_email", now=now)
        elif known.is_confirmed:
            _owe_link(session, known, TokenPurpose.RESET_PASSWORD, "account_exists", now=now)
        else:
            _owe_link(session, known, TokenPurpose.CONFIRM_EMAIL, "confirm_email", now=now)


def confirm_email(session: Session, *, secret: str, password: str, browser: Browser, now: datetime, by: Actor) -> str:
    """Confirm the address of a new account with the link and the password; returns a sign-in key.

    The password is asked because somebody else may have registered with this person's address: with
    the link alone the owner of the mailbox would wave that stranger's account through.

    :raises LinkUsedUp: when the link does not work
    :raises NotMatching: when it is not the account's password
    :raises TooManyTries: after too many
    """
    purpose = TokenPurpose.CONFIRM_EMAIL
    user = operations.get(session, user_id=tokens.look_up(session, secret=secret, purpose=purpose, now=now).user_id)
    user_id, email, kept = user.id, user.email, user.password_hash
    _count(session, now, (attempts.SIGN_IN_ADDRESS, browser.address), (attempts.SIGN_IN_ACCOUNT, email))
    if not passwords.matches(password, kept):
        raise NotMatching(fields=("password",))
    with transaction(session):
        tokens.use(session, secret=secret, purpose=purpose, now=now)
        user = operations.get(session, user_id=user_id)
        operations.confirm_email(session, user=user, now=now, by=by)
        attempts.forget(session, attempts.SIGN_IN_ACCOUNT, of=email)
        return _begin(session, user, browser, now=now)


def sign_in(session: Session, *, email: str, password: str, browser: Browser, now: datetime, by: Actor) -> str:
    """Sign somebody in; returns the key for their browser's session.

    Tries are counted before the password is looked at, and the count is committed whatever comes
    next. An unknown address costs the same time as a wrong password.

    :raises NotMatching: whatever is wrong with address, password or account
    :raises TooManyTries: after too many tries for this account or from this network address
    """
    try:
        email = normal_email(email)
    except operations.BadEmail:
        email = email.strip().lower()[:254]
    _count(session, now, (attempts.SIGN_IN_ADDRESS, browser.address), (attempts.SIGN_IN_ACCOUNT, email))
    user = operations.find_by_email(session, email=email)
    may = user is not None and user.disabled_at is None
    if not passwords.matches(password, user.password_hash if user and may else None) or user is None:
        _note_refusal(session, user, now=now, by=by)
        raise NotMatching(fields=("email", "password"))
    user_id = user.id
    with transaction(session):
        user = operations.get(session, user_id=user_id)
        key = None
        if user.is_confirmed:
            attempts.forget(session, attempts.SIGN_IN_ACCOUNT, of=email)
            key = _begin(session, user, browser, now=now)
        else:
            _owe_link(session, user, TokenPurpose.CONFIRM_EMAIL, "confirm_email", now=now)
    if key is None:
        raise NotMatching(fields=("email", "password"))
    return key


def sign_out(session: Session, *, key: str, now: datetime, by: Actor) -> None:
    """End the sign-in of this browser; its key opens nothing any more."""
    with transaction(session):
        sign_ins.end(session, key=key, now=now)
        journal.record(session, "account.signed_out", by=by, now=now)


def end_sign_in(session: Session, *, user_id: int, public_id: str, now: datetime, by: Actor) -> None:
    """End one other browser's sign-in.

    :raises NotFound: when it is not this person's
    """
    with transaction(session):
        sign_ins.end_one(session, user_id=user_id, public_id=public_id, now=now)
        journal.record(session, "account.sign_in_ended", by=by, now=now)


def end_other_sign_ins(session: Session, *, user_id: int, key: str, now: datetime, by: Actor) -> int:
    """End every sign-in but this browser's; returns how many."""
    with transaction(session):
        ended = sign_ins.end_all(session, user_id=user_id, now=now, keep_key=key)
        journal.record(session, "account.sign_in_ended", by=by, now=now, count=ended)
        return ended


def note_seen(session: Session, *, user_id: int, key: str, now: datetime) -> None:
    """Remember that a signed-in browser was here; it stays signed in for its time from now on."""
    with transaction(session):
        sign_ins.note_seen(session, key=key, now=now, lifetime=_lifetime(session, user_id))


def ask_reset(session: Session, *, email: str, browser: Browser, now: datetime) -> None:
    """Mail a link for a new password, when there is such an account; the caller sees no difference.

    :raises BadEmail, TooManyTries: nothing was mailed
    """
    email = normal_email(email)
    _count(session, now, (attempts.MAIL_ADDRESS, browser.address), (attempts.MAIL_ACCOUNT, email))
    with transaction(session):
        user = operations.find_by_email(session, email=email)
        if user is not None and user.disabled_at is None:
            _owe_link(session, user, TokenPurpose.RESET_PASSWORD, "reset_password", now=now)


def reset_password(session: Session, *, secret: str, password: str, browser: Browser, now: datetime, by: Actor) -> str:
    """Set a new password with a mailed link; ends every sign-in and returns a new key.

    Who reads the mailbox has shown to own the address, so it counts as confirmed.

    :raises LinkUsedUp: when the link does not work
    :raises TooShort, TooLong, TooCommon, TooPersonal: the link can be used again
    """
    purpose = TokenPurpose.RESET_PASSWORD
    row = tokens.look_up(session, secret=secret, purpose=purpose, now=now)
    user = operations.get(session, user_id=row.user_id)
    passwords.check_strength(password, own_words=(user.name, user.email))
    user_id, password_hash = user.id, passwords.hashed(password)
    with transaction(session):
        tokens.use(session, secret=secret, purpose=purpose, now=now)
        user = operations.get(session, user_id=user_id)
        operations.set_password(session, user=user, password_hash=password_hash, now=now, by=by)
        operations.confirm_email(session, user=user, now=now, by=by)
        sign_ins.end_all(session, user_id=user_id, now=now)
        attempts.forget(session, attempts.SIGN_IN_ACCOUNT, of=user.email)
        _owe(session, user, "password_changed", now=now)
        return _begin(session, user, browser, now=now)


def change_password(session: Session, *, user_id: int, old: str, new: str, key: str, now: datetime, by: Actor) -> None:
    """Change one's own password; ends the other sign-ins.

    :raises WrongPassword: when `old` is not the present one
    :raises TooShort, TooLong, TooCommon, TooPersonal: when `new` will not do
    """
    user = _verified(session, user_id, old, now=now)
    passwords.check_strength(new, own_words=(user.name, user.email))
    password_hash = passwords.hashed(new)
    with transaction(session):
        user = operations.get(session, user_id=user_id)
        operations.set_password(session, user=user, password_hash=password_hash, now=now, by=by)
        sign_ins.end_all(session, user_id=user_id, now=now, keep_key=key)
        _owe(session, user, "password_changed", now=now)


def ask_email_change(session: Session, *, user_id: int, email: str, password: str, now: datetime) -> None:
    """Mail a link to a new address, which must be used before anything changes.

    When the new address has an account, its owner is told; the caller sees no difference.

    :raises BadEmail, WrongPassword, TooManyTries: nothing was mailed
    """
    email = normal_email(email)
    user = _verified(session, user_id, password, now=now)
    _count(session, now, (attempts.MAIL_ACCOUNT, user.email))
    with transaction(session):
        user = operations.get(session, user_id=user_id)
        known = operations.find_by_email(session, email=email)
        if known is None:
            _owe_link(session, user, TokenPurpose.CHANGE_EMAIL, "change_email", now=now, to=email)
        elif known.id != user.id:
            _owe_link(session, known, TokenPurpose.RESET_PASSWORD, "account_exists", now=now)


def change_email(session: Session, *, secret: str, now: datetime, by: Actor) -> None:
    """Change the address with the link that was mailed to the new one, and tell the old one.

    :raises LinkUsedUp: when the link does not work
    :raises EmailTaken: when somebody else registered with it meanwhile
    """
    with transaction(session):
        row = tokens.use(session, secret=secret, purpose=TokenPurpose.CHANGE_EMAIL, now=now)
        user = operations.get(session, user_id=row.user_id)
        old = user.email
        operations.change_email(session, user=user, email=row.data["email"], now=now, by=by)
        _owe(session, user, "email_changed", now=now, to=old)


def save_details(
    session: Session,
    *,
    user_id: int,
    name: str,
    phone: str,
    language: str,
    now: datetime,
    by: Actor,
) -> None:
    """Change one's name, telephone number and language.

    :raises BadPhone: when it is not a number
    """
    with transaction(session):
        user = operations.get(session, user_id=user_id)
        operations.save_details(session, user=user, name=name, phone=phone, language=language, now=now, by=by)


def claim_orders(session: Session, *, user_id: int, now: datetime, by: Actor) -> int:
    """Put the guest orders of one's confirmed address under one's account; returns how many.

    :raises Refused: while the address is not confirmed
    """
    with transaction(session):
        user = operations.get(session, user_id=user_id)
        return claims.claim(session, user=user, now=now, by=by)


def _begin(session: Session, user: User, browser: Browser, *, now: datetime) -> str:
    """Sign in inside the transaction that is open."""
    key = sign_ins.begin(
        session,
        user_id=user.id,
        browser=browser.agent,
        now=now,
        lifetime=_lifetime(session, user.id),
    )
    journal.record(session, "account.signed_in", by=Actor("user", user.id), now=now)
    return key


def _lifetime(session: Session, user_id: int) -> timedelta:
    """Say how long a browser may rest: less where one sees the data of many customers."""
    seats = seats_of(session, user_id=user_id)
    if any(seat.is_hub for seat in seats):
        return REST_OF_COORDINATORS
    return REST_OF_PROVIDERS if any(seat.is_provider for seat in seats) else sign_ins.LIFETIME


def _count(session: Session, now: datetime, *tries: tuple[Limit, str]) -> None:
    """Count tries in a transaction of their own; a refusal is raised after they are kept."""
    refusal: TooManyTries | None = None
    with transaction(session):
        for limit, of in tries:
            try:
                attempts.count(session, limit, of=of, now=now)
            except TooManyTries as error:
                refusal = error
    if refusal is not None:
        raise refusal


def _verified(session: Session, user_id: int, password: str, *, now: datetime) -> User:
    """Give the person once they have shown to know their password."""
    email = operations.get(session, user_id=user_id).email
    _count(session, now, (attempts.SIGN_IN_ACCOUNT, email))
    user = operations.get(session, user_id=user_id)
    if not passwords.matches(password, user.password_hash):
        raise WrongPassword(fields=("old_password",))
    return user


def _note_refusal(session: Session, user: User | None, *, now: datetime, by: Actor) -> None:
    known = user.id if user is not None else None
    with transaction(session):
        journal.record(session, "account.sign_in_refused", by=by, now=now, user_id=known)


def _owe_link(
    session: Session,
    user: User,
    purpose: TokenPurpose,
    template: str,
    *,
    now: datetime,
    to: str | None = None,
) -> None:
    data = {"email": to} if to else {}
    secret = tokens.make(session, user_id=user.id, purpose=purpose, data=data, now=now)
    notices.owe(
        session,
        key=f"{template}:{hash_of(secret)[:24]}",
        template=template,
        to_email=to or user.email,
        language=user.language,
        context={"name": user.name, "token": secret},
        now=now,
    )


def _owe(session: Session, user: User, template: str, *, now: datetime, to: str | None = None) -> None:
    notices.owe(
        session,
        key=f"{template}:{user.public_id}:{now.timestamp():.6f}",
        template=template,
        to_email=to or user.email,
        language=user.language,
        context={"name": user.name, "new_email": user.email},
        now=now,
    )
