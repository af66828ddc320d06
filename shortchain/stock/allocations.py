"""Sets stock aside for claims: held, committed, picked, or released. Never more than there is.

A lot's `allocated` is changed by a guarded update only, and a CHECK refuses the impossible. Lots are
taken in the order of their ids over all lines, so that two baskets never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BindParameter, Select, bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from shortchain.database import add_rows
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict
from shortchain.stock import lot_choice
from shortchain.stock.lot_choice import Shelf
from shortchain.stock.models import Allocation, AllocationState, Lot, StockMovement


@dataclass(frozen=True, slots=True)
class Wanted:
    """An amount of a product for a claim, in base units; it must keep until `on_day`."""

    claim: str
    product_id: int
    amount: int
    on_day: date


@dataclass(frozen=True, slots=True)
class Short:
    """A line that can not be served: what was asked and what is left."""

    claim: str
    product_id: int
    asked: int
    left: int


class SoldOut(Conflict):
    """One or more lines are short; `short` lists every one of them, not only the first."""

    message = N_("Iemand was je voor: van %(count)s product is er niet genoeg meer.")

    def __init__(self, short: Sequence[Short]) -> None:
        super().__init__(count=len(short))
        self.short = tuple(short)


class AlreadyPacked(Conflict):
    """The goods lie in a box already; they were there."""

    message = N_("Een deel hiervan is al ingepakt. Ververs de pagina en kijk opnieuw.")


def hold(session: Session, *, wanted: Sequence[Wanted], until: datetime, now: datetime) -> None:
    """Set stock aside for the claims until a deadline, all lines or none.

    When they fall short, holds of these products that ran out are freed first. The look locks the lots in
    the order of their ids, so that nobody can take from them before our update.

    :raises SoldOut: with every line that falls short
    """
    products = sorted({line.product_id for line in wanted})
    takes, short = _choose(session, wanted, products)
    if short and _release(session, _expired(products, now)):
        takes, short = _choose(session, wanted, products)
    if not short and not _take(session, _per_lot(takes)):  # cannot be while the locks hold; then nothing is taken
        short = [Short(line.claim, line.product_id, line.amount, 0) for line in wanted]
    if short:
        raise SoldOut(short)
    held = {"state": AllocationState.HELD, "held_until": until, "created_at": now}
    add_rows(
        session,
        Allocation,
        [{"lot_id": lot_id, "claim": claim, "amount": amount, **held} for claim, lot_id, amount in takes],
    )


_LOTS = (
    select(Lot.id, Lot.product_id, Lot.quantity - Lot.allocated, Lot.best_before)
    .where(Lot.product_id.in_(bindparam("products", expanding=True)), Lot.allocated < Lot.quantity)
    .order_by(Lot.id)
    .with_for_update()
)


def _choose(
    session: Session, wanted: Sequence[Wanted], products: Sequence[int]
) -> tuple[list[tuple[str, int, int]], list[Short]]:
    """Choose lots for every line: (claim, lot, amount), and the lines that are short."""
    shelves: dict[int, list[Shelf]] = {number: [] for number in products}
    for lot_id, product_id, left, best_before in session.execute(_LOTS, {"products": products}):
        shelves[product_id].append(Shelf(lot_id, left, best_before))
    takes, short = [], []
    for line in wanted:
        own = shelves[line.product_id]
        chosen = lot_choice.choose(own, amount=line.amount, on_day=line.on_day)
        if chosen is None:
            left = sum(shelf.left for shelf in own if shelf.best_before >= line.on_day)
            short.append(Short(line.claim, line.product_id, line.amount, left))
            continue
        for take in chosen:
            takes.append((line.claim, take.lot_id, take.amount))
            shelves[line.product_id] = own = [
                Shelf(s.lot_id, s.left - take.amount if s.lot_id == take.lot_id else s.left, s.best_before) for s in own
            ]
    return takes, short


def _per_lot(takes: Sequence[tuple[str, int, int]]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for _claim, lot_id, amount in takes:
        sums[lot_id] = sums.get(lot_id, 0) + amount
    return sums


_AMOUNT: BindParameter[int] = bindparam("amount")
_TAKE = (
    update(Lot)
    .where(Lot.id == bindparam("lot"), Lot.allocated + _AMOUNT <= Lot.quantity)
    .values(allocated=Lot.allocated + _AMOUNT)
)


def _take(session: Session, amounts: Mapping[int, int]) -> bool:
    """Take from all lots, each in a guarded statement; False, and the caller must roll back, when one refused."""
    taken = session.connection().execute(_TAKE, [{"lot": lot, "amount": amount} for lot, amount in amounts.items()])
    return bool(taken.rowcount == len(amounts))


def commit(session: Session, *, claims: Sequence[str], now: datetime) -> int:
    """Turn what claims hold into sold stock; returns how many allocations."""
    return _move(session, claims, AllocationState.HELD, "commit")


def pick(session: Session, *, claims: Sequence[str], now: datetime) -> int:
    """Note that sold stock was packed; what is packed already stays so."""
    return _move(session, claims, AllocationState.COMMITTED, "pick")


def _move(session: Session, claims: Sequence[str], state: AllocationState, action: str) -> int:
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.claim.in_(claims), Allocation.state == state)
        .order_by(Allocation.id)
        .with_for_update()
    ).all()
    for row in rows:
        row.move(action)
        row.held_until = None
    session.flush()
    return len(rows)


def release(session: Session, *, claims: Sequence[str], now: datetime) -> int:
    """Free what claims hold or were sold, unless it is packed; returns how many allocations."""
    open_ones = (AllocationState.HELD, AllocationState.COMMITTED)
    return _release(session, select(Allocation).where(Allocation.claim.in_(claims), Allocation.state.in_(open_ones)))


def give_up(session: Session, *, claim: str, amount: int, by: Actor, now: datetime) -> None:
    """Take sold stock from a claim that turned out not to be there; the lots hold that much less.

    :raises AlreadyPacked: when less than that of the claim waits to be packed; nothing changed then
    """
    for lot_id, part in _lessen(session, {claim: amount}):
        session.execute(
            update(Lot)
            .where(Lot.id == lot_id)
            .values(allocated=Lot.allocated - part, quantity=Lot.quantity - part)
            .execution_options(synchronize_session=False)
        )
        session.add(StockMovement(lot_id=lot_id, kind="missing", amount=-part, at=now, by_user_id=by.user_id))
    session.flush()


def put_back(session: Session, *, amounts: Mapping[str, int]) -> None:
    """Free part of what claims were sold, in base units by claim; anybody can buy it again.

    :raises AlreadyPacked: when less than that of a claim waits to be packed; nothing changed then
    """
    for lot_id, part in _lessen(session, amounts):
        session.execute(
            update(Lot)
            .where(Lot.id == lot_id)
            .values(allocated=Lot.allocated - part)
            .execution_options(synchronize_session=False)
        )


def _lessen(session: Session, amounts: Mapping[str, int]) -> list[tuple[int, int]]:
    """Take so much off the sold allocations of claims; gives (lot, amount) in the order in which lots are touched.

    :raises AlreadyPacked: when less than that waits to be packed
    """
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.claim.in_(amounts), Allocation.state == AllocationState.COMMITTED)
        .order_by(Allocation.lot_id, Allocation.id)
        .with_for_update()
    ).all()
    left = dict(amounts)
    parts = []
    for row in rows:
        part = min(left[row.claim], row.amount)
        if part:
            left[row.claim] -= part
            parts.append((row, part))
    if any(left.values()):
        raise AlreadyPacked()
    for row, part in parts:
        if part == row.amount:
            row.move("release")
        else:
            row.amount -= part
    session.flush()
    return [(row.lot_id, part) for row, part in parts]


def release_expired(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Free holds whose deadline has passed; returns how many."""
    return _release(session, _expired(None, now).limit(limit))


def _expired(products: Sequence[int] | None, now: datetime) -> Select[Allocation]:
    query = select(Allocation).where(Allocation.state == AllocationState.HELD, Allocation.held_until <= now)
    if products is not None:
        query = query.where(Allocation.lot_id.in_(select(Lot.id).where(Lot.product_id.in_(products))))
    return query


def _release(session: Session, query: Select[Allocation]) -> int:
    rows = session.scalars(query.order_by(Allocation.lot_id, Allocation.id).with_for_update(skip_locked=True)).all()
    sums: dict[int, int] = {}
    for row in rows:
        row.move("release")
        sums[row.lot_id] = sums.get(row.lot_id, 0) + row.amount
    session.flush()
    for lot_id, amount in sorted(sums.items()):
        session.execute(
            update(Lot)
            .where(Lot.id == lot_id)
            .values(allocated=Lot.allocated - amount)
            .execution_options(synchronize_session=False)
        )
    return len(rows)


def lots_of_claims(session: Session, *, claims: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Say from which lots claims are served: claim → (lot code, amount), for tracing."""
    found: dict[str, list[tuple[str, int]]] = {}
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.claim.in_(claims), Allocation.state != AllocationState.RELEASED)
        .options(joinedload(Allocation.lot))
        .order_by(Allocation.id)
    )
    for row in rows:
        found.setdefault(row.claim, []).append((row.lot.code, row.amount))
    return found
