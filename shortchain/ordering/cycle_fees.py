"""The levies of an order cycle: read at a basket and an order, kept by the coordinator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from shortchain import journal
from shortchain.catalogue.models import CycleState, Offer, OrderCycle
from shortchain.enterprises.models import GROWER_KINDS, Capability, Enterprise
from shortchain.enterprises.price_lists import PriceList
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.geo import distance_m
from shortchain.ordering import minimums
from shortchain.ordering.levies import Basis, Levy, Payer
from shortchain.ordering.models import CycleFee

MOST = 12
MOST_RATE = {Basis.ORDER: 2_000, Basis.PERCENT: 3_000, Basis.KILO: 500, Basis.STOP: 2_000}
"""The highest that may be asked: € 20 an order or a stop, 30 %, € 5 a kilo."""


class BadFee(Invalid):
    """What was asked can not be; the message says why."""


class CycleOver(Conflict):
    """Orders are taken no more, so nothing can be asked of them."""

    message = N_("Deze ronde is gesloten. Haar kosten liggen vast.")


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A levy as its coordinator sees it."""

    public_id: str
    enterprise: str
    levy: Levy


def of_cycle(session: Session, *, cycle: OrderCycle) -> list[Levy]:
    """Read what is asked of the orders of a cycle; without a statement when the cycle has none."""
    if not cycle.has_fees:
        return []
    return [row.levy for row in rows_of(session, cycle=cycle)]


def of_open(session: Session, *, cycle_id: int) -> list[Levy]:
    """Read what is asked of the orders of a cycle of which somebody knows that it has fees."""
    return of_cycle(session, cycle=session.get_one(OrderCycle, cycle_id))


def asked_of_farm(session: Session, *, farm_id: int, now: datetime) -> list[Levy]:
    """Read what is asked in the cycle in which a farm sells now; nothing when there is none."""
    cycle = session.scalars(
        select(OrderCycle)
        .join(Offer, Offer.cycle_id == OrderCycle.id)
        .where(
            Offer.farm_id == farm_id, Offer.is_active, OrderCycle.state == CycleState.OPEN, OrderCycle.closes_at > now
        )
        .order_by(OrderCycle.closes_at)
        .limit(1)
    ).first()
    return of_cycle(session, cycle=cycle) if cycle is not None else []


def rows_of(session: Session, *, cycle: OrderCycle) -> list[FeeRow]:
    """List the levies of a cycle with who asks them."""
    found = session.execute(
        select(CycleFee, Enterprise.name, Enterprise.kind)
        .join(Enterprise, Enterprise.id == CycleFee.enterprise_id)
        .where(CycleFee.cycle_id == cycle.id)
        .order_by(CycleFee.id)
    )
    return [
        FeeRow(
            row.public_id,
            name,
            Levy(
                row.enterprise_id,
                row.basis,
                row.rate,
                row.enterprise_id != cycle.hub_id and kind in GROWER_KINDS,
                row.payer,
            ),
        )
        for row, name, kind in found
    ]


def parties(session: Session, *, cycle: OrderCycle) -> list[tuple[int, str, str]]:
    """List who may ask something in a cycle, as (id, public id, name).

    The hub, the farms that offer in it, and the providers that work as far as the hub.
    """
    hub = session.get_one(Enterprise, cycle.hub_id)
    offers = exists().where(Offer.farm_id == Enterprise.id, Offer.cycle_id == cycle.id, Offer.is_active)
    reach = (
        select(func.max(Capability.radius_m))
        .where(Capability.enterprise_id == Enterprise.id, Capability.is_active)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Enterprise, offers.label("sells"), reach.label("reach"))
        .where(
            or_(Enterprise.id == hub.id, offers, reach.is_not(None)),
            Enterprise.is_active,
            Enterprise.verified_at.is_not(None),
        )
        .order_by(Enterprise.id != hub.id, ~offers, Enterprise.name)
    )
    return [
        (one.id, one.public_id, one.name)
        for one, sells, metres in rows
        if sells or one.id == hub.id or (metres and distance_m(one.point, hub.point) <= metres)
    ]


def cycles(session: Session, *, hub_id: int) -> Sequence[OrderCycle]:
    """List the cycles of a hub of which the levies can still change: open, and coming."""
    return session.scalars(
        select(OrderCycle)
        .where(OrderCycle.hub_id == hub_id, OrderCycle.state.in_((CycleState.OPEN, CycleState.DRAFT)))
        .order_by(OrderCycle.closes_at, OrderCycle.id)
    ).all()


def lock_cycle(session: Session, *, public_id: str, hub_id: int, now: datetime) -> OrderCycle:
    """Load a cycle of a hub to change its levies.

    :raises NotFound: when it is another hub's
    :raises CycleOver: when no orders are taken any more
    """
    cycle = session.scalar(
        select(OrderCycle)
        .where(OrderCycle.public_id == public_id, OrderCycle.hub_id == hub_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if cycle is None:
        raise NotFound()
    if cycle.state not in (CycleState.OPEN, CycleState.DRAFT) or cycle.closes_at <= now:
        raise CycleOver()
    return cycle


def add(
    session: Session,
    *,
    cycle: OrderCycle,
    enterprise: str,
    basis: str,
    rate: int,
    by: Actor,
    now: datetime,
    payer: str = Payer.CUSTOMER,
) -> CycleFee:
    """Ask something of every order of a cycle from now on; `enterprise` is the public id of who asks.

    :raises BadFee: for somebody who neither sells nor works here, an absurd rate, a farm that would pay itself, or one too many
    """
    own = {public_id: number for number, public_id, _name in parties(session, cycle=cycle)}
    if enterprise not in own:
        raise BadFee(N_("Kies de hub, een boer van deze ronde of wie er werkt."), fields=("enterprise",))
    if payer not in set(Payer):
        raise BadFee(N_("Kies wie het betaalt."), fields=("payer",))
    if payer == Payer.SELLER and _is_farm(session, own[enterprise], cycle):
        raise BadFee(
            N_("Wat een boer vraagt, betaalt de klant. Wil hij meer voor zichzelf, dan verhoogt hij zijn prijs."),
            fields=("payer",),
        )
    if basis not in set(Basis):
        raise BadFee(N_("Kies waarvoor het geldt."), fields=("basis",))
    if not 0 < rate <= MOST_RATE[Basis(basis)]:
        raise BadFee(
            N_("Geef een bedrag: hoogstens € 20 per bestelling of stop, € 5 per kg, of 30 procent."), fields=("rate",)
        )
    if (session.scalar(select(func.count(CycleFee.id)).where(CycleFee.cycle_id == cycle.id)) or 0) >= MOST:
        raise BadFee(N_("Een ronde heeft hoogstens 12 kosten."), fields=("enterprise",))
    made = CycleFee(cycle_id=cycle.id, enterprise_id=own[enterprise], basis=Basis(basis), rate=rate, payer=Payer(payer))
    session.add(made)
    cycle.has_fees = True
    flag_modified(cycle, "has_fees")  # a new version also when it had some: pages that show a price look anew
    session.flush()
    journal.record(
        session,
        "cycle.fee_added",
        by=by,
        now=now,
        enterprise_id=cycle.hub_id,
        cycle_id=cycle.id,
        basis=basis,
        rate=rate,
        payer=str(payer),
    )
    return made


def _is_farm(session: Session, enterprise_id: int, cycle: OrderCycle) -> bool:
    return enterprise_id != cycle.hub_id and session.get_one(Enterprise, enterprise_id).is_grower


def remove(session: Session, *, cycle: OrderCycle, public_id: str, by: Actor, now: datetime) -> None:
    """Ask it no more; orders that were placed keep it."""
    session.execute(delete(CycleFee).where(CycleFee.cycle_id == cycle.id, CycleFee.public_id == public_id))
    cycle.has_fees = bool(session.scalar(select(exists().where(CycleFee.cycle_id == cycle.id))))
    flag_modified(cycle, "has_fees")
    session.flush()
    journal.record(session, "cycle.fee_removed", by=by, now=now, enterprise_id=cycle.hub_id, cycle_id=cycle.id)


def set_minimums(
    session: Session, *, cycle: OrderCycle, wanted: Mapping[PriceList, int], by: Actor, now: datetime
) -> None:
    """Ask so much of an order of a cycle at least from now on, in cents by list; orders that were placed stay as they are.

    :raises BadMinimum: nothing was changed
    """
    cycle.minimums = minimums.kept(wanted)
    session.flush()
    journal.record(
        session,
        "cycle.minimums",
        by=by,
        now=now,
        enterprise_id=cycle.hub_id,
        cycle_id=cycle.id,
        cents=cycle.minimums,
    )


def cycle_of(session: Session, *, public_id: str, hub_id: int) -> str:
    """Say in which cycle of a hub a levy is, as its public id.

    :raises NotFound: when it is another hub's
    """
    found = session.scalar(
        select(OrderCycle.public_id)
        .join(CycleFee, CycleFee.cycle_id == OrderCycle.id)
        .where(CycleFee.public_id == public_id, OrderCycle.hub_id == hub_id)
    )
    if found is None:
        raise NotFound()
    return found


def copy_last(session: Session, *, cycle: OrderCycle) -> None:
    """Give a new cycle of a hub the levies and the minimums of the one before it."""
    last = session.scalar(
        select(OrderCycle)
        .where(OrderCycle.hub_id == cycle.hub_id, OrderCycle.id != cycle.id, OrderCycle.state != CycleState.WITHDRAWN)
        .order_by(OrderCycle.closes_at.desc())
        .limit(1)
    )
    if last is not None:
        cycle.minimums = dict(last.minimums)
    if last is None or not last.has_fees:
        return
    for row in session.scalars(select(CycleFee).where(CycleFee.cycle_id == last.id).order_by(CycleFee.id)):
        session.add(
            CycleFee(
                cycle_id=cycle.id,
                enterprise_id=row.enterprise_id,
                basis=row.basis,
                rate=row.rate,
                payer=row.payer,
            )
        )
    cycle.has_fees = True
    session.flush()
