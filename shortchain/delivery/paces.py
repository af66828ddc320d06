"""How long the team of a carrier takes at its stops: its own times, or the defaults."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.delivery.models import TeamPace
from shortchain.delivery.tour_plans import TourPolicy
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid

KINDS = ("home", "home_van", "point", "farm", "packer")
"""Kinds of stop whose time a carrier may set (`TourPolicy.base_s`)."""

LONGEST_S, LONGEST_EACH_S, LONGEST_FLOOR_S = 3_600, 600, 300
SLOWEST_PCT = 250


class BadPace(Invalid):
    """A time or a stretch that can not be; the message says which may."""


def policy_of(session: Session, *, enterprise_id: int) -> TourPolicy:
    """Give the times of a carrier."""
    row = session.get(TeamPace, enterprise_id)
    if row is None:
        return TourPolicy()
    return TourPolicy(
        base_s={kind: getattr(row, f"{kind}_s") for kind in KINDS},
        each_s=dict.fromkeys(KINDS, row.each_s),
        floor_s=row.floor_s,
        pace_pct=row.pace_pct,
    )


def keep(session: Session, *, enterprise_id: int, policy: TourPolicy, by: Actor, now: datetime) -> None:
    """Keep the times of a carrier; plans made from now on use them.

    :raises BadPace: when one of them can not be
    """
    for kind in KINDS:
        if not 0 <= policy.base_s[kind] <= LONGEST_S:
            raise BadPace(N_("Een stop duurt 0 tot 60 minuten."), fields=(kind,))
    each = policy.each_s[KINDS[0]]
    if not 0 <= each <= LONGEST_EACH_S:
        raise BadPace(N_("Per kist reken je 0 tot 600 seconden."), fields=("each",))
    if not 0 <= policy.floor_s <= LONGEST_FLOOR_S:
        raise BadPace(N_("Per verdieping reken je 0 tot 300 seconden."), fields=("floor",))
    if not 100 <= policy.pace_pct <= SLOWEST_PCT:
        raise BadPace(N_("Reken 100 tot 250 %."), fields=("pace",))
    row = session.get(TeamPace, enterprise_id, with_for_update=True)
    if row is None:
        row = TeamPace(enterprise_id=enterprise_id)
        session.add(row)
    row.pace_pct, row.each_s, row.floor_s = policy.pace_pct, each, policy.floor_s
    for kind in KINDS:
        setattr(row, f"{kind}_s", policy.base_s[kind])
    session.flush()
    journal.record(session, "pace.changed", by=by, now=now, enterprise_id=enterprise_id)
