"""`collections`: an enterprise's program asks a carrier to fetch, answers who asks, and ends it. With a personal key only."""

from __future__ import annotations

from flask import Response

from shortchain.blueprints import context
from shortchain.blueprints.access import MANAGERS
from shortchain.blueprints.api import bp, callers, contract, shaping
from shortchain.blueprints.api.asked import CollectionAnswered, CollectionAsked, EnterpriseAsked
from shortchain.blueprints.api.problems import Refusal
from shortchain.blueprints.api.shaping import metres, money
from shortchain.blueprints.api.told import Quantity, Told, Who
from shortchain.blueprints.api.told_collections import (
    Collection,
    Collections,
    CollectionStep,
    Collector,
    Collectors,
    FetchDay,
)
from shortchain.delivery import collections_shown, collectors
from shortchain.delivery.collections_shown import Agreement
from shortchain.enterprises import cards, seats
from shortchain.enterprises.seats import Seat
from shortchain.journal import Actor
from shortchain.kernel.window import local_day
from shortchain.workflows import collecting as deeds


@bp.get("/collectors")
@contract.operation(
    "listCollectors",
    query=EnterpriseAsked,
    answers={200: Collectors},
    problems=(401, 403, 422, 429),
    key=True,
    guest=False,
)
def list_collectors(query: EnterpriseAsked) -> Response:
    """List the carriers that fetch at an enterprise, with what each asks for it."""
    seat = _seat(query.enterprise)
    found = collectors.abilities_at(context.session(), giver_id=seat.enterprise_id)
    return _tell(
        Collectors(
            collectors=[
                Collector(
                    carrier=Who(id=one.public_id, name=one.name, municipality=one.municipality),
                    distance=metres(one.metres),
                    storage_classes=sorted(one.classes),
                    fetching=shaping.fetching(one.tariff),
                )
                for one in found
            ]
        )
    )


@bp.get("/collections")
@contract.operation(
    "listCollections",
    query=EnterpriseAsked,
    answers={200: Collections},
    problems=(401, 403, 422, 429),
    key=True,
    guest=False,
)
def list_collections(query: EnterpriseAsked) -> Response:
    """List whom an enterprise asked to fetch and who asks it, with what is to be fetched on coming days."""
    return _tell(_all_of(_seat(query.enterprise)))


@bp.post("/collections")
@contract.operation(
    "askCollector",
    query=EnterpriseAsked,
    body=CollectionAsked,
    answers={201: Collections},
    problems=(400, 401, 403, 409, 413, 415, 422, 429),
    key=True,
    guest=False,
)
def ask_collector(query: EnterpriseAsked, body: CollectionAsked) -> Response:
    """Ask a carrier to fetch from now on what the enterprise would bring itself; it gets a mail, and answers.

    One question or agreement stands at a time, so the same request again is refused (409) and changes nothing.
    """
    seat = _seat(query.enterprise, writes=True)
    deeds.ask(
        context.session(),
        giver_id=seat.enterprise_id,
        collector_public_id=body.carrier,
        ready_from=body.ready_from,
        note=body.note,
        by=_actor(),
        now=context.now(),
    )
    context.nudge("mails")
    return _tell(_all_of(seat), 201)


@bp.post("/collections/<public_id>/answer")
@contract.operation(
    "answerCollection",
    query=EnterpriseAsked,
    body=CollectionAnswered,
    answers={200: CollectionStep},
    problems=(400, 401, 403, 404, 409, 413, 415, 422, 429),
    key=True,
    guest=False,
)
def answer_collection(public_id: str, query: EnterpriseAsked, body: CollectionAnswered) -> Response:
    """Say yes or no, as the carrier that was asked."""
    seat = _seat(query.enterprise, writes=True)
    deeds.answer(
        context.session(),
        public_id=public_id,
        collector_id=seat.enterprise_id,
        agrees=body.agrees,
        by=_actor(),
        now=context.now(),
    )
    context.nudge("mails")
    return _tell(CollectionStep(id=public_id, state="agreed" if body.agrees else "declined"))


@bp.post("/collections/<public_id>/end")
@contract.operation(
    "endCollection",
    query=EnterpriseAsked,
    answers={200: CollectionStep},
    problems=(401, 403, 404, 409, 422, 429),
    key=True,
    guest=False,
)
def end_collection(public_id: str, query: EnterpriseAsked) -> Response:
    """Take a question back or end an agreement, as either of the two. What is in a released tour is still fetched."""
    seat = _seat(query.enterprise, writes=True)
    state = deeds.end(
        context.session(), public_id=public_id, enterprise_id=seat.enterprise_id, by=_actor(), now=context.now()
    )
    context.nudge("mails")
    return _tell(CollectionStep(id=public_id, state=state))


def _seat(enterprise: str | None, *, writes: bool = False) -> Seat:
    """Give the enterprise for which the key's person asks, and may: without a name the only one.

    :raises Refusal: 401 without a key, 403 for a key that reads only or a person without such an enterprise, 422 when
        there are several and none was named
    """
    holder = callers.caller(orders=writes)
    if holder is None:
        raise Refusal(401, "key_needed", "Come with a personal key: for whose enterprise is this?")
    found = [one for one in seats.seats_of(context.session(), user_id=holder.user_id) if one.roles & MANAGERS]
    if enterprise is not None:
        found = [one for one in found if one.public_id == enterprise]
    if not found:
        raise Refusal(403, "no_enterprise", "The key's person manages no such enterprise.")
    if len(found) > 1:
        raise Refusal(422, "which_enterprise", "Say in `enterprise` for which one: the key's person manages several.")
    return found[0]


def _actor() -> Actor:
    holder = callers.caller()
    assert holder is not None, "the seat asked for a key"
    return Actor("user", holder.user_id)


def _all_of(seat: Seat) -> Collections:
    session, today = context.session(), local_day(context.now())
    asked = collections_shown.as_giver(session, enterprise_id=seat.enterprise_id, today=today)
    others = collections_shown.as_collector(session, enterprise_id=seat.enterprise_id, today=today)
    known = cards.cards_of(session, ids={seat.enterprise_id, *(one.other_id for one in (asked, *others) if one)})
    told = [_told(asked, known[asked.other_id], is_giver=True)] if asked else []
    return Collections(
        enterprise=shaping.who(known[seat.enterprise_id]),
        collections=[*told, *(_told(one, known[one.other_id], is_giver=False) for one in others)],
    )


def _told(one: Agreement, other: cards.Card, *, is_giver: bool) -> Collection:
    return Collection(
        id=one.public_id,
        state="agreed" if one.is_agreed else "asked",
        is_giver=is_giver,
        other=shaping.who(other),
        phone=one.phone,
        ready_from=one.ready_from,
        note=one.note,
        fetching=shaping.fetching(one.tariff),
        days=[
            FetchDay(
                on=day.day,
                orders=day.orders,
                weight=Quantity(amount=day.weight_g, unit="g"),
                pay=money(day.pay_cents),
                giver_brings=day.is_skipped,
            )
            for day in one.days
        ],
    )


def _tell(answer: Told, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status=status, mimetype="application/json")
