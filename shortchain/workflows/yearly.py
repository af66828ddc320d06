"""Each January sellers get their copy of what the tax office is told of the year before (DAC7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day, local_hour
from shortchain.notifications import notices
from shortchain.payouts import dac7
from shortchain.transaction import transaction

FROM_DAY, HOUR = 2, 6
"""From 2 January on, each day once before people are up, until the day that the law sets."""


def mail_copies(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Mail every reported seller its copy, once; returns how many sellers are due today. Nothing outside January.

    A platform that was down on the first days catches up until the last one.
    """
    today = local_day(now)
    month, last = dac7.SELLERS_BY
    if today.month != month or not FROM_DAY <= today.day <= last or local_hour(now) != HOUR:
        return 0
    year = today.year - 1
    platform_kbo = gateways.platform.kbo if gateways.platform else ""
    found = [one for one in dac7.sellers(session, year=year, platform_kbo=platform_kbo) if one.is_reported]
    with transaction(session):
        for one in found:
            if not one.enterprise.email:
                continue
            notices.owe(
                session,
                key=f"dac7-{year}-{one.enterprise.public_id}",
                template="yearly_copy",
                to_email=one.enterprise.email,
                language=one.enterprise.language,
                now=now,
                context={
                    "year": year,
                    "name": one.enterprise.name,
                    "sales": one.sum_of("sales"),
                    "services": one.sum_of("services"),
                    "consideration_cents": one.sum_of("consideration_cents"),
                    "fee_cents": one.sum_of("fee_cents"),
                    "lacks": list(one.lacks),
                },
            )
    return len(found)
