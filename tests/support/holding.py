"""What one process of the capacity race does: many attempts at the same tight days, with a guard or without."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import CapacityGone, Want
from shortchain.capacity.models import CapacityBucket
from shortchain.database import engine_options
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING
from tests.support.factories.fulfilment import WEDNESDAY

ATTEMPTS = 60
UNTIL = MONDAY_MORNING + timedelta(minutes=30)


def hold_many(url: str, capabilities: Sequence[int], number: int, starts_at: float) -> Counter[str]:
    """Ask for chains of one to three places, a tenth of them under a key that others use too; counts the answers."""
    dice = random.Random(number)
    engine = create_engine(url, **engine_options(url))
    answers = Counter[str]()
    time.sleep(max(0.0, starts_at - time.time()))
    for attempt in range(ATTEMPTS):
        key = f"shared:{attempt}" if attempt % 10 == 0 else f"{number}:{attempt}"
        days = random.Random(key).sample(capabilities, dice.randint(1, len(capabilities)))
        with Session(engine) as session:
            answers[_hold(session, key, [Want(one, WEDNESDAY, 1) for one in days], MONDAY_MORNING)] += 1
    engine.dispose()
    return answers


def _hold(session: Session, key: str, wants: Sequence[Want], now: datetime) -> str:
    try:
        with transaction(session):
            ledger.hold(session, key=key, claim=key, wants=wants, until=UNTIL, now=now)
    except CapacityGone:
        return "gone"
    except IntegrityError:
        return "repeat"
    return "held"


def hold_naively(url: str, bucket: int, number: int, starts_at: float) -> Counter[str]:
    """Look first and write later, without a guard: what the ledger must not do."""
    engine = create_engine(url, **engine_options(url))
    answers = Counter[str]()
    time.sleep(max(0.0, starts_at - time.time()))
    for _attempt in range(ATTEMPTS):
        with Session(engine) as session:
            row = session.get_one(CapacityBucket, bucket)
            cap, held = row.cap, row.held
            session.rollback()
            if held >= cap:
                answers["gone"] += 1
                continue
            time.sleep(0.002 * (1 + number % 3))  # as long as a page takes between looking and writing
            with transaction(session):
                session.get_one(CapacityBucket, bucket).held = held + 1
            answers["held"] += 1
    engine.dispose()
    return answers
