"""`/hub/kosten`: what is asked of the orders of a cycle and who pays it, with a preview on an example order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context, errors, formatting, workplace
from shortchain.blueprints.components import Share
from shortchain.blueprints.steps import list_words
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel import money
from shortchain.kernel.errors import DomainError, Invalid, NotFound
from shortchain.kernel.window import local_day
from shortchain.ordering import cycle_fees
from shortchain.ordering.cycle_fees import FeeRow
from shortchain.ordering.levies import Basis, Load, Payer, cede, charge
from shortchain.ordering.pricing import LEVY, platform_fee_cents
from shortchain.workflows import cycle_fees as deeds

bp = Blueprint("hub_fees", __name__, url_prefix="/hub/kosten")

GOODS_CENTS, GRAMS, MOST_GRAMS = 4_000, 6_000, 500_000


@dataclass(frozen=True, slots=True)
class Example:
    """An order to try the fees on: one farm's goods in cents, grams, and whether it is brought home."""

    cents: int
    grams: int
    is_home: bool


@bp.get("")
def show() -> str:
    """Show the fees of a cycle, a form for another, and what an example order would pay."""
    return _page(request.args.get("ronde", ""))[0]


@bp.post("/<cycle>")
def add(cycle: str) -> Response | tuple[str, int]:
    """Ask something of every order of a cycle from now on."""
    typed = {name: request.form.get(name, "") for name in ("enterprise", "basis", "rate", "payer")}
    try:
        deeds.add(
            context.session(),
            cycle_public_id=cycle,
            hub_id=context.seat().enterprise_id,
            enterprise=typed["enterprise"],
            basis=typed["basis"],
            rate=_rate(typed["rate"]),
            payer=typed["payer"] or Payer.CUSTOMER,
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        named = "".join(refusal.fields[:1])
        field = f"f-{named}" if named in ("enterprise", "basis", "payer") else "f-rate"
        return _page(cycle, typed=typed, wrong=[(field, errors.sentence(refusal))])
    flash(gettext("De winkel rekent het vanaf nu aan. Wie al bestelde, betaalt niets meer."), "good")
    return redirect(url_for("hub_fees.show", ronde=cycle), 303)


@bp.post("/<cycle>/minimum")
def minimum(cycle: str) -> Response | tuple[str, int]:
    """Ask so much of an order at least."""
    typed = {one.value: request.form.get(f"least-{one.value}", "")[:20] for one in PriceList}
    try:
        wanted = {PriceList(name): _least(name, text) for name, text in typed.items()}
        deeds.set_minimums(
            context.session(),
            cycle_public_id=cycle,
            hub_id=context.seat().enterprise_id,
            wanted=wanted,
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        field = f"f-least-{''.join(refusal.fields[:1]) or PriceList.CONSUMER.value}"
        return _page(cycle, least=typed, wrong=[(field, errors.sentence(refusal))])
    flash(gettext("Bewaard. Wie te weinig in zijn mandje heeft, ziet wat er nog bij moet."), "good")
    return redirect(url_for("hub_fees.show", ronde=cycle), 303)


def _least(name: str, text: str) -> int:
    try:
        return money.parse(text).minor if text.strip() else 0
    except Invalid as refusal:
        raise Invalid(refusal.message, fields=(name,)) from refusal


@bp.post("/weg/<public_id>")
def remove(public_id: str) -> Response:
    """Ask it no more."""
    back = ""
    try:
        back = deeds.remove(
            context.session(),
            public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Nieuwe bestellingen betalen dit niet meer."), "good")
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub_fees.show", ronde=back or None), 303)


def _rate(text: str) -> int:
    """Read an amount as cents, or percents as basis points: both are hundredths."""
    return money.parse(text.replace("%", "").strip()).minor


def _page(
    name: str,
    *,
    typed: dict[str, str] | None = None,
    least: dict[str, str] | None = None,
    wrong: list[tuple[str, str]] | None = None,
) -> tuple[str, int]:
    session = context.session()
    cycles = cycle_fees.cycles(session, hub_id=context.seat().enterprise_id)
    cycle = next((one for one in cycles if one.public_id == name), cycles[0] if cycles else None)
    values: dict[str, Any] = {}
    if cycle is not None:
        rows, parties = cycle_fees.rows_of(session, cycle=cycle), cycle_fees.parties(session, cycle=cycle)
        example = _example()
        values = {
            "rows": [(row, rate_text(row)) for row in rows],
            "parties": [(public_id, label) for _id, public_id, label in parties],
            "example": example,
            "preview": _preview(rows, example),
            "minimums": _minimums(cycle.minimums, least),
        }
    page = render_template(
        "hub/fees.html",
        cycles=cycles,
        cycles_named=[(one.public_id, one.name) for one in cycles],
        cycle=cycle,
        bases=list(basis_words().items()),
        payers=list(payer_words().items()),
        typed=typed or {},
        errors=wrong or [],
        **values,
        **workplace.hub_page("/hub/geld"),
    )
    return page, 422 if wrong else 200


def _minimums(kept: Mapping[str, int], typed: dict[str, str] | None) -> list[tuple[str, str, str]]:
    """List what is asked by list: its name, the word for who has it, and what stands in the field."""
    return [
        (one.value, word, typed[one.value] if typed else money.in_words(kept[one.value]) if one.value in kept else "")
        for one, word in list_words().items()
    ]


def basis_words() -> dict[str, str]:
    """Name what a fee is counted by."""
    return {
        Basis.ORDER.value: gettext("per bestelling"),
        Basis.PERCENT.value: gettext("procent van de goederen"),
        Basis.KILO.value: gettext("per kg"),
        Basis.STOP.value: gettext("per stop aan huis"),
    }


def payer_words() -> dict[str, str]:
    """Name who pays a fee."""
    return {
        Payer.CUSTOMER.value: gettext("de klant, bovenop de goederen"),
        Payer.SELLER.value: gettext("de boeren, uit hun prijs"),
    }


def rate_text(row: FeeRow) -> str:
    """Write how much is asked: `€ 1,50 per bestelling`, `3 % van de goederen`."""
    rate, basis = row.levy.rate, row.levy.basis
    if basis is Basis.PERCENT:
        return str(
            gettext("%(percent)s %% van de goederen", percent=formatting.number(rate / 100, 2).rstrip("0").rstrip(",."))
        )
    return f"{formatting.money(rate)} {basis_words()[basis.value]}"


def _example() -> Example:
    """Read the example order from the address; what makes no sense counts as not said."""
    cents, grams = GOODS_CENTS, GRAMS
    try:
        cents = min(max(money.parse(request.args.get("goederen", "40")).minor, 1), 1_000_000)
        grams = min(max(money.parse(request.args.get("kg", "6")).minor * 10, 0), MOST_GRAMS)
    except Invalid:
        pass
    return Example(cents, grams, request.args.get("waar") != "punt")


def _preview(rows: list[FeeRow], example: Example) -> dict[str, Any]:
    """Work out what the example pays: all goods are of the farm that asks, or of any when the hub asks."""
    rate = data.service_vat_rate(LEVY, local_day(context.now()))
    asked = []
    for row in rows:
        load = Load(row.levy.enterprise_id, example.cents, example.grams, rate)
        fees = charge([row.levy], [load], is_home=example.is_home, vat_rate_bp=rate)
        asked.append((row, sum(fee.amount_cents for fee in fees)))
    levied = sum(cents for _row, cents in asked)
    load = Load(0, example.cents, example.grams, rate)  # of a farm that asks nothing itself
    given = sum(one.cents for one in cede([row.levy for row in rows], [load], is_home=example.is_home))
    platform = platform_fee_cents(example.cents)
    parts: list[tuple[Any, str, int]] = [
        ("farm", gettext("Boeren"), example.cents - platform - given),
        ("levy", gettext("Kosten van de ronde"), levied),
        ("levy", gettext("Voor de ronde, uit de prijs van de boeren"), given),
        ("platform", gettext("Platform, uit de prijs van de boeren"), platform),
    ]
    return {
        "bill": [
            (gettext("Producten"), formatting.money(example.cents), ""),
            *((row.enterprise, formatting.money(cents), rate_text(row)) for row, cents in asked if cents),
            (gettext("Samen, zonder inpakken en brengen"), formatting.money(example.cents + levied), ""),
        ],
        "shares": [Share(kind, label, cents, formatting.money(cents)) for kind, label, cents in parts if cents],
        "total": formatting.money(example.cents + levied),
    }
