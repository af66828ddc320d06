"""Delivery windows: places are taken and given back by guarded updates."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from shortchain.catalogue.models import DeliveryWindow
from shortchain.kernel.errors import N_, Conflict


class WindowFull(Conflict):
    """The last place of the window is gone."""

    message = N_("Dit moment is net volzet. Kies een ander; je mandje blijft staan.")


_TAKE = (
    update(DeliveryWindow)
    .where(DeliveryWindow.id == bindparam("window"), DeliveryWindow.taken < DeliveryWindow.places)
    .values(taken=DeliveryWindow.taken + 1)
    .execution_options(synchronize_session=False)
)


def take_place(session: Session, *, window_id: int) -> None:
    """Take one place in a window.

    :raises WindowFull: when there is none
    """
    done = session.execute(_TAKE, {"window": window_id}).rowcount  # type: ignore[attr-defined]
    if not done:
        raise WindowFull()


def give_back(session: Session, *, window_id: int) -> None:
    """Give a place back; the caller does so once, guarded by the state of its order."""
    session.execute(
        update(DeliveryWindow)
        .where(DeliveryWindow.id == window_id, DeliveryWindow.taken > 0)
        .values(taken=DeliveryWindow.taken - 1)
        .execution_options(synchronize_session=False)
    )


def of_cycle(session: Session, *, cycle_id: int) -> Sequence[DeliveryWindow]:
    """List the windows of a cycle by time."""
    return session.scalars(
        select(DeliveryWindow)
        .where(DeliveryWindow.cycle_id == cycle_id)
        .order_by(DeliveryWindow.starts_at, DeliveryWindow.kind, DeliveryWindow.id)
    ).all()
