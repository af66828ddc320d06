"""Who packs types what goods weigh; finishing the job then makes the price right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import JobState, Stage
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.ordering.weighing import NotNow
from shortchain.payments import weighed
from shortchain.transaction import transaction


def weigh(
    session: Session, *, job_public_id: str, enterprise_id: int, weights: Mapping[int, int], by: Actor, now: datetime
) -> int:
    """Note weights in grams by the position of the job's line (from 1); returns how many were noted.

    A line that is not paid by weight, or not of this job, is passed over.

    :raises NotFound: when the job is another's, or is no packing
    :raises NotNow: when it has not started, or is packed already
    :raises NoWeight, TooHeavy: nothing was noted
    """
    with transaction(session):
        job = jobs.load_own(session, public_id=job_public_id, enterprise_id=enterprise_id)
        if job.stage is not Stage.PACK:
            raise NotFound()
        if job.state is not JobState.STARTED:
            raise NotNow()
        lines = [line.order_line_id for line in job.lines]
        by_id = {lines[place - 1]: grams for place, grams in weights.items() if 1 <= place <= len(lines)}
        return len(weighed.note(session, order_id=job.order_id, weights=by_id, by=by, now=now))
