"""Fixtures for everything below. `docs/testing.md` explains them."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from shortchain.config import Settings
from shortchain.kernel.ports import Gateways
from tests.support import guards, turns
from tests.support.clock import Clock
from tests.support.fake_gateways import RecordingMailer, RecordingPayments

KINDS = ("sqlite", "postgresql")


def settings_for(url: str, media: Path) -> Settings:
    """Give the settings of a test: of this process' environment nothing counts."""
    return Settings(
        _env_file=None,
        shortchain_env="development",
        secret_key="of-the-tests-" * 3,
        database_url=url,
        redis_url="",
        smtp_url="",
        stripe_api_base="",
        geocoder="offline",
        media_folder=media,
        huey_path=media / "queue.sqlite3",
    )


def _migrate(url: str) -> None:
    from flask_migrate import upgrade

    from shortchain.app import create_app
    from shortchain.database import db

    app = create_app(settings_for(url, Path(tempfile.gettempdir())))
    with app.app_context():
        upgrade()
        db.engine.dispose()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database on both, unless it is marked for one, or the two take turns (`tests/support/turns.py`).

    Naming databases in the environment takes the turns away.
    """
    if "database_kind" not in metafunc.fixturenames:
        return
    only = [kind for kind in KINDS if metafunc.definition.get_closest_marker(f"{kind}_only")]
    named = os.environ.get("TEST_DATABASES")
    kinds = [kind for kind in (only or KINDS) if kind in (named.split(",") if named else KINDS)]
    if named is None and len(kinds) > 1:
        kinds = turns.turn_of(metafunc.definition.nodeid, kinds)
    metafunc.parametrize("database_kind", kinds, scope="session", indirect=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep what belongs together on one worker."""
    from tests.support.sharing import WholeModules

    return WholeModules(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start what takes longest first."""
    from tests.support.sharing import rank_of

    items.sort(key=lambda item: rank_of(item.nodeid))


@pytest.fixture(scope="session", autouse=True)
def _nothing_leaves_the_machine() -> Iterator[None]:
    with guards.only_loopback():
        yield


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Say which database the test runs on: 'sqlite' or 'postgresql'."""
    return str(request.param)


@pytest.fixture(scope="session")
def _databases(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Any]]:
    from tests.support.databases import PostgresqlDatabase, SqliteDatabase

    made: dict[str, Any] = {}
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))

    def database(kind: str) -> Any:
        if kind not in made and kind == "sqlite":
            made[kind] = SqliteDatabase(tmp_path_factory.mktemp("sqlite"), _migrate)
        elif kind not in made:
            folder = Path(tempfile.gettempdir()) / f"shortchain-pg-{run[:12]}"
            made[kind] = PostgresqlDatabase(folder, worker, _migrate)
        return made[kind]

    yield database


@pytest.fixture(scope="session")
def _app(
    database_kind: str, _databases: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    from shortchain.app import create_app
    from shortchain.database import db
    from tests.support import client as browser
    from tests.support.databases import do_not_wait_for_the_disk

    url = _databases(database_kind).url
    app = create_app(settings_for(url, tmp_path_factory.mktemp("media")), TESTING=True)
    browser.watch(app)
    app.extensions["shortchain.tests.real_gateways"] = app.extensions["shortchain.gateways"]
    with app.app_context():
        do_not_wait_for_the_disk(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """The time: Monday 23 November 2026, 9.00 UTC, until the test moves it."""
    return Clock()


@pytest.fixture
def gateways(_app: Flask) -> Gateways:
    """The outside: payments and mail recorded, places found by the real offline table."""
    real: Gateways = _app.extensions["shortchain.tests.real_gateways"]
    return dataclasses.replace(real, payments=RecordingPayments(), mailer=RecordingMailer(), has_provider=True)


@pytest.fixture
def app(
    _app: Flask,
    clock: Clock,
    gateways: Gateways,
    database_kind: str,
    _databases: Callable[[str], Any],
) -> Iterator[Flask]:
    """The application on a clean database, with its context pushed."""
    from shortchain.catalogue import shelf
    from shortchain.database import db
    from shortchain.routing import candidates

    candidates.forget()
    shelf.forget()
    _app.extensions["shortchain.gateways"] = gateways
    _app.extensions["shortchain.clock"] = clock
    with _app.app_context():
        _databases(database_kind).clean(db.engine)
        yield _app
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def session(app: Flask) -> Session:
    """The test's own database session. Factories commit; workflows open their own transaction."""
    from shortchain.database import db

    return db.session()


@pytest.fixture
def client(app: Flask) -> Any:
    """A `tests.support.client.Browser` without cookies."""
    return app.test_client()


@pytest.fixture
def new_database(database_kind: str, _databases: Callable[[str], Any]) -> Callable[[str], str]:
    """Make one more migrated database by name, for tests that start processes; gives its URL."""
    return _databases(database_kind).new
