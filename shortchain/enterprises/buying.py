"""Customers of a kind: who asks a hub or a farm for the prices of a list, who gets them, and until when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.accounts.models import User
from shortchain.enterprises.buyer import Buyer, BuyerState
from shortchain.enterprises.founding import normal_kbo
from shortchain.enterprises.models import GROWER_KINDS, Enterprise
from shortchain.enterprises.price_lists import BUSINESS, NONE, Grants, PriceList
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound

_POSTCODE = re.compile(r"[1-9][0-9]{3}")
MOST_OPEN = 10


class BadRequest(Invalid):
    """What was asked can not be; the message says why."""


class AlreadyAsked(Conflict):
    """It was asked or given already."""

    message = N_("Dit vroeg je al, of je hebt het al.")


class AlreadyDecided(Conflict):
    """Somebody was first, or the customer took it back."""

    message = N_("Hierover is al beslist, of de vraag is ingetrokken.")


@dataclass(frozen=True, slots=True)
class Company:
    """The enterprise for which somebody buys; all empty for a member."""

    name: str = ""
    kbo: str = ""
    street: str = ""
    postcode: str = ""
    municipality: str = ""
    is_vat_liable: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """A request as both sides see it; `of` is the hub or farm that decides."""

    public_id: str
    of: str
    price_list: PriceList
    state: BuyerState
    company: Company
    note: str
    answer: str
    asked_at: datetime
    decided_at: datetime | None
    name: str
    email: str
    others: int = 0
    """How many other people of the same enterprise number have these prices here."""


def grants_of(session: Session, *, user_id: int | None) -> Grants:
    """Say which lists somebody may use, and of whom; nothing, without a query, for a guest."""
    if user_id is None:
        return NONE
    rows = session.execute(
        select(Buyer.enterprise_id, Buyer.price_list).where(
            Buyer.user_id == user_id, Buyer.state == BuyerState.APPROVED
        )
    )
    return frozenset((row[0], row[1]) for row in rows)


def company_of(session: Session, *, user_id: int | None, hub_id: int) -> Company | None:
    """Give the enterprise for which somebody buys at a hub, if the hub approved one: documents are made out to it."""
    if user_id is None:
        return None
    row = session.scalars(
        select(Buyer)
        .where(
            Buyer.user_id == user_id,
            Buyer.enterprise_id == hub_id,
            Buyer.state == BuyerState.APPROVED,
            Buyer.price_list.in_(BUSINESS),
        )
        .order_by(Buyer.decided_at.desc(), Buyer.id)
        .limit(1)
    ).first()
    return _company(row) if row is not None else None


def ask(
    session: Session,
    *,
    user_id: int,
    of: str,
    price_list: PriceList,
    company: Company,
    note: str,
    by: Actor,
    now: datetime,
) -> Buyer:
    """Ask a hub or farm (by public id) for the prices of a list; again after a no, or after it ended.

    :raises NotFound: when there is no such hub or farm
    :raises BadRequest: for somebody whose address is not confirmed, the consumers' list, a business at a farm, or
        a business without name or address
    :raises BadKbo: when the number is not one of an enterprise
    :raises AlreadyAsked: when it waits for an answer or is approved
    """
    enterprise = session.scalar(select(Enterprise).where(Enterprise.public_id == of, Enterprise.is_active))
    if enterprise is None or not (enterprise.is_hub or enterprise.is_grower):
        raise NotFound()
    if price_list is PriceList.CONSUMER:
        raise BadRequest(N_("Kies lid, winkel of grootkeuken."), fields=("list",))
    if not session.get_one(User, user_id).is_confirmed:
        raise BadRequest(N_("Bevestig eerst je e-mailadres."))
    is_business = price_list in BUSINESS
    if is_business and not enterprise.is_hub:
        raise BadRequest(
            N_("Prijzen voor winkels en keukens vraag je aan de hub, want die kijkt het na."), fields=("of",)
        )
    known = session.scalar(
        select(Buyer)
        .where(Buyer.user_id == user_id, Buyer.enterprise_id == enterprise.id, Buyer.price_list == price_list)
        .with_for_update()
    )
    if known is not None and known.state in (BuyerState.ASKED, BuyerState.APPROVED):
        raise AlreadyAsked()
    if _count_open(session, user_id) >= MOST_OPEN:
        raise BadRequest(N_("Er wachten al 10 vragen van jou op een antwoord."))
    said = _checked(company) if is_business else Company()
    if known is None:
        known = Buyer(
            user_id=user_id,
            enterprise_id=enterprise.id,
            price_list=price_list,
            state=BuyerState.ASKED,
            asked_at=now,
        )
        session.add(known)
    else:
        known.move("ask")
    known.company, known.kbo, known.street = said.name, said.kbo, said.street
    known.postcode, known.municipality, known.is_vat_liable = said.postcode, said.municipality, said.is_vat_liable
    known.note, known.answer = " ".join(note.split())[:300], ""
    known.asked_at, known.decided_at = now, None
    session.flush()
    _record(session, known, "asked", by, now)
    return known


def _count_open(session: Session, user_id: int) -> int:
    query = select(func.count(Buyer.id)).where(Buyer.user_id == user_id, Buyer.state == BuyerState.ASKED)
    return session.scalar(query) or 0


def _checked(company: Company) -> Company:
    number = normal_kbo(company.kbo)
    said = Company(
        " ".join(company.name.split())[:120],
        number,
        " ".join(company.street.split())[:160],
        company.postcode.strip() if _POSTCODE.fullmatch(company.postcode.strip()) else "",
        " ".join(company.municipality.split())[:80],
        company.is_vat_liable,
    )
    parts = {"company": said.name, "street": said.street, "postcode": said.postcode, "municipality": said.municipality}
    missing = tuple(field for field, text in parts.items() if not text)
    if missing:
        raise BadRequest(N_("Vul de naam en het adres van het bedrijf in."), fields=missing)
    return said


def take_back(session: Session, *, user_id: int, public_id: str, by: Actor, now: datetime) -> None:
    """Let a customer take a question back, or give prices up; what was ordered stays as it was priced.

    :raises NotFound: when it is somebody else's
    """
    row = session.scalar(select(Buyer).where(Buyer.public_id == public_id, Buyer.user_id == user_id).with_for_update())
    if row is None:
        raise NotFound()
    _record(session, row, "taken_back", by, now)
    session.delete(row)
    session.flush()


def decide(
    session: Session, *, enterprise_id: int, public_id: str, action: str, answer: str, by: Actor, now: datetime
) -> Buyer:
    """Approve, refuse or end what somebody asked of a hub or farm; `action` is approve, refuse or end.

    :raises NotFound: when it is another's
    :raises AlreadyDecided: when that can not be any more
    :raises BadRequest: for a no without a word why
    """
    row = session.scalar(
        select(Buyer).where(Buyer.public_id == public_id, Buyer.enterprise_id == enterprise_id).with_for_update()
    )
    if row is None:
        raise NotFound()
    wanted = {"approve": BuyerState.ASKED, "refuse": BuyerState.ASKED, "end": BuyerState.APPROVED}
    if wanted.get(action) is not row.state:
        raise AlreadyDecided()
    words = " ".join(answer.split())[:300]
    if action != "approve" and not words:
        raise BadRequest(N_("Schrijf kort waarom; de klant leest het."), fields=("answer",))
    row.move(action)
    row.answer, row.decided_at = words, now
    session.flush()
    _record(session, row, {"approve": "approved", "refuse": "refused", "end": "ended"}[action], by, now)
    return row


def _record(session: Session, row: Buyer, what: str, by: Actor, now: datetime) -> None:
    journal.record(
        session,
        f"buyer.{what}",
        by=by,
        now=now,
        enterprise_id=row.enterprise_id,
        buyer=row.public_id,
        price_list=row.price_list.value,
    )


def of_user(session: Session, *, user_id: int) -> list[Standing]:
    """List what a person asked, the newest first."""
    return _standing(session, Buyer.user_id == user_id)


def of_enterprise(session: Session, *, enterprise_id: int) -> list[Standing]:
    """List who asked a hub or farm, what waits first; what was refused or ended is left out."""
    found = _standing(
        session, Buyer.enterprise_id == enterprise_id, Buyer.state.in_((BuyerState.ASKED, BuyerState.APPROVED))
    )
    return sorted(found, key=lambda one: one.state is not BuyerState.ASKED)


def waiting(session: Session, *, enterprise_id: int) -> int:
    """Count the questions that wait for an answer."""
    query = select(func.count(Buyer.id)).where(Buyer.enterprise_id == enterprise_id, Buyer.state == BuyerState.ASKED)
    return session.scalar(query) or 0


def _standing(session: Session, *which: object) -> list[Standing]:
    rows = session.execute(
        select(Buyer, Enterprise.name, User.name, User.email)
        .join(Enterprise, Enterprise.id == Buyer.enterprise_id)
        .join(User, User.id == Buyer.user_id)
        .where(*which)  # type: ignore[arg-type]
        .order_by(Buyer.asked_at.desc(), Buyer.id.desc())
    ).all()
    numbers: dict[tuple[int, str], int] = {}
    for row, *_rest in rows:
        if row.kbo and row.state is BuyerState.APPROVED:
            numbers[row.enterprise_id, row.kbo] = numbers.get((row.enterprise_id, row.kbo), 0) + 1
    return [
        Standing(
            row.public_id,
            of,
            row.price_list,
            row.state,
            _company(row),
            row.note,
            row.answer,
            row.asked_at,
            row.decided_at,
            name,
            email,
            numbers.get((row.enterprise_id, row.kbo), 0) - (row.state is BuyerState.APPROVED) if row.kbo else 0,
        )
        for row, of, name, email in rows
    ]


def _company(row: Buyer) -> Company:
    return Company(row.company, row.kbo, row.street, row.postcode, row.municipality, row.is_vat_liable)


def who_decides(session: Session, *, farm: str = "") -> Sequence[tuple[str, str]]:
    """List whom one can ask, as (public id, name): every hub, and the farm of a slug when one is named."""
    rows = session.execute(
        select(Enterprise.public_id, Enterprise.name)
        .where(
            Enterprise.is_active,
            Enterprise.is_hub | ((Enterprise.slug == farm) & Enterprise.kind.in_(GROWER_KINDS)),
        )
        .order_by(~Enterprise.is_hub, Enterprise.name)
    )
    return [(row[0], row[1]) for row in rows]
