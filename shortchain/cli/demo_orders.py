"""Orders of the demo, placed and worked on through the program's own workflows at moments in the past.

Some are delivered, some on the road today, some wait for an answer, one is not paid yet: so that every
screen has something to show. They are paid by bank transfer, which needs no payment provider.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain.cli import demo_content as content
from shortchain.cli import played_scales
from shortchain.cli.demo_rows import Rows, near
from shortchain.cli.demo_wishes import WISHES, Wish
from shortchain.delivery import run_sheets
from shortchain.fulfilment import jobs
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import DomainError
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Gateways
from shortchain.kernel.quantity import BY_MEASURE, SellUnit, Unit
from shortchain.kernel.window import at_local, local_day
from shortchain.ordering.orders import Customer, Destination
from shortchain.routing import candidates
from shortchain.workflows import bank_credits, basket, checkout, declining, dispatch, fulfilment, weighing

CURRENT, _COMING, PAST = 1, 2, 3
"""The ids of the cycles, as `demo_cycles` adds them."""
TRIES = 6


def add_orders(session: Session, gateways: Gateways, rows: Rows, *, step: Callable[[int, int], None]) -> int:
    """Place the demo's orders and bring each as far as it should be; returns how many there are.

    What cannot be placed (a season without the goods, nobody who is free) is left out.
    """
    candidates.forget()
    placed: list[tuple[Wish, int, datetime]] = []
    for number, (wish, moment) in enumerate(sorted(_moments(rows), key=lambda pair: pair[1]), start=1):
        order_id = _place(session, gateways, rows, wish, moment)
        if order_id is not None:
            _bring_on(session, gateways, rows, wish, order_id, moment)
            placed.append((wish, order_id, moment))
        step(number, len(WISHES))
    _drive(session, gateways, rows)
    return len(placed)


def _moments(rows: Rows) -> Iterator[tuple[Wish, datetime]]:
    """Say when each order is placed: in the past cycle while it was open, or within the last hours."""
    cycles = {row["id"]: row for row in rows.tables["order_cycle"]}
    start = cycles[PAST]["opens_at"] + timedelta(days=2)
    opened = cycles[CURRENT]["opens_at"] + timedelta(minutes=5)
    for number, wish in enumerate(WISHES):
        if _cycle_of(wish) == PAST:
            yield wish, start + timedelta(hours=3 * number, minutes=17)
        else:
            yield wish, max(opened, rows.now - timedelta(minutes=26 * (len(WISHES) - number)))


def _cycle_of(wish: Wish) -> int:
    return PAST if wish.stage in {"missed", "delivered"} or wish.day == -1 else CURRENT


def _place(session: Session, gateways: Gateways, rows: Rows, wish: Wish, now: datetime) -> int | None:
    """Fill a basket and place the order; other goods are tried when something stands in the way."""
    user_id = _user_id(rows, wish.account) if wish.account else None
    for attempt in range(TRIES):
        dice = rows.chance("order", wish.name, wish.stage, attempt)
        try:
            held = _fill(session, rows, wish, dice, user_id, now)
            return _order(session, gateways, rows, wish, held, user_id, f"demo-{now:%j%H%M%S}-{attempt}", now)
        except DomainError:
            session.rollback()
    return None


def _fill(
    session: Session,
    rows: Rows,
    wish: Wish,
    dice: random.Random,
    user_id: int | None,
    now: datetime,
) -> str:
    """Put some of what is on offer in a basket; returns its public id."""
    products = {row["id"]: row for row in rows.tables["product"]}
    gate = next((row for row in rows.tables["pickup_point"] if row["slug"] == wish.pickup and row["is_gate"]), None)
    offers = [
        row
        for row in rows.tables["offer"]
        if row["cycle_id"] == _cycle_of(wish) and (gate is None or row["farm_id"] == gate["enterprise_id"])
    ]
    dice.shuffle(offers)
    chosen = [o for o in offers if products[o["product_id"]]["produce"] in wish.produce][:1]
    plain = [o for o in offers if _is_easy(products[o["product_id"]])]
    if dice.random() < 0.7:  # the farm that the demo signs in for sells something most weeks
        own = next(row["id"] for row in rows.tables["enterprise"] if row["slug"] == "de-kromme-preiakker")
        plain.sort(key=lambda o: o["farm_id"] != own)
        plain[1:] = sorted(plain[1:], key=lambda o: o["farm_id"] == own)
    held: str | None = None
    lines = 0
    for offer in [*chosen, *plain]:
        if lines >= wish.lines:
            break
        try:
            put = basket.put(
                session,
                basket=held,
                offer=offer["public_id"],
                user_id=user_id,
                amount=_amount(dice, products[offer["product_id"]]),
                postcode=wish.postcode,
                now=now,
            )
        except DomainError:
            continue
        held, lines = put.basket, lines + 1
    if held is None:
        raise checkout.BasketChanged
    return held


def _is_easy(product: dict[str, Any]) -> bool:
    """Leave out what needs work or deep cold, so that most orders are simple ones."""
    return product["process_service"] is None and product["storage_class"] in {
        "AMB",
        "COOL",
        "CHILL7",
    }


def _amount(dice: random.Random, product: dict[str, Any]) -> int:
    base = BY_MEASURE.get(SellUnit(product["sell_unit"]), (Unit.PIECE, 1))[1]
    wanted = base * dice.choice((1, 1, 2)) if base > 1 else dice.choice((1, 1, 2, 3))
    return max(int(product["least"]), wanted)


def _order(
    session: Session,
    gateways: Gateways,
    rows: Rows,
    wish: Wish,
    held: str,
    user_id: int | None,
    key: str,
    now: datetime,
) -> int:
    """Place the order at the price that the shop asks, and note its bank transfer."""
    window, destination = _where(rows, wish)
    total = 0
    for _ in range(2):
        try:
            placed = checkout.place_order(
                session,
                gateways,
                key=key,
                basket_public_id=held,
                customer=Customer(wish.name, f"{_mailbox(wish)}@demo.example", "", "nl", user_id),
                destination=destination,
                window_public_id=window["public_id"],
                remark="",
                method="transfer",
                accepted_total_cents=total,
                by=_by(user_id),
                now=now,
            )
        except checkout.PriceChanged as changed:
            total = changed.total_cents
            continue
        return placed.order_id
    raise checkout.BasketChanged


def _where(rows: Rows, wish: Wish) -> tuple[dict[str, Any], Destination]:
    """Find the window and the point of an order."""
    points = {row["slug"]: row for row in rows.tables["pickup_point"]}
    point = points.get(wish.pickup)
    windows = sorted(
        (
            row
            for row in rows.tables["delivery_window"]
            if row["cycle_id"] == _cycle_of(wish) and row["pickup_point_id"] == (point["id"] if point else None)
        ),
        key=lambda row: row["starts_at"],
    )
    window = windows[min(wish.day, len(windows) - 1)]
    if point is not None:
        return window, Destination(
            point["street"],
            point["postcode"],
            point["municipality"],
            Point(point["lat"], point["lon"]),
            point["id"],
        )
    place = content.places()[wish.postcode]
    lat, lon = near(place, rows.chance("home", wish.name), metres=900)
    at = Point(lat, lon)
    return window, Destination(wish.street, place.postcode, place.name, at, floor=wish.floor, has_lift=wish.has_lift)


def _bring_on(session: Session, gateways: Gateways, rows: Rows, wish: Wish, order_id: int, now: datetime) -> None:
    """Pay, decline, accept, process and pack, as far as the order should be."""
    if wish.stage == "unpaid":
        return
    hub_id = rows.tables["order_cycle"][0]["hub_id"]
    paid = now + timedelta(minutes=6)
    bank_credits.mark_transfer_received(
        session, gateways, order_id=order_id, hub_id=hub_id, by=_actor_of(rows, hub_id), now=paid
    )
    if wish.stage != "offered":
        _decline(session, gateways, rows, order_id, paid + timedelta(minutes=2))
    if wish.stage in {"accepted", "packed", "missed", "delivered"}:
        for job in _open_jobs(session, order_id):
            fulfilment.accept_job(
                session,
                job_public_id=job[0],
                enterprise_id=job[1],
                by=_actor_of(rows, job[1]),
                now=paid + timedelta(minutes=4),
            )
    if wish.stage in {"packed", "missed", "delivered"}:
        window, _ = _where(rows, wish)
        packed = min(rows.now - timedelta(minutes=70), at_local(local_day(window["starts_at"]), time(9)))
        for stage in ("process", "pack"):
            for job in _open_jobs(session, order_id, stage):
                by = _actor_of(rows, job[1])
                fulfilment.start_job(session, job_public_id=job[0], enterprise_id=job[1], by=by, now=packed)
                if stage == "pack":
                    _weigh(session, rows, job, by, packed + timedelta(minutes=20))
                fulfilment.finish_job(
                    session,
                    job_public_id=job[0],
                    enterprise_id=job[1],
                    by=by,
                    now=packed + timedelta(minutes=25),
                )


def _weigh(session: Session, rows: Rows, job: tuple[str, int], by: Actor, now: datetime) -> None:
    dice = rows.chance("scales", job[0])
    found = played_scales.weights(session, dice, job_public_id=job[0], enterprise_id=job[1])
    if found:
        weighing.weigh(session, job_public_id=job[0], enterprise_id=job[1], weights=found, by=by, now=now)


def _decline(session: Session, gateways: Gateways, rows: Rows, order_id: int, now: datetime) -> None:
    """Let the provider that always declines do so; the next best is asked at once."""
    slugs = {about["slug"] for about in content.providers() if about.get("story") == "declines"}
    busy = {row["id"] for row in rows.tables["enterprise"] if row["slug"] in slugs}
    for job in _open_jobs(session, order_id):
        if job[1] in busy:
            declining.decline_job(
                session,
                gateways,
                job_public_id=job[0],
                enterprise_id=job[1],
                now=now,
                reason="Geen plaats deze week",
                by=_actor_of(rows, job[1]),
            )


def _open_jobs(session: Session, order_id: int, stage: str = "") -> list[tuple[str, int]]:
    """List the jobs of an order as (public id, enterprise id), in the order of the chain."""
    found = [
        (job.public_id, job.enterprise_id)
        for job in jobs.live_jobs(session, order_id=order_id)
        if not stage or job.stage.value == stage
    ]
    session.rollback()
    return found


def _drive(session: Session, gateways: Gateways, rows: Rows) -> None:
    """Plan and drive the tours of the days behind us; today's wait for their drivers."""
    today = local_day(rows.now)
    days = sorted({local_day(row["starts_at"]) for row in rows.tables["delivery_window"] if row["cycle_id"] == PAST})
    for day in days:
        planned = at_local(day, time(11)) if day < today else rows.now - timedelta(minutes=40)
        for carrier in dispatch.plan_everybody(session, gateways, day=day, now=planned):
            _tours(session, rows, carrier, day, is_over=day < today, now=planned)


def _tours(session: Session, rows: Rows, carrier: int, day: date, *, is_over: bool, now: datetime) -> None:
    by = _actor_of(rows, carrier)
    sheets = run_sheets.tours_of(session, enterprise_id=carrier, day=day)
    session.rollback()
    for sheet in sheets:
        dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=carrier, now=now, by=by)
        for stop in sheet.stops if is_over else ():
            dispatch.record_stop(
                session,
                public_id=stop.public_id,
                enterprise_id=carrier,
                note="",
                key=f"demo-{stop.public_id}",
                outcome=_outcome(stop),
                tapped_at=stop.eta,
                now=stop.eta,
                by=by,
            )


def _outcome(stop: run_sheets.StopSheet) -> str:
    """Say how a stop went: now and then nobody was at home, and the coordinator has something to do."""
    if stop.kind == "pickup":
        return "collected"
    missed = {wish.name for wish in WISHES if wish.stage == "missed"}
    return "not_home" if any(order.name in missed for order in stop.orders) else "delivered"


def _mailbox(wish: Wish) -> str:
    return wish.account or wish.name.lower().replace(" ", ".")


def _user_id(rows: Rows, name: str) -> int:
    return next(int(row["id"]) for row in rows.tables["user_account"] if row["email"] == f"{name}@demo.example")


def _actor_of(rows: Rows, enterprise_id: int) -> Actor:
    """Say who acts for an enterprise: its first member, or the system where nobody can sign in."""
    members = (row["user_id"] for row in rows.tables["membership"] if row["enterprise_id"] == enterprise_id)
    user_id = next(members, None)
    return _by(user_id) if user_id else SYSTEM


def _by(user_id: int | None) -> Actor:
    return Actor("user", user_id) if user_id else Actor("guest")
