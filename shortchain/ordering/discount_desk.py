"""Discount codes as their owner makes and watches them: a hub's, which it bears, and a farm's for its own goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue.models import Offer, OrderCycle, Product
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.window import at_local, local_day
from shortchain.ordering import discounts
from shortchain.ordering.discount_models import DiscountCode, DiscountUse
from shortchain.ordering.discounts import DiscountKind

MOST_CODES = 50
"""So many codes one owner has running at a time."""
MOST_CENTS, MOST_PERCENT_BP = 10_000, 10_000
"""The highest that a code takes off: € 100, or all of it for a hub; a farm gives at most 90 percent."""
FARM_MOST_BP = 9_000
LONGEST_DAYS = 366


class BadCode(Invalid):
    """What was asked of a code can not be; the message says why."""


class CodeTaken(Conflict):
    """Somebody has this code already; codes are one for the whole shop."""

    message = N_("Deze code bestaat al. Kies een andere, of laat leeg: dan maken wij er een.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an owner wants of a new code; an empty `code` has one made up. Days are whole ones on our clock."""

    code: str
    kind: str
    value: int
    from_day: date
    until_day: date
    least_cents: int = 0
    per_customer: int | None = 1
    most_uses: int | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code as its owner sees it; `state` is coming, runs, stopped, over or used_up. `given_cents` is what it took off."""

    public_id: str
    code: str
    kind: str
    value: int
    from_day: date
    until_day: date
    least_cents: int
    per_customer: int | None
    most_uses: int | None
    uses: int
    given_cents: int
    only: tuple[str, ...]
    state: str


def choices(session: Session, *, owner_id: int, now: datetime) -> list[tuple[int, str, dict[str, str]]]:
    """List for what a code of an enterprise can be, as (id, public id, name by language).

    For a hub the farms that offer in its cycles of now and later, for a farm its products.
    """
    owner = session.get_one(Enterprise, owner_id)
    if owner.is_hub:
        offers = exists().where(
            Offer.farm_id == Enterprise.id,
            Offer.cycle_id == OrderCycle.id,
            OrderCycle.hub_id == owner.id,
            OrderCycle.closes_at > now,
            Offer.is_active,
        )
        farms = session.scalars(select(Enterprise).where(offers).order_by(Enterprise.name))
        return [(farm.id, farm.public_id, {"nl": farm.name}) for farm in farms]
    products = session.scalars(
        select(Product).where(Product.farm_id == owner.id, Product.is_active).order_by(Product.id)
    )
    return [(product.id, product.public_id, dict(product.name)) for product in products]


def make(session: Session, *, owner_id: int, wanted: Wanted, by: Actor, now: datetime) -> DiscountCode:
    """Make a code that its owner bears; it counts from its first day on.

    :raises BadCode: with what can not be, and its control
    :raises CodeTaken: when somebody has it
    """
    owner = session.get_one(Enterprise, owner_id, with_for_update=True)
    code = discounts.plain(wanted.code) or discounts.made_up()
    _check(wanted, code, owner, now)
    known = {public_id: number for number, public_id, _name in choices(session, owner_id=owner_id, now=now)}
    if not set(wanted.only) <= set(known):
        raise BadCode(N_("Kies uit de lijst waarvoor de code geldt."), fields=("only",))
    running = session.scalar(
        select(func.count(DiscountCode.id)).where(
            DiscountCode.owner_id == owner_id, DiscountCode.stopped_at.is_(None), DiscountCode.ends_at > now
        )
    )
    if (running or 0) >= MOST_CODES:
        raise BadCode(N_("Er lopen al 50 codes. Stop er eerst een."), fields=("code",))
    made = DiscountCode(
        code=code,
        owner_id=owner_id,
        kind=DiscountKind(wanted.kind),
        value=wanted.value,
        starts_at=at_local(wanted.from_day, time()),
        ends_at=at_local(wanted.until_day + timedelta(days=1), time()),
        least_cents=wanted.least_cents,
        per_customer=wanted.per_customer,
        most_uses=wanted.most_uses,
        only=sorted(known[one] for one in wanted.only),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise CodeTaken(fields=("code",)) from None
    journal.record(
        session,
        "discount.made",
        by=by,
        now=now,
        enterprise_id=owner_id,
        code=code,
        kind=wanted.kind,
        value=wanted.value,
        most_uses=wanted.most_uses,
    )
    return made


def _check(wanted: Wanted, code: str, owner: Enterprise, now: datetime) -> None:
    if not len(code) >= discounts.SHORTEST:
        raise BadCode(N_("Een code heeft 4 tot 24 letters en cijfers."), fields=("code",))
    if wanted.kind not in set(DiscountKind):
        raise BadCode(N_("Kies een bedrag of een percentage."), fields=("kind",))
    most = MOST_CENTS if wanted.kind == DiscountKind.AMOUNT else MOST_PERCENT_BP if owner.is_hub else FARM_MOST_BP
    if not 0 < wanted.value <= most:
        raise BadCode(
            N_("Geef een korting: hoogstens € 100, of 100 procent (een boer hoogstens 90)."), fields=("value",)
        )
    if wanted.kind == DiscountKind.AMOUNT and wanted.least_cents < wanted.value:
        raise BadCode(N_("Vraag voor een vast bedrag een mandje dat minstens zo groot is."), fields=("least",))
    today = local_day(now)
    if wanted.until_day < max(today, wanted.from_day):
        raise BadCode(N_("De laatste dag ligt voor de eerste, of is voorbij."), fields=("until_day",))
    if wanted.until_day - max(today, wanted.from_day) > timedelta(days=LONGEST_DAYS):
        raise BadCode(N_("Een code loopt hoogstens een jaar."), fields=("until_day",))
    for name in ("per_customer", "most_uses"):
        count = getattr(wanted, name)
        if count is not None and not 0 < count <= 1_000_000:
            raise BadCode(N_("Geef een aantal, of laat leeg voor onbeperkt."), fields=(name,))


def _own(session: Session, public_id: str, owner_id: int) -> DiscountCode:
    found = session.scalar(
        select(DiscountCode)
        .where(DiscountCode.public_id == public_id, DiscountCode.owner_id == owner_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound()
    return found


def stop(session: Session, *, public_id: str, owner_id: int, by: Actor, now: datetime) -> DiscountCode:
    """Let a code count no more; orders that were placed keep what they got. Doing it again changes nothing.

    :raises NotFound: for another's
    """
    code = _own(session, public_id, owner_id)
    if code.stopped_at is None:
        code.stopped_at = now
        session.flush()
        journal.record(session, "discount.stopped", by=by, now=now, enterprise_id=owner_id, code=code.code)
    return code


def resume(session: Session, *, public_id: str, owner_id: int, by: Actor, now: datetime) -> DiscountCode:
    """Let a code that was stopped count again, until its last day.

    :raises NotFound: for another's
    """
    code = _own(session, public_id, owner_id)
    if code.stopped_at is not None:
        code.stopped_at = None
        session.flush()
        journal.record(session, "discount.resumed", by=by, now=now, enterprise_id=owner_id, code=code.code)
    return code


def rows_of(session: Session, *, owner_id: int, now: datetime, limit: int = 200) -> list[CodeRow]:
    """List the codes of an owner with their use, the newest first."""
    given = (
        select(func.coalesce(func.sum(DiscountUse.cents), 0))
        .where(DiscountUse.code_id == DiscountCode.id, DiscountUse.freed_at.is_(None))
        .correlate(DiscountCode)
        .scalar_subquery()
    )
    found = session.execute(
        select(DiscountCode, given)
        .where(DiscountCode.owner_id == owner_id)
        .order_by(DiscountCode.id.desc())
        .limit(limit)
    ).all()
    names = _names(session, session.get_one(Enterprise, owner_id), [row[0] for row in found])
    return [_row(code, int(cents), names, now) for code, cents in found]


def _names(session: Session, owner: Enterprise, codes: Sequence[DiscountCode]) -> dict[int, str]:
    wanted = {number for code in codes for number in code.only}
    if not wanted:
        return {}
    if owner.is_hub:
        farms = session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(wanted)))
        return {row.id: row.name for row in farms}
    products = session.execute(select(Product.id, Product.name).where(Product.id.in_(wanted)))
    return {number: str(name["nl"]) for number, name in products}


def _row(code: DiscountCode, given_cents: int, names: dict[int, str], now: datetime) -> CodeRow:
    return CodeRow(
        public_id=code.public_id,
        code=code.code,
        kind=code.kind.value,
        value=code.value,
        from_day=local_day(code.starts_at),
        until_day=local_day(code.ends_at - timedelta(seconds=1)),
        least_cents=code.least_cents,
        per_customer=code.per_customer,
        most_uses=code.most_uses,
        uses=code.uses,
        given_cents=given_cents,
        only=tuple(names[number] for number in code.only if number in names),
        state=_state(code, now),
    )


def _state(code: DiscountCode, now: datetime) -> str:
    if code.stopped_at is not None:
        return "stopped"
    if now >= code.ends_at:
        return "over"
    if code.most_uses is not None and code.uses >= code.most_uses:
        return "used_up"
    return "coming" if now < code.starts_at else "runs"
