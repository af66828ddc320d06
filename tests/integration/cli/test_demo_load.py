"""`flask demo load` on a real database."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.accounts import passwords
from shortchain.accounts.models import User
from shortchain.catalogue.models import (
    CycleState,
    DeliveryWindow,
    Offer,
    OrderCycle,
    Product,
    WindowKind,
)
from shortchain.cli import demo_data, demo_load, demo_orders, demo_photos
from shortchain.cli.demo_rows import REGION, PictureWanted, Size
from shortchain.database import db
from shortchain.delivery.models import Tour, TourState
from shortchain.enterprises import drawn_zones, fetching, recognitions, weeks
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.enterprises.zones import reference
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderState
from shortchain.stock.models import Lot, StockMovement
from tests.support.clock import Clock

SMALL = Size("custom", 6, 15, 60)
UTC = ZoneInfo("UTC")


def quiet(_what: str, _done: int, _total: int) -> None:
    """Nobody looks."""


def fill(size: Size, now: datetime, seed: int = 1) -> str:
    rows = demo_data.gather(size=size, seed=seed, now=now, step=quiet)
    password = demo_data.new_password()
    demo_data.write(db.engine, rows, password=password, step=quiet)
    return password


def test_fills_an_empty_database_with_a_region_in_season(app: Flask, session: Session, clock: Clock) -> None:
    fill(REGION, clock.now)
    assert session.scalar(select(func.count()).select_from(Enterprise)) == 57
    current = session.scalars(select(OrderCycle).order_by(OrderCycle.id)).first()
    assert current is not None and current.state is CycleState.OPEN
    offered = session.scalars(
        select(Product.produce).join(Offer, Offer.product_id == Product.id).where(Offer.cycle_id == current.id)
    ).all()
    assert 280 <= len(offered) <= 320
    assert all(slug and data.in_season(slug, 11) != "." for slug in offered)
    today = local_day(clock.now)
    assert len(recognitions.spans(session)) == 7
    assert recognitions.unchecked(session, day=today) == []
    at_noon = (time(12), time(13))
    drawn = drawn_zones.known(session).at(Point(51.0548, 3.7225), at_noon)
    assert drawn & ~reference().at(Point(51.0548, 3.7225), at_noon), "the hub drew a zone there"
    assert [one.tariff.km_cents for one in fetching.agreed(session).values()] == [5], "one fetches for its own tariff"


def test_lets_everybody_in_with_the_password_of_this_database(app: Flask, session: Session, clock: Clock) -> None:
    password = fill(SMALL, clock.now)
    people = {user.email: user for user in session.scalars(select(User))}
    wanted = {f"{name}@demo.example" for name in ("klant", "boer", "maatwerk", "koerier", "hub", "regio", "admin")}
    assert wanted <= people.keys()
    assert all(passwords.matches(password, people[email].password_hash) for email in sorted(wanted)[:2])
    assert all(user.is_confirmed for user in people.values())


def test_makes_another_password_each_time() -> None:
    assert demo_data.new_password() != demo_data.new_password()


def test_refuses_a_database_that_holds_somebody(app: Flask, session: Session, clock: Clock) -> None:
    fill(SMALL, clock.now)
    with pytest.raises(demo_data.NotEmpty):
        fill(SMALL, clock.now)


def test_goes_on_numbering_after_what_it_wrote(app: Flask, session: Session, clock: Clock) -> None:
    fill(SMALL, clock.now)
    session.add(User(email="nieuw@post.example", created_at=clock.now))
    session.commit()


def test_gives_the_same_rows_for_the_same_seed(clock: Clock) -> None:
    one, same, other = (demo_data.gather(size=SMALL, seed=seed, now=clock.now, step=quiet).tables for seed in (3, 3, 4))
    assert one == same
    assert one["offer"] != other["offer"]


def test_keeps_stock_and_movements_in_step(app: Flask, session: Session, clock: Clock) -> None:
    fill(SMALL, clock.now)
    sums = session.execute(
        select(StockMovement.lot_id, func.sum(StockMovement.amount)).group_by(StockMovement.lot_id)
    ).all()
    moved = {row[0]: row[1] for row in sums}
    for lot in session.scalars(select(Lot)):
        assert lot.quantity == moved.get(lot.id, 0)
        assert lot.best_before >= lot.harvested_on


@pytest.mark.parametrize(
    "local",
    [
        datetime(2026, 11, 23, 9),
        datetime(2026, 11, 25, 16, 59),
        datetime(2026, 11, 25, 18),
        datetime(2026, 11, 25, 23),
        datetime(2026, 11, 26, 4),
        datetime(2026, 3, 29, 3, 30),
        datetime(2026, 10, 25, 2, 30),
        datetime(2026, 12, 31, 23, 30),
    ],
)
def test_closes_on_a_wednesday_evening_that_is_still_to_come(local: datetime) -> None:
    now = local.replace(tzinfo=ZoneInfo("Europe/Brussels")).astimezone(UTC)
    tables = demo_data.gather(size=SMALL, seed=1, now=now, step=quiet).tables
    cycle = {row["state"]: row for row in reversed(tables["order_cycle"])}
    closes = cycle["open"]["closes_at"].astimezone(ZoneInfo("Europe/Brussels"))
    assert (closes.weekday(), closes.hour, closes.minute) == (2, 20, 0)
    assert cycle["open"]["opens_at"] < now < cycle["open"]["closes_at"]
    assert tables["order_cycle"][2]["closes_at"] < now <= cycle["draft"]["opens_at"]
    coming = [w for w in tables["delivery_window"] if w["cycle_id"] == cycle["open"]["id"]]
    assert all(w["starts_at"] > cycle["open"]["closes_at"] for w in coming)
    assert {w["kind"] for w in coming} == {"home", "pickup"}
    past = [w for w in tables["delivery_window"] if w["cycle_id"] == 3]
    assert any(now < w["ends_at"] < now + timedelta(hours=36) for w in past)


def test_offers_home_windows_and_pickup_windows(app: Flask, session: Session, clock: Clock) -> None:
    fill(SMALL, clock.now)
    kinds = set(session.scalars(select(DeliveryWindow.kind)))
    assert kinds == {WindowKind.HOME, WindowKind.PICKUP}


@pytest.mark.parametrize("month", range(1, 13))
def test_finds_enough_in_season_in_every_month(month: int) -> None:
    now = datetime(2027, month, 15, 10, tzinfo=UTC)
    tables = demo_data.gather(size=REGION, seed=1, now=now, step=quiet).tables
    current = [row for row in tables["offer"] if row["cycle_id"] == 1]
    assert len(current) >= 200
    assert len({row["produce"] for row in tables["product"]}) >= 60
    assert all(date.fromisoformat("2026-01-01") < row["best_before"] for row in tables["lot"])


def test_makes_any_number_of_offers_by_any_number_of_sellers(clock: Clock) -> None:
    tables = demo_data.gather(size=Size("custom", 20, 15, 4000), seed=1, now=clock.now, step=quiet).tables
    assert len([row for row in tables["offer"] if row["cycle_id"] == 1]) == 4000
    assert len({row["farm_id"] for row in tables["offer"]}) == 20


def test_writes_nine_files_a_picture_and_draws_it_once(tmp_path: Path) -> None:
    wanted = [PictureWanted(name, "scene", "pasture", 1) for name in ("one", "two")]
    counts: list[int] = []
    stores = [Shelf(), Shelf()]
    for store in stores:
        demo_photos.make_pictures(wanted, store=store, cache_folder=tmp_path / "kept", step=counts.append)
    assert set(stores[0].kept) == {
        f"{name}-{width}.{form}"
        for name in ("one", "two")
        for width in (360, 720, 1080)
        for form in ("avif", "webp", "jpg")
    }
    assert stores[0].kept == stores[1].kept
    assert counts == [0, 1, 1]


class Shelf:
    """A media store in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, name: str, content: bytes, *, content_type: str) -> None:
        assert content_type.startswith("image/")
        self.kept[name] = content

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)


def test_prints_accounts_and_public_ids_as_json(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(demo_load, "_beside_the_database", lambda _settings: tmp_path)
    run = app.test_cli_runner().invoke(args=["demo", "load", "--offers", "12", "--sellers", "2", "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.output)
    by_email = {account["email"]: account for account in found["accounts"]}
    assert by_email["boer@demo.example"]["enterprise"] == "De Kromme Preiakker"
    assert by_email["klant@demo.example"]["password"] == by_email["hub@demo.example"]["password"]
    assert len(found["offers"]) == 12
    assert json.loads((tmp_path / "demo_accounts.json").read_text()) == found
    again = app.test_cli_runner().invoke(args=["demo", "load"])
    assert again.exit_code != 0 and "not empty" in again.output


def test_places_orders_that_have_come_various_ways(
    app: Flask, session: Session, clock: Clock, gateways: Gateways
) -> None:
    rows = demo_data.gather(size=REGION, seed=1, now=clock.now, step=quiet)
    demo_data.write(db.engine, rows, password=demo_data.new_password(), step=quiet)
    placed = demo_orders.add_orders(session, gateways, rows, step=lambda _done, _total: None)
    demo_data.close_past(db.engine)
    session.expire_all()
    states = [order.state for order in session.scalars(select(Order))]
    assert len(states) == placed >= 14
    assert {OrderState.DELIVERED, OrderState.CONFIRMED, OrderState.AWAITING_PAYMENT} <= set(states)
    jobs = {(job.stage, job.state) for job in session.scalars(select(Job))}
    assert (Stage.PACK, JobState.DECLINED) in jobs
    assert (Stage.PACK, JobState.OFFERED) in jobs
    assert {tour.state for tour in session.scalars(select(Tour))} == {
        TourState.DONE,
        TourState.PUBLISHED,
    }
    past = session.get_one(OrderCycle, 3)
    assert past.state is CycleState.CLOSED


def test_sends_a_neighbour_to_the_provider_that_declines_and_then_to_the_next(
    app: Flask, session: Session, clock: Clock, gateways: Gateways
) -> None:
    rows = demo_data.gather(size=REGION, seed=1, now=clock.now, step=quiet)
    demo_data.write(db.engine, rows, password=demo_data.new_password(), step=quiet)
    demo_orders.add_orders(session, gateways, rows, step=lambda _done, _total: None)
    order_id = session.scalars(select(Order.id).where(Order.name == "Ines Proefstuk")).one()
    chain = session.execute(
        select(Enterprise.slug, Job.state)
        .join(Job, Job.enterprise_id == Enterprise.id)
        .where(Job.order_id == order_id, Job.stage == Stage.PACK)
        .order_by(Job.id)
    ).all()
    assert [tuple(row) for row in chain] == [
        ("pakhuis-kleine-stap", JobState.DECLINED),
        ("maatwerk-korenhand", JobState.OFFERED),
    ]


def test_one_packer_plans_this_week_and_the_next_by_half_days(app: Flask, session: Session, clock: Clock) -> None:
    fill(SMALL, clock.now)
    packer = session.scalars(select(Capability).where(Capability.minutes_each > 0)).one()
    monday = local_day(clock.now) - timedelta(days=local_day(clock.now).weekday())
    for week in range(2):
        version = weeks.read(
            session, enterprise_id=packer.enterprise_id, monday=monday + timedelta(days=7 * week)
        ).version
        assert version == 1
    planned = weeks.planned_halves(session, capability_ids=[packer.id])
    assert len(planned) == 14
    assert planned[packer.id, monday + timedelta(days=3)] == (40, 33)  # four people cannot pack forty in the afternoon


def test_keeps_columns_that_the_first_row_does_not_name() -> None:
    rows = [{"id": 1}, {"id": 2, "note": "b"}, {"id": 3}, {"note": "d", "id": 4}]
    assert [list(part) for part in demo_data._alike(rows)] == [
        [{"id": 1}, {"id": 3}],
        [{"id": 2, "note": "b"}, {"note": "d", "id": 4}],
    ]
