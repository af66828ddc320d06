"""The fixtures themselves: a test that leans on them must be able to trust them."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, func, select, text

from shortchain.accounts.models import User
from shortchain.transaction import transaction
from tests.support.databases import MUCH
from tests.support.factories import accounts, catalogue, enterprises, stock


def test_begins_with_an_empty_database(session):
    assert session.scalar(select(func.count()).select_from(User)) == 0
    accounts.user(session)


def test_begins_with_an_empty_database_again(session):
    assert session.scalar(select(func.count()).select_from(User)) == 0
    accounts.user(session)


def test_runs_on_the_database_that_it_says(session, database_kind):
    assert session.connection().dialect.name == database_kind


@pytest.mark.sqlite_only
def test_waits_for_no_disk_where_the_product_does(session, tmp_path):
    asked = text("PRAGMA synchronous")
    product = create_engine(f"sqlite:///{tmp_path / 'product.sqlite3'}")
    with product.connect() as connection:
        assert connection.scalar(asked) == 2  # FULL: a commit is on the disk
    product.dispose()
    assert session.connection().scalar(asked) == 0


def test_starts_its_numbers_anew(session):
    assert accounts.user(session).id == 1


@pytest.mark.postgresql_only
@pytest.mark.parametrize("much", [0, MUCH])
def test_leaves_nothing_whether_it_deletes_rows_or_files(session, _databases, much):
    accounts.user(session)
    size = text("SELECT pg_relation_size('user_account')")
    assert session.scalar(size) > 0
    session.rollback()
    _databases("postgresql").clean(session.get_bind(), much)
    assert session.scalar(select(func.count()).select_from(User)) == 0
    assert (session.scalar(size) == 0) is (much == 0)
    assert accounts.user(session).id == 1


def test_keeps_what_a_factory_made_when_a_workflow_begins(session):
    person = accounts.user(session)
    with transaction(session):
        assert session.get(User, person.id) is not None


def test_makes_everything_a_shop_needs(session):
    farm = enterprises.farm(session, organic=True)
    product = catalogue.product(session, farm)
    cycle = catalogue.cycle(session)
    catalogue.window(session, cycle)
    point = enterprises.pickup_point(session, enterprises.hub(session))
    catalogue.window(session, cycle, point=point)
    assert catalogue.offer(session, product, cycle).price_cents == 240
    assert stock.lot(session, product).left == 100


def test_gives_a_process_of_its_own_a_migrated_database(session, new_database):
    from sqlalchemy import create_engine

    engine = create_engine(new_database("own"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version"))
    engine.dispose()
