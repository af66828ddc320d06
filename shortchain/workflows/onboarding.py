"""Enterprises join, and people join enterprises. Each function is one deed.

The payment provider and the geocoder are asked outside any transaction: the row first, then the call,
then a second short transaction for the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.accounts import attempts, operations
from shortchain.accounts.operations import normal_email, normal_phone
from shortchain.catalogue import shop_items
from shortchain.enterprises import founding, people
from shortchain.enterprises.founding import Address
from shortchain.enterprises.models import EnterpriseKind, MemberRole
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, Refused
from shortchain.kernel.ports import Gateways, Place
from shortchain.notifications import notices
from shortchain.transaction import transaction


class NotConfirmed(Refused):
    """Somebody without a confirmed address wants to act for an enterprise."""

    message = N_("Bevestig eerst je e-mailadres.")


class WhichPlace(Invalid):
    """The address could be several places, or none that we know; `suggestions` says which."""

    message = N_("We vinden dit adres niet. Kies hieronder de gemeente of verbeter de postcode.")

    def __init__(self, suggestions: tuple[Place, ...]) -> None:
        super().__init__(fields=("postcode",))
        self.suggestions = suggestions


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address as somebody typed it."""

    street: str
    house_number: str
    box: str
    postcode: str
    municipality: str

    @property
    def text(self) -> str:
        """The address on one line, as a geocoder wants it."""
        street = f"{self.street} {self.house_number}".strip()
        town = f"{self.postcode} {self.municipality}".strip()
        return ", ".join(part for part in (street, town) if part)


def locate(gateways: Gateways, typed: TypedAddress, *, language: str) -> Address:
    """Turn a typed address into one with a point.

    :raises WhichPlace: when it is a question which place is meant
    """
    found = gateways.geocoder.locate(typed.text, language=language)
    if found.place is None:
        raise WhichPlace(found.suggestions)
    return Address(typed.street, typed.house_number, typed.box, found.place)


def found_enterprise(
    session: Session,
    gateways: Gateways,
    *,
    user_id: int,
    name: str,
    kind: EnterpriseKind,
    kbo: str,
    address: TypedAddress,
    phone: str,
    language: str,
    now: datetime,
    by: Actor,
) -> str:
    """Begin an enterprise with its founder as owner; returns its public id.

    Coordinators still have to verify it.

    :raises NameMissing, BadKbo, KboTaken, BadPhone, WhichPlace, NotConfirmed: nothing was made
    """
    founding.normal_kbo(kbo)
    phone = normal_phone(phone)
    located = locate(gateways, address, language=language)
    with transaction(session):
        user = operations.get(session, user_id=user_id)
        if not user.is_confirmed:
            raise NotConfirmed
        enterprise = founding.found(
            session,
            name=name,
            kind=kind,
            kbo=kbo,
            address=located,
            email=user.email,
            phone=phone,
            language=user.language,
            now=now,
            by=by,
        )
        people.add(
            session,
            user_id=user_id,
            enterprise_id=enterprise.id,
            role=MemberRole.OWNER,
            now=now,
            by=by,
        )
        return enterprise.public_id


def save_profile(
    session: Session,
    *,
    enterprise_id: int,
    version: int,
    name: str,
    email: str,
    phone: str,
    language: str,
    people_names: str,
    legal_form: str,
    court: str,
    story: dict[str, str],
    now: datetime,
    by: Actor,
) -> None:
    """Change what people read about an enterprise.

    :raises StaleEdit, NameMissing, CourtWithoutForm, BadEmail, BadPhone: nothing was changed
    """
    email, phone = normal_email(email), normal_phone(phone)
    with transaction(session):
        founding.save_profile(
            session,
            enterprise_id=enterprise_id,
            version=version,
            name=name,
            email=email,
            phone=phone,
            language=language,
            people=people_names,
            legal_form=legal_form,
            court=court,
            story=story,
            now=now,
            by=by,
        )
        shop_items.refresh_farm(session, farm_id=enterprise_id)


def move_enterprise(
    session: Session,
    gateways: Gateways,
    *,
    enterprise_id: int,
    address: TypedAddress,
    language: str,
    now: datetime,
    by: Actor,
) -> bool:
    """Change where an enterprise is; returns whether the street was found and not just the town.

    :raises WhichPlace: when it is a question which place is meant
    """
    located = locate(gateways, address, language=language)
    with transaction(session):
        founding.move(session, enterprise_id=enterprise_id, address=located, now=now, by=by)
        shop_items.refresh_farm(session, farm_id=enterprise_id)
    return located.is_exact


def verify_enterprise(session: Session, *, public_id: str, now: datetime, by: Actor) -> None:
    """Note that a coordinator has checked an enterprise, and tell it; from now on it gets work,
    and what it put on offer is for sale.

    :raises NotFound: when there is none
    """
    with transaction(session):
        enterprise = founding.find(session, public_id=public_id)
        founding.verify(session, enterprise_id=enterprise.id, now=now, by=by)
        shop_items.refresh_farm(session, farm_id=enterprise.id)
        notices.owe(
            session,
            key=f"verified:{public_id}",
            template="enterprise_verified",
            to_email=enterprise.email,
            language=enterprise.language,
            context={"enterprise": enterprise.name},
            now=now,
        )


def invite(
    session: Session,
    *,
    enterprise_id: int,
    email: str,
    role: MemberRole,
    invited_by_id: int,
    now: datetime,
    by: Actor,
) -> None:
    """Invite somebody by mail into a role.

    :raises BadEmail, AlreadyMember, TooManyTries: nobody was invited
    """
    email = normal_email(email)
    refusal: attempts.TooManyTries | None = None
    with transaction(session):
        try:
            attempts.count(session, attempts.INVITE, of=f"enterprise {enterprise_id}", now=now)
        except attempts.TooManyTries as error:
            refusal = error
    if refusal is not None:
        raise refusal
    with transaction(session):
        enterprise = founding.get(session, enterprise_id=enterprise_id)
        inviter = operations.get(session, user_id=invited_by_id)
        known = operations.find_by_email(session, email=email)
        invitation, secret = people.invite(
            session,
            enterprise_id=enterprise_id,
            email=email,
            role=role,
            invited_by_id=invited_by_id,
            now=now,
            by=by,
        )
        notices.owe(
            session,
            key=f"invitation:{invitation.public_id}",
            template="invitation",
            to_email=email,
            language=known.language if known else enterprise.language,
            context={
                "enterprise": enterprise.name,
                "inviter": inviter.name,
                "role": role.value,
                "token": secret,
                "days": people.INVITATION_DAYS,
            },
            now=now,
        )


def withdraw_invitation(session: Session, *, enterprise_id: int, public_id: str, now: datetime, by: Actor) -> None:
    """Take an invitation back.

    :raises NotFound, InvitationOver: when it is not open here
    """
    with transaction(session):
        people.withdraw(session, enterprise_id=enterprise_id, public_id=public_id, now=now, by=by)


def accept_invitation(session: Session, *, secret: str, user_id: int, now: datetime, by: Actor) -> str:
    """Take the seat that one was invited to; returns the enterprise's public id.

    :raises InvitationOver, ForSomebodyElse: no seat was taken
    """
    with transaction(session):
        user = operations.get(session, user_id=user_id)
        enterprise_id = people.accept(session, secret=secret, user=user, now=now, by=by)
        return founding.get(session, enterprise_id=enterprise_id).public_id


def remove_member(
    session: Session,
    *,
    enterprise_id: int,
    public_id: str,
    role: MemberRole | None = None,
    now: datetime,
    by: Actor,
) -> None:
    """Take one role, or every role, from a person at an enterprise.

    :raises NotFound: when they do not work here in that role
    :raises LastOwner: when nobody would own the enterprise
    """
    with transaction(session):
        member = people.find_member(session, enterprise_id=enterprise_id, public_id=public_id)
        people.remove(session, user_id=member.user_id, enterprise_id=enterprise_id, role=role, now=now, by=by)


def add_role(
    session: Session,
    *,
    enterprise_id: int,
    public_id: str,
    role: MemberRole,
    now: datetime,
    by: Actor,
) -> None:
    """Give somebody who works at the enterprise one more role.

    :raises NotFound: when they do not work here
    :raises AlreadyMember: when they have the role
    """
    with transaction(session):
        member = people.find_member(session, enterprise_id=enterprise_id, public_id=public_id)
        people.add(session, user_id=member.user_id, enterprise_id=enterprise_id, role=role, now=now, by=by)
