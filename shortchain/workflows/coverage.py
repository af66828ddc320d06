"""Keeping count of what nobody could do, and asking somebody to fill the gap."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.kernel.ports import Distance
from shortchain.notifications import coverage_asking
from shortchain.routing import coverage, failures
from shortchain.routing.failures import Miss
from shortchain.routing.gaps import Cover, Helper
from shortchain.routing.quotes import Options
from shortchain.transaction import transaction

logger = logging.getLogger(__name__)

REMEMBERED = 4096


class NoLongerLacking(Conflict):
    """The enterprise cannot fill this gap any more, or the gap is gone."""

    message = N_("Dit is intussen opgelost of past niet meer. Kijk de lijst opnieuw na.")


class NoAddress(Conflict):
    """There is no e-mail address to ask at."""

    message = N_("Deze onderneming heeft geen e-mailadres. Bel even.")


class _Counted:
    """What this process counted lately, so that a page that is loaded again counts once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, Miss], None] = OrderedDict()

    def new(self, asked_by: str, missed: list[Miss]) -> list[Miss]:
        """Keep what this asker did not miss before, and remember it."""
        with self._lock:
            fresh = [miss for miss in missed if (asked_by, miss) not in self._seen]
            self._seen.update(dict.fromkeys((asked_by, miss) for miss in fresh))
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return fresh

    def forget(self) -> None:
        """Count everything anew."""
        with self._lock:
            self._seen.clear()


_counted = _Counted()


def forget() -> None:
    """Drop what this process remembers, after a database was replaced under it."""
    _counted.forget()


def note_quotes(session: Session, *, options: Options | None, postcode: str, asked_by: str, now: datetime) -> None:
    """Count the places and days of a priced basket for which nobody can do a step; without any, nothing is done.

    The same basket (`asked_by`, its public id; '' counts each time) counts once per process for a place,
    a day and a stage. A count that cannot be written is logged: it must not cost anybody the page.
    """
    missed = failures.of_options(options, postcode=postcode) if options is not None else []
    if asked_by:
        missed = _counted.new(asked_by, missed)
    if not missed or options is None:
        return
    try:
        with transaction(session):
            facts = failures.window_facts(session, window=options.options[0].window)
            if facts is not None:
                failures.count(session, hub_id=facts[0], missed=missed, quotes=1, now=now)
    except SQLAlchemyError:
        logger.warning("could not count a quote that nobody can do", exc_info=True)


def ask_to_fill(
    session: Session,
    *,
    hub_id: int,
    enterprise: str,
    stage: str,
    classes: str,
    distance: Distance,
    by: Actor,
    now: datetime,
) -> None:
    """Mail an enterprise of the directory that its help is wanted; once in a calendar fortnight.

    :raises NotFound: when there is no such need
    :raises NoLongerLacking: when the enterprise is none of those who could fill it
    :raises NoAddress: when it has no e-mail address
    """
    cover = coverage.of_hub(session, hub_id=hub_id, distance=distance, now=now).find(stage, classes)
    if cover is None:
        raise NotFound
    helper = _helper(cover, enterprise)
    if not helper.who.email:
        raise NoAddress
    with transaction(session):
        hub = session.get_one(Enterprise, hub_id)
        coverage_asking.ask(
            session, hub=hub, enterprise=session.get_one(Enterprise, helper.who.id), cover=cover, now=now
        )
        journal.record(
            session, "coverage.asked", by=by, now=now, enterprise_id=hub_id, asked=helper.who.name, stage=stage
        )


def _helper(cover: Cover, enterprise: str) -> Helper:
    helper = next((one for one in cover.helpers if one.who.public_id == enterprise), None)
    if helper is None:
        raise NoLongerLacking
    return helper
