"""A carrier fetches at a farm or a processor what that would bring itself: agreeing, handing over, handing back.

An agreement moves no money by itself. Each leg that a carrier takes over is from then on carried and paid as if it
had been its own from the start, at the price that the customer was told; what it moved before stays with who moved it.
With a tariff of its own it takes no leg that was priced for less: who has those goods brings them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from shortchain import journal
from shortchain.capacity import ledger
from shortchain.capacity.ledger import CapacityGone, Want
from shortchain.capacity.models import ReservationState
from shortchain.delivery.collectors import Ability, ability_of
from shortchain.delivery.leg_goods import lines_on
from shortchain.delivery.legs_to_fetch import RELEASED, brings, in_tours, pays
from shortchain.delivery.models import (
    Collection,
    CollectionSkip,
    CollectionState,
    Leg,
    LegState,
    StopLeg,
)
from shortchain.enterprises import directory, recognitions
from shortchain.enterprises.fetch_tariffs import SERVICE
from shortchain.enterprises.social_rate import service_rate
from shortchain.fulfilment.models import Job
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderState
from shortchain.routing.plans import Policy

LATEST_READY = time(10)
"""Goods must be with who works on them by eleven; who has them ready later than ten brings them itself."""
STANDING = (CollectionState.ASKED, CollectionState.AGREED)


class AlreadyAsked(Conflict):
    """There is an agreement already, or somebody was asked who did not answer yet."""

    message = N_("Je hebt al een ophaler gevraagd. Trek die vraag eerst in.")


class CanNotCollect(Conflict):
    """The carrier does not fetch, not any more, or not so far."""

    message = N_("Deze vervoerder haalt bij jou niet op. Kies een andere.")


class AnsweredAlready(Conflict):
    """The question was answered or taken back meanwhile."""

    message = N_("Deze vraag is intussen al beantwoord of ingetrokken.")


class OnTheRoad(Conflict):
    """The tour of that day is released: its driver counts on it."""

    message = N_("De rit van die dag is al vrijgegeven. Bel de vervoerder.")


def ask(
    session: Session,
    *,
    giver_id: int,
    collector_public_id: str,
    ready_from: time | None,
    note: str,
    by: Actor,
    now: datetime,
) -> Collection:
    """Ask a carrier to fetch from now on what an enterprise would bring itself, for the tariff that it has today.

    :raises CanNotCollect: when it does not fetch there
    :raises AlreadyAsked: when somebody was asked, or fetches already
    :raises Invalid: when the goods are ready too late
    """
    if ready_from is not None and ready_from > LATEST_READY:
        raise Invalid(N_("Wat opgehaald wordt, staat klaar om 10 uur of vroeger."), fields=("ready_from",))
    able = ability_of(session, giver_id=giver_id, collector_public_id=collector_public_id)
    if able is None:
        raise CanNotCollect()
    row = Collection(
        giver_id=giver_id,
        collector_id=able.enterprise_id,
        state=CollectionState.ASKED,
        ready_from=ready_from,
        note=note.strip()[:300],
        asked_at=now,
        **({} if able.tariff is None else asdict(able.tariff)),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise AlreadyAsked() from error
    journal.record(session, "collection.asked", by=by, now=now, enterprise_id=giver_id, collection=row.id)
    return row


def answer(
    session: Session, *, public_id: str, collector_id: int, agrees: bool, by: Actor, now: datetime
) -> Collection:
    """Say yes or no to fetching for somebody.

    :raises NotFound: when nobody asked this carrier
    :raises AnsweredAlready: when it was answered or taken back
    """
    row = _load(session, public_id)
    if row.collector_id != collector_id:
        raise NotFound()
    if row.state is not CollectionState.ASKED:
        raise AnsweredAlready()
    row.move("agree" if agrees else "decline")
    row.answered_at = now
    _changed(session, row)
    what = "collection.agreed" if agrees else "collection.declined"
    journal.record(session, what, by=by, now=now, enterprise_id=collector_id, collection=row.id)
    return row


def end(session: Session, *, public_id: str, enterprise_id: int, by: Actor, now: datetime) -> Collection:
    """Take a question back, or end an agreement; either party may. What is in no released tour goes back at once.

    :raises NotFound: when it is of two others
    :raises AnsweredAlready: when it is over
    """
    row = _load(session, public_id)
    if enterprise_id not in (row.giver_id, row.collector_id):
        raise NotFound()
    if row.state is CollectionState.AGREED:
        row.move("end")
    elif row.state is CollectionState.ASKED and enterprise_id == row.giver_id:
        row.move("withdraw")
    else:
        raise AnsweredAlready()
    row.ended_at = now
    _changed(session, row)
    journal.record(session, "collection.ended", by=by, now=now, enterprise_id=enterprise_id, collection=row.id)
    give_back(session, collection=row, days=None, by=by, now=now)
    return row


def skip(session: Session, *, public_id: str, enterprise_id: int, day: date, by: Actor, now: datetime) -> Collection:
    """Let the giver bring itself on one day; either party may ask for it.

    :raises NotFound: when it is of two others
    :raises AnsweredAlready: when the agreement does not stand
    :raises Invalid: for a day that is over
    :raises OnTheRoad: when a released tour has goods of it
    """
    row = _load(session, public_id)
    if enterprise_id not in (row.giver_id, row.collector_id):
        raise NotFound()
    if row.state is not CollectionState.AGREED:
        raise AnsweredAlready()
    if day < local_day(now):
        raise Invalid(N_("Die dag is voorbij."), fields=("day",))
    if _on_the_road(session, row, day):
        raise OnTheRoad()
    known = select(CollectionSkip.id).where(CollectionSkip.collection_id == row.id, CollectionSkip.day == day)
    if session.scalar(known) is None:
        session.add(CollectionSkip(collection_id=row.id, day=day, by_collector=enterprise_id == row.collector_id))
        session.flush()
        journal.record(
            session,
            "collection.skipped",
            by=by,
            now=now,
            enterprise_id=enterprise_id,
            collection=row.id,
            day=day.isoformat(),
        )
    give_back(session, collection=row, days=(day,), by=by, now=now)
    return row


def take_over(session: Session, *, by: Actor, now: datetime) -> int:
    """Give the legs of coming days to who fetches them; returns how many.

    A leg stays with its giver when the carrier does not work that day or has no stop left, when it does not carry such
    goods, when the order is not paid yet, or was priced before the tariff was agreed and for less. One stop a giver and
    day counts, however many orders there are.
    """
    standing = _agreed(session)
    if not standing:
        return 0
    legs = session.scalars(
        select(Leg)
        .join(Order, Order.id == Leg.order_id)
        .where(
            Leg.from_enterprise_id.in_(standing),
            Leg.carrier_id == Leg.from_enterprise_id,
            brings(),
            Leg.state == LegState.PLANNED,
            Leg.day > local_day(now),
            Order.state == OrderState.CONFIRMED,
        )
        .order_by(Leg.id)
        .with_for_update(of=Leg)
    ).all()
    if not legs:
        return 0
    skipped = _skipped(session, [row.id for row in standing.values()])
    goods = lines_on(session, legs)
    able = {
        row.giver_id: ability_of(session, giver_id=row.giver_id, collector_public_id=row.collector.public_id)
        for row in standing.values()
    }
    room: dict[tuple[int, date], bool] = {}
    done = 0
    for leg in legs:
        row, can = standing[leg.from_enterprise_id], able[leg.from_enterprise_id]
        if can is None or (row.id, leg.day) in skipped or not can.carries(goods[leg.id]) or not pays(leg, row):
            continue
        key = (row.id, leg.day)
        if key not in room:
            room[key] = _hold(session, row, can, leg.day, now)
        if room[key]:
            _hand(session, leg, row, by, now)
            done += 1
    session.flush()
    return done


def give_back(
    session: Session, *, collection: Collection, days: Sequence[date] | None, by: Actor, now: datetime
) -> int:
    """Give legs back to who would have brought them, those in released tours excepted; returns how many.

    With `days` None that is every coming day.
    """
    query = (
        select(Leg)
        .where(
            Leg.carrier_id == collection.collector_id,
            Leg.from_enterprise_id == collection.giver_id,
            brings(),
            Leg.state.in_((LegState.PLANNED, LegState.SCHEDULED)),
            Leg.day >= local_day(now),
            ~in_tours(RELEASED),
        )
        .order_by(Leg.id)
        .with_for_update()
    )
    legs = session.scalars(query if days is None else query.where(Leg.day.in_(days))).all()
    for leg in legs:
        if leg.state is LegState.SCHEDULED:
            leg.move("unschedule")
            session.execute(delete(StopLeg).where(StopLeg.leg_id == leg.id))
        leg.carrier_id = collection.giver_id
        leg.vat_rate_bp = _giver_rate(session, leg)
        journal.record(
            session,
            "leg.given_back",
            by=by,
            now=now,
            order_id=leg.order_id,
            enterprise_id=collection.giver_id,
            leg=leg.id,
        )
    for day in sorted({leg.day for leg in legs}):
        if not _on_the_road(session, collection, day):
            ledger.release(session, key=key_of(collection, day), now=now)
    session.flush()
    return len(legs)


def _changed(session: Session, row: Collection) -> None:
    """Write an answer or an end, and let routing see a tariff that counts from now on or no longer."""
    session.flush()
    if row.tariff is not None:
        directory.touch(session)


def _on_the_road(session: Session, row: Collection, day: date) -> bool:
    legs = select(Leg.id).where(
        Leg.carrier_id == row.collector_id,
        Leg.from_enterprise_id == row.giver_id,
        Leg.day == day,
        in_tours(RELEASED),
    )
    return session.scalar(legs.limit(1)) is not None


def _agreed(session: Session) -> dict[int, Collection]:
    rows = session.scalars(
        select(Collection)
        .where(Collection.state == CollectionState.AGREED)
        .options(joinedload(Collection.collector))
        .order_by(Collection.id)
    )
    return {row.giver_id: row for row in rows}


def _skipped(session: Session, ids: Sequence[int]) -> set[tuple[int, date]]:
    rows = select(CollectionSkip.collection_id, CollectionSkip.day).where(CollectionSkip.collection_id.in_(ids))
    return {(row[0], row[1]) for row in session.execute(rows)}


def key_of(row: Collection, day: date) -> str:
    """Give the key of the room that a day of an agreement takes in the ledger."""
    return f"collect-{row.public_id}-{day.isoformat()}"


def _hold(session: Session, row: Collection, able: Ability, day: date, now: datetime) -> bool:
    """Take one stop of a day from what the carrier offers, once however often it is asked; False when there is none.

    A day that went back before stays with the giver, who counts on it by now.
    """
    key = key_of(row, day)
    try:
        held = ledger.hold(session, key=key, claim=key, wants=[Want(able.capability_id, day, 1)], until=now, now=now)
    except CapacityGone:
        return False
    ledger.confirm(session, claim=key, now=now)
    return held.state is not ReservationState.RELEASED


def _hand(session: Session, leg: Leg, row: Collection, by: Actor, now: datetime) -> None:
    leg.carrier_id = row.collector_id
    spans = recognitions.spans(session, enterprise_id=row.collector_id).get(row.collector_id, ())
    leg.vat_rate_bp = service_rate(SERVICE, spans, day=leg.day)
    journal.record(
        session, "leg.taken_over", by=by, now=now, order_id=leg.order_id, enterprise_id=row.collector_id, leg=leg.id
    )


def _giver_rate(session: Session, leg: Leg) -> int:
    """Give the rate at which the giver brings: a farm's belongs to its sale, a processor's to its work."""
    if leg.job_id is None:
        return Policy().farm_transport_vat_bp
    return session.get_one(Job, leg.job_id).vat_rate_bp


def _load(session: Session, public_id: str) -> Collection:
    row = session.scalar(
        select(Collection)
        .where(Collection.public_id == public_id)
        .options(joinedload(Collection.giver, innerjoin=True), joinedload(Collection.collector, innerjoin=True))
        .with_for_update(of=Collection)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound()
    return row
