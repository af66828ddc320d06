"""Who works at an enterprise, and who is invited to."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.accounts.models import User
from shortchain.accounts.people import hash_of
from shortchain.enterprises.models import Enterprise, Invitation, MemberRole, Membership
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, DomainError, Kind, NotFound, Refused

INVITATION_DAYS = 14


class LastOwner(Conflict):
    """Without this person the enterprise would have no owner."""

    message = N_("Dit is de laatste eigenaar. Maak eerst iemand anders eigenaar.")


class AlreadyMember(Conflict):
    """The person has this role here already."""

    message = N_("Deze persoon heeft deze rol al.")


class InvitationOver(DomainError):
    """The invitation was accepted, withdrawn, is too old, or never was."""

    kind = Kind.NOT_FOUND
    message = N_("Deze uitnodiging geldt niet meer. Vraag een nieuwe aan wie je uitnodigde.")


class ForSomebodyElse(Refused):
    """The invitation went to another address than that of the person who is signed in."""

    message = N_("Deze uitnodiging is voor een ander e-mailadres. Meld je aan met dat adres.")


@dataclass(frozen=True, slots=True)
class Member:
    """One person at an enterprise with all their roles there."""

    user_id: int
    public_id: str
    name: str
    email: str
    roles: tuple[MemberRole, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that is open, as the person who holds its link may see it."""

    enterprise: str
    role: MemberRole
    email: str
    expires_at: datetime


def add(
    session: Session,
    *,
    user_id: int,
    enterprise_id: int,
    role: MemberRole,
    now: datetime,
    by: Actor,
) -> None:
    """Give a person a role at an enterprise.

    :raises AlreadyMember: when they have it
    """
    known = session.scalar(
        select(Membership.id).where(
            Membership.user_id == user_id,
            Membership.enterprise_id == enterprise_id,
            Membership.role == role,
        )
    )
    if known is not None:
        raise AlreadyMember
    session.add(Membership(user_id=user_id, enterprise_id=enterprise_id, role=role, created_at=now))
    session.flush()
    journal.record(
        session,
        "member.added",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        user_id=user_id,
        role=role.value,
    )


def remove(
    session: Session,
    *,
    user_id: int,
    enterprise_id: int,
    role: MemberRole | None,
    now: datetime,
    by: Actor,
) -> None:
    """Take a role, or with None every role, from a person.

    The enterprise's row is locked first, so that two owners who leave at once do not both succeed.

    :raises NotFound: when the person has no such role here
    :raises LastOwner: when nobody would own the enterprise
    """
    session.execute(select(Enterprise.id).where(Enterprise.id == enterprise_id).with_for_update())
    here = Membership.enterprise_id == enterprise_id
    theirs = here & (Membership.user_id == user_id)
    if role is not None:
        theirs &= Membership.role == role
    roles = session.scalars(select(Membership.role).where(theirs)).all()
    if not roles:
        raise NotFound
    if MemberRole.OWNER in roles:
        owners = session.scalar(
            select(func.count()).select_from(Membership).where(here, Membership.role == MemberRole.OWNER)
        )
        if owners == 1:
            raise LastOwner
    session.execute(delete(Membership).where(theirs).execution_options(synchronize_session="fetch"))
    journal.record(
        session,
        "member.removed",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        user_id=user_id,
        roles=[one.value for one in roles],
    )


def members(session: Session, *, enterprise_id: int) -> list[Member]:
    """List the people of an enterprise by name, with their roles in order of weight."""
    rows = session.execute(
        select(User.id, User.public_id, User.name, User.email, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.enterprise_id == enterprise_id)
        .order_by(User.name, User.id)
    ).all()
    order = list(MemberRole)
    roles: dict[int, list[MemberRole]] = {}
    for row in rows:
        roles.setdefault(row[0], []).append(row[4])
    seen = {row[0]: row for row in rows}
    return [
        Member(row[0], row[1], row[2], row[3], tuple(sorted(roles[row[0]], key=order.index))) for row in seen.values()
    ]


def find_member(session: Session, *, enterprise_id: int, public_id: str) -> Member:
    """Find one person of an enterprise.

    :raises NotFound: when they do not work here
    """
    for member in members(session, enterprise_id=enterprise_id):
        if member.public_id == public_id:
            return member
    raise NotFound


def invite(
    session: Session,
    *,
    enterprise_id: int,
    email: str,
    role: MemberRole,
    invited_by_id: int,
    now: datetime,
    by: Actor,
) -> tuple[Invitation, str]:
    """Invite an address; returns the invitation and the secret of its link.

    An earlier open invitation of the same address for the same role is withdrawn.

    :raises AlreadyMember: when the person of this address has the role
    """
    known = session.scalar(
        select(Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(User.email == email, Membership.enterprise_id == enterprise_id, Membership.role == role)
    )
    if known is not None:
        raise AlreadyMember(fields=("email",))
    for earlier in open_invitations(session, enterprise_id=enterprise_id, now=now):
        if earlier.email == email and earlier.role == role:
            earlier.withdrawn_at = now
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        enterprise_id=enterprise_id,
        email=email,
        role=role,
        token_hash=hash_of(secret),
        invited_by_id=invited_by_id,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    session.add(invitation)
    session.flush()
    journal.record(
        session,
        "member.invited",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        invitation_id=invitation.id,
        role=role.value,
    )
    return invitation, secret


def open_invitations(session: Session, *, enterprise_id: int, now: datetime) -> Sequence[Invitation]:
    """List the invitations that nobody has answered yet, oldest first."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.enterprise_id == enterprise_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id)
    ).all()


def withdraw(session: Session, *, enterprise_id: int, public_id: str, now: datetime, by: Actor) -> None:
    """Take an invitation back.

    :raises NotFound: when it is not one of this enterprise
    :raises InvitationOver: when it is answered already
    """
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.public_id == public_id, Invitation.enterprise_id == enterprise_id)
        .with_for_update()
    )
    if invitation is None:
        raise NotFound
    if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
        raise InvitationOver
    invitation.withdrawn_at = now
    session.flush()
    journal.record(
        session,
        "member.invitation_withdrawn",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        invitation_id=invitation.id,
    )


def read_invitation(session: Session, *, secret: str, now: datetime) -> Invited:
    """Say what the invitation behind a link is about.

    :raises InvitationOver: when it does not count any more
    """
    invitation = _open(session, secret, now)
    name = session.scalar(select(Enterprise.name).where(Enterprise.id == invitation.enterprise_id))
    return Invited(str(name), invitation.role, invitation.email, invitation.expires_at)


def accept(session: Session, *, secret: str, user: User, now: datetime, by: Actor) -> int:
    """Accept an invitation with its link; returns the enterprise's number.

    The address must be the person's own and confirmed: a forwarded mail gives nobody a seat.

    :raises InvitationOver: when it does not count any more
    :raises ForSomebodyElse: when it went to another address
    """
    invitation = _open(session, secret, now)
    if invitation.email != user.email or not user.is_confirmed:
        raise ForSomebodyElse
    invitation.accepted_at = now
    session.flush()
    known = session.scalar(
        select(Membership.id).where(
            Membership.user_id == user.id,
            Membership.enterprise_id == invitation.enterprise_id,
            Membership.role == invitation.role,
        )
    )
    if known is None:
        add(
            session,
            user_id=user.id,
            enterprise_id=invitation.enterprise_id,
            role=invitation.role,
            now=now,
            by=by,
        )
    return invitation.enterprise_id


def _open(session: Session, secret: str, now: datetime) -> Invitation:
    invitation = session.scalar(
        select(Invitation)
        .where(
            Invitation.token_hash == hash_of(secret),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .with_for_update()
    )
    if invitation is None:
        raise InvitationOver
    return invitation
