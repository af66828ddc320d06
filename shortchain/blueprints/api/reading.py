"""What may be read by anybody: offers, providers, and the contract itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, jsonify

from shortchain import data
from shortchain.blueprints import context, steps
from shortchain.blueprints.api import bp, callers, contract, shaping, told
from shortchain.blueprints.api.asked import OffersAsked, ProvidersAsked
from shortchain.blueprints.api.places import point_of
from shortchain.blueprints.api.problems import Refusal
from shortchain.blueprints.api.shaping import goods, local, maybe_local, metres, money
from shortchain.blueprints.api.told import Fault, Quantity
from shortchain.capacity import providers as near_providers
from shortchain.capacity.providers import Ability
from shortchain.catalogue import list_prices, open_cycles, shelf, shop_items
from shortchain.catalogue.list_prices import ForBuyer
from shortchain.catalogue.shelf import Wish
from shortchain.containers import types
from shortchain.enterprises import buying, cards
from shortchain.kernel.window import local_day
from shortchain.stock import availability

PAGE = 24
MOST_PROVIDERS = 100
DAYS_AHEAD = 60


@bp.get("/openapi.json")
def openapi() -> Response:
    """Give the contract."""
    response = jsonify(contract.document())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/offers")
@contract.operation("listOffers", query=OffersAsked, answers={200: told.Offers}, problems=(401, 422, 429), key=True)
def offers(query: OffersAsked) -> Response:
    """List what can be ordered now, 24 at a time.

    Near before far, then what is harvested now, then in an order that changes daily. With a personal key at the
    prices of its person, else at those of everybody; `unit_price` is everybody's.
    """
    near = point_of(query.postcode) if query.postcode else None
    session, now = context.session(), context.now()
    cycle = open_cycles.open_cycle(session, near=near, now=now)
    if cycle is None:
        opens_at = open_cycles.next_opening(session, now=now)
        return _tell(told.Offers(cycle=None, opens_at=maybe_local(opens_at), page=1, has_more=False, offers=[]))
    today = local_day(now)
    kept = shelf.look(session, cycle_id=cycle.id, number=cycle.number, today=today)
    wish = Wish(
        category=query.category or "",
        without=shop_items.allergen_mask(query.without),
        query=query.q.strip(),
        near=near,
        within_m=query.km * 1000 if query.km else None,
        language=context.language(),
    )
    shown = shelf.show(session, kept, wish=wish, offset=(query.page - 1) * PAGE, limit=PAGE)
    rows = availability.listed(
        session, offer_ids=shown.offer_ids, language=context.language(), day=open_cycles.keeps_until(cycle)
    )
    ways = shelf.distances(kept, near) if near else {}
    own = list_prices.for_buyer(
        session, offer_ids=shown.offer_ids, grants=buying.grants_of(session, user_id=callers.user_id()), day=today
    )
    return _tell(
        told.Offers(
            cycle=told.Cycle(name=cycle.name, closes_at=local(cycle.closes_at)),
            opens_at=None,
            page=query.page,
            has_more=shown.has_more,
            offers=[_offer(row, ways, own.get(row.offer_id)) for row in rows],
        )
    )


def _tell(answer: told.Offers | told.Providers | told.Containers) -> Response:
    return Response(answer.model_dump_json(), mimetype="application/json")


def _offer(row: Any, ways: Mapping[int, int], own: ForBuyer | None) -> told.Offer:
    base = context.settings().base_url
    unit = row.sell_unit
    until = row.organic_until
    ladder = own.steps if own is not None else steps.of_consumers(row.price_cents, row.steps)
    return told.Offer(
        id=row.public_id,
        name=row.name,
        page=f"{base}/p/{row.slug}",
        category=row.category,
        farm=told.Farm(slug=row.farm_slug, name=row.farm_name, page=f"{base}/boer/{row.farm_slug}"),
        distance=metres(ways[row.farm_id]) if row.farm_id in ways else None,
        sell_unit=unit.value,
        price=money(ladder[0].cents),
        price_list=ladder[0].price_list.value,
        unit_price=told.UnitPrice(price=money(row.unit_cents), per=row.unit_per),
        volume_prices=[
            told.VolumeStep(amount=goods(step.from_amount, unit), price=money(step.cents)) for step in ladder[1:]
        ],
        left=goods(max(0, int(row.left or 0)), unit),
        least=goods(row.least, unit),
        step=goods(row.step, unit),
        most=goods(row.most, unit) if row.most is not None else None,
        harvested_on=row.harvested_on,
        storage_class=row.storage_class,
        organic=until is not None and until >= local_day(context.now()),
        allergens=_allergens(row.allergens),
    )


def _allergens(answers: Mapping[str, str]) -> list[told.AllergenInside]:
    """Tell what is in it, may be in it or is not known, in the order of the reference table."""
    return [
        told.AllergenInside(code=code, name=one.name[context.language()], presence=answers[code])
        for code, one in data.allergens().items()
        if answers.get(code) in ("contains", "may_contain", "unknown")
    ]


@bp.get("/containers")
@contract.operation("listContainers", answers={200: told.Containers})
def containers() -> Response:
    """List what comes back to whom, and the deposit for it."""
    found = types.listed(context.session())
    who = cards.cards_of(context.session(), ids={one.owner_id for one in found})
    rows = [
        told.Container(
            id=one.public_id,
            kind=one.kind,
            name=one.name,
            owner=shaping.who(who[one.owner_id]),
            deposit=money(one.deposit_cents),
            use="order" if one.of_orders else "goods",
        )
        for one in found
    ]
    return _tell(told.Containers(containers=rows))


@bp.get("/providers")
@contract.operation("listProviders", query=ProvidersAsked, answers={200: told.Providers}, problems=(422,))
def providers(query: ProvidersAsked) -> Response:
    """List the providers around a postcode with what they can do, the nearest first.

    With `on` each capability says what it has free that day.
    """
    today = local_day(context.now())
    if query.on is not None and not today <= query.on <= today + timedelta(days=DAYS_AHEAD):
        fault = Fault(place="query", path="on", code="day", detail=f"Ask for a day within {DAYS_AHEAD} days.")
        raise Refusal(422, "invalid", "Some values can not be right; `errors` says which and why.", fault)
    found, has_more = near_providers.providers_near(
        context.session(),
        near=point_of(query.postcode),
        radius_m=query.km * 1000,
        service=query.service,
        day=query.on,
        limit=MOST_PROVIDERS,
    )
    listed = [
        told.Provider(
            id=one.public_id,
            name=one.name,
            kind=one.kind,
            municipality=one.municipality,
            distance=metres(one.metres),
            capabilities=[_capability(ability) for ability in one.abilities],
        )
        for one in found
    ]
    return _tell(told.Providers(on=query.on, has_more=has_more, providers=listed))


def _capability(ability: Ability) -> told.Capability:
    service = data.services()[ability.service]
    return told.Capability(
        service=ability.service,
        name=service.name[context.language()],
        storage_classes=list(ability.storage_classes),
        reach=metres(ability.radius_m),
        price=money(ability.price_cents),
        price_form=ability.price_form,
        minimum=money(ability.minimum_cents),
        lead_days=ability.lead_days,
        free=Quantity(amount=ability.free, unit=service.capacity_unit) if ability.free is not None else None,
        fetching=shaping.fetching(ability.tariff),
    )
