"""What a customer may still take off an order, and what that gives back. Nothing is written here.

Only goods come off: what was agreed about packing, the way and the fees of the cycle stays, since others keep the
time for it. Who wants nothing at all cancels, and gets everything back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle, Product
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.kernel.money import Money
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import minimums, shortages
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import line_refunds


class NotMore(Invalid):
    """A line can only become less; more is a new order."""

    message = N_("Je kunt hier alleen minder kiezen. Wil je meer, bestel het dan bij in de winkel.")


class NotSold(Invalid):
    """The farm does not sell such an amount."""

    message = N_("Zo verkoopt de boer het niet. Kies een andere hoeveelheid, of 0 om het te schrappen.")


class NothingKept(Invalid):
    """All goods would be gone, and the customer would still pay for packing and the way."""

    message = N_("Zo blijft er niets over. Annuleer dan de hele bestelling: je krijgt alles terug.")


class TooLittle(Conflict):
    """A farm would bring less than it asks for in an order."""

    message = N_("Bij %(farm)s bestel je voor minstens %(least)s. Hou meer, of schrap alles van deze boer.")


class BelowCycle(Conflict):
    """Less would be left than the order cycle asks for."""

    message = N_("In deze ronde bestel je voor minstens %(least)s. Hou meer, of annuleer de hele bestelling.")


class KeepSome(Conflict):
    """Somebody washes, cuts or cooks these goods, for a price that was agreed: something of it must come."""

    message = N_("Dit wordt bewerkt, en dat is afgesproken werk. Hou er iets van, of annuleer de hele bestelling.")


class Fixed(Conflict):
    """Something came instead of these goods: their amount is fixed."""

    message = N_("Een van deze producten kun je niet meer aanpassen. Kijk opnieuw.")


@dataclass(frozen=True, slots=True)
class Kept:
    """A line as it stands: what comes of it in base units, in which steps it is sold, and whether it may change.

    Of what is processed something must be kept.
    """

    line_id: int
    name: dict[str, Any]
    sell_unit: SellUnit
    supplied: int
    step: int
    least: int
    is_fixed: bool
    is_processed: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """What comes off a line, in base units, and the cents that go back for it."""

    line_id: int
    part: int
    back_cents: int


def lines_of(session: Session, *, order_id: int) -> list[Kept]:
    """List what still comes of an order, in the order of the basket."""
    rows = session.execute(
        select(OrderLine, Product.step, Product.least)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.id)
    )
    return [
        Kept(
            line.id,
            line.name,
            line.sell_unit,
            line.supplied,
            step,
            least,
            bool(line.replacement),
            line.process_service is not None,
        )
        for line, step, least in rows
        if line.supplied
    ]


def cuts(session: Session, *, order: Order, keep: Mapping[int, int]) -> list[Cut]:
    """Work out what comes off when so much of each line is kept, in base units by the id of the line.

    A line that is not named stays as it is. What a complaint gave back already does not go back again.

    :raises NotMore: for more than comes now
    :raises NotSold: for an amount that the farm does not sell
    :raises Fixed: for goods that were replaced
    :raises KeepSome: for all of what is processed
    :raises NothingKept: when nothing would be left
    :raises TooLittle: when a farm of which something comes off would bring less than it asks for
    :raises BelowCycle: when less would be left than the order cycle asks for
    """
    lines = lines_of(session, order_id=order.id)
    changed = {line.line_id: line for line in lines if keep.get(line.line_id, line.supplied) != line.supplied}
    for line in changed.values():
        _refuse(line, keep[line.line_id])
    if lines and not any(keep.get(line.line_id, line.supplied) for line in lines):
        raise NothingKept()
    _refuse_too_little(session, order, keep, set(changed))
    _refuse_below_cycle(session, order, keep, is_changed=bool(changed))
    at_most = line_refunds.most(session, order=order, unweighed=True)
    rows = session.scalars(select(OrderLine).where(OrderLine.id.in_(changed)).order_by(OrderLine.id))
    return [_cut(row, row.supplied - keep[row.id], at_most[row.id]) for row in rows]


def _refuse(line: Kept, amount: int) -> None:
    if line.is_fixed:
        raise Fixed()
    if line.is_processed and not amount:
        raise KeepSome(fields=(f"keep-{line.line_id}",))
    if amount > line.supplied:
        raise NotMore(fields=(f"keep-{line.line_id}",))
    if amount and (amount < line.least or (amount - line.least) % line.step):
        raise NotSold(fields=(f"keep-{line.line_id}",))


def _refuse_too_little(session: Session, order: Order, keep: Mapping[int, int], changed: set[int]) -> None:
    """Refuse when a farm keeps something in the order, but less than it asks for."""
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    touched = {row.farm_id for row in rows if row.id in changed}
    for farm in session.scalars(select(Enterprise).where(Enterprise.id.in_(touched)).order_by(Enterprise.id)):
        left = sum(_worth(row, keep.get(row.id, row.supplied)) for row in rows if row.farm_id == farm.id)
        if 0 < left < farm.least_order_cents:
            raise TooLittle(farm=farm.name, least=Money(farm.least_order_cents))


def _refuse_below_cycle(session: Session, order: Order, keep: Mapping[int, int], *, is_changed: bool) -> None:
    """Refuse when less is kept than the order cycle asks for."""
    asked = session.execute(select(OrderCycle.minimums).where(OrderCycle.id == order.cycle_id)).scalar_one()
    if not asked or not is_changed:
        return
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    short = minimums.lacking(asked, [(row.price_list, _worth(row, keep.get(row.id, row.supplied))) for row in rows])
    if short is not None:
        raise BelowCycle(least=Money(short.least_cents))


def _worth(line: OrderLine, amount: int) -> int:
    """Say what so much of a line costs before a code takes something off, as the farm's least counts it."""
    return line.listed.left(missing=line.missing, dropped=line.amount - line.missing - amount)


def _cut(line: OrderLine, part: int, at_most: int) -> Cut:
    back = shortages.back_cents(line.cost, missing=line.missing, dropped=line.dropped, off=part)
    return Cut(line.id, part, min(back, at_most))


def back_of(found: Sequence[Cut]) -> int:
    """Add up what goes back, in cents."""
    return sum(one.back_cents for one in found)
