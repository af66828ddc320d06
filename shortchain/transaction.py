"""The one place that commits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)

AfterCommit = Callable[[Callable[[], object]], None]
_OPEN = "shortchain.transaction"


class NestedTransaction(RuntimeError):
    """A workflow called another workflow; a bug."""


class UnsavedChanges(RuntimeError):
    """Rows were changed outside a transaction; a bug that a commit would hide."""


@contextmanager
def transaction(session: Session) -> Iterator[AfterCommit]:
    """Commit what happens in the block, or roll all of it back.

    Ends the read snapshot that the request has open, so that the block decides on fresh rows.
    Hooks given to the yielded function run after the commit only; one that fails is logged and not
    raised, because the row it works from stays due and a sweep does it again.

    :raises NestedTransaction: inside another `transaction` of the same session
    :raises UnsavedChanges: when the session already holds changes
    """
    if session.info.get(_OPEN):
        raise NestedTransaction("a transaction is open already")
    if session.new or session.dirty or session.deleted:
        raise UnsavedChanges("the session holds changes from before the transaction")
    session.rollback()
    session.info[_OPEN] = True
    hooks: list[Callable[[], object]] = []
    try:
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield hooks.append
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info[_OPEN] = False
    for hook in hooks:
        try:
            hook()
        except Exception:
            logger.exception("an after-commit hook failed; the sweep will repeat its work")
