"""From options and quotes to what the checkout page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext, ngettext

from shortchain import data
from shortchain.blueprints import context, fetch_words, formatting, price_parts
from shortchain.blueprints.components import ChainStep, Choice, Share, ShareKind
from shortchain.ordering.basket_rows import Applied
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.pricing import CEDED, GOODS, LEVY
from shortchain.payments.spending import CardPart
from shortchain.routing.plans import DELIVER, PACK, PROCESS
from shortchain.routing.quotes import PICKUP, Option, Options, Quote

FEW = 6


def choices(options: Options) -> list[Choice]:
    """Make the radio cards: home delivery first, then the pick-up points, the nearest first."""
    return [_choice(option) for option in (*options.of("home"), *options.of(PICKUP))]


def _choice(option: Option) -> Choice:
    when = formatting.span(option.starts_at, option.ends_at)
    if option.spot is None:
        title, facts = gettext("Thuis, %(when)s", when=when), []
    else:
        title = gettext("Afhalen bij %(name)s", name=option.spot.name)
        facts = [when, option.spot.address]
        if option.spot.gate_of is not None:
            facts.append(gettext("op de boerderij zelf: niemand pakt in of brengt"))
        if option.spot.metres is not None:
            facts.append(gettext("op %(distance)s van jou", distance=formatting.kilometres(option.spot.metres)))
    left = ""
    if 0 < option.left <= FEW:
        left = ngettext("nog %(num)s plaats", "nog %(num)s plaatsen", option.left)
    price = formatting.money(option.quote.sheet.services_cents) if option.quote else ""
    return Choice(option.window, title, facts, price=price, left=left, full=why_not(option))


def why_not(option: Option) -> str:
    """Say in words why a window can not be chosen."""
    if not option.why_not:
        return ""
    if option.why_not == "full":
        return str(gettext("Volzet"))
    if option.why_not == "place":
        return str(gettext("Schrijf eerst je postcode, dan zie je de prijs."))
    return unroutable(option.refusal.stages if option.refusal else {})


def unroutable(stages: object) -> str:
    """Say which step nobody can do."""
    found = list(stages) if isinstance(stages, dict) else []
    if any(stage.startswith(PROCESS) for stage in found):
        return str(gettext("Niemand in de buurt kan dit dan wassen, snijden of koken."))
    if PACK in found:
        return str(gettext("Geen inpakker in de buurt heeft dan plaats."))
    if DELIVER in found:
        return str(gettext("Geen koerier in de buurt heeft dan plaats."))
    return str(gettext("Dan vinden we niemand die kan inpakken en brengen."))


def missing(options: Options) -> list[str]:
    """Say which way of delivery is not on offer, and why: the law asks for home and pick-up both."""
    words = {"home": gettext("Thuis laten brengen"), PICKUP: gettext("Afhalen")}
    reasons = {
        "full": gettext("alle momenten zijn volzet"),
        "place": gettext("we kennen je postcode nog niet"),
        "unroutable": gettext("niemand in de buurt heeft nog plaats"),
        "no_window": gettext("de coördinator biedt dit deze ronde niet aan"),
    }
    return [
        gettext("%(what)s kan nu niet: %(why)s.", what=words[kind], why=reasons[why])
        for kind, why in options.missing().items()
    ]


def chain_of(quote: Quote, view: BasketView, option: Option) -> list[ChainStep]:
    """Show through whose hands the order goes: farms, processors, packer, deliverer."""
    farms = {row.farm_id: row for row in view.rows}
    if option.spot is not None and option.spot.gate_of is not None:
        farm = farms[option.spot.gate_of]
        return [ChainStep("farm", gettext("Oogst en geeft het mee"), farm.farm_name, url=f"/boer/{farm.farm_slug}")]
    steps = [
        ChainStep(
            "farm",
            gettext("Oogst en brengt"),
            farms[leg.carrier_id].farm_name,
            distance=formatting.kilometres(leg.metres),
            amount=_paid(leg.cost_cents),
            url=f"/boer/{farms[leg.carrier_id].farm_slug}",
            note=gettext("Het tarief van %(name)s, die hier ophaalt.", name=leg.fetch.name) if leg.fetch else "",
        )
        for leg in quote.plan.legs
        if leg.job is None and leg.carrier_id in farms
    ]
    for number, job in enumerate(quote.plan.jobs):
        brings = sum(leg.cost_cents for leg in quote.plan.legs if leg.job == number)
        name = data.services()[job.service].name[context.language()] if job.service in data.services() else ""
        role, what = {
            PROCESS: ("processor", name or gettext("Verwerkt")),
            PACK: ("packer", gettext("Pakt in")),
            DELIVER: ("deliverer", gettext("Brengt naar het afhaalpunt") if option.spot else gettext("Brengt bij jou")),
        }[job.stage]
        steps.append(
            ChainStep(
                role,  # type: ignore[arg-type]
                what,
                job.name,
                distance=formatting.kilometres(job.metres),
                amount=_paid(job.cost_cents + brings),
                note=formatting.day(job.day),
            )
        )
    return steps


def _paid(cents: int) -> str:
    return formatting.money(cents) if cents else ""


def shares_of(quote: Quote) -> list[Share]:
    """Show who gets which part of the total."""
    return shares_in(quote.sheet.parts, quote.sheet.vat_parts)


def shares_in(parts: Mapping[str, int], vat: Mapping[str, int]) -> list[Share]:
    """Show the parts of a price sheet, in cents, each with the VAT that is paid for it."""
    found: list[tuple[ShareKind, str, tuple[str, ...], tuple[str, ...]]] = [
        ("farm", gettext("Boeren"), ("farm",), (GOODS,)),
        ("packer", gettext("Verwerken en inpakken"), ("process", "pack"), ("process", "pack")),
        ("deliverer", gettext("Brengen"), ("transport", "deliver"), ("transport", "deliver")),
        ("levy", gettext("Kosten van de ronde"), (LEVY,), (LEVY,)),
        ("levy", gettext("Voor de ronde, uit de prijs van de boeren"), (CEDED,), ()),
        ("platform", gettext("Platform, uit de prijs van de boeren"), ("platform",), ()),
    ]
    return [
        price_parts.share(kind, label, cents, sum(vat.get(name, 0) for name in taxed))
        for kind, label, names, taxed in found
        if (cents := sum(parts[name] for name in names))
    ]


def bill_of(quote: Quote, code: Applied | None = None) -> list[tuple[str, str, str]]:
    """List what makes up the total; the last line is the total. A farm's code comes off its goods."""
    parts, sheet = quote.sheet.parts, quote.sheet
    off = []
    if code is not None and sheet.discount_cents:
        label = gettext("Kortingscode %(code)s, van %(owner)s", code=code.code, owner=code.owner)
        off = [(label, f"−{formatting.money(sheet.discount_cents)}", "")]
    goods = (gettext("Producten"), formatting.money(sheet.goods_cents + sheet.discount_cents), "")
    rows = [
        (gettext("Verwerken"), parts["process"], ""),
        (gettext("Inpakken"), parts["pack"], ""),
        (gettext("Naar de inpakker brengen"), parts["transport"], _fetched(quote)),
        (gettext("Leveren"), parts["deliver"], ""),
        (gettext("Kosten van de ronde"), parts[LEVY], ""),
    ]
    held = [(gettext("Waarborg"), formatting.money(sheet.deposit_cents), gettext("zonder btw, krijg je terug"))]
    vat = sum(line.vat_cents for line in sheet.vat)
    hint = gettext("waarvan %(vat)s btw", vat=formatting.money(vat))
    return [
        goods,
        *off,
        *((label, formatting.money(cents), said) for label, cents, said in rows if cents),
        *(held if sheet.deposit_cents else []),
        (gettext("Totaal"), formatting.money(sheet.total_cents), hint),
    ]


def _fetched(quote: Quote) -> str:
    """Say whose tariff for fetching is in what bringing costs."""
    names = fetch_words.fetchers(quote.plan.legs)
    return gettext("met het tarief van %(names)s voor ophalen", names=names) if names else ""


def ways() -> dict[str, str]:
    """Name the ways of paying."""
    return {
        "bancontact": gettext("Bancontact"),
        "card": gettext("Kaart"),
        "sepa_debit": gettext("Domiciliëring"),
        "transfer": gettext("Overschrijving"),
        "gift_card": gettext("Cadeaubon"),
        "meal_voucher": gettext("Maaltijdcheques"),
        "eco_voucher": gettext("Ecocheques"),
        "discount": gettext("Kortingscode"),
    }


def paid_otherwise(parts: Sequence[CardPart], rest_cents: int) -> list[tuple[str, str, str]]:
    """List what vouchers and gift cards pay of the total, what stays on each card, and what is left to pay."""
    rows = [
        (
            _way_of(one),
            f"−{formatting.money(one.spend.cents)}",
            gettext("daarna nog %(left)s op de bon", left=formatting.money(one.left_after)) if one.last_signs else "",
        )
        for one in parts
    ]
    return [*rows, (gettext("Nu te betalen"), formatting.money(rest_cents), "")] if rows else []


def _way_of(part: CardPart) -> str:
    if part.last_signs:
        return str(gettext("Cadeaubon … %(signs)s", signs=part.last_signs))
    return f"{ways()[part.spend.method]} {part.spend.code}".strip()


def withdrawal(view: BasketView) -> str:
    """Say what the law wants above the button about changing one's mind (WER VI.47 and VI.53)."""
    keeps = [formatting.text_in(row.name) for row in view.rows if row.withdrawal != "none_perishable"]
    fresh = gettext(
        "Verse voeding bederft snel. Daarom kun je die koop niet herroepen (WER VI.53, 4°). "
        "Annuleren kan gratis tot de ronde sluit."
    )
    if not keeps:
        return str(fresh)
    some = gettext("Binnen 14 dagen na ontvangst kun je wel herroepen: %(names)s.", names=", ".join(keeps))
    return str(some) if len(keeps) == len(view.rows) else f"{fresh} {some}"
