"""What played packers read off their scales, in the demo and in `flask money simulate`."""

from __future__ import annotations

import random

from sqlalchemy.orm import Session

from shortchain.delivery import boards


def weights(session: Session, dice: random.Random, *, job_public_id: str, enterprise_id: int) -> dict[int, int]:
    """Weigh what a job holds that is paid by weight: grams by the position of the line, near the estimate.

    Now and then a piece is as heavy as it may be. Ends the read.
    """
    job = boards.job_of(session, enterprise_id=enterprise_id, public_id=job_public_id)
    session.rollback()
    return {
        line.place: min(line.max_weight_g, line.weight_g * dice.randint(85, 112) // 100)
        for line in job.lines
        if line.max_weight_g
    }
