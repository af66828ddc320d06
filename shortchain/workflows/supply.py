"""What a farm does with its food: list a harvest, take it back, correct it, price it, pause it, hand it over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue import list_prices, next_cycle, operations, products
from shortchain.catalogue.list_pricing import Entry
from shortchain.catalogue.models import Product
from shortchain.catalogue.products import Terms
from shortchain.delivery import legs
from shortchain.enterprises import founding
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.kernel.window import local_day
from shortchain.stock import harvests, lots
from shortchain.stock.harvests import UNDO_FOR, Listed
from shortchain.transaction import transaction

MOST_ROWS = 60
KEY = re.compile(r"[A-Za-z0-9_-]{12}")


class TooLate(Conflict):
    """A list can be taken back for half a minute, so that nobody loses what they just found."""

    message = N_("Terugzetten kan maar 30 seconden lang. Pas het aan bij het product.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a quick list. `product` is a public id; for a new product `produce` names its kind.

    `quantity` is in base units, `price_cents` per sell unit with VAT.
    """

    quantity: int
    price_cents: int
    product: str = ""
    produce: str = ""


def set_minimum(session: Session, *, farm_id: int, cents: int, by: Actor, now: datetime) -> None:
    """Ask that an order holds at least so much of this farm's goods, in cents; 0 for no such rule.

    :raises BadMinimum: nothing was changed
    """
    with transaction(session):
        founding.note_least_order(session, enterprise_id=farm_id, cents=cents, now=now, by=by)


def list_harvest(
    session: Session,
    *,
    farm_id: int,
    key: str,
    rows: Sequence[Row],
    harvested_on: date,
    by: Actor,
    now: datetime,
) -> Listed:
    """Put a harvest in the shop: a lot, a price and an offer for each row; all rows or none.

    `key` is the form's one-time key: the same list sent twice counts once.

    :raises Invalid: for an empty or endless list, a price or day that can not be
    :raises NoCycle: when there is no cycle to offer in
    :raises NotFound: for a product of another farm
    """
    if not KEY.fullmatch(key):
        raise Invalid(N_("Deze lijst is verlopen. Open de pagina opnieuw."))
    if not 0 < len(rows) <= MOST_ROWS:
        raise Invalid(N_("Geef bij minstens één product in hoeveel je geoogst hebt."))
    with transaction(session):
        _one_at_a_time(session, farm_id)
        known = harvests.batch(session, farm_id=farm_id, key=key)
        if known is not None:
            return known
        cycles = operations.cycles_to_offer_in(session, farm_id=farm_id, now=now)
        own = products.load_many(session, public_ids=[row.product for row in rows if row.product], farm_id=farm_id)
        for number, row in enumerate(rows):
            product = own[row.product] if row.product else _new(session, farm_id, row.produce, by, now)
            operations.resume(session, product=product, by=by, now=now)
            lot = lots.list_lot(
                session,
                product=product,
                quantity=row.quantity,
                harvested_on=harvested_on,
                by=by,
                now=now,
                today=local_day(now),
            )
            lot.public_id = f"{key}.{number:02}"
            for cycle in cycles:
                operations.put_on_offer(
                    session,
                    product=product,
                    cycle_id=cycle.id,
                    price_cents=row.price_cents,
                    by=by,
                    now=now,
                )
        next_cycle.make_gate_windows(session, farm_id=farm_id, now=now)
        return Listed(key, len(rows), now)


def _one_at_a_time(session: Session, farm_id: int) -> None:
    """Let a farm list one harvest at a time, so that lot codes and the form's key stay single.

    Does not stand in the way of orders: their foreign keys need no more than the key of the row.
    """
    session.execute(select(Enterprise.id).where(Enterprise.id == farm_id).with_for_update(key_share=True)).all()


def _new(session: Session, farm_id: int, produce: str, by: Actor, now: datetime) -> Product:
    farm = session.get_one(Enterprise, farm_id)
    terms = products.starting_from(produce, organic=False, origin_place=farm.municipality)
    return products.add(session, farm_id=farm_id, terms=terms, by=by, now=now, today=local_day(now))


def undo_harvest(session: Session, *, farm_id: int, key: str, by: Actor, now: datetime) -> int:
    """Take a quick list back within half a minute: lots, new offers and changed prices.

    Returns how many products it was about.

    :raises NotFound: for a list of another farm
    :raises TooLate: after half a minute
    :raises AlreadySold: when somebody bought of it; nothing was taken back
    """
    with transaction(session):
        listed = harvests.lots_of_batch(session, farm_id=farm_id, key=key)
        at = listed[0].listed_at
        if now - at > UNDO_FOR:
            raise TooLate()
        for lot in listed:
            lots.correct(session, lot=lot, quantity=0, kind="undone", by=by, now=now)
            product = session.get_one(Product, lot.product_id)
            operations.take_off_offer(session, product=product, since=at, by=by, now=now)
            before = operations.last_price(session, product_id=product.id, before=at)
            if before is not None:
                operations.price_everywhere(session, product=product, price_cents=before, by=by, now=now)
        return len(listed)


def correct_lot(session: Session, *, lot_public_id: str, farm_id: int, quantity: int, by: Actor, now: datetime) -> None:
    """Set what a lot holds, in base units: counted again, or spoilt.

    :raises NotFound: for a lot of another farm
    :raises AlreadySold: when more than that is sold; nothing was changed
    """
    with transaction(session):
        lot = lots.load_own(session, public_id=lot_public_id, farm_id=farm_id)
        lots.correct(session, lot=lot, quantity=quantity, kind="corrected", by=by, now=now)


def write_off(session: Session, *, lot_public_id: str, farm_id: int, by: Actor, now: datetime) -> int:
    """Take what is left of a lot off the shelf; what is sold stays promised. Returns the base units.

    :raises NotFound: for a lot of another farm
    """
    with transaction(session):
        lot = lots.load_own(session, public_id=lot_public_id, farm_id=farm_id)
        left = lot.left
        lots.correct(session, lot=lot, quantity=lot.allocated, kind="written_off", by=by, now=now)
        return left


def set_price(
    session: Session,
    *,
    product_public_id: str,
    farm_id: int,
    price_cents: int,
    by: Actor,
    now: datetime,
    is_reduction: bool = False,
) -> None:
    """Change what a product costs, and offer it where the farm offers now.

    With `is_reduction` the shop shows beside it what it is compared with.

    :raises NotFound, NoCycle, BadPrice, NotAReduction: nothing was changed
    """
    with transaction(session):
        product = products.load_own(session, public_id=product_public_id, farm_id=farm_id)
        cycles = operations.cycles_to_offer_in(session, farm_id=farm_id, now=now)
        compared_with = (
            operations.compare(session, product=product, price_cents=price_cents, now=now) if is_reduction else None
        )
        for cycle in cycles:
            operations.put_on_offer(
                session,
                product=product,
                cycle_id=cycle.id,
                price_cents=price_cents,
                by=by,
                now=now,
                compared_with=compared_with,
            )
        next_cycle.make_gate_windows(session, farm_id=farm_id, now=now)


def set_list_prices(
    session: Session, *, product_public_id: str, farm_id: int, entries: Sequence[Entry], by: Actor, now: datetime
) -> None:
    """Ask other prices of kinds of customers, and for larger amounts; `entries` are all of them.

    :raises NotFound, BadListPrice: nothing was changed
    """
    with transaction(session):
        product = products.load_own(session, public_id=product_public_id, farm_id=farm_id)
        list_prices.set_entries(
            session,
            product=product,
            entries=entries,
            price_cents=operations.last_price(session, product_id=product.id),
            by=by,
            now=now,
        )


def pause(session: Session, *, product_public_id: str, farm_id: int, by: Actor, now: datetime) -> None:
    """Take a product out of the shop; what was ordered stays promised.

    :raises NotFound: when it is not this farm's
    """
    with transaction(session):
        product = products.load_own(session, public_id=product_public_id, farm_id=farm_id)
        operations.pause(session, product=product, by=by, now=now)


def resume(session: Session, *, product_public_id: str, farm_id: int, by: Actor, now: datetime) -> None:
    """Put a paused product back in the shop.

    :raises NotFound: when it is not this farm's
    """
    with transaction(session):
        product = products.load_own(session, public_id=product_public_id, farm_id=farm_id)
        operations.resume(session, product=product, by=by, now=now)


def add_product(session: Session, *, farm_id: int, terms: Terms, by: Actor, now: datetime) -> str:
    """Add a product; returns its public id. It is on offer once it has a harvest.

    :raises BadProduct, AllergensUnknown, NotCertified: nothing was added
    """
    with transaction(session):
        _one_at_a_time(session, farm_id)
        product = products.add(session, farm_id=farm_id, terms=terms, by=by, now=now, today=local_day(now))
        return product.public_id


def change_product(
    session: Session,
    *,
    product_public_id: str,
    farm_id: int,
    version: int,
    terms: Terms,
    by: Actor,
    now: datetime,
) -> None:
    """Change a product.

    :raises NotFound, StaleEdit, BadProduct, AllergensUnknown, NotCertified: nothing was changed
    """
    with transaction(session):
        products.change(
            session,
            public_id=product_public_id,
            farm_id=farm_id,
            version=version,
            terms=terms,
            by=by,
            now=now,
            today=local_day(now),
        )


def hand_over(session: Session, *, farm_id: int, leg_public_ids: Sequence[str], by: Actor, now: datetime) -> int:
    """Note that a farm brought its goods to who works on them; returns how many orders it was for.

    What was handed over before stays so.

    :raises NotFound: for a leg of another farm
    """
    with transaction(session):
        return legs.hand_over(session, farm_id=farm_id, leg_public_ids=leg_public_ids, by=by, now=now)
