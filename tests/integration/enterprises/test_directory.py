"""The version of what routing knows."""

from __future__ import annotations

import threading

from shortchain.enterprises import directory
from shortchain.transaction import transaction


def test_rises_by_one_with_each_change(session):
    before = directory.number(session)
    for _ in range(3):
        with transaction(session):
            directory.touch(session)
    assert directory.number(session) == before + 3


def test_stays_when_the_change_is_rolled_back(session):
    before = directory.number(session)
    try:
        with transaction(session):
            directory.touch(session)
            raise RuntimeError
    except RuntimeError:
        pass
    assert directory.number(session) == before


def test_counts_changes_at_the_same_moment(app, session):
    from shortchain.database import db

    before = directory.number(session)
    session.rollback()

    def work():
        with app.app_context():
            for _ in range(5):
                with transaction(db.session()):
                    directory.touch(db.session())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert directory.number(session) == before + 20
