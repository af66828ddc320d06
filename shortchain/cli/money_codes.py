"""Discount codes of `flask money simulate`: the hub's and farms', of every kind, some stopped or used up midway."""

from __future__ import annotations

from datetime import timedelta

from shortchain.clearing import bank_matching
from shortchain.cli import money_world as world
from shortchain.cli.money_stage import Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets, discount_codes, discount_desk
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.discount_desk import Wanted
from shortchain.ordering.discounts import (
    CodeNotYet,
    CodeOver,
    CodeUsed,
    DiscountKind,
    NoSuchCode,
    NothingForCode,
    TooLittleForCode,
)
from shortchain.ordering.orders import Customer
from shortchain.payments import matching, transfer_message
from shortchain.payments.bank_statements import Credit
from shortchain.payouts import code_debts
from shortchain.workflows import discount_codes as deeds

REFUSALS = (NoSuchCode, CodeNotYet, CodeOver, CodeUsed, NothingForCode, TooLittleForCode)
"""Why a code does not count for a basket; its customer orders without."""
FIRST_FARM, THIRD_FARM = world.HUB_ID + 1, world.HUB_ID + 3
STOPPED = "HUBDERDE"


def make(stage: Stage) -> None:
    """Let the hub and two farms make their codes: percents that divide badly, amounts, for all or for some."""
    today, last = local_day(stage.now), local_day(stage.now) + timedelta(days=40)
    farms = {public_id: number for number, public_id, _name in _choices(stage, world.HUB_ID)}
    one_farm = next(public_id for public_id, number in farms.items() if number == THIRD_FARM)
    products = [public_id for _number, public_id, _name in _choices(stage, FIRST_FARM)]
    percent, amount = DiscountKind.PERCENT, DiscountKind.AMOUNT
    for owner_id, wanted in (
        (world.HUB_ID, Wanted("HUBACHT", percent, 833, today, last, per_customer=None)),
        (world.HUB_ID, Wanted("HUBVIJF", amount, 500, today, last, least_cents=500, per_customer=None)),
        (world.HUB_ID, Wanted(STOPPED, percent, 3_333, today, last, per_customer=2, only=(one_farm,))),
        (FIRST_FARM, Wanted("HOFZEVEN", percent, 777, today, last, per_customer=None)),
        (FIRST_FARM, Wanted("HOFVAST", amount, 111, today, last, least_cents=200, most_uses=5, only=(products[0],))),
        (THIRD_FARM, Wanted("HOFDRIE", percent, 9_000, today + timedelta(days=7), last, per_customer=1)),
    ):
        stage.codes.append(deeds.make(stage.session, owner_id=owner_id, wanted=wanted, by=SYSTEM, now=stage.now))


def _choices(stage: Stage, owner_id: int) -> list[tuple[int, str, dict[str, str]]]:
    found = discount_desk.choices(stage.session, owner_id=owner_id, now=stage.now)
    stage.session.rollback()
    return found


def stop_one(stage: Stage) -> None:
    """Let the hub think better of one of its codes, or of that."""
    rows = discount_desk.rows_of(stage.session, owner_id=world.HUB_ID, now=stage.now)
    public_id, state = next((row.public_id, row.state) for row in rows if row.code == STOPPED)
    stage.session.rollback()
    deeds.change(
        stage.session,
        public_id=public_id,
        owner_id=world.HUB_ID,
        stops=state != "stopped",
        by=SYSTEM,
        now=stage.now,
    )
    stage.counts["codes stopped or resumed"] += 1


def on_basket(stage: Stage, *, basket: str, who: Customer) -> tuple[str, BasketView | None]:
    """Let a customer type a code, or none; gives the one that counts, and the basket as it shows with it."""
    view = baskets.view(stage.session, public_id=basket, now=stage.now)
    typed = stage.dice.choice(stage.codes) if stage.codes and stage.dice.random() < 0.5 else ""
    try:
        if view is not None and typed:
            view = discount_codes.on_basket(
                stage.session, view=view, typed=typed, email=who.email, user_id=who.user_id, now=stage.now
            )
            stage.counts["with a discount code"] += 1
    except REFUSALS as refusal:
        stage.counts[f"no discount: {type(refusal).__name__}"] += 1
        typed = ""
    stage.session.rollback()
    return typed, view


def hub_pays(stage: Stage) -> None:
    """Let the hub transfer what its earnings did not pay, in two parts; statements of the bank show them."""
    owed = code_debts.owed(stage.session, hub_ids=[world.HUB_ID]).get(world.HUB_ID, 0)
    stage.session.rollback()
    text = transfer_message.message_of_codes(world.HUB_ID)
    for cents in (owed // 3, owed - owed // 3):
        if not cents:
            continue
        credit = Credit("", f"HUB{stage.now:%j%H}{cents}", local_day(stage.now), cents, "Hub", text)
        found = bank_matching.match(stage.session, hub_id=world.HUB_ID, credits=[credit])
        stage.session.rollback()
        assert [one.state for one in found] == [matching.AWAITED], "the hub owes this"
        deeds.note_received(
            stage.session,
            hub_id=world.HUB_ID,
            cents=cents,
            reference=credit.reference,
            by=SYSTEM,
            now=stage.now,
        )
        stage.counts["codes paid by the hub"] += 1
