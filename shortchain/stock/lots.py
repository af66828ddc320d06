"""Lists harvests as lots, corrects them and writes them off; every change is a movement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue.models import Product
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.quantity import base_unit
from shortchain.stock.models import Lot, StockMovement


class AlreadySold(Conflict):
    """More of the lot is sold than would remain."""

    message = N_("Er is al %(sold)s van verkocht. Lager kan niet; meld het tekort bij je pluklijst.")


class TooOld(Invalid):
    """Harvested in the future, or so long ago that nothing keeps."""

    message = N_("De oogstdag klopt niet. Kies vandaag of een dag van de voorbije twee weken.")


def list_lot(
    session: Session,
    *,
    product: Product,
    quantity: int,
    harvested_on: date,
    by: Actor,
    now: datetime,
    today: date,
    best_before: date | None = None,
) -> Lot:
    """List a harvest: `quantity` base units of a product, with its lot code.

    Without a date the product's usual selling life counts.

    :raises TooOld: for a harvest day in the future or over two weeks ago
    :raises Invalid: for nothing
    """
    if quantity <= 0:
        raise Invalid(N_("Geef in hoeveel je geoogst hebt."), fields=("quantity",))
    kept_long = product.selling_days > 14
    if harvested_on > today or (not kept_long and harvested_on < today - timedelta(days=14)):
        raise TooOld(fields=("harvested_on",))
    lot = Lot(
        code=_next_code(session, product.farm_id, harvested_on),
        product_id=product.id,
        farm_id=product.farm_id,
        unit=base_unit(product.sell_unit),
        quantity=quantity,
        harvested_on=harvested_on,
        best_before=best_before or harvested_on + timedelta(days=product.selling_days),
        listed_at=now,
    )
    session.add(lot)
    session.flush()
    _note(session, lot, "listed", quantity, by, now)
    journal.record(
        session, "harvest.listed", by=by, now=now, enterprise_id=product.farm_id, lot=lot.id, amount=quantity
    )
    return lot


def _next_code(session: Session, farm_id: int, day: date) -> str:
    """Make a code to print on a crate: three letters of the farm, its number, year, day, sequence."""
    slug = session.execute(select(Enterprise.slug).where(Enterprise.id == farm_id)).scalar_one()
    letters = "".join(sign for sign in slug.upper() if sign.isalpha())[:3].ljust(3, "X")
    stem = f"{letters}{farm_id}-{day:%y%j}"
    taken = session.scalar(select(func.count(Lot.id)).where(Lot.code.like(f"{stem}-%"))) or 0
    return f"{stem}-{taken + 1:02d}"


def correct(session: Session, *, lot: Lot, quantity: int, kind: str, by: Actor, now: datetime) -> None:
    """Set what a lot holds, in base units; kind is corrected, written_off or undone.

    :raises AlreadySold: when more than that is set aside
    """
    if quantity < 0:
        raise Invalid(N_("Geef in hoeveel je geoogst hebt."), fields=("quantity",))
    session.refresh(lot)
    change = quantity - lot.quantity
    done = session.execute(
        update(Lot)
        .where(Lot.id == lot.id, Lot.allocated <= quantity, Lot.quantity == lot.quantity)
        .values(quantity=quantity)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    if not done:
        session.refresh(lot)
        raise AlreadySold(sold=lot.allocated, fields=("quantity",))
    session.refresh(lot)
    if change:
        _note(session, lot, kind, change, by, now)
        journal.record(session, f"harvest.{kind}", by=by, now=now, enterprise_id=lot.farm_id, lot=lot.id, amount=change)


def _note(session: Session, lot: Lot, kind: str, amount: int, by: Actor, now: datetime) -> None:
    session.add(StockMovement(lot_id=lot.id, kind=kind, amount=amount, at=now, by_user_id=by.user_id))
    session.flush()


def lock(session: Session, *, product_ids: Collection[int]) -> None:
    """Keep the lots of products from changing until the transaction ends.

    In the order of their ids, as whoever orders takes them (`allocations.hold`): so nobody waits in a circle.
    """
    session.execute(select(Lot.id).where(Lot.product_id.in_(product_ids)).order_by(Lot.id).with_for_update())


def load_own(session: Session, *, public_id: str, farm_id: int) -> Lot:
    """Load a lot of a farm.

    :raises NotFound: when it is another's, or there is none
    """
    lot = session.scalar(select(Lot).where(Lot.public_id == public_id, Lot.farm_id == farm_id))
    if lot is None:
        raise NotFound()
    return lot
