"""From what the domain knows to what the API tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from shortchain.blueprints import context, formatting
from shortchain.blueprints.api import told
from shortchain.blueprints.api.told import Money, Quantity
from shortchain.blueprints.fetch_words import read_tariff
from shortchain.enterprises import cards
from shortchain.enterprises.cards import Card
from shortchain.enterprises.fetch_tariffs import FetchTariff
from shortchain.kernel.quantity import SellUnit, base_unit
from shortchain.kernel.window import BRUSSELS
from shortchain.ordering.basket_rows import Applied
from shortchain.ordering.baskets import BasketRow
from shortchain.payouts.quoted import Part
from shortchain.routing.plans import DELIVER, PACK, PROCESS
from shortchain.routing.quotes import Option

UNITS = {PROCESS: "g", PACK: "box", DELIVER: "stop"}


def money(cents: int) -> Money:
    """Tell an amount of euro cents."""
    return Money(minor=cents)


def fetching(tariff: FetchTariff | None) -> told.FetchTariff | None:
    """Tell a tariff for fetching, when there is one."""
    if tariff is None:
        return None
    return told.FetchTariff(
        stop=money(tariff.stop_cents),
        per_km=money(tariff.km_cents),
        per_kg=money(tariff.kg_cents),
        minimum=money(tariff.minimum_cents),
    )


def metres(value: int) -> Quantity:
    """Tell a distance."""
    return Quantity(amount=value, unit="m")


def goods(amount: int, sell_unit: SellUnit) -> Quantity:
    """Tell an amount of goods in its base unit."""
    return Quantity(amount=amount, unit=base_unit(sell_unit).value)


def local(instant: datetime) -> datetime:
    """Tell a time as it is in Flanders, with its offset."""
    return instant.astimezone(BRUSSELS)


def maybe_local(instant: datetime | None) -> datetime | None:
    """Tell a time that may not be known."""
    return local(instant) if instant else None


def window(option: Option) -> told.Window:
    """Tell a moment that can be chosen, or why it can not."""
    spot = option.spot
    return told.Window(
        id=option.window,
        kind=option.kind,
        starts_at=local(option.starts_at),
        ends_at=local(option.ends_at),
        places_left=max(0, option.left),
        point=told.Point(
            name=spot.name,
            address=spot.address,
            distance=metres(spot.metres) if spot.metres is not None else None,
        )
        if spot
        else None,
        total=money(option.quote.sheet.total_cents) if option.quote else None,
        unavailable=option.why_not or None,
    )


def quoted_line(row: BasketRow) -> told.QuotedLine:
    """Tell a line of what somebody would like to order."""
    return told.QuotedLine(
        offer=row.offer_public_id,
        name=formatting.text_in(row.name),
        farm=row.farm_name,
        quantity=goods(row.amount, row.sell_unit),
        price_list=row.price_list.value,
        price=money(row.total_cents),
        discount=money(row.discount_cents),
        deposit=money(row.deposit_cents),
    )


def totals(
    goods_cents: int, fees: Iterable[tuple[str, str, int]], *, deposit_cents: int, code: Applied | None = None
) -> told.Totals:
    """Tell what the customer pays; fees are (kind, who, cents). A hub pays what its `code` takes off."""
    rows = [told.Fee(kind=kind, provider=name, price=money(cents)) for kind, name, cents in fees]
    services = sum(row.price.minor for row in rows)
    return told.Totals(
        goods=money(goods_cents),
        fees=rows,
        services=money(services),
        deposit=money(deposit_cents),
        total=money(goods_cents + services + deposit_cents),
        discount=_discount(code) if code is not None else None,
        to_pay=money(goods_cents + services + deposit_cents - (code.cents if code and code.by_hub else 0)),
    )


def _discount(code: Applied) -> told.Discount:
    bearer = "hub" if code.by_hub else "seller"
    return told.Discount(code=code.code, owner=code.owner, bearer=bearer, amount=money(code.cents))


def shares(found: Sequence[Part], known: Mapping[int, Card]) -> list[told.Share]:
    """Tell who gets which cent; whoever has no card is the platform."""
    return [
        told.Share(
            kind=one.share.kind,
            party=who(known[one.share.enterprise_id]) if one.share.enterprise_id else None,
            about=who(known[one.share.about_id]) if one.share.about_id else None,
            amount=money(one.share.cents),
            vat_rate_bp=one.rate_bp,
            vat=money(one.vat_cents),
        )
        for one in found
    ]


def known_in(explanation: Mapping[str, Any]) -> dict[int, Card]:
    """Read who the enterprises of a chain are; one query."""
    ids = {job["enterprise"] for job in explanation.get("jobs", ())}
    for leg in explanation.get("legs", ()):
        ids |= {leg["carrier"], leg["from"], leg["to"], leg.get("tariff", {}).get("enterprise")} - {None}
    return cards.cards_of(context.session(), ids=ids)


def chain(explanation: Mapping[str, Any], known: Mapping[int, Card]) -> told.Chain:
    """Tell a chain with the reasons that were kept with it (`docs/routing.md`)."""
    return told.Chain(
        jobs=[_job(job, explanation, known) for job in explanation.get("jobs", ())],
        legs=[_leg(leg, known) for leg in explanation.get("legs", ())],
        distance=metres(explanation.get("metres", 0)),
    )


def who(card: Card) -> told.Who:
    """Tell who an enterprise is."""
    return told.Who(id=card.public_id, name=card.name, municipality=card.municipality)


def _job(job: Mapping[str, Any], explanation: Mapping[str, Any], known: Mapping[int, Card]) -> told.Job:
    return told.Job(
        stage=job["stage"],
        service=job["service"],
        provider=who(known[job["enterprise"]]),
        on=date.fromisoformat(job["day"]),
        distance=metres(job["metres"]),
        amount=Quantity(amount=job["use"], unit=UNITS[job["stage"]]),
        price=money(job["cents"]),
        reason=_reason(job, explanation),
    )


def _reason(job: Mapping[str, Any], explanation: Mapping[str, Any]) -> told.Reason | None:
    """Tell how the choice was made; nothing for a step that stood already."""
    key = f"{PROCESS}:{job['service']}" if job["stage"] == PROCESS else job["stage"]
    stage = explanation.get("stages", {}).get(key)
    if stage is None:
        return None
    return told.Reason(
        candidates=stage["candidates"],
        able=stage["able"],
        left_out=stage["left_out"],
        runner_up=_runner_up(job["enterprise"], explanation.get("without", ())),
    )


def _runner_up(enterprise_id: int, without: Sequence[Mapping[str, Any]]) -> told.RunnerUp | None:
    found = next((row for row in without if row["enterprise"] == enterprise_id), None)
    if found is None:
        return None
    extra, further = found["extra_cents"], found["extra_metres"]
    return told.RunnerUp(
        name=found["instead"],
        extra_price=money(extra) if extra is not None else None,
        extra_distance=metres(further) if further is not None else None,
    )


def _leg(leg: Mapping[str, Any], known: Mapping[int, Card]) -> told.Leg:
    return told.Leg(
        carrier=who(known[leg["carrier"]]),
        origin=who(known[leg["from"]]),
        to=who(known[leg["to"]]) if leg["to"] is not None else None,
        on=date.fromisoformat(leg["day"]),
        distance=metres(leg["metres"]),
        weight=Quantity(amount=leg["grams"], unit="g"),
        price=money(leg["cents"]),
        fetched_by=who(known[leg["tariff"]["enterprise"]]) if "tariff" in leg else None,
        fetching=fetching(read_tariff(leg)),
    )
